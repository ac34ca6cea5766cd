"""What can be asked of returns."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from lading.terms.fields import (
    Code,
    DocumentRef,
    LineNumber,
    Lot,
    Moment,
    OrderRef,
    Quantity,
    Reference,
    RefundTo,
    SerialNumbers,
    Text,
)
from lading.terms.money import Money

LINES_MAX = 2_000
RETURNED_TO_SENDER = "returned_to_sender"
"""The reason of a return that nobody asked for: the carrier brings the parcel back."""

ExpectedVersion = Annotated[int, Meta(ge=1, description="Refuse unless the order still has this version")]


def _check_reason(reason: str) -> None:
    if reason == RETURNED_TO_SENDER:
        raise ValueError(f"{RETURNED_TO_SENDER} is what a carrier says: track the parcel")


class ReturnedUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of an order line."""

    line: LineNumber
    quantity: Quantity


Lines = Annotated[list[ReturnedUnits], Meta(min_length=1, max_length=LINES_MAX)]
LinesOrAll = Annotated[list[ReturnedUnits], Meta(max_length=LINES_MAX)]


class RequestReturn(Struct, frozen=True, forbid_unknown_fields=True):
    """A customer wants to send units back that were shipped."""

    order: OrderRef
    lines: Lines
    reason: Code
    reference: Reference | None = None
    expected_version: ExpectedVersion | None = None

    def __post_init__(self) -> None:
        _check_reason(self.reason)


class CancelReturn(Struct, frozen=True, forbid_unknown_fields=True):
    """Units that were announced do not come after all; without lines all that have not come."""

    document: DocumentRef
    lines: LinesOrAll = []
    expected_version: ExpectedVersion | None = None


class ReceivedUnits(ReturnedUnits, frozen=True, forbid_unknown_fields=True):
    """Units that arrived: in which lot (where the line was sent in several), and which ones where they have serial numbers."""

    lot: Annotated[Lot, Meta(description="Lot; left out where only one was sent")] = ""
    serials: SerialNumbers = []


class ReceiveReturn(Struct, frozen=True, forbid_unknown_fields=True):
    """Units arrived; they wait in quality hold. What a carrier brought back may be named by its order (1042)."""

    document: Annotated[OrderRef, Meta(description="1042-R1; or 1042 for parcels that came back to their sender")]
    location: Code
    lines: Annotated[list[ReceivedUnits], Meta(min_length=1, max_length=LINES_MAX)]
    occurred_at: Moment | None = None
    expected_version: ExpectedVersion | None = None


class DisposedUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of received units."""

    line: LineNumber
    quantity: Quantity
    disposition: Literal["restock", "damaged", "scrapped"]
    serials: SerialNumbers = []


class DisposeReturn(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody looked: received units are sold again, kept as damaged, or scrapped."""

    document: DocumentRef
    lines: Annotated[list[DisposedUnits], Meta(min_length=1, max_length=LINES_MAX)]
    expected_version: ExpectedVersion | None = None


class RefundReturn(Struct, frozen=True, forbid_unknown_fields=True):
    """Give back what received units cost, charges included; without lines of all that were received."""

    document: DocumentRef
    lines: LinesOrAll = []
    to: RefundTo | None = None
    expected_version: ExpectedVersion | None = None


class RefundedCharge(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a charge that belongs to no line."""

    charge: Annotated[int, Meta(ge=1, le=32_000, description="Number of the charge in its order, from 1")]
    amount: Money

    def __post_init__(self) -> None:
        if self.amount.minor <= 0:
            raise ValueError("what is given back is above zero")


class RecordReturn(Struct, frozen=True, forbid_unknown_fields=True):
    """A return of the past: received, restocked and refunded at once. Without lines it gives back charges only."""

    order: OrderRef
    location: Code
    reason: Code
    returned_at: Moment
    lines: LinesOrAll = []
    charges: Annotated[list[RefundedCharge], Meta(max_length=500)] = []
    reference: Reference | None = None

    def __post_init__(self) -> None:
        _check_reason(self.reason)
        if not self.lines and not self.charges:
            raise ValueError("a return has a line or a charge")


class KeepUnmatched(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that came back or was credited, which no order explains: it stands in a queue with its reason."""

    channel: Code
    key: Annotated[Reference, Meta(description="The channel's name of this item; the same key is kept once")]
    reference: Reference
    sku: Code
    quantity: Annotated[int, Meta(ge=-100_000_000, le=100_000_000, description="Signed as in the channel's document")]
    amount: Money
    reason: Code
    occurred_at: Moment
    customer: Reference | None = None
    description: Text = ""
