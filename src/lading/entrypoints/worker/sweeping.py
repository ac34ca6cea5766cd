"""Forgetting commands that are older than the promise to answer them again."""

from datetime import datetime, timedelta
from uuid import UUID

from lading.database import queries
from lading.database.pool import Transaction

sql = queries.load(__file__)

KEPT = timedelta(days=35)
PIECE = 1_000
FIRST = UUID(int=0)


async def sweep(tx: Transaction, after: UUID, now: datetime) -> tuple[UUID, int]:
    """Look at the next piece of the command table after an id, delete what is too old.

    Where to go on (FIRST: the end was reached, begin anew later), and how many rows were deleted.
    """
    row = await tx.fetchrow(sql.oldest_commands, after, PIECE, now - KEPT)
    assert row is not None
    return (FIRST if row["looked_at"] < PIECE else row["last"]), row["deleted"]
