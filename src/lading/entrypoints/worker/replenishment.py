"""Counting what to order: product by product, from a year of demand, what is free, and what is on its way."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.database import queries
from lading.database.pool import Database, Transaction
from lading.entrypoints.worker import demand_days
from lading.inventory.replenishment import Hint, Terms, hint
from lading.kernel.ids import ZERO

sql = queries.load(__file__)

PIECE = 200
"""Products counted in one transaction."""
HISTORY = timedelta(days=364)
WEEK = timedelta(days=7)
"""A shorter history tells nothing of the days that it lacks: one good day is no daily demand."""

Place = tuple[UUID, UUID]
"""(SKU, location)"""


class Lying(NamedTuple):
    """What is free at a place, and what is on its way there."""

    free: int = 0
    inbound: int = 0


async def count_all(database: Database, merchant_id: int, now: datetime) -> int:
    """Sum the demand of the days, then count every product of the merchant, a piece in each transaction; how many pieces there were."""
    await demand_days.catch_up(database, merchant_id)
    after, pieces = ZERO, 0
    while True:
        async with database.write(merchant_id) as tx:
            after = await count(tx, after, now)
        pieces += 1
        if after == ZERO:
            return pieces


async def count(tx: Transaction, after: UUID, now: datetime) -> UUID:
    """Count the next products after an id; where to go on (ZERO: the end was reached)."""
    sku_ids = [row["id"] for row in await tx.fetch(sql.walk_skus, after, PIECE)]
    if not sku_ids:
        return ZERO
    today = now.astimezone(await catalog.read_zone(tx)).date()
    rows = await tx.fetch(sql.daily_demand, sku_ids, today - HISTORY, today)
    demand: dict[Place, dict[date, int]] = {}
    for sku_id, location_id, day, units in rows:
        demand.setdefault((sku_id, location_id), {})[day] = units
    lying = {(row[0], row[1]): Lying(row[2], row[3]) for row in await tx.fetch(sql.lying_and_coming, sku_ids)}
    _, policies = await catalog.read_setup(tx, sku_ids)
    hints = [
        _row(place, _history(demand.get(place, {}), today), lying.get(place, Lying()), terms_of(policies, place))
        for place in sorted(demand.keys() | lying.keys())
    ]
    columns = queries.transposed(hints, len(_COLUMNS))
    await tx.execute(sql.forget_hints, sku_ids, *columns[:2])
    await tx.execute(sql.write_hints, now.astimezone(UTC), *columns)
    return sku_ids[-1] if len(sku_ids) == PIECE else ZERO


_COLUMNS = (
    "sku_id location_id state pattern rank history_days asked_for rate_per_day cover_days free inbound exposed_days service_percent"
    " reorder_point order_up_to order_now"
).split()


def terms_of(policies: Policies, place: Place) -> Terms:
    """As the policies say for the product there."""
    sku_id, location_id = place

    def value(name: str) -> int:
        return int(policies.value(name, location=location_id, sku=sku_id))

    return Terms(
        value("lead_time_days"), value("review_days"), value("order_cycle_days"), value("service_percent"), value("overstock_days"),
        value("order_multiple"),
    )  # fmt: skip


def _history(by_day: Mapping[date, int], today: date) -> list[int]:
    """The demand of each day from the first one that had any up to yesterday, of a week at least."""
    if not by_day:
        return [0] * HISTORY.days
    first = min(min(by_day), today - WEEK)
    history = [0] * (today - first).days
    for day, units in by_day.items():
        history[(day - first).days] = units
    return history


def _row(place: Place, history: Sequence[int], lying: Lying, terms: Terms) -> tuple[Any, ...]:
    told = hint(history, lying.free, lying.inbound, terms)
    return (
        *place, told.state, told.pattern, rank(told), len(history), sum(history), told.rate_per_day, told.cover_days, lying.free,
        lying.inbound, terms.exposed_days, terms.service_percent, told.reorder_point, told.order_up_to, told.order,
    )  # fmt: skip


def rank(told: Hint) -> int:
    """The most urgent first: who sells most, who runs out first, who lies longest."""
    match told.state:
        case "stock_out":
            return -round(told.rate_per_day * 1_000)
        case "reorder":
            return round((told.cover_days or 0) * 1_000)
        case "overstock":
            return -round(min(told.cover_days or 1e9, 1e9) * 1_000)
        case _:
            return 0
