"""Loading and saving what locations do. The order's lock guards it."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from lading.database import queries
from lading.database.pool import Transaction
from lading.fulfillment.types import Allocation, FulfillmentOrder, Work

sql = queries.load(__file__)

WorkByOrder = dict[UUID, Work]


async def read_work(tx: Transaction, order_ids: Iterable[UUID]) -> WorkByOrder:
    """Allocations and fulfillment orders of each order."""
    work: WorkByOrder = {id_: Work() for id_ in order_ids}
    for row in await tx.fetch(sql.read_allocations, list(work)):
        work[row[0]].allocations.append(Allocation(*row))
    for row in await tx.fetch(sql.read_fulfillment_orders, list(work)):
        work[row[0]].fulfillment_orders.append(FulfillmentOrder(*row))
    return work


async def save_allocations(tx: Transaction, allocations: Sequence[Allocation]) -> None:
    """Insert new ones, save what changed of the others."""
    new = [each for each in allocations if not each.stored]
    if new:
        names = "order_id number line_number sku_id location_id lot allocated"
        await tx.execute(sql.insert_allocations, *queries.columns(new, names))
    known = [each for each in allocations if each.stored]
    if known:
        names = "order_id number fulfillment_order allocated released picked packed"
        await tx.execute(sql.update_allocations, *queries.columns(known, names))


async def save_fulfillment_orders(tx: Transaction, fulfillment_orders: Sequence[FulfillmentOrder]) -> None:
    """Insert new ones, save what changed of the others."""
    new = [each for each in fulfillment_orders if not each.stored]
    if new:
        names = "order_id number location_id released_at priority released"
        await tx.execute(sql.insert_fulfillment_orders, *queries.columns(new, names))
    known = [each for each in fulfillment_orders if each.stored]
    if known:
        names = "order_id number released picked packed handed_over withdrawn"
        await tx.execute(sql.update_fulfillment_orders, *queries.columns(known, names))
