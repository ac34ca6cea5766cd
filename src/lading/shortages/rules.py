"""Opening and settling shortages. Pure: no I/O, no clock, no randomness (ids follow from the event's)."""

from collections.abc import Iterable
from uuid import UUID

from lading.kernel.ids import named_id
from lading.shortages.types import OFF_THE_SHELF, Cause, Change, Shortage

Row = tuple[UUID, UUID, str]
"""(SKU, location, lot): a row of stock."""


def open_shortage(row: Row, quantity: int, kind: str, reason: str, document: str | None, cause: Cause) -> Shortage:
    """A new one; one event opens at most one for each row of stock."""
    id_ = named_id("shortage", cause.event_id, *row)
    changes = [Change(cause, quantity, kind not in OFF_THE_SHELF)]
    return Shortage(id_, *row, kind, reason, document, quantity, quantity, cause.occurred_at, changes, stored=False)


def settle(
    shortages: Iterable[Shortage], quantity: int, cause: Cause, *, turned_up: bool = False
) -> list[tuple[Shortage, int]]:
    """Take so many units off what remains, the oldest first; what was taken off which.

    Either they turned up, which is a correction; or the cause posts them away, and what was off the shelf already stays there.
    """
    settled = []
    for shortage in sorted(shortages, key=lambda each: (each.opened_at, each.id)):
        units = min(quantity, shortage.remaining)
        if units:
            shortage.remaining -= units
            shortage.changes.append(Change(cause, -units, turned_up or shortage.kind not in OFF_THE_SHELF))
            quantity -= units
            settled.append((shortage, units))
    return settled
