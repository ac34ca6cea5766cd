"""Loading and saving work orders."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from lading.assembly.types import LETTER, WorkLine, WorkOrder, WorkOrders
from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.documents import number_or_id

sql = queries.load(__file__)


async def load(tx: Transaction, refs: Iterable[str], *, lock: bool) -> WorkOrders:
    """The work orders that the references (W1043, or an id) mean, with their lines; unknown ones are left out.

    With `lock` their rows are locked first, in primary-key order; the lines are read in a later statement.
    """
    keys = {number_or_id(ref, LETTER) for ref in refs}
    ids = {key for key in keys if isinstance(key, UUID)}
    if numbers := sorted(key for key in keys if isinstance(key, int)):
        ids.update(row[0] for row in await tx.fetch(sql.work_order_ids, numbers))
    found = WorkOrders()
    if not ids:
        return found
    statement = sql.lock_work_orders if lock else sql.read_work_orders
    by_id = {row["id"]: WorkOrder(**dict(row)) for row in await tx.fetch(statement, sorted(ids))}
    for row in await tx.fetch(sql.read_work_order_lines, list(by_id)):
        by_id[row[0]].lines[row[1]] = WorkLine(*row[1:])
    for order in by_id.values():
        found.by_key[order.number] = found.by_key[order.id] = order
    return found


async def taken_references(tx: Transaction, references: Iterable[str]) -> dict[str, int]:
    """The numbers of the work orders that bear these references already."""
    wanted = sorted(set(references))
    return {row[0]: row[1] for row in await tx.fetch(sql.work_order_references, wanted)} if wanted else {}


async def insert_work_orders(tx: Transaction, orders: Sequence[WorkOrder]) -> int:
    """Rows written with their lines; fewer than given means that a reference was taken meanwhile."""
    names = "id number reference kind sku_id location_id quantity opened_at due_at version"
    written = await tx.execute(sql.insert_work_orders, *queries.columns(orders, names))
    if written == len(orders):
        await tx.execute(
            sql.insert_work_order_lines, *_lines(orders, "number role sku_id lot per_kit planned allocated")
        )
    return written


async def update_work_orders(tx: Transaction, orders: Sequence[WorkOrder]) -> None:
    """Save counters."""
    await tx.execute(sql.update_work_orders, *queries.columns(orders, "id completed cancelled closed_at version"))
    await tx.execute(sql.update_work_order_lines, *_lines(orders, "number allocated done cancelled"))


def _lines(orders: Sequence[WorkOrder], names: str) -> list[list[object]]:
    owners = [order for order in orders for _ in order.lines]
    lines = [line for order in orders for line in order.lines.values()]
    return [*queries.columns(owners, "id"), *queries.columns(lines, names)]
