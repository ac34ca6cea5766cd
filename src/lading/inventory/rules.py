"""How units move outside of orders: always between two ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from lading.terms.ledger import End, Posting

ENDS = {
    "received": ("supplier", "available"),
    "found": ("found", "available"),
    "lost": ("available", "lost"),
    "scrapped": ("available", "scrapped"),
    "damaged": ("available", "damaged"),
    "repaired": ("damaged", "available"),
}
"""From where to where, by kind; accounts are counterparts without a location."""

_ACCOUNTS = {"supplier", "found", "lost", "scrapped"}


def move(kind: str, sku_id: UUID, location_id: UUID, lot: str, quantity: int) -> Posting:
    """The posting of a receipt or an adjustment."""
    source, target = (End(name) if name in _ACCOUNTS else End(name, location_id, lot) for name in ENDS[kind])
    return Posting(sku_id, quantity, source, target)


def taken_from(kind: str) -> str | None:
    """The bucket that must hold the units, or None where they come from an account."""
    bucket = ENDS[kind][0]
    return None if bucket in _ACCOUNTS else bucket


def left_in(kind: str) -> str | None:
    """The bucket that gains them, or None where they leave."""
    bucket = ENDS[kind][1]
    return None if bucket in _ACCOUNTS else bucket


GOOD = ("available", "reserved", "allocated", "picked", "packed")
"""Buckets of units that are in the building and can be sold: what a snapshot of another system counts."""


@dataclass(slots=True)
class Correction:
    """How a row of stock comes to what was counted."""

    expected: int
    """Good units that the book had at that moment."""
    found: int = 0
    lost: int = 0
    """Taken from what is available."""
    missing: int = 0
    """Gone as well, but promised: nothing that is available covers them."""


def correct(counted: int, row: Mapping[str, int], moved_after: int) -> Correction:
    """Compare a count with the book as it was then: good units now less what came and went since."""
    expected = sum(row.get(bucket, 0) for bucket in GOOD) - moved_after
    if counted >= expected:
        return Correction(expected, found=counted - expected)
    gone = expected - counted
    lost = min(gone, row.get("available", 0))
    return Correction(expected, lost=lost, missing=gone - lost)
