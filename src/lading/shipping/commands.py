"""What can be asked of parcels."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from lading.terms.fields import Code, DocumentRef, LineNumber, Moment, Quantity, Reference, SerialNumbers

LINES_MAX = 2_000

Grams = Annotated[int, Meta(ge=1, le=100_000_000, description="Grams")]
TrackedStatus = Literal["in_transit", "out_for_delivery", "failed_attempt", "delivered", "lost", "returned_to_sender"]


class PackedUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of one line of the order that lie in the parcel."""

    line: LineNumber
    quantity: Quantity
    serials: Annotated[
        SerialNumbers, Meta(description="Which ones, where only some of the picked units are packed")
    ] = []


class Scan(Struct, frozen=True, forbid_unknown_fields=True):
    """A bar code that was read on units that go into the parcel."""

    code: Annotated[Code, Meta(description="A GTIN, or the code of a product")]
    quantity: Quantity = 1
    serials: SerialNumbers = []


class PackParcel(Struct, frozen=True, forbid_unknown_fields=True):
    """A parcel of units that were picked for a fulfillment order: lines, or what was scanned; without either all of them."""

    fulfillment_order: DocumentRef
    lines: Annotated[list[PackedUnits], Meta(max_length=LINES_MAX)] = []
    weight_grams: Grams | None = None
    scans: Annotated[
        list[Scan], Meta(max_length=LINES_MAX, description="What is not to be packed here is refused")
    ] = []
    carton: Annotated[Code, Meta(description="What it is packed in")] | None = None
    weight_confirmed: Annotated[
        bool, Meta(description="It was weighed again: packed even if it weighs something else")
    ] = False

    def __post_init__(self) -> None:
        if self.lines and self.scans:
            raise ValueError("say either lines or scans")


class UnpackParcel(Struct, frozen=True, forbid_unknown_fields=True):
    """Take the units of a parcel out again, before it is handed over: they are picked, and wait for another parcel."""

    parcel: DocumentRef
    reason: Code = "repack"


class ShipParcel(Struct, frozen=True, forbid_unknown_fields=True):
    """Hand a parcel to its carrier."""

    parcel: DocumentRef
    carrier: Code
    tracking_number: Reference | None = None
    occurred_at: Moment | None = None


class TrackParcel(Struct, frozen=True, forbid_unknown_fields=True):
    """What the carrier says about a parcel, as of a time in the world; may come late, twice and out of order.

    The parcel is named by us (`parcel`) or as its carrier names it (`tracking_number`).
    """

    status: TrackedStatus
    occurred_at: Moment
    parcel: DocumentRef | None = None
    tracking_number: Reference | None = None

    def __post_init__(self) -> None:
        if (self.parcel is None) == (self.tracking_number is None):
            raise ValueError("say either parcel or tracking_number")
