"""What can be asked of stock."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from lading.terms.fields import (
    Code,
    Count,
    Lot,
    LotName,
    Moment,
    Note,
    Position,
    Quantity,
    Reference,
    SerialNumbers,
    Text,
)


class ReceiveStock(Struct, frozen=True, forbid_unknown_fields=True):
    """Units that a supplier delivered; they can be promised at once."""

    sku: Code
    location: Code
    quantity: Quantity
    reason: Code
    lot: Lot = ""
    expires_on: (
        Annotated[date, Meta(description="The last day of the lot; left out where it is known or never expires")] | None
    ) = None
    serials: SerialNumbers = []
    document: Reference | None = None
    occurred_at: Moment | None = None

    def __post_init__(self) -> None:
        if self.expires_on and not self.lot:
            raise ValueError("only a lot expires: name it")


class AdjustStock(Struct, frozen=True, forbid_unknown_fields=True):
    """Units that turned up (found), are gone (lost, scrapped) or cannot be sold as they are (damaged, from or to available)."""

    sku: Code
    location: Code
    quantity: Quantity
    kind: Literal["found", "lost", "scrapped", "damaged", "repaired"]
    reason: Code
    lot: Lot = ""
    serials: SerialNumbers = []
    document: Reference | None = None
    occurred_at: Moment | None = None
    held_too: Annotated[
        bool,
        Meta(
            description="Also units that orders and reservations hold: they stay with them, and a shortage says that they are not there"
        ),
    ] = False


class SetPool(Struct, frozen=True, forbid_unknown_fields=True):
    """Keep units of a product for channels, or say how many they may have; new by its code, otherwise changed."""

    sku: Code
    pool: Annotated[Code, Meta(description="Code of the pool, among those of its product")]
    kind: Annotated[
        Literal["exclusive", "shared", "capped"],
        Meta(
            description="exclusive: kept for the channels, which sell no others; shared: kept for them, and beyond that they sell what"
            " all sell; capped: nothing is kept, they sell so many at most"
        ),
    ]
    channels: Annotated[list[Code], Meta(min_length=1, max_length=100)]
    quantity: Annotated[
        Count, Meta(description="Units in all, those that orders of the channels hold already included")
    ]
    group: Annotated[Code, Meta(description="Only locations of this group")] | None = None


class RemovePool(Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing is kept or capped by this pool any more."""

    sku: Code
    pool: Code


class SetStock(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody counted, or another system says: good units in the building at a moment, promised ones among them.

    What moved after that moment is not lost: the book is corrected by the difference that there was then.
    """

    sku: Code
    location: Code
    quantity: Annotated[Count, Meta(description="Good units in the building: all but damaged and held ones")]
    lot: Lot = ""
    as_of: Moment | None = None
    reason: Code = "snapshot"
    document: Reference | None = None


Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}(?![\\s\\S])", description="SHA-256 of a file that was handed in")]


class ReceiveStockFeed(Struct, frozen=True, forbid_unknown_fields=True):
    """A file of stock (CSV: sku, quantity, location, lot, reason) that was handed in before; the worker loads it.

    A snapshot counts the good units of each shelf as of a moment; a delta holds changes. A complete snapshot says of all shelves of its
    locations that it does not name that they are empty.
    """

    reference: Reference
    file: Sha256
    kind: Literal["snapshot", "delta"] = "snapshot"
    as_of: Moment | None = None
    location: Code | None = None
    complete: bool = False

    def __post_init__(self) -> None:
        if self.kind == "delta" and self.complete:
            raise ValueError("only a snapshot can be complete")


class SnapshotLine(Struct, frozen=True, forbid_unknown_fields=True):
    """What a snapshot says of one row of stock."""

    sku: Code
    location: Code
    quantity: Annotated[Count, Meta(description="Good units in the building: all but damaged and held ones")]
    lot: Lot = ""
    line: Annotated[int, Meta(ge=2, le=2**62, description="Of the file, whose header is line 1")] | None = None


SNAPSHOT_LINES_MAX = 1_000


class ApplyStockFeed(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of stock that a snapshot tells of a change of; each of them is taken or refused by itself.

    What moved after the feed's moment is not lost: the book is corrected by the difference that there was then.
    """

    reference: Reference
    lines: Annotated[list[SnapshotLine], Meta(min_length=1, max_length=SNAPSHOT_LINES_MAX)]
    reason: Code = "snapshot"


class RowsNotTaken(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of a feed that were not taken, for one reason; the lines of the first of them (the header is line 1)."""

    reason: Code
    sentence: Text
    rows: Count
    lines: list[int]


class FinishStockFeed(Struct, frozen=True, forbid_unknown_fields=True):
    """What became of a feed: every row is unchanged, applied or not taken; or why the file could not be read."""

    reference: Reference
    rows: Count = 0
    unchanged: Count = 0
    applied: Count = 0
    zeroed: Count = 0
    not_taken: list[RowsNotTaken] = []
    trouble: Note | None = None

    def __post_init__(self) -> None:
        if self.rows != self.unchanged + self.applied + sum(each.rows for each in self.not_taken):
            raise ValueError("rows must be the sum of unchanged, applied and not taken")


RESERVED_SECONDS_MAX = 30 * 86_400
RESERVED_LINES_MAX = 500

Seconds = Annotated[
    int,
    Meta(
        ge=1,
        le=RESERVED_SECONDS_MAX,
        description="How long the units are kept from now on; the policy says where left out",
    ),
]


class ReservedLine(Struct, frozen=True, forbid_unknown_fields=True):
    """So many units of a product that shall be kept."""

    sku: Code
    quantity: Quantity


class ReserveStock(Struct, frozen=True, forbid_unknown_fields=True):
    """Keep units for a cart, a checkout or a quote, all of them or none; at one location where it is named.

    With a group, or anywhere, they are claimed without a place: an order takes them wherever they lie, or they are pinned later.
    """

    lines: Annotated[list[ReservedLine], Meta(min_length=1, max_length=RESERVED_LINES_MAX)]
    seconds: Seconds | None = None
    location: Code | None = None
    group: Annotated[Code, Meta(description="Claim them from this group of locations, without a place yet")] | None = (
        None
    )
    anywhere: Annotated[
        bool, Meta(description="Claim them from all locations that fill orders, without a place yet")
    ] = False
    channel: Code | None = None
    reference: Reference | None = None

    def __post_init__(self) -> None:
        if sum((self.location is not None, self.group is not None, self.anywhere)) > 1:
            raise ValueError("a reservation has one place: a location, a group, or anywhere")


class ShortenClaims(Struct, frozen=True, forbid_unknown_fields=True):
    """Take from the youngest claims of a product what is not there any more; older ones keep what there is."""

    sku: Code


class PinReservation(Struct, frozen=True, forbid_unknown_fields=True):
    """Give the claims of a reservation their place: at one location where it is named, otherwise where orders would find them."""

    reservation: UUID
    location: Code | None = None


class ExtendReservation(Struct, frozen=True, forbid_unknown_fields=True):
    """Keep the units of a reservation longer; never shorter than they were to be kept before."""

    reservation: UUID
    seconds: Seconds | None = None


class ReleaseReservation(Struct, frozen=True, forbid_unknown_fields=True):
    """Keep the units of a reservation no longer."""

    reservation: UUID


class ExpireReservation(Struct, frozen=True, forbid_unknown_fields=True):
    """Give back the units of a reservation whose time is over; one whose time is not stays as it is."""

    reservation: UUID


Bucket = Literal["available", "damaged", "quality_hold"]


class MoveStock(Struct, frozen=True, forbid_unknown_fields=True):
    """Units that change their bucket at one location: sellable, damaged, or waiting for somebody's look."""

    sku: Code
    location: Code
    quantity: Quantity
    source: Bucket
    target: Bucket
    reason: Code
    lot: Lot = ""
    serials: SerialNumbers = []
    document: Reference | None = None
    occurred_at: Moment | None = None

    def __post_init__(self) -> None:
        if self.source == self.target:
            raise ValueError("source and target are two buckets")


class StopLot(Struct, frozen=True, forbid_unknown_fields=True):
    """A lot of a product, and why it is held, recalled or released."""

    sku: Code
    lot: LotName
    reason: Code
    document: Reference | None = None


class CorrectStock(Struct, frozen=True, forbid_unknown_fields=True):
    """An event of stock was wrong: what it posted is taken back by counter-postings, all of it or so many units.

    An event of a snapshot set many rows of stock: name one of them.
    """

    event: Position
    reason: Code
    quantity: Annotated[Quantity, Meta(description="Units to take back; left out: all that are left of it")] | None = (
        None
    )
    sku: Annotated[Code, Meta(description="Of an event of a snapshot: which row of stock")] | None = None
    location: Code | None = None
    lot: Lot = ""
    serials: SerialNumbers = []
    document: Reference | None = None


class CheckAvailability(Struct, frozen=True, forbid_unknown_fields=True):
    """Look whether what can be promised of a product crossed a level."""

    sku: Code
