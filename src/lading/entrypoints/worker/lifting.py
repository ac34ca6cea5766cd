"""Lifting the holds whose time is over: a window of remorse, a hold that somebody placed until a date."""

from datetime import datetime

from lading.database import queries
from lading.database.pool import Database
from lading.journal.types import own_envelope
from lading.operations.execute import Executor
from lading.operations.registry import verbs
from lading.orders.commands import ReleaseHold

sql = queries.load(__file__)

ACTOR = "worker:holds"
VERB = "holds.release"
PIECE = 500
"""Orders in one batch."""


async def lift(database: Database, executor: Executor, merchant_id: int, now: datetime) -> int:
    """One batch of orders with a hold that is over by then, the oldest first; how many there were (PIECE: there may be more).

    Lifting twice does nothing, so the commands need no name that outlives this call.
    """
    async with database.read(merchant_id) as tx:
        due = [str(row[0]) for row in await tx.fetch(sql.due_holds, now, PIECE)]
    commands = [ReleaseHold(order, only_over=True) for order in due]
    batch = [own_envelope(ACTOR, command) for command in commands]
    if batch:
        await executor.run(merchant_id, verbs()[VERB], batch)
    return len(due)
