"""Dropping prepared edits whose time is over. Nobody waits for it: they are not confirmed any more, whether it ran or not."""

from datetime import datetime

from lading.database import queries
from lading.database.pool import Database
from lading.journal.types import own_envelope
from lading.operations import preparing
from lading.operations.execute import Executor
from lading.operations.registry import verbs
from lading.orders.commands import DropEdit

sql = queries.load(__file__)

ACTOR = "worker:edits"
VERB = "edits.drop"
PIECE = 500


async def drop(database: Database, executor: Executor, merchant_id: int, now: datetime) -> int:
    """One batch of edits that are over by then, the oldest first; how many there were (PIECE: there may be more).

    Dropping twice does nothing, so the commands need no name that outlives this call.
    """
    async with database.read(merchant_id) as tx:
        due = [preparing.name(*row) for row in await tx.fetch(sql.due_edits, now, PIECE)]
    if due:
        batch = [own_envelope(ACTOR, DropEdit(edit, reason=preparing.OVER)) for edit in due]
        await executor.run(merchant_id, verbs()[VERB], batch)
    return len(due)
