"""What a count and a snapshot have in common: rows of stock are set to what was seen at a moment, and what moved since is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from lading.counts import rules as count_rules
from lading.counts.rules import Outcome
from lading.database.pool import Transaction
from lading.inventory import rules
from lading.inventory import store as inventory
from lading.inventory.types import FirstOnShelf, Key
from lading.journal.types import Decision, refused
from lading.operations import moving_stock, telling_apart
from lading.operations.giving_back import count_over
from lading.operations.moving_stock import NOT_THERE, TOO_MANY_UNITS, UNITS_MAX, UNKNOWN_LOCATION, UNKNOWN_SKU
from lading.operations.registry import Batch
from lading.shortages import rules as shortage_rules
from lading.shortages import store as shortages
from lading.shortages.types import Cause, Shortage
from lading.terms.ledger import Posting

REFUSALS = (UNKNOWN_SKU, UNKNOWN_LOCATION, NOT_THERE, TOO_MANY_UNITS, *telling_apart.REFUSALS)
"""What `settle` may say, in its order."""


class Seen(moving_stock.OneShelf, Protocol):
    """What somebody saw on one shelf."""

    @property
    def quantity(self) -> int:
        """Good units in the building, promised ones among them."""


class Told(NamedTuple):
    """Who says so."""

    cause: Cause
    """Its moment is that of the count."""
    reason: str
    document: str | None


class Settled(NamedTuple):
    """What setting one row of stock does."""

    key: Key
    expected: int
    """Good units that the book had at the moment."""
    done: Outcome
    available: int
    """Units that can be promised there now (this lot)."""
    postings: list[Posting]
    rows: list[object]
    new_lot: bool
    opened: list[dict[str, Any]]
    """The shortage, as the journal keeps it."""
    settled: list[dict[str, Any]]


@dataclass(slots=True)
class World:
    """Rows of stock, and by how much they grew since they were counted."""

    stock: moving_stock.World
    grown_after: Sequence[int]
    """Good units of its row since its moment, for each that was seen."""
    shortages: dict[Key, list[Shortage]]
    """What is short in these rows."""
    set_here: dict[Key, list[tuple[datetime, int]]] = field(default_factory=dict)
    """(moment, by how much its good units grew) of what this batch set already."""


async def read(tx: Transaction, batch: Batch, seen: Sequence[tuple[Seen, datetime]]) -> World:
    """The rows of stock, locked; then what came and went since the moments at which they were seen."""
    shelves = [each for each, _ in seen]
    stock = await moving_stock.read(tx, batch, shelves)
    stock.over = await count_over(tx, batch, stock.rows)
    counted = [(moving_stock.key_of(each, stock), moment) for each, moment in seen]
    in_need = [key for key, row in stock.rows.items() if row.get("short")]
    opened = await shortages.read_open(tx, in_need) if in_need else {}
    return World(stock, await _grown_after(tx, counted, batch), opened)


async def _grown_after(tx: Transaction, counted: Sequence[tuple[Key | None, datetime]], batch: Batch) -> list[int]:
    late = [(index, key, moment) for index, (key, moment) in enumerate(counted) if key and moment < batch.now]
    grown = [0] * len(counted)
    if late and await inventory.anything_after(tx, min(moment for _, _, moment in late)):
        moments = [(key, moment) for _, key, moment in late]
        moved, short = await inventory.moved_after(tx, moments), await shortages.changed_after(tx, moments)
        for (index, _, _), units, (fell_short, _) in zip(late, moved, short, strict=True):
            grown[index] = units - fell_short
    return grown


def settle(seen: Seen, grown_after: int, told_by: Told, world: World) -> Settled | Decision:
    """Set one row in memory; or the refusal. A row that is named twice was set before the second one looks."""
    stock = world.stock
    sku, location = stock.skus.get(seen.sku), stock.locations.get(seen.location)
    if sku is None:
        return refused(UNKNOWN_SKU, "/sku", sku=seen.sku)
    if location is None:
        return refused(UNKNOWN_LOCATION, "/location", location=seen.location)
    key, moment = (sku.id, location.id, seen.lot), told_by.cause.occurred_at
    row, here = stock.rows.setdefault(key, {}), world.set_here.setdefault(key, [])
    grown_after += sum(difference for at, difference in here if at > moment)
    expected = rules.good(row) - grown_after
    done = count_rules.settle(seen.quantity - expected, row)
    if refusal := _refuse(seen, row, done, world):
        return refusal
    lot = telling_apart.open_lot(sku.id, seen.lot, None, moment, stock.lots) if done.found else None
    rows: list[object] = [lot] if lot else []
    if not row and done.found:
        rows.append(FirstOnShelf(*key))
    row["available"] = row.get("available", 0) + done.found - done.lost
    row["short"] = row.get("short", 0) + done.opened - done.settled
    here.append((moment, done.found - done.lost - done.opened + done.settled))
    postings = [
        rules.move(rules.ENDS[kind], *key, quantity)
        for kind, quantity in (("found", done.found), ("lost", done.lost))
        if quantity
    ]
    there = world.shortages.setdefault(key, [])
    short = shortage_rules.see(key, done.opened, done.settled, there, told_by.reason, told_by.document, told_by.cause)
    rows += short.rows
    return Settled(key, expected, done, row["available"], postings, rows, lot is not None, short.opened, short.settled)


def _refuse(seen: Seen, row: Mapping[str, int], done: Outcome, world: World) -> Decision | None:
    missing, there = done.lost + done.opened, count_rules.book(row)
    if missing > max(there, 0):
        return refused(
            NOT_THERE, "/quantity", location=seen.location, sku=seen.sku, bucket="on its shelves", available=there, quantity=missing
        )  # fmt: skip
    if row.get("available", 0) + done.found > UNITS_MAX:
        return refused(
            TOO_MANY_UNITS, "/quantity", location=seen.location, sku=seen.sku, bucket="available",
            there=row.get("available", 0), quantity=done.found, most=UNITS_MAX,
        )  # fmt: skip
    return telling_apart.refuse(world.stock.skus[seen.sku], sum(done), seen.lot, ()) if any(done) else None
