"""Set stock to what was counted: the book is corrected by the difference that there was at the moment of the count."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from lading.database.pool import Transaction
from lading.inventory.commands import SetStock
from lading.journal.types import Decision, Envelope
from lading.operations import setting_stock
from lading.operations.giving_back import give_back
from lading.operations.registry import Batch, Verb
from lading.operations.setting_stock import Told, World
from lading.shortages.types import Cause
from lading.terms.ledger import Event


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


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The rows of stock, locked; then what came and went since the moments of the counts."""
    return await setting_stock.read(tx, batch, [(command, _moment(command, batch)) for command in batch.commands])


def _moment(command: SetStock, batch: Batch) -> datetime:
    return min(command.as_of or batch.now, batch.now)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; a row that is named twice was set before the second one looks."""
    decisions = [
        _set(envelope, grown, world, batch) for envelope, grown in zip(batch.envelopes, world.grown_after, strict=True)
    ]
    return give_back(decisions, world.stock.over, batch.now)


def _set(envelope: Envelope[SetStock], grown_after: int, world: World, batch: Batch) -> Decision:
    command, moment = envelope.command, _moment(envelope.command, batch)
    cause = Cause(envelope.event_id, moment, moment < batch.now)
    set_to = setting_stock.settle(command, grown_after, Told(cause, command.reason, command.document), world)
    if isinstance(set_to, Decision):
        return set_to
    difference = command.quantity - set_to.expected
    outcome = StockSet(command.sku, command.location, set_to.expected, difference, set_to.done.opened, set_to.available)
    if not any(set_to.done):
        return Decision(outcome)
    sku_id, location_id, _ = set_to.key
    data: dict[str, Any] = {
        "sku": command.sku, "location_id": location_id, "lot": command.lot, "counted": command.quantity,
        "expected": set_to.expected, "reason": command.reason, "document": command.document
    }  # fmt: skip
    if set_to.new_lot:
        data["new_lot"] = True
    if set_to.opened:
        data["shortages"] = set_to.opened
    if set_to.settled:
        data["settled"] = set_to.settled
    event = Event("stock_set", "sku", sku_id, moment, data)
    return Decision(outcome, event, set_to.postings, rows=set_to.rows, rows_exist=True)


VERB = Verb(
    noun="stock",
    verb="set",
    summary="Set stock to what was counted at a moment; what moved since is kept, the difference is found or lost.",
    command=SetStock,
    outcome=StockSet,
    refusals=setting_stock.REFUSALS,
    scope="stock:write",
    event="stock_set",
    example={
        "sku": "MUG-BLUE", "location": "HAM", "quantity": 118, "as_of": "2026-03-02T02:00:00+01:00", "document": "WMS-2026-03-02",
    },
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
