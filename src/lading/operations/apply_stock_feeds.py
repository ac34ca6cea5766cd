"""Apply stock feeds: rows of stock, up to a thousand in one command, are set to what a snapshot says (ADR 0021)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from lading.database.pool import Transaction
from lading.inventory import store as inventory
from lading.inventory.commands import ApplyStockFeed
from lading.inventory.types import StockFeed
from lading.journal.types import Decision, Envelope, refused
from lading.kernel.outcomes import Refusal
from lading.operations import setting_stock
from lading.operations.finish_stock_feeds import FINISHED, UNKNOWN_FEED
from lading.operations.giving_back import give_back
from lading.operations.registry import Batch, Verb
from lading.operations.setting_stock import Settled, Told
from lading.shortages.types import Cause
from lading.terms.ledger import Event, Posting

NO_SNAPSHOT = ("no_snapshot", "Stock feed {reference} holds changes: only a snapshot says how much lies there.")


class LineNotTaken(Struct, frozen=True):
    """A line of the command that the books refuse; the others are taken."""

    index: int
    """In the command, from 0."""
    refusal: Refusal


class StockFeedApplied(Struct, frozen=True):
    """How many lines are so now, and which ones were not taken."""

    reference: str
    applied: int
    not_taken: list[LineNotTaken]


@dataclass(slots=True)
class World:
    """The feeds, and the rows of stock that the commands name."""

    feeds: dict[str, StockFeed]
    stock: setting_stock.World


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The feeds, which are as they were received until they are finished; then the rows of stock, locked."""
    commands: list[ApplyStockFeed] = batch.commands
    feeds = await inventory.read_feeds(tx, (command.reference for command in commands), lock=False)
    seen = [
        (line, feeds[command.reference].as_of if command.reference in feeds else batch.now)
        for command in commands
        for line in command.lines
    ]
    return World(feeds, await setting_stock.read(tx, batch, seen))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; a row that is named twice was set before the second one looks."""
    grown = iter(world.stock.grown_after)
    decisions = [_apply(envelope, grown, world, batch) for envelope in batch.envelopes]
    return give_back(decisions, world.stock.stock.over, batch.now)


def _apply(envelope: Envelope[ApplyStockFeed], grown: Iterator[int], world: World, batch: Batch) -> Decision:
    command = envelope.command
    lines = [(line, next(grown)) for line in command.lines]
    feed = world.feeds.get(command.reference)
    if feed is None:
        return refused(UNKNOWN_FEED, "/reference", reference=command.reference)
    if feed.kind != "snapshot":
        return refused(NO_SNAPSHOT, "/reference", reference=command.reference)
    if feed.finished_at:
        return refused(FINISHED, "/reference", reference=command.reference)
    told_by = Told(Cause(envelope.event_id, feed.as_of, feed.as_of < batch.now), command.reason, feed.reference)
    taken: list[tuple[int, Settled]] = []
    not_taken: list[LineNotTaken] = []
    for index, (line, grown_after) in enumerate(lines):
        set_to = setting_stock.settle(line, grown_after, told_by, world.stock)
        if isinstance(set_to, Settled):
            taken.append((index, set_to))
        else:
            assert isinstance(set_to.outcome, Refusal)
            not_taken.append(LineNotTaken(index, set_to.outcome))
    outcome = StockFeedApplied(feed.reference, len(taken), not_taken)
    return _decided(outcome, command, feed, [each for each in taken if any(each[1].done)])


def _decided(
    outcome: StockFeedApplied, command: ApplyStockFeed, feed: StockFeed, changed: list[tuple[int, Settled]]
) -> Decision:
    if not changed:
        return Decision(outcome)
    postings: list[Posting] = []
    rows: list[object] = []
    data: dict[str, Any] = {
        "reference": feed.reference, "reason": command.reason, "document": feed.reference,
        "lines": [_told(command, index, set_to) for index, set_to in changed],
    }  # fmt: skip
    for _, set_to in changed:
        postings += set_to.postings
        rows += set_to.rows
        for name, told in (("shortages", set_to.opened), ("settled", set_to.settled)):
            if told:
                data.setdefault(name, []).extend(told)
        if set_to.new_lot:
            sku_id, _, lot = set_to.key
            data.setdefault("new_lots", []).append({"sku_id": sku_id, "lot": lot, "expires_on": None})
    event = Event("stock_feed_applied", "stock_feed", feed.id, feed.as_of, data)
    return Decision(outcome, event, postings, rows=rows, rows_exist=True)


def _told(command: ApplyStockFeed, index: int, set_to: Settled) -> dict[str, Any]:
    """A line as the journal keeps it; `line` is that of the file."""
    line, (sku_id, location_id, lot) = command.lines[index], set_to.key
    return {
        "line": line.line, "sku_id": sku_id, "location_id": location_id, "lot": lot, "counted": line.quantity,
        "expected": set_to.expected,
    }  # fmt: skip


VERB = Verb(
    noun="stock-feeds",
    verb="apply",
    summary="Set rows of stock to what a snapshot says; the worker does, for those that are not as it says.",
    command=ApplyStockFeed,
    outcome=StockFeedApplied,
    refusals=(UNKNOWN_FEED, NO_SNAPSHOT, FINISHED),
    scope="stock:write",
    event="stock_feed_applied",
    example={
        "reference": "WMS-2026-03-02", "lines": [{"line": 2, "sku": "MUG-BLUE", "location": "HAM", "quantity": 118}],
    },
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
