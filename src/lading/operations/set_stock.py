"""Set stock to what was counted: the book is corrected by the difference that there was at the moment of the count."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec import Struct

from lading.database.pool import Transaction
from lading.inventory import rules
from lading.inventory import store as inventory
from lading.inventory.commands import SetStock
from lading.inventory.rules import Correction
from lading.inventory.types import LotRow
from lading.journal.types import Decision, refused
from lading.operations import moving_stock, telling_apart
from lading.operations.giving_back import count_over, give_back
from lading.operations.moving_stock import NOT_THERE, TOO_MANY_UNITS, UNITS_MAX, UNKNOWN_LOCATION, UNKNOWN_SKU
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event, Posting


class StockSet(Struct, frozen=True):
    """The row of stock as it is now."""

    sku: str
    location: str
    expected: int
    """Good units that the book had at the moment of the count."""
    difference: int
    """What was counted less what was expected; 0: the book was right and stays as it is."""
    available: int
    """Units that can be promised there now (this lot)."""


@dataclass(slots=True)
class World:
    """Rows of stock, and what moved in them since they were counted."""

    stock: moving_stock.World
    moved_after: list[int]
    """Per command."""
    set_here: dict[inventory.Key, list[tuple[datetime, int]]] = field(default_factory=dict)
    """(moment, difference) of what this batch set already."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The rows of stock, locked; then what came and went since the moments of the counts."""
    stock = await moving_stock.prefetch(tx, batch)
    stock.over = await count_over(tx, batch, stock.rows)
    counted = [(moving_stock.key_of(command, stock), _moment(command, batch)) for command in batch.commands]
    known = [(index, key, moment) for index, (key, moment) in enumerate(counted) if key and moment < batch.now]
    moved = [0] * len(counted)
    for (index, _, _), change in zip(
        known, await inventory.moved_after(tx, [(key, moment) for _, key, moment in known]), strict=True
    ):
        moved[index] = change
    return World(stock, moved)


def _moment(command: SetStock, batch: Batch) -> datetime:
    return min(command.as_of or batch.now, batch.now)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; a row that is named twice was set before the second one looks."""
    decisions = [
        _set(command, moved, world, batch) for command, moved in zip(batch.commands, world.moved_after, strict=True)
    ]
    return give_back(decisions, world.stock.over, batch.now)


def _set(command: SetStock, moved_after: int, world: World, batch: Batch) -> Decision:
    if command.sku not in world.stock.skus:
        return refused(UNKNOWN_SKU, "/sku", sku=command.sku)
    if command.location not in world.stock.locations:
        return refused(UNKNOWN_LOCATION, "/location", location=command.location)
    key = moving_stock.key_of(command, world.stock)
    assert key
    row, moment = world.stock.rows.setdefault(key, {}), _moment(command, batch)
    here = world.set_here.setdefault(key, [])
    moved_after += sum(difference for at, difference in here if at > moment)
    correction = rules.correct(command.quantity, row, moved_after)
    if correction.missing:
        return refused(
            NOT_THERE, "/quantity", location=command.location, sku=command.sku, bucket="available",
            available=row.get("available", 0), quantity=correction.lost + correction.missing,
        )  # fmt: skip
    if row.get("available", 0) + correction.found > UNITS_MAX:
        return refused(
            TOO_MANY_UNITS, "/quantity", location=command.location, sku=command.sku, bucket="available",
            there=row.get("available", 0), quantity=correction.found, most=UNITS_MAX,
        )  # fmt: skip
    difference = abs(correction.found - correction.lost)
    if difference and (refusal := telling_apart.refuse(world.stock.skus[command.sku], difference, command.lot, ())):
        return refusal
    lot = telling_apart.open_lot(key[0], command.lot, None, moment, world.stock.lots) if correction.found else None
    row["available"] = row.get("available", 0) + correction.found - correction.lost
    here.append((moment, correction.found - correction.lost))
    return _decided(command, key, correction, row["available"], moment, lot)


def _decided(
    command: SetStock, key: inventory.Key, correction: Correction, available: int, moment: datetime, lot: LotRow | None
) -> Decision:
    difference = correction.found - correction.lost
    outcome = StockSet(command.sku, command.location, correction.expected, difference, available)
    postings: list[Posting] = [
        rules.move(rules.ENDS[kind], *key, quantity)
        for kind, quantity in (("found", correction.found), ("lost", correction.lost))
        if quantity
    ]
    if not postings:
        return Decision(outcome)
    data: dict[str, Any] = {
        "sku": command.sku, "location_id": key[1], "lot": command.lot, "counted": command.quantity,
        "expected": correction.expected, "reason": command.reason, "document": command.document,
    }  # fmt: skip
    if lot:
        data["new_lot"] = True
    return Decision(outcome, Event("stock_set", "sku", key[0], moment, data), postings, rows=[lot] if lot else [])


VERB = Verb(
    noun="stock",
    verb="set",
    summary="Set stock to what was counted at a moment; what moved since is kept, the difference is found or lost.",
    command=SetStock,
    outcome=StockSet,
    refusals=(UNKNOWN_SKU, UNKNOWN_LOCATION, NOT_THERE, TOO_MANY_UNITS, *telling_apart.REFUSALS),
    scope="stock:write",
    event="stock_set",
    example={
        "sku": "MUG-BLUE", "location": "HAM", "quantity": 118, "as_of": "2026-11-20T02:00:00+01:00", "document": "WMS-2026-11-20",
    },
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
