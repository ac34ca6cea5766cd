"""Opening and settling shortages. Pure: no I/O, no clock, no randomness (ids follow from the event's)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from lading.kernel.ids import named_id
from lading.shortages.types import Shortage

Row = tuple[UUID, UUID, str]
"""(SKU, location, lot): a row of stock."""


def open_shortage(
    row: Row, quantity: int, kind: str, reason: str, document: str | None, event_id: UUID, opened_at: datetime
) -> Shortage:
    """A new one; one event opens at most one for each row of stock."""
    id_ = named_id("shortage", event_id, *row)
    return Shortage(id_, *row, kind, reason, document, quantity, quantity, opened_at, quantity, stored=False)


def settle(shortages: Iterable[Shortage], quantity: int) -> list[tuple[Shortage, int]]:
    """Take so many units off what remains, the oldest first; what was taken off which."""
    settled = []
    for shortage in sorted(shortages, key=lambda each: (each.opened_at, each.id)):
        units = min(quantity, shortage.remaining)
        if units:
            shortage.remaining -= units
            shortage.change -= units
            quantity -= units
            settled.append((shortage, units))
    return settled
