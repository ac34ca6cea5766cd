"""The reader of the feed that sums the money ledger by day and account, so that a month is read without its postings.

It adds each event's postings once: the sums and the cursor move in one transaction.
"""

from lading.database import queries
from lading.database.pool import Transaction

sql = queries.load(__file__)

CONSUMER = "ledger_days"
EVENTS_MAX = 2_000


async def read_on(tx: Transaction) -> bool:
    """Take the next piece of the feed; False where there is nothing to take, or another worker is at it."""
    position = await tx.fetchval(sql.claim_consumer, CONSUMER)
    if position is None:
        return False
    last = await tx.fetchval(sql.add_to_days, position, EVENTS_MAX)
    await tx.execute(sql.move_consumer, CONSUMER, last)
    return True
