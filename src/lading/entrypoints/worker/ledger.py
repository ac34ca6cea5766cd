"""The reader of the feed that sums the money ledger by day and account, so that a month is read without its postings.

It adds each event's postings once: the sums and the cursor move in one transaction.
"""

from lading.database import queries
from lading.database.pool import Transaction
from lading.entrypoints.worker.following import follow

sql = queries.load(__file__)

CONSUMER = "ledger_days"
EVENTS_MAX = 2_000


async def read_on(tx: Transaction) -> bool:
    """Take the next piece of the feed; False where there is nothing to take, or another worker is at it."""
    return await follow(tx, CONSUMER, _add_to_days)


async def _add_to_days(tx: Transaction, position: int) -> int:
    last: int = await tx.fetchval(sql.add_to_days, position, EVENTS_MAX)
    return last
