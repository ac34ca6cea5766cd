"""What the verbs of a count have in common: finding it, and telling where it stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.counts import store
from lading.counts.types import Counts, StockCount
from lading.database.pool import Transaction
from lading.inventory import store as inventory
from lading.journal.types import Decision, Envelope, refused
from lading.operations.registry import Batch
from lading.operations.shelves import Shelves
from lading.terms.ledger import Event

UNKNOWN_COUNT = ("unknown_count", "There is no count {count}.")
NOT_OPEN = ("not_open", "{count} is {status} already.")
VERSION_CONFLICT = ("version_conflict", "{count} has version {version} by now, not {expected}: look at it again.")
UNKNOWN_LINE = ("unknown_line", "{count} has no line {line}.")


class CountState(Struct, frozen=True):
    """Where a count stands."""

    count: str
    id: UUID
    status: str
    version: int
    lines: int
    uncounted: int
    """Lines of which nobody said yet what the wanted pass found."""


@dataclass(slots=True)
class World:
    """Counts, and the rows of stock that they look at."""

    counts: Counts
    shelves: Shelves = field(default_factory=lambda: Shelves({}))


async def load(tx: Transaction, batch: Batch) -> Counts:
    """The counts that the commands name, locked."""
    return await store.load(tx, (command.count for command in batch.commands), lock=batch.lock)


def find(counts: Counts, ref: str, expected_version: int | None = None) -> StockCount | Decision:
    """The open count, or why nothing can be done with it."""
    count = counts.find(ref)
    if count is None:
        return refused(UNKNOWN_COUNT, "/count", count=ref)
    if expected_version is not None and expected_version != count.version:
        return refused(
            VERSION_CONFLICT, "/expected_version", count=count.name, version=count.version, expected=expected_version
        )
    if count.status != "open":
        return refused(NOT_OPEN, "/count", count=count.name, status=count.status)
    return count


def keys(counts: Iterable[StockCount]) -> set[inventory.Key]:
    """The rows of stock of all lines."""
    return {(line.sku_id, count.location_id, line.lot) for count in counts for line in count.lines.values()}


def uncounted(count: StockCount) -> list[int]:
    """Lines without what the wanted pass found."""
    return [number for number, line in count.lines.items() if line.entry is None]


def state(count: StockCount) -> CountState:
    """Where it stands."""
    return CountState(count.name, count.id, count.status, count.version, len(count.lines), len(uncounted(count)))


def event(count: StockCount, kind: str, batch: Batch, data: Mapping[str, Any]) -> Event:
    """What happened to the count, which has one more version by it."""
    count.version += 1
    told = {"count": count.name, "location_id": count.location_id, **data}
    return Event(kind, "count", count.id, batch.now, told)


def actor(envelope: Envelope[Any]) -> str:
    """Who counts, or approves."""
    return envelope.actor
