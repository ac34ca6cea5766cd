"""Whose time has come: who did not answer loses what was asked, what is scheduled opens, and what nobody collected goes back."""

from datetime import datetime
from typing import Any

from lading.database import queries
from lading.database.pool import Database
from lading.fulfillment.pickups import ExpirePickup
from lading.fulfillment.requests import RejectFulfillmentOrder, ScheduleFulfillmentOrder
from lading.journal.types import Envelope
from lading.kernel.ids import new_id
from lading.operations.execute import Executor
from lading.operations.registry import verbs

sql = queries.load(__file__)

ACTOR = "worker:fulfillment"
PIECE = 200
"""Fulfillment orders in one batch."""


async def ask_on(database: Database, executor: Executor, merchant_id: int, now: datetime) -> int:
    """One batch of either kind, the longest over first; how many there were at most of one kind (PIECE: there may be more).

    Both commands look again whether the time is over, so they need no name that outlives this call.
    """
    async with database.read(merchant_id) as tx:
        unanswered = [row[0] for row in await tx.fetch(sql.unanswered_requests, now, PIECE)]
        uncollected = [row[0] for row in await tx.fetch(sql.due_pickups, now, PIECE)]
        due = [row[0] for row in await tx.fetch(sql.due_schedules, now, PIECE)]
    late = [RejectFulfillmentOrder(name, "not_accepted_in_time", only_over=True) for name in unanswered]
    opened = [ScheduleFulfillmentOrder(name, only_over=True) for name in due]
    over = [ExpirePickup(name, only_over=True) for name in uncollected]
    await _run(executor, merchant_id, "pickups.expire", over)
    await _run(executor, merchant_id, "fulfillment-orders.reject", late)
    await _run(executor, merchant_id, "fulfillment-orders.schedule", opened)
    return max(len(late), len(opened), len(over))


async def _run(executor: Executor, merchant_id: int, verb: str, commands: list[Any]) -> None:
    if commands:
        batch = [Envelope(new_id(), b"", ACTOR, command, new_id(), new_id()) for command in commands]
        await executor.run(merchant_id, verbs()[verb], batch)
