"""What can be asked of the catalog."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from lading.terms.fields import Code, Country, Name

Grams = Annotated[int, Meta(ge=0, le=100_000_000, description="grams")]
Millimetres = Annotated[int, Meta(ge=1, le=1_000_000, description="millimetres")]


class SaveChannel(Struct, frozen=True, forbid_unknown_fields=True):
    """A place where orders come from; new by its code, otherwise changed."""

    code: Code
    name: Name


class SaveLocation(Struct, frozen=True, forbid_unknown_fields=True):
    """A place where stock lies; new by its code, otherwise changed."""

    code: Code
    name: Name
    kind: Literal["warehouse", "store", "vendor", "virtual"]
    time_zone: Annotated[str, Meta(max_length=64, description="IANA name, such as Europe/Berlin")]
    country: Country
    priority: Annotated[int, Meta(ge=0, le=10_000, description="Lower fills first")] = 100
    active: bool = True


class SaveProduct(Struct, frozen=True, forbid_unknown_fields=True):
    """A product; new by its SKU code, otherwise changed. `rename_to` gives it another code, its id stays."""

    sku: Code
    name: Name
    gtin: (
        Annotated[
            str, Meta(pattern="^[0-9]{8,14}(?![\\s\\S])", description="8 to 14 digits: a GTIN-8, -12, -13 or -14")
        ]
        | None
    ) = None
    weight_grams: Grams | None = None
    length_mm: Millimetres | None = None
    width_mm: Millimetres | None = None
    height_mm: Millimetres | None = None
    active: bool = True
    rename_to: Code | None = None


class SetPolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """Give a policy a value in a scope; null withdraws it there, and the wider scope counts again."""

    name: Annotated[str, Meta(max_length=64)]
    value: Any = None
    channel: Code | None = None
    location: Code | None = None
    sku: Code | None = None
