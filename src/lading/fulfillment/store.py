"""Loading and saving what locations do. The order's lock guards it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

import asyncpg

from lading.database import queries
from lading.database.pool import Transaction
from lading.fulfillment.booking import Booking, Bookings, CapacityDay, Diary
from lading.fulfillment.types import Allocation, FulfillmentOrder, Pickup, Work
from lading.terms.days import Booked, DayKey

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
        if any(each.ship_on for each in new):
            await tx.execute(sql.insert_dated_allocations, *queries.narrowed(queries.columns(new, f"{names} ship_on")))
        else:
            await tx.execute(sql.insert_allocations, *queries.narrowed(queries.columns(new, names)))
    known = [each for each in allocations if each.stored or each.fulfillment_order is not None]
    if known:
        names = "order_id number fulfillment_order allocated released picked packed put_back"
        await tx.execute(sql.update_allocations, *queries.columns(known, names))


async def save_fulfillment_orders(tx: Transaction, fulfillment_orders: Sequence[FulfillmentOrder]) -> None:
    """Insert new ones, save what changed of the others."""
    new = [each for each in fulfillment_orders if not each.stored]
    if new:
        names = (
            "order_id number location_id released_at priority released picked packed ship_on request answer_by scheduled_for"
            " pickup_at ship_to_id"
        )
        await tx.execute(sql.insert_fulfillment_orders, *queries.columns(new, names))
    known = [each for each in fulfillment_orders if each.stored]
    if known:
        names = (
            "order_id number released picked packed handed_over withdrawn rejected short moved request answer_by"
            " scheduled_for ship_on priority"
        )
        await tx.execute(sql.update_fulfillment_orders, *queries.columns(known, names))


async def read_pickups(tx: Transaction, order_ids: Iterable[UUID]) -> dict[tuple[UUID, int], Pickup]:
    """What waits, or waited, at counters, by order and parcel."""
    rows = await tx.fetch(sql.read_pickups, sorted(order_ids))
    return {(row[0], row[1]): Pickup(*row) for row in rows}


async def save_pickups(tx: Transaction, pickups: Sequence[Pickup]) -> None:
    """Insert new ones, save what changed of the others."""
    if new := [each for each in pickups if not each.stored]:
        await tx.execute(
            sql.insert_pickups, *queries.columns(new, "order_id parcel location_id code ready_at collect_by")
        )
    if known := [each for each in pickups if each.stored or each.ended_as]:
        names = "order_id parcel collect_by ended_as ended_at proof collected_by"
        await tx.execute(sql.update_pickups, *queries.columns(known, names))


async def read_capacity(tx: Transaction, location_ids: Iterable[UUID], since: date) -> dict[DayKey, CapacityDay]:
    """What is taken of the days of these locations; no lock."""
    return _days(await tx.fetch(sql.read_capacity, sorted(location_ids), since))


async def lock_days(tx: Transaction, keys: Iterable[DayKey], *, wait: bool = True) -> dict[DayKey, CapacityDay]:
    """Those days, locked; without `wait`, only those that nobody holds."""
    wanted = sorted(keys)
    if not wanted:
        return {}
    return _days(await tx.fetch(sql.lock_days if wait else sql.lock_free_days, *queries.transposed(wanted, 2)))


async def open_days(tx: Transaction, days: Mapping[DayKey, Booked]) -> None:
    """Rows for days of which nothing is taken yet, by the limit of whoever comes first; waits for others who open them."""
    if days:
        wanted = sorted((*key, each.counts, each.cap, 0, 0) for key, each in days.items())
        await tx.execute(sql.insert_days, *queries.transposed(wanted, 6))


def _days(rows: Sequence[asyncpg.Record]) -> dict[DayKey, CapacityDay]:
    return {(row[0], row[1]): CapacityDay(*row) for row in rows}


async def read_diary(tx: Transaction, work: WorkByOrder, *, lock: bool) -> Diary:
    """What the orders hold of the days of locations, and those days, locked. No statement where no allocation has a day."""
    bookings = await read_bookings(tx, work)
    keys = sorted({key for each in bookings.values() for key in each})
    if not keys:
        return Diary()
    statement = sql.lock_days if lock else sql.read_days
    return Diary(_days(await tx.fetch(statement, *queries.transposed(keys, 2))), bookings)


async def read_bookings(tx: Transaction, work: WorkByOrder) -> Bookings:
    """What the orders hold of the days of locations. No statement where no allocation has a day."""
    ids = [id_ for id_, each in work.items() if any(allocation.ship_on for allocation in each.allocations)]
    bookings: Bookings = {}
    if ids:
        for row in await tx.fetch(sql.read_bookings, ids):
            bookings.setdefault(row[0], {})[(row[1], row[2])] = Booking(*row)
    return bookings


async def save_days(tx: Transaction, days: Sequence[CapacityDay]) -> bool:
    """Save how much is taken; False where somebody else opened one of the days meanwhile."""
    names = "location_id day counts cap orders units"
    new = sorted((day for day in days if not day.stored), key=lambda day: day.key)
    if new and await tx.execute(sql.insert_days, *queries.columns(new, names)) != len(new):
        return False
    known = [day for day in days if day.stored]
    if known:
        await tx.execute(sql.update_days, *queries.columns(known, names))
    return True


async def save_bookings(tx: Transaction, bookings: Sequence[Booking]) -> None:
    """Insert new ones, save what changed of the others."""
    names = "order_id location_id day units"
    new = [each for each in bookings if not each.stored]
    if new:
        await tx.execute(sql.insert_bookings, *queries.columns(new, names))
    known = [each for each in bookings if each.stored]
    if known:
        await tx.execute(sql.update_bookings, *queries.columns(known, names))
