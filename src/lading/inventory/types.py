"""Stock as rules see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from lading.kernel.ids import ZERO

Key = tuple[UUID, UUID, str]
"""(SKU, location, lot): a row of stock."""

NOWHERE = ZERO
"""No location: that of a claim that may be had anywhere."""

Place = tuple[UUID, UUID]
"""(SKU, location)"""


class ReservationLine(NamedTuple):
    """Units of one product that a reservation holds at one location, until it ends or its time is over.

    Without a location it is a claim: so many units of a group of locations, wherever they lie. No unit stands in `reserved` for it.
    """

    reservation_id: UUID
    number: int
    sku_id: UUID
    location_id: UUID | None
    """None: a claim."""
    lot: str
    quantity: int
    expires_at: datetime
    channel_id: UUID | None = None
    reference: str | None = None
    ended_as: str | None = None
    """None: it holds its units; released, converted (into an order), expired (its units were given back)."""
    ended_at: datetime | None = None
    order_id: UUID | None = None
    group_id: UUID | None = None
    """Where a claim is to be had; None: anywhere."""
    stored: bool = True

    @property
    def key(self) -> Key:
        """The row of stock whose units it holds; of a claim, which holds none, a row that does not exist."""
        return self.sku_id, self.location_id or NOWHERE, self.lot

    @property
    def is_claim(self) -> bool:
        """Whether it has no place yet."""
        return self.location_id is None

    @property
    def node(self) -> UUID:
        """Where it stands in the tree of locations."""
        return self.location_id or self.group_id or NOWHERE

    @property
    def id(self) -> tuple[UUID, int]:
        """(reservation, number)"""
        return self.reservation_id, self.number

    def is_over(self, now: datetime) -> bool:
        """Whether its units are free though they stand in the bucket `reserved`."""
        return self.ended_as is None and self.expires_at <= now


class Ended(NamedTuple):
    """A line that ends: how, and how many of its units go back to available (an order may take some)."""

    line: ReservationLine
    how: str
    back: int


@dataclass(slots=True)
class Shelf:
    """What can be promised of a SKU at one location and lot."""

    location_id: UUID
    lot: str
    available: int
    """Units that are free now: those in the bucket and those of `expired`, but for what is kept back."""
    lying: int = 0
    """Units in the bucket, counted where some are expired."""
    expired: Sequence[ReservationLine] = ()
    """Reservations whose time is over, the oldest first; as many as the batch could ever need."""
    expires_on: date | None = None
    """The last day of its lot; None where it never expires."""
    received_at: datetime | None = None
    """Of the first units of its lot; None where it has none."""

    def count_expired(self, lines: Sequence[ReservationLine]) -> None:
        """These reservations are over: what they hold is free."""
        self.lying, self.expired = self.available, lines
        self.available += sum(line.quantity for line in lines)

    def give_back(self, quantity: int) -> list[Ended]:
        """So many units leave the bucket: the reservations that have to end first, none more than needed."""
        self.lying -= quantity
        ended = []
        while self.lying < 0:
            line, *self.expired = self.expired
            self.lying += line.quantity
            ended.append(Ended(line, "expired", line.quantity))
        return ended

    def copy(self) -> "Shelf":
        """The same, to be used up apart."""
        return Shelf(
            self.location_id, self.lot, self.available, self.lying, self.expired, self.expires_on, self.received_at
        )


Supplies = dict[UUID, list[Shelf]]
"""Shelves by SKU; those in lots in the order of location, then first to expire, then first received. Rules use it up in place."""


class FirstOnShelf(NamedTuple):
    """A row of stock that there was not when it was to be locked: what was decided of it holds only if nobody else makes it meanwhile."""

    sku_id: UUID
    location_id: UUID
    lot: str


@dataclass(slots=True)
class LotRow:
    """A lot of a product, as it is saved."""

    sku_id: UUID
    lot: str
    expires_on: date | None
    received_at: datetime
    status: str = "ok"
    """ok, held, recalled"""
    version: int = 1
    stored: bool = True


@dataclass(slots=True)
class Serial:
    """One unit by its name. The posting statement moves its row; rules move this one, to see what the batch left."""

    sku_id: UUID
    serial: str
    lot: str
    place: str
    """on_shelf, picked, packed, damaged, quality_hold; in_transit, delivered, sent_back; or an account"""
    location_id: UUID | None = None
    order_id: UUID | None = None
    line_number: int | None = None
    transfer_id: UUID | None = None
    stored: bool = True


@dataclass(slots=True)
class EventCorrection:
    """How much of what an event posted for one row of stock was taken back."""

    event_id: UUID
    sku_id: UUID
    location_id: UUID
    lot: str
    moved: int
    corrected: int = 0
    stored: bool = True

    @property
    def key(self) -> tuple[UUID, Key]:
        """The event and the row of stock."""
        return self.event_id, (self.sku_id, self.location_id, self.lot)


@dataclass(slots=True)
class StockFeed:
    """A file of stock: absolute counts as of a moment, or changes."""

    id: UUID
    reference: str
    kind: str
    complete: bool
    as_of: datetime
    location_id: UUID | None
    sha256: bytes
    received_at: datetime
    finished_at: datetime | None = None
    rows_read: int = 0
    unchanged: int = 0
    applied: int = 0
    zeroed: int = 0
    not_taken: int = 0
    trouble: str | None = None
    report: str | None = None
    stored: bool = True


Reservations = dict[UUID, list[ReservationLine]]
"""The lines of each reservation, in their order."""


@dataclass(slots=True)
class Level:
    """A level of availability, and whether it was told last to be reached (or never to be missed)."""

    sku_id: UUID
    level: int
    reached: bool
    stored: bool = True


Levels = dict[UUID, dict[int, Level]]
"""By SKU and level; those that were never told are not in it."""
