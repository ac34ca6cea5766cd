"""How units move outside of orders: always between two ends."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from uuid import UUID

from lading.inventory.types import Key, ReservationLine, Serial, Shelf
from lading.terms.ledger import ACCOUNTS, ON_ITS_WAY, End, Posting, place_of

ENDS = {
    "received": ("supplier", "available"),
    "found": ("found", "available"),
    "lost": ("available", "lost"),
    "scrapped": ("available", "scrapped"),
    "damaged": ("available", "damaged"),
    "repaired": ("damaged", "available"),
}
"""From where to where, by kind; accounts are counterparts without a location."""


def move(ends: tuple[str, str], sku_id: UUID, location_id: UUID, lot: str, quantity: int) -> Posting:
    """The posting of a receipt, an adjustment or a move between buckets; accounts are nowhere."""
    source, target = (End(name) if name in ACCOUNTS else End(name, location_id, lot) for name in ends)
    return Posting(sku_id, quantity, source, target)


GOOD = ("available", "reserved", "allocated", "picked", "packed")
"""Buckets of units that are in the building and can be sold: what a snapshot of another system counts."""


def takeable(row: Mapping[str, int], bucket: str, *, held_too: bool = False) -> int:
    """Units of a bucket that somebody may take: of the available ones not those that have to make up for a shortage, unless they are
    told to be gone whoever holds them (`held_too`); then all that lie there by the book.

    Every verb that takes units off a named row asks this; those that choose their rows read `available - short` in SQL.
    """  # fmt: skip
    there = row.get(bucket, 0)
    if bucket != "available":
        return there
    return min(there, lying(row)) if held_too else max(there - row.get("short", 0), 0)


def lying(row: Mapping[str, int]) -> int:
    """Units that lie on the shelf: what is short is held by somebody and not there."""
    return max(sum(row.get(bucket, 0) for bucket in ("available", "reserved", "allocated")) - row.get("short", 0), 0)


_NEVER = date.max
_FIRST = datetime.min.replace(tzinfo=UTC)


def first_to_expire_first(shelves: Iterable[Shelf]) -> list[Shelf]:
    """By location; there the first to expire first, then the first received: what is in no lot goes before undated lots."""
    return sorted(
        shelves,
        key=lambda shelf: (shelf.location_id, shelf.expires_on or _NEVER, shelf.received_at or _FIRST, shelf.lot),
    )


def by_name(moved: Posting, serials: Iterable[str]) -> list[Posting]:
    """The posting once for each named unit; as it is where there are no names."""
    named = [moved._replace(quantity=1, serial=serial) for serial in serials]
    return named or [moved]


def is_away(serial: Serial) -> bool:
    """Whether the unit is nowhere with us and with no order: it may be brought in."""
    return serial.location_id is None and serial.order_id is None and serial.place in ACCOUNTS


def send(serial: Serial, transfer_id: UUID) -> None:
    """The unit is on its way with a transfer."""
    serial.place, serial.location_id, serial.transfer_id = ON_ITS_WAY, None, transfer_id
    serial.order_id = serial.line_number = None


def put(serial: Serial, target: End) -> None:
    """The unit is there from now on, with no order or transfer."""
    serial.place, serial.location_id = str(place_of(target, None)), target.location_id
    serial.lot = target.lot if target.location_id else serial.lot
    serial.order_id = serial.line_number = serial.transfer_id = None


def lasting_until(shelves: Iterable[Shelf], day_at: Callable[[UUID], date]) -> list[Shelf]:
    """Those whose lot does not expire before that day of their location."""
    return [shelf for shelf in shelves if shelf.expires_on is None or shelf.expires_on >= day_at(shelf.location_id)]


def good(row: Mapping[str, int]) -> int:
    """Units on the book that can be sold or are sold, less those that are known to be missing."""
    return sum(row.get(bucket, 0) for bucket in GOOD) - row.get("short", 0)


def units_held(lines: Iterable[ReservationLine]) -> dict[Key, int]:
    """Units that these reservations hold of each row."""
    units: dict[Key, int] = {}
    for line in lines:
        units[line.key] = units.get(line.key, 0) + line.quantity
    return units
