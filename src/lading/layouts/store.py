"""Loading and saving the plans of warehouses."""

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec
from msgspec import Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.layouts.types import Layout

sql = queries.load(__file__)


class _Plan(Struct):
    """As the row keeps it."""

    cross_cm: list[int]
    aisles: list[tuple[str, int]]


async def read_layouts(tx: Transaction, location_ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, Layout]:
    """The plans of these locations; those without one are left out."""
    if not location_ids:
        return {}
    found = {}
    for id_, depot, text, version in await tx.fetch(
        sql.lock_layouts if lock else sql.read_layouts, sorted(location_ids)
    ):
        plan = msgspec.json.decode(text, type=_Plan)
        found[id_] = Layout(id_, depot, plan.cross_cm, dict(plan.aisles), version)
    return found


async def save_layouts(tx: Transaction, layouts: Sequence[Layout]) -> int:
    """Rows written; fewer than given where somebody else saved one meanwhile."""
    plans = [msgspec.json.encode(_Plan(list(each.crosses), list(each.aisles.items()))).decode() for each in layouts]
    ids, depots, versions = queries.columns(layouts, "location_id depot version")
    return await tx.execute(sql.save_layouts, ids, depots, plans, versions)
