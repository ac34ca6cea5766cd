"""What ends when its time is over: holds, prepared edits, questions to locations, schedules, parcels that nobody collects."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from lading.database import queries
from lading.database.pool import Database
from lading.fulfillment.pickups import ExpirePickup
from lading.fulfillment.requests import RejectFulfillmentOrder, ScheduleFulfillmentOrder
from lading.journal.types import own_envelope
from lading.operations import preparing
from lading.operations.execute import Executor
from lading.operations.registry import verbs
from lading.orders.commands import ReleaseHold
from lading.orders.edit_commands import DropEdit

sql = queries.load(__file__)

PIECE = 200
"""Commands in one batch."""


@dataclass(frozen=True, slots=True)
class Over:
    """One kind of it. The command looks again whether the time is over, so that it needs no name that outlives a call."""

    actor: str
    verb: str
    due: str
    """Statement: what is over by then, the oldest first, so many."""
    command: Callable[[asyncpg.Record], Any]

    async def end(self, database: Database, executor: Executor, merchant_id: int, now: datetime) -> int:
        """One batch; how many there were (PIECE: there may be more)."""
        async with database.read(merchant_id) as tx:
            batch = [own_envelope(self.actor, self.command(row)) for row in await tx.fetch(self.due, now, PIECE)]
        if batch:
            await executor.run(merchant_id, verbs()[self.verb], batch)
        return len(batch)


HOLDS = Over("worker:holds", "holds.release", sql.due_holds, lambda row: ReleaseHold(str(row[0]), only_over=True))
EDITS = Over(
    "worker:edits", "edits.drop", sql.due_edits, lambda row: DropEdit(preparing.name(*row), reason=preparing.OVER)
)
_LOCATIONS = "worker:fulfillment"
AT_LOCATIONS = (
    Over(_LOCATIONS, "pickups.expire", sql.due_pickups, lambda row: ExpirePickup(row[0], only_over=True)),
    Over(
        _LOCATIONS, "fulfillment-orders.reject", sql.unanswered_requests,
        lambda row: RejectFulfillmentOrder(row[0], "not_accepted_in_time", only_over=True),
    ),
    Over(_LOCATIONS, "fulfillment-orders.schedule", sql.due_schedules, lambda row: ScheduleFulfillmentOrder(row[0], only_over=True)),
)  # fmt: skip


async def end_at_locations(database: Database, executor: Executor, merchant_id: int, now: datetime) -> int:
    """One batch of each kind; how many there were at most of one (PIECE: there may be more)."""
    return max([await each.end(database, executor, merchant_id, now) for each in AT_LOCATIONS])
