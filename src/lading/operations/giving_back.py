"""Units of reservations whose time is over, for verbs that name the row of stock themselves: free when read, given back when needed.

Orders and reservations choose their stock and find this in `choosing_stock`. Whoever takes units off a named row counts what is over
there before it decides (`count_over`), decides as if it were available, and ends the reservations that its decisions need (`give_back`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lading.database.pool import Transaction
from lading.inventory import rules
from lading.inventory import store as inventory
from lading.inventory.types import Ended, Key, ReservationLine
from lading.journal.types import Decision
from lading.operations import choosing_stock
from lading.operations.registry import Batch
from lading.terms.ledger import End, Posting


@dataclass(slots=True)
class Over:
    """Reservations whose time is over, locked with their rows of stock."""

    lying: dict[Key, int] = field(default_factory=dict)
    """Units that are in the bucket `available` of those rows."""
    lines: dict[Key, list[ReservationLine]] = field(default_factory=dict)
    """The oldest first."""


async def count_over(
    tx: Transaction, batch: Batch, rows: Mapping[Key, dict[str, int]], wanted: Mapping[Key, int] | None = None
) -> Over:
    """Count as available what reservations hold whose time is over; the rows, locked before, are changed in place.

    `wanted` is how much may be taken of each row at most; nothing is read where that is available anyway.
    """
    missing: dict[Key, int] = {}
    for key, row in rows.items():
        units = row["reserved"] if wanted is None else wanted.get(key, 0) - rules.takeable(row, "available")
        if row["reserved"] and units > 0:
            missing[key] = min(units, row["reserved"])
    over = Over()
    found = await inventory.read_expired(tx, missing, batch.now) if missing else {}
    if batch.lock and found:
        locked = await inventory.lock_reservation_lines(tx, (line.id for lines in found.values() for line in lines))
        found = {key: [locked[line.id] for line in lines if line.id in locked] for key, lines in found.items()}
    for key, lines in found.items():
        over.lying[key] = rows[key]["available"]
        over.lines[key] = [line for line in lines if line.is_over(batch.now)]
        units = sum(line.quantity for line in over.lines[key])
        rows[key]["available"] += units
        rows[key]["reserved"] -= units
    return over


def give_back(decisions: list[Decision], over: Over, now: datetime) -> list[Decision]:
    """The decisions, with the reservations ended that must give back units for them; none more than needed."""
    if over.lines:
        for decision in decisions:
            ended = [each for posting in decision.postings for each in _needed(posting, over)]
            if ended and decision.event:
                endings = choosing_stock.end(ended, now)
                decision.postings = [*decision.postings, *endings.postings]
                decision.rows += endings.rows
                decision.event.data["reservations_ended"] = endings.told
    return decisions


def _needed(posting: Posting, over: Over) -> Sequence[Ended]:
    """The reservations that end for a posting."""
    if key := _row(posting, posting.target, over):
        over.lying[key] += posting.quantity
    key = _row(posting, posting.source, over)
    if key is None:
        return ()
    over.lying[key] -= posting.quantity
    ended = []
    while over.lying[key] < 0:
        line = over.lines[key].pop(0)
        over.lying[key] += line.quantity
        ended.append(Ended(line, "expired", line.quantity))
    return ended


def _row(posting: Posting, end: End | None, over: Over) -> Key | None:
    if end is None or end.bucket != "available" or end.location_id is None:
        return None
    key = (posting.sku_id, end.location_id, end.lot)
    return key if key in over.lines else None
