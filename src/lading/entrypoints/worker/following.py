"""How a reader follows the journal's feed: what it did and where it stands move in one transaction."""

from collections.abc import Awaitable, Callable

from lading.database import queries
from lading.database.pool import Transaction

sql = queries.load(__file__)

Take = Callable[[Transaction, int], Awaitable[int]]
"""Works on the next events after a position; the position of the last of them."""


async def follow(tx: Transaction, consumer: str, take: Take) -> bool:
    """Take the next piece of the feed; False where there is nothing to take, or another worker is at it."""
    position = await tx.fetchval(sql.claim_consumer, consumer)
    if position is None:
        return False
    await tx.execute(sql.move_consumer, consumer, await take(tx, position))
    return True
