"""Counting how much is asked for of each product at each location: what days of cover are taken of.

It is summed from the demand of the days, product by product, and written down; nothing else ever looks at more than the written figures. It
is done only where a rule keeps days of cover back.
"""

from datetime import datetime
from uuid import UUID

from lading.catalog import store as catalog
from lading.database import queries
from lading.database.pool import Transaction
from lading.entrypoints.worker import demand_days
from lading.inventory.keeping import DEMAND_WINDOW
from lading.kernel.ids import ZERO

sql = queries.load(__file__)

PIECE = 500


async def count(tx: Transaction, after: UUID, now: datetime) -> UUID | None:
    """Count the next products after an id; where to go on: ZERO at the end, None where no rule looks at it."""
    if not await tx.fetchval(sql.days_are_kept):
        return None
    sku_ids = [row["id"] for row in await tx.fetch(sql.walk_skus, after, PIECE)]
    if not sku_ids:
        return ZERO
    await demand_days.read_on(tx)
    today = now.astimezone(await catalog.read_zone(tx)).date()
    rows = await tx.fetch(sql.asked_for, sku_ids, today - DEMAND_WINDOW)
    columns = queries.transposed([tuple(row) for row in rows], 3)
    await tx.execute(sql.forget_demand, sku_ids, *columns[:2])
    await tx.execute(sql.write_demand, *columns, DEMAND_WINDOW.days, now)
    return sku_ids[-1] if len(sku_ids) == PIECE else ZERO
