"""What can be asked of work orders."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from lading.terms.fields import Code, Lot, Moment, Quantity, Reference, SerialNumbers

WorkOrderRef = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=r"^[^\x00-\x1f\x7f\ud800-\udfff]*(?![\s\S])",
        description="W1043, or the id of the work order",
        examples=["W1043"],
    ),
]
ExpectedVersion = Annotated[int, Meta(ge=1, description="Refuse unless the work order still has this version")]


class FromLot(Struct, frozen=True, forbid_unknown_fields=True):
    """A lot that units of a product are taken from."""

    sku: Code
    lot: Annotated[str, Meta(min_length=1, max_length=64)]


class OpenWorkOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Kits that shall be made at a location from its stock, or taken apart there. What they take is set aside at once, all or nothing."""

    sku: Annotated[Code, Meta(description="The kit")]
    location: Code
    quantity: Annotated[Quantity, Meta(description="Kits")]
    kind: Literal["assemble", "disassemble"] = "assemble"
    due_at: Moment | None = None
    reference: Reference | None = None
    """The merchant's own number, unique."""
    lots: list[FromLot] = []
    """What is named here is taken from these lots, the first one first, and from no other; all else as it expires."""


class ToldApart(Struct, frozen=True, forbid_unknown_fields=True):
    """Which units of a product kits took or gave: serial numbers of either, and the lot of what was made."""

    sku: Code
    serials: SerialNumbers = []
    lot: Annotated[Lot, Meta(description="Of what was made")] = ""
    expires_on: Annotated[date, Meta(description="The last day of that lot")] | None = None

    def __post_init__(self) -> None:
        if self.expires_on and not self.lot:
            raise ValueError("only a lot expires: name it")


class CompleteWorkOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """So many kits are made (or taken apart); without a quantity all that are left. The others may follow later."""

    work_order: WorkOrderRef
    quantity: Annotated[Quantity, Meta(description="Kits")] | None = None
    units: Annotated[
        list[ToldApart],
        Meta(
            max_length=500, description="For products with serial numbers, and for those that are made and kept in lots"
        ),
    ] = []
    expected_version: ExpectedVersion | None = None
    occurred_at: Moment | None = None

    def __post_init__(self) -> None:
        if len({each.sku for each in self.units}) < len(self.units):
            raise ValueError("name each product once")


class CancelWorkOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """So many kits are not made after all; without a quantity all that are left. What was set aside for them is available again."""

    work_order: WorkOrderRef
    reason: Code
    quantity: Annotated[Quantity, Meta(description="Kits")] | None = None
    expected_version: ExpectedVersion | None = None
