"""Finish stock feeds: what became of every row."""

import msgspec
from msgspec import Struct

from lading.database.pool import Transaction
from lading.inventory import store as inventory
from lading.inventory.commands import FinishStockFeed
from lading.inventory.types import StockFeed
from lading.journal.types import Decision, refused
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event

UNKNOWN_FEED = ("unknown_stock_feed", "There is no stock feed {reference}.")
FINISHED = ("stock_feed_finished", "Stock feed {reference} is finished already.")


class StockFeedFinished(Struct, frozen=True):
    """The feed with its sums."""

    reference: str
    rows: int
    unchanged: int
    applied: int
    zeroed: int
    not_taken: int


World = dict[str, StockFeed]


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The feeds, locked."""
    return await inventory.read_feeds(tx, (command.reference for command in batch.commands), lock=batch.lock)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_finish(command, world, batch) for command in batch.commands]


def _finish(command: FinishStockFeed, world: World, batch: Batch) -> Decision:
    feed = world.get(command.reference)
    if feed is None:
        return refused(UNKNOWN_FEED, "/reference", reference=command.reference)
    if feed.finished_at:
        return refused(FINISHED, "/reference", reference=command.reference)
    feed.finished_at = batch.now
    feed.rows_read, feed.unchanged, feed.applied = command.rows, command.unchanged, command.applied
    feed.zeroed, feed.not_taken = command.zeroed, sum(each.rows for each in command.not_taken)
    feed.trouble = command.trouble
    feed.report = msgspec.json.encode(command.not_taken).decode()
    data = {
        "reference": feed.reference, "rows": feed.rows_read, "unchanged": feed.unchanged, "applied": feed.applied,
        "zeroed": feed.zeroed, "not_taken": msgspec.to_builtins(command.not_taken), "trouble": feed.trouble,
    }  # fmt: skip
    outcome = StockFeedFinished(
        feed.reference, feed.rows_read, feed.unchanged, feed.applied, feed.zeroed, feed.not_taken
    )
    return Decision(outcome, Event("stock_feed_finished", "stock_feed", feed.id, batch.now, data), rows=[feed])


VERB = Verb(
    noun="stock-feeds",
    verb="finish",
    summary="Say what became of a stock feed; the worker does, once it has loaded it.",
    command=FinishStockFeed,
    outcome=StockFeedFinished,
    refusals=(UNKNOWN_FEED, FINISHED),
    scope="stock:write",
    event="stock_feed_finished",
    example={
        "reference": "WMS-2026-03-02", "rows": 1000, "unchanged": 950, "applied": 49,
        "not_taken": [{"reason": "unknown_sku", "sentence": "no product has this code", "rows": 1, "lines": [17]}],
    },
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
