"""What can be asked of fulfillment orders beside picking: parts of them, other places, other times, other answers."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from lading.fulfillment.commands import LINES_MAX, LineUnits
from lading.terms.fields import Code, DocumentRef, LineNumber, Moment, Note, Quantity, Reference


class PartUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of one line of the order."""

    line: LineNumber
    quantity: Quantity


Parts = Annotated[list[PartUnits], Meta(max_length=LINES_MAX)]
AnswerMinutes = Annotated[int, Meta(ge=1, le=43_200, description="How long it may take to answer")]


class SplitFulfillmentOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """These units become a fulfillment order of their own at the same location. What lies in parcels stays."""

    fulfillment_order: DocumentRef
    lines: Annotated[list[PartUnits], Meta(min_length=1, max_length=LINES_MAX)]


class MergeFulfillmentOrders(Struct, frozen=True, forbid_unknown_fields=True):
    """What the others have goes into the first one: all of one order, at one location, asked the same. What lies in parcels stays."""

    into: DocumentRef
    others: Annotated[list[DocumentRef], Meta(min_length=1, max_length=100)]

    def __post_init__(self) -> None:
        if len({self.into, *self.others}) <= len(self.others):
            raise ValueError("each fulfillment order is named once")


class HoldFulfillmentOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Stop a fulfillment order, or units of it: those become one of their own, which is held, and the rest goes on.

    Several holds may stand at once, each of another kind; the same kind twice is one hold.
    """

    fulfillment_order: DocumentRef
    kind: Code = "manual"
    reason: Code | None = None
    note: Note | None = None
    expires_at: Annotated[Moment, Meta(description="When it is lifted by itself")] | None = None
    lines: Parts = []


class ReleaseFulfillmentOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Lift the holds of one kind on a fulfillment order, or all that are on it alone. Lifting what is not there changes nothing."""

    fulfillment_order: DocumentRef
    kind: Code | None = None
    reason: Code | None = None


class MoveFulfillmentOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Another location shall send it, or units of it: its stock is taken there and given back here, all or nothing.

    Only what nobody has picked moves; it becomes a fulfillment order of its own.
    """

    fulfillment_order: DocumentRef
    to_location: Code
    reason: Code
    lines: Parts = []


class RejectFulfillmentOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The location does not send it, or units of it; other stock is looked for at once, at other locations.

    Without lines all that is not packed. The location is not asked again for this order, unless it is moved there or sourced with
    `again`. `found` says what became of the units: they are there, missing, or damaged.
    """

    fulfillment_order: DocumentRef
    reason: Code
    lines: Annotated[list[LineUnits], Meta(max_length=LINES_MAX)] = []
    found: Literal["there", "missing", "damaged"] = "there"
    only_over: Annotated[bool, Meta(description="Only where the time to answer is over")] = False


class CloseFulfillmentOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing more of it is sent; nobody is asked. What is packed is sent or unpacked first.

    `rest` says what becomes of what is left: it is cancelled, or other stock is looked for at other locations. With `source`, units
    named in `cancel` are cancelled all the same.
    """

    fulfillment_order: DocumentRef
    reason: Code
    rest: Literal["cancel", "source"]
    cancel: Annotated[list[LineUnits], Meta(max_length=LINES_MAX)] = []

    def __post_init__(self) -> None:
        if self.cancel and self.rest == "cancel":
            raise ValueError("cancel names units where the rest is looked for elsewhere, and only there")


class ShipFulfillmentOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The location sent it, or units of it, as one parcel: a vendor or a partner of whom nobody hears of picking and packing."""

    fulfillment_order: DocumentRef
    carrier: Code
    tracking_number: Reference | None = None
    lines: Annotated[list[LineUnits], Meta(max_length=LINES_MAX)] = []
    weight_grams: Annotated[int, Meta(ge=1, le=100_000_000, description="Grams")] | None = None
    occurred_at: Moment | None = None


class SubmitFulfillmentOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Ask the location whether it will send it; what it has not answered in time is taken from it."""

    fulfillment_order: DocumentRef
    minutes: AnswerMinutes = 60


class AcceptFulfillmentOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The location will send it, or units of it: the rest becomes one of its own, which waits for its answer still."""

    fulfillment_order: DocumentRef
    lines: Parts = []


class ScheduleFulfillmentOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Nobody works on it before that time, or from now on where none is given. Only what nobody has begun."""

    fulfillment_order: DocumentRef
    at: Moment | None = None
    only_over: Annotated[bool, Meta(description="Open it only where its time has come")] = False


class CancelFulfillmentOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The location shall not send it: what nobody has picked waits for a release again, at the same place.

    A location that accepted it is asked, and answers; until then it stands as it is.
    """

    fulfillment_order: DocumentRef
    reason: Code


class AnswerCancellation(Struct, frozen=True, forbid_unknown_fields=True):
    """What the location says to the request to stop."""

    fulfillment_order: DocumentRef
    accepted: bool = field()
