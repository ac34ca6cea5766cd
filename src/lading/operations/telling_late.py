"""What is told of a shelf after somebody counted it, and had happened before: it was counted with the others.

The movement is posted as it is told. What the count (a count of shelves, a row that was set, a row of a snapshot) found or lost because
nobody had told of it yet is taken back, as of the moment of the count and by an event of its own: the book says what was counted. A count
of a zone says nothing of the rest of the shelf, and where a snapshot agreed with the book nobody wrote that down: what is told after
those counts as it comes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lading.counts import rules as count_rules
from lading.counts import store as counts
from lading.database.pool import Transaction
from lading.inventory import rules
from lading.inventory.types import Key
from lading.journal.types import Alongside, Decision, Envelope
from lading.kernel.ids import sibling_id
from lading.operations.registry import Batch
from lading.shortages import rules as shortage_rules
from lading.shortages import store as shortages
from lading.shortages.types import Cause, Shortage
from lading.terms.ledger import Event, Posting


@dataclass(slots=True)
class Counted:
    """Which shelves were counted after moments that the batch tells of, and what is short there."""

    first: Mapping[tuple[Key, datetime], tuple[datetime, str]] = field(default_factory=dict)
    """(when, by which document) a shelf was counted first after a moment."""
    shortages: dict[Key, list[Shortage]] = field(default_factory=dict)


async def read(
    tx: Transaction, batch: Batch, moved: Iterable[tuple[Key, datetime | None]], *, packed: bool = False
) -> Counted:
    """For movements of (row of stock, moment told or None), on the shelf or of packed units.

    Hold the rows' locks; nothing is asked where all is told in time.
    """
    late = {(key, at) for key, at in moved if at and at < batch.now}
    if not late or not (first := await counts.counted_after(tx, late, packed=packed)):
        return Counted()
    return Counted(first, await shortages.read_open(tx, {key for key, _ in first}))


def take_back(
    decision: Decision, envelope: Envelope[Any], counted: Counted, rows: Mapping[Key, dict[str, int]]
) -> Decision:
    """The decision, with what counts had found or lost because of it; `rows` are as the decision leaves them, and move on."""
    event = decision.event
    if event is None or not counted.first:
        return decision
    for key, change in _changes(decision).items():
        if change and (first := counted.first.get((key, event.occurred_at))):
            cause = Cause(sibling_id(envelope.event_id, 1 + len(decision.also)), first[0], True)
            counted.shortages.setdefault(key, []).extend(_opened(decision, key))
            decision.also = (*decision.also, _taken_back(key, -change, first[1], cause, envelope, counted, rows[key]))
    return decision


def given_back(counted: Counted, moved: Posting, at: datetime | None, row: Mapping[str, int]) -> int:
    """Of good units that leave a shelf which was counted since, those that come back: the count missed them, and they end no shortage."""
    end = moved.source
    if not counted.first or not at or end is None or end.location_id is None or end.bucket not in rules.GOOD:
        return 0
    if ((moved.sku_id, end.location_id, end.lot), at) not in counted.first:
        return 0
    return max(moved.quantity - row.get("short", 0), 0)


def _changes(decision: Decision) -> dict[Key, int]:
    """By how much the good units of each shelf grew, less those that fell short."""
    changes: dict[Key, int] = {}
    for posting in decision.postings:
        for end, units in ((posting.source, -posting.quantity), (posting.target, posting.quantity)):
            if end and end.location_id and end.bucket in rules.GOOD:
                key = (posting.sku_id, end.location_id, end.lot)
                changes[key] = changes.get(key, 0) + units
    for row in decision.rows:
        if isinstance(row, Shortage):
            changes[row.place] = changes.get(row.place, 0) - row.change
    return changes


def _opened(decision: Decision, key: Key) -> list[Shortage]:
    return [row for row in decision.rows if isinstance(row, Shortage) and row.place == key]


def _taken_back(
    key: Key, units: int, document: str, cause: Cause, envelope: Envelope[Any], counted: Counted, row: dict[str, int]
) -> Decision:
    done = count_rules.settle(units, row)
    row["available"] = row.get("available", 0) + done.found - done.lost
    row["short"] = row.get("short", 0) + done.opened - done.settled
    postings: list[Posting] = [
        rules.move(rules.ENDS[kind], *key, quantity)
        for kind, quantity in (("found", done.found), ("lost", done.lost))
        if quantity
    ]
    data: dict[str, Any] = {
        "location_id": key[1], "lot": key[2], "quantity": units, "document": document, "told": envelope.event_id,
    }  # fmt: skip
    there = counted.shortages.setdefault(key, [])
    short = shortage_rules.see(key, done.opened, done.settled, there, "told_late", document, cause)
    data |= {"shortages": short.opened} if short.opened else {}
    data |= {"settled": short.settled} if short.settled else {}
    event = Event("variance_taken_back", "sku", key[0], cause.occurred_at, data)
    return Decision(Alongside(), event, postings, rows=[*short.rows], rows_exist=True)
