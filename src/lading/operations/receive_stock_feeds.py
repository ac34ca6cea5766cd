"""Receive stock feeds: a file that was handed in is queued, and the worker loads it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.types import Network
from lading.database.pool import Transaction
from lading.inventory import store as inventory
from lading.inventory.commands import ReceiveStockFeed
from lading.inventory.types import StockFeed
from lading.journal.types import Decision, Envelope, refused
from lading.operations.moving_stock import UNKNOWN_LOCATION
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event

UNKNOWN_FILE = ("unknown_file", "No file with this SHA-256 was handed in: POST it to /v1/files first.")
REFERENCE_TAKEN = (
    "reference_taken",
    "There is a stock feed {reference} already; each feed has a reference of its own.",
)


class StockFeedReceived(Struct, frozen=True):
    """The feed in its queue."""

    id: UUID
    reference: str
    kind: str
    as_of: datetime


@dataclass(slots=True)
class World:
    """Locations, files, and the feeds that bear the references of the batch."""

    network: Network
    files: set[bytes]
    feeds: dict[str, StockFeed]


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """All of it; nothing is locked, for the unique reference decides a race."""
    commands: list[ReceiveStockFeed] = batch.commands
    return World(
        await catalog.read_network(tx),
        await inventory.files_there(tx, (bytes.fromhex(command.file) for command in commands)),
        await inventory.read_feeds(tx, (command.reference for command in commands), lock=False),
    )


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; a reference is taken once."""
    return [_receive(envelope, world, batch) for envelope in batch.envelopes]


def _receive(envelope: Envelope[ReceiveStockFeed], world: World, batch: Batch) -> Decision:
    command = envelope.command
    location = world.network.location_by_code(command.location) if command.location else None
    if command.location and location is None:
        return refused(UNKNOWN_LOCATION, "/location", location=command.location)
    digest = bytes.fromhex(command.file)
    if digest not in world.files:
        return refused(UNKNOWN_FILE, "/file")
    if command.reference in world.feeds:
        return refused(REFERENCE_TAKEN, "/reference", reference=command.reference)
    feed = StockFeed(
        envelope.fresh_id, command.reference, command.kind, command.complete, min(command.as_of or batch.now, batch.now),
        location.id if location else None, digest, batch.now, stored=False,
    )  # fmt: skip
    world.feeds[command.reference] = feed
    data = {
        "reference": feed.reference, "kind": feed.kind, "complete": feed.complete, "as_of": feed.as_of,
        "location_id": feed.location_id, "file": command.file,
    }  # fmt: skip
    event = Event("stock_feed_received", "stock_feed", feed.id, batch.now, data)
    return Decision(StockFeedReceived(feed.id, feed.reference, feed.kind, feed.as_of), event, rows=[feed])


VERB = Verb(
    noun="stock-feeds",
    verb="receive",
    summary="Queue a file of stock, a snapshot as of a moment or changes; the worker loads it and reports on every row.",
    command=ReceiveStockFeed,
    outcome=StockFeedReceived,
    refusals=(UNKNOWN_LOCATION, UNKNOWN_FILE, REFERENCE_TAKEN),
    scope="stock:write",
    event="stock_feed_received",
    example={
        "reference": "WMS-2026-03-02",
        "file": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "as_of": "2026-03-02T02:00:00+01:00",
        "location": "HAM",
    },
    prefetch=prefetch,
    decide=decide,
    creates=True,
)
