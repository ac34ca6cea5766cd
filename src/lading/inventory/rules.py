"""How units move outside of orders: always between two ends."""

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
