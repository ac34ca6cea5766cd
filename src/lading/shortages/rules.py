"""Opening and settling shortages. Pure: no I/O, no clock, no randomness (ids follow from the event's)."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from lading.kernel.ids import named_id
from lading.shortages.types import OFF_THE_SHELF, Cause, Change, Shortage, told

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


class Seen(NamedTuple):
    """What somebody's look at one row of stock does to its shortages."""

    rows: list[Shortage]
    opened: list[dict[str, Any]]
    """As the journal keeps them."""
    settled: list[dict[str, Any]]


def see(
    row: Row, fell_short: int, turned_up: int, there: list[Shortage], reason: str, document: str | None, cause: Cause
) -> Seen:
    """Open what is missing and end what turned up; `there` are those of the row, and get the new one."""
    seen = Seen([], [], [])
    if fell_short:
        shortage = open_shortage(row, fell_short, "count", reason, document, cause)
        there.append(shortage)
        seen.rows.append(shortage)
        seen.opened.append(told(shortage))
    if turned_up:
        for shortage, units in settle(there, turned_up, cause, turned_up=True):
            seen.rows.append(shortage)
            seen.settled.append({"id": shortage.id, "quantity": units})
    return seen
