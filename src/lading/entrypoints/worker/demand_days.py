"""The reader of the feed that sums by day what orders took of each product at each location, so that a year of it is read without its
postings.

It reads when what to order, or days of cover, are counted, so that orders do not pay for it while they come in. It adds each event's
postings once: the sums and the cursor move in one transaction, and whoever was stopped goes on where that was.
"""

from lading.database import queries
from lading.database.pool import Database, Transaction
from lading.entrypoints.worker.following import follow

sql = queries.load(__file__)

CONSUMER = "demand_days"
EVENTS_MAX = 5_000


async def catch_up(database: Database, merchant_id: int) -> None:
    """Sum up to the head of the feed, a piece in each transaction."""
    going = True
    while going:
        async with database.write(merchant_id) as tx:
            going = await read_on(tx)


async def read_on(tx: Transaction) -> bool:
    """Take the next piece of the feed; False where there is nothing to take, or another worker is at it."""
    await tx.execute(sql.open_consumer, CONSUMER)
    return await follow(tx, CONSUMER, _add_to_days)


async def _add_to_days(tx: Transaction, position: int) -> int:
    last: int = await tx.fetchval(sql.add_to_demand, position, EVENTS_MAX)
    return last
