"""What can be asked of what is bought and on its way."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from lading.terms.documents import ID
from lading.terms.fields import Code, Count, LineNumber, Lot, Moment, Name, OrderRef, Quantity, Reference, SerialNumbers

LINES_MAX = 1_000

PurchaseOrderRef = Annotated[
    str,
    Meta(
        pattern=rf"^(PO[0-9]{{1,18}}|{ID})(?![\s\S])",
        description="PO1042 or its id",
        examples=["PO1042"],
    ),
]
PurchaseDocumentRef = Annotated[
    str,
    Meta(
        pattern=rf"^(PO[0-9]{{1,18}}(-A[0-9]{{1,5}})?|{ID})(?![\s\S])",
        description="PO1042, its id, or PO1042-A1 for one of its ASNs",
        examples=["PO1042"],
    ),
]
AsnRef = Annotated[
    str, Meta(pattern=r"^PO[0-9]{1,18}-A[0-9]{1,5}(?![\s\S])", description="PO1042-A1", examples=["PO1042-A1"])
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
    lot: Lot = ""
    expires_on: (
        Annotated[date, Meta(description="The last day of the lot; left out where it is known or never expires")] | None
    ) = None
    serials: SerialNumbers = []
    """Of the good units."""
    damaged_serials: SerialNumbers = []

    def __post_init__(self) -> None:
        if self.quantity + self.damaged < 1:
            raise ValueError("a line that was received has units, good or damaged ones")
        if self.expires_on and not self.lot:
            raise ValueError("only a lot expires: name it")


class ReceivePurchaseOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """What came of a purchase order or of one ASN, at the locations that its lines name; without lines all that is expected."""

    purchase_order: PurchaseDocumentRef
    lines: Annotated[list[ReceivedLine], Meta(max_length=LINES_MAX)] = []
    document: Reference | None = None
    """The delivery note."""
    occurred_at: Moment | None = None
    expected_version: ExpectedVersion | None = None


class PurchaseUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a line."""

    line: LineNumber
    quantity: Quantity


class ChangedLine(Struct, frozen=True, forbid_unknown_fields=True):
    """What is another one now: the date, how many units were bought, or both."""

    line: LineNumber
    due_at: Moment | None = None
    quantity: Quantity | None = None
    """Of the line, without what ASNs took out of it."""


class ChangePurchaseOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Lines are due at another time, or are about another number of units."""

    purchase_order: PurchaseOrderRef
    lines: Annotated[list[ChangedLine], Meta(min_length=1, max_length=LINES_MAX)]
    expected_version: ExpectedVersion | None = None


class CancelPurchaseOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Units that were called off with the supplier; without lines all that is expected."""

    purchase_order: PurchaseOrderRef
    reason: Code
    lines: Annotated[list[PurchaseUnits], Meta(max_length=LINES_MAX)] = []
    expected_version: ExpectedVersion | None = None


class ClosePurchaseOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing more is awaited, whatever is missing."""

    purchase_order: PurchaseOrderRef
    reason: Code
    expected_version: ExpectedVersion | None = None


class AnnounceAsn(Struct, frozen=True, forbid_unknown_fields=True):
    """A supplier's advance notice: so much of these lines comes then. It narrows the dates of the purchase order."""

    purchase_order: PurchaseOrderRef
    reference: Reference
    """The supplier's number of the shipment."""
    due_at: Moment
    lines: Annotated[list[PurchaseUnits], Meta(max_length=LINES_MAX)] = []
    """Without lines all that is expected and not announced yet."""
    carrier: Code | None = None
    tracking_number: Reference | None = None
    occurred_at: Moment | None = None


class CancelAsn(Struct, frozen=True, forbid_unknown_fields=True):
    """The shipment does not come as announced; what is missing of it is due with its lines again."""

    asn: AsnRef
    reason: Code


class RenewPromises(Struct, frozen=True, forbid_unknown_fields=True):
    """Look again when what an order waits for can be there."""

    order: OrderRef


class SaveBin(Struct, frozen=True, forbid_unknown_fields=True):
    """A place inside a location."""

    location: Code
    code: Code
    sequence: Annotated[int, Meta(ge=0, le=1_000_000, description="Lower is emptied first")] = 0
    active: bool = True
    """Nothing more is put into an inactive one."""
    aisle: Annotated[Code, Meta(description="The aisle of the location's layout in which it is")] | None = None
    position_cm: (
        Annotated[int, Meta(ge=0, le=1_000_000, description="How far down its aisle it is, from the front")] | None
    ) = None

    def __post_init__(self) -> None:
        if (self.aisle is None) != (self.position_cm is None):
            raise ValueError("a place is an aisle and a position: name both, or neither")


class PutAway(Struct, frozen=True, forbid_unknown_fields=True):
    """Units that somebody put into a bin: from the floor, where receipts leave them, or from another bin."""

    sku: Code
    location: Code
    bin: Code
    quantity: Quantity
    lot: Lot = ""
    from_bin: Code | None = None
    """None: from the floor."""
    occurred_at: Moment | None = None
