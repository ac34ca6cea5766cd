"""What can be asked of what is bought and on its way."""

from typing import Annotated

from msgspec import Meta, Struct

from lading.terms.fields import Code, Count, LineNumber, Moment, Name, OrderRef, Quantity, Reference

LINES_MAX = 1_000

PurchaseOrderRef = Annotated[
    str,
    Meta(
        pattern=r"^(PO[0-9]{1,18}|[0-9a-fA-F-]{36})(?![\s\S])",
        description="PO1042 or its id",
        examples=["PO1042"],
    ),
]
ExpectedVersion = Annotated[int, Meta(ge=1, description="Refuse unless it still has this version")]


class PurchaseLineInput(Struct, frozen=True, forbid_unknown_fields=True):
    """So many units of a product for a location."""

    sku: Code
    location: Code
    quantity: Quantity
    due_at: Moment


class PlacePurchaseOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """What was bought from a supplier, and when it shall come."""

    supplier: Name
    lines: Annotated[list[PurchaseLineInput], Meta(min_length=1, max_length=LINES_MAX)]
    reference: Reference | None = None
    """The merchant's own number, unique."""
    ordered_at: Moment | None = None


class ReceivedLine(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a line that came: good ones and damaged ones."""

    line: LineNumber
    quantity: Count
    """Good units."""
    damaged: Count = 0
    """Units that came and cannot be sold as they are."""
    lot: Annotated[str, Meta(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*(?![\s\S])")] = ""

    def __post_init__(self) -> None:
        if self.quantity + self.damaged < 1:
            raise ValueError("a line that was received has units, good or damaged ones")


class ReceivePurchaseOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """What came of a purchase order, at the locations that its lines name."""

    purchase_order: PurchaseOrderRef
    lines: Annotated[list[ReceivedLine], Meta(min_length=1, max_length=LINES_MAX)]
    document: Reference | None = None
    """The delivery note."""
    occurred_at: Moment | None = None
    expected_version: ExpectedVersion | None = None


class RenewPromises(Struct, frozen=True, forbid_unknown_fields=True):
    """Look again when what an order waits for can be there."""

    order: OrderRef
