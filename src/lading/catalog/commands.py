"""What can be asked of the catalog."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from lading.catalog.attributes import Subject, Type
from lading.catalog.schedule import Schedule
from lading.terms.fields import ChangedAttributes, Code, Country, Name, TaxCategory, Text

Grams = Annotated[int, Meta(ge=0, le=100_000_000, description="grams")]
Millimetres = Annotated[int, Meta(ge=1, le=1_000_000, description="millimetres")]


class SaveChannel(Struct, frozen=True, forbid_unknown_fields=True):
    """A place where orders come from; new by its code, otherwise changed."""

    code: Code
    name: Name


class SaveLocationGroup(Struct, frozen=True, forbid_unknown_fields=True):
    """A group of locations, such as a region; new by its code, otherwise changed. Groups form a tree under the merchant."""

    code: Code
    name: Name
    parent: Code | None = None
    """The group that it stands in; None: directly under the merchant."""


class LocationAddress(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the place is; of the business, never of a person. Its country is the location's."""

    line1: Text | None = None
    line2: Text | None = None
    city: Text | None = None
    region: Text | None = None
    postal_code: Text | None = None
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None = None
    """In degrees. Without it the place is where its postal code lies."""
    longitude: Annotated[float, Meta(ge=-180, le=180)] | None = None

    def __post_init__(self) -> None:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("a place has a latitude and a longitude, or neither")


Capability = Literal["ship", "pickup", "returns", "hazardous"]
"""ship: sends orders; pickup: hands them to customers; returns: takes goods back; hazardous: may hold and send dangerous goods"""


class SaveLocation(Struct, frozen=True, forbid_unknown_fields=True):
    """A place where stock lies; new by its code, otherwise changed. From `group` on, a field that is left out stays as it is."""

    code: Code
    name: Name
    kind: Literal["warehouse", "store", "vendor", "virtual"]
    time_zone: Annotated[str, Meta(max_length=64, description="IANA name, such as Europe/Berlin")]
    country: Country
    priority: Annotated[int, Meta(ge=0, le=10_000, description="Lower fills first")] = 100
    active: bool = True
    group: Code | UnsetType | None = UNSET
    """The location group that it stands in."""
    address: LocationAddress | UnsetType | None = UNSET
    capabilities: Annotated[list[Capability], Meta(max_length=4)] | UnsetType = UNSET
    """At first: ship, returns."""
    schedule: Schedule | UnsetType | None = UNSET
    """When it works and how much it does in a day; null: its days are not counted."""


class DefineAttribute(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that can be said of orders, lines or products; what is `required` must be. Only a choice has allowed values."""

    subject: Subject
    code: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}(?![\s\S])", description="Small letters, digits and _")]
    name: Name
    type: Type
    allowed: Annotated[list[Code], Meta(max_length=1_000)] = []
    required: bool = False
    filterable: Annotated[bool, Meta(description="Lists can be filtered by it")] = False
    active: Annotated[bool, Meta(description="Otherwise it is kept where it was said, and not said any more")] = True

    def __post_init__(self) -> None:
        if (self.type == "choice") != bool(self.allowed):
            raise ValueError("a choice has allowed values, and nothing else has")
        if self.type == "text" and self.filterable:
            raise ValueError("lists are not filtered by free text")


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
    tracking: (
        Annotated[
            Literal["none", "lot", "serial"],
            Meta(description="Whether its units are told apart by lot or by serial number; left out: as it is"),
        ]
        | None
    ) = None
    upright: (
        Annotated[bool, Meta(description="Its height points upwards in a carton; left out: as it is")] | UnsetType
    ) = UNSET
    fragile: (
        Annotated[bool, Meta(description="Nothing lies above it but what is fragile too; left out: as it is")]
        | UnsetType
    ) = UNSET
    keep_apart: (
        Annotated[
            Text,
            Meta(description="It shares no carton with products of another class, such as food; empty: goes with all"),
        ]
        | UnsetType
    ) = UNSET
    hs_code: (
        Annotated[str, Meta(pattern=r"^[0-9]{6,10}(?![\s\S])", description="Of the customs tariff, 6 to 10 digits")]
        | UnsetType
        | None
    ) = UNSET
    origin: Country | UnsetType | None = UNSET
    """The country that it was made in."""
    tax_category: Annotated[TaxCategory, Meta(description="What tax rates call it; left out: as it is")] | UnsetType = (
        UNSET
    )
    attributes: ChangedAttributes = {}
    """What is left out stays as it is."""


COMPONENTS_MAX = 100
PER_KIT_MAX = 10_000


class ComponentInput(Struct, frozen=True, forbid_unknown_fields=True):
    """What a kit holds of one product. List prices (all in one currency) say what share of the kit's price each bears."""

    sku: Code
    per_kit: Annotated[int, Meta(ge=1, le=PER_KIT_MAX, description="Units in one kit")] = 1
    list_price: (
        Annotated[
            str, Meta(pattern=r"^[0-9]{1,10}(\.[0-9]{1,6})?(?![\s\S])", description='Of one unit, such as "12.50"')
        ]
        | None
    ) = None

    @property
    def price(self) -> Decimal | None:
        """The list price as a number."""
        return None if self.list_price is None else Decimal(self.list_price)


class SaveKit(Struct, frozen=True, forbid_unknown_fields=True):
    """What a product is made of; without components it is no kit any more. Orders that stand keep the parts that they were placed with."""

    sku: Code
    components: Annotated[list[ComponentInput], Meta(max_length=COMPONENTS_MAX)]
    stocked: Annotated[
        bool, Meta(description="Made ahead by work orders and sold from stock; otherwise put together for each order")
    ] = False

    def __post_init__(self) -> None:
        named = [component.sku for component in self.components]
        if len(set(named)) < len(named):
            raise ValueError("components name each product once")


SUBSTITUTES_MAX = 10


class SaveSubstitutes(Struct, frozen=True, forbid_unknown_fields=True):
    """What may be sent in place of a product, one for one; without any nothing may."""

    sku: Code
    substitutes: Annotated[list[Code], Meta(max_length=SUBSTITUTES_MAX, description="The best one first")]

    def __post_init__(self) -> None:
        if len(set(self.substitutes)) < len(self.substitutes):
            raise ValueError("substitutes name each product once")
        if self.sku in self.substitutes:
            raise ValueError("a product is no substitute of itself")


class SetPolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """Give a policy a value in a scope; null withdraws it there, and the wider scope counts again."""

    name: Annotated[Code, Meta(description="Name of the policy")]
    value: Any = None
    channel: Code | None = None
    location: Code | None = None
    sku: Code | None = None
