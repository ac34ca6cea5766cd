"""Set stock to what was counted: the book is corrected by the difference that there was at the moment of the count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec import Struct

from lading.counts import rules as count_rules
from lading.counts.rules import Outcome
from lading.database.pool import Transaction
from lading.inventory import rules
from lading.inventory import store as inventory
from lading.inventory.commands import SetStock
from lading.inventory.types import FirstOnShelf, LotRow
from lading.journal.types import Decision, Envelope, refused
from lading.operations import moving_stock, telling_apart
from lading.operations.giving_back import count_over, give_back
from lading.operations.moving_stock import NOT_THERE, TOO_MANY_UNITS, UNITS_MAX, UNKNOWN_LOCATION, UNKNOWN_SKU
from lading.operations.registry import Batch, Verb
from lading.shortages import rules as shortage_rules
from lading.shortages import store as shortages
from lading.shortages.types import Cause, Shortage, told
from lading.terms.ledger import Event, Posting


class StockSet(Struct, frozen=True):
    """The row of stock as it is now."""

    sku: str
    location: str
    expected: int
    """Good units that the book had at the moment of the count."""
    difference: int
    """What was counted less what was expected; 0: the book was right and stays as it is."""
    short: int
    """Units that orders and reservations hold and that are not there: a shortage was opened."""
    available: int
    """Units that can be promised there now (this lot)."""


@dataclass(slots=True)
class World:
    """Rows of stock, and by how much they grew since they were counted."""

    stock: moving_stock.World
    grown_after: list[int]
    """Good units of its row since its moment, per command."""
    shortages: dict[inventory.Key, list[Shortage]]
    """What is short in these rows."""
    set_here: dict[inventory.Key, list[tuple[datetime, int]]] = field(default_factory=dict)
    """(moment, by how much its good units grew) of what this batch set already."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The rows of stock, locked; then what came and went since the moments of the counts."""
    stock = await moving_stock.prefetch(tx, batch)
    stock.over = await count_over(tx, batch, stock.rows)
    counted = [(moving_stock.key_of(command, stock), _moment(command, batch)) for command in batch.commands]
    in_need = [key for key, row in stock.rows.items() if row.get("short")]
    return World(
        stock, await _grown_after(tx, counted, batch), await shortages.read_open(tx, in_need) if in_need else {}
    )


async def _grown_after(
    tx: Transaction, counted: Sequence[tuple[inventory.Key | None, datetime]], batch: Batch
) -> list[int]:
    late = [(index, key, moment) for index, (key, moment) in enumerate(counted) if key and moment < batch.now]
    grown = [0] * len(counted)
    if late:
        moments = [(key, moment) for _, key, moment in late]
        moved, short = await inventory.moved_after(tx, moments), await shortages.changed_after(tx, moments)
        for (index, _, _), units, (fell_short, _) in zip(late, moved, short, strict=True):
            grown[index] = units - fell_short
    return grown


def _moment(command: SetStock, batch: Batch) -> datetime:
    return min(command.as_of or batch.now, batch.now)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; a row that is named twice was set before the second one looks."""
    decisions = [
        _set(envelope, grown, world, batch) for envelope, grown in zip(batch.envelopes, world.grown_after, strict=True)
    ]
    return give_back(decisions, world.stock.over, batch.now)


def _set(envelope: Envelope[SetStock], grown_after: int, world: World, batch: Batch) -> Decision:
    command = envelope.command
    if command.sku not in world.stock.skus:
        return refused(UNKNOWN_SKU, "/sku", sku=command.sku)
    if command.location not in world.stock.locations:
        return refused(UNKNOWN_LOCATION, "/location", location=command.location)
    key = moving_stock.key_of(command, world.stock)
    assert key
    row, moment = world.stock.rows.setdefault(key, {}), _moment(command, batch)
    here = world.set_here.setdefault(key, [])
    grown_after += sum(difference for at, difference in here if at > moment)
    expected = rules.good(row) - grown_after
    done = count_rules.settle(command.quantity - expected, row)
    if refusal := _refuse(command, row, done, world):
        return refusal
    lot = telling_apart.open_lot(key[0], command.lot, None, moment, world.stock.lots) if done.found else None
    rows: list[object] = [lot] if lot else []
    if not row and done.found:
        rows.append(FirstOnShelf(*key))
    row["available"] = row.get("available", 0) + done.found - done.lost
    row["short"] = row.get("short", 0) + done.opened - done.settled
    here.append((moment, done.found - done.lost - done.opened + done.settled))
    outcome = StockSet(
        command.sku, command.location, expected, command.quantity - expected, done.opened, row["available"]
    )
    if not any(done):
        return Decision(outcome)
    cause = Cause(envelope.event_id, moment, moment < batch.now)
    return _decided(envelope, key, outcome, done, cause, world, rows)


def _refuse(command: SetStock, row: Mapping[str, int], done: Outcome, world: World) -> Decision | None:
    held = row.get("allocated", 0) + row.get("reserved", 0) - row.get("short", 0)
    if done.opened > held:
        return refused(
            NOT_THERE, "/quantity", location=command.location, sku=command.sku, bucket="on its shelves",
            available=row.get("available", 0) + held, quantity=done.lost + done.opened,
        )  # fmt: skip
    if row.get("available", 0) + done.found > UNITS_MAX:
        return refused(
            TOO_MANY_UNITS, "/quantity", location=command.location, sku=command.sku, bucket="available",
            there=row.get("available", 0), quantity=done.found, most=UNITS_MAX,
        )  # fmt: skip
    return telling_apart.refuse(world.stock.skus[command.sku], sum(done), command.lot, ()) if any(done) else None


def _decided(
    envelope: Envelope[SetStock],
    key: inventory.Key,
    outcome: StockSet,
    done: Outcome,
    cause: Cause,
    world: World,
    rows: list[object],
) -> Decision:
    command = envelope.command
    postings: list[Posting] = [
        rules.move(rules.ENDS[kind], *key, quantity)
        for kind, quantity in (("found", done.found), ("lost", done.lost))
        if quantity
    ]
    data: dict[str, Any] = {
        "sku": command.sku, "location_id": key[1], "lot": command.lot, "counted": command.quantity,
        "expected": outcome.expected, "reason": command.reason, "document": command.document
    }  # fmt: skip
    if any(isinstance(row, LotRow) for row in rows):
        data["new_lot"] = True
    if done.opened:
        shortage = shortage_rules.open_shortage(key, done.opened, "count", command.reason, command.document, cause)
        world.shortages.setdefault(key, []).append(shortage)
        data["shortages"] = [told(shortage)]
        rows.append(shortage)
    if done.settled:
        settled = shortage_rules.settle(world.shortages[key], done.settled, cause, turned_up=True)
        data["settled"] = [{"id": shortage.id, "quantity": units} for shortage, units in settled]
        rows += [shortage for shortage, _ in settled]
    return Decision(outcome, Event("stock_set", "sku", key[0], cause.occurred_at, data), postings, rows=rows)


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
        "sku": "MUG-BLUE", "location": "HAM", "quantity": 118, "as_of": "2026-03-02T02:00:00+01:00", "document": "WMS-2026-03-02",
    },
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
