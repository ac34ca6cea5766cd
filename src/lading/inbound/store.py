"""Loading and saving purchase orders, promises and the counts of who waits."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from lading.database import queries
from lading.database.pool import Transaction
from lading.inbound.rules import Outlook
from lading.inbound.types import Asn, Promise, PurchaseLine, PurchaseOrder, PurchaseOrders, Rank, Supply
from lading.terms.fields import EARLIEST

sql = queries.load(__file__)


async def references_taken(tx: Transaction, references: Iterable[str]) -> dict[str, int]:
    """The number of the purchase order that bears each of these references."""
    wanted = sorted(set(references))
    return {row[0]: row[1] for row in await tx.fetch(sql.ids_of_references, wanted)} if wanted else {}


async def load(tx: Transaction, refs: Iterable[str], *, lock: bool) -> PurchaseOrders:
    """The purchase orders that the references (PO1042, PO1042-A1, id) mean, with their lines; unknown ones are left out.

    Raises ValueError for what cannot be a reference. With `lock` their rows are locked first, in primary-key order; the
    lines are read in a later statement.
    """
    wanted = set(refs)
    numbers = {int(ref.partition("-")[0][2:]) for ref in wanted if ref.startswith("PO")}
    ids = {UUID(ref) for ref in wanted if not ref.startswith("PO")}
    if numbers:
        ids |= {row[1] for row in await tx.fetch(sql.ids_of_numbers, sorted(numbers))}
    found = PurchaseOrders()
    by_id: dict[UUID, PurchaseOrder] = {}
    for row in await tx.fetch(sql.lock_purchase_orders if lock else sql.read_purchase_orders, sorted(ids)):
        by_id[row[0]] = each = PurchaseOrder(*row)
        found.by_ref[each.name] = found.by_ref[str(each.id)] = each
    for row in await tx.fetch(sql.read_purchase_lines, list(by_id)):
        by_id[row[0]].lines[row[1]] = PurchaseLine(*row)
    for row in await tx.fetch(sql.read_asns, list(by_id)):
        by_id[row[0]].asns[row[1]] = Asn(*row)
    return found


async def save_purchase_orders(tx: Transaction, rows: Sequence[PurchaseOrder]) -> None:
    """New ones, and what changed of known ones, with their lines."""
    new = [row for row in rows if not row.stored]
    if new:
        await tx.execute(
            sql.insert_purchase_orders, *queries.columns(new, "id number reference supplier ordered_at version")
        )
    known = [row for row in rows if row.stored]
    if known:
        await tx.execute(sql.update_purchase_orders, *queries.columns(known, "id cancelled_at closed_at version"))
    lines = [line for row in rows for line in row.lines.values()]
    born = [line for line in lines if not line.stored]
    if born:
        names = "purchase_order_id number of_line asn sku_id location_id due_at ordered received damaged cancelled"
        await tx.execute(sql.insert_purchase_lines, *queries.columns(born, names))
    changed = [line for line in lines if line.stored]
    if changed:
        names = "purchase_order_id number due_at ordered received damaged cancelled"
        await tx.execute(sql.update_purchase_lines, *queries.columns(changed, names))


async def save_asns(tx: Transaction, rows: Sequence[Asn]) -> None:
    """New announcements, and those that were called off."""
    new = [row for row in rows if not row.stored]
    if new:
        names = "purchase_order_id number reference carrier tracking_number announced_at"
        await tx.execute(sql.insert_asns, *queries.columns(new, names))
    known = [row for row in rows if row.stored]
    if known:
        await tx.execute(sql.cancel_asns, *queries.columns(known, "purchase_order_id number cancelled_at"))


async def lock_backlog(tx: Transaction, sku_ids: Iterable[UUID]) -> None:
    """Lock the gates of these products, made where they are missing."""
    wanted = sorted(set(sku_ids))
    if wanted:
        await tx.execute(sql.open_backlog, wanted, [0] * len(wanted))
        await tx.execute(sql.lock_backlog, wanted)


async def read_backlog(tx: Transaction, sku_ids: Collection[UUID]) -> dict[UUID, list[tuple[Rank, int]]]:
    """Units that wait, by product and priority; each stands before whoever joins its priority now."""
    found: dict[UUID, list[tuple[Rank, int]]] = {sku_id: [] for sku_id in sku_ids}
    for sku_id, priority, waiting in await tx.fetch(sql.read_backlog, list(sku_ids)):
        found[sku_id].append(((-priority, EARLIEST, 0, 0), waiting))
    return found


async def read_outlooks(
    tx: Transaction,
    now: datetime,
    waiting: Mapping[UUID, Iterable[tuple[Rank, int]]],
    days_later: Callable[[UUID, UUID], int | None],
    ahead: Sequence[UUID] = (),
) -> dict[UUID, Outlook]:
    """What comes of these products for those who wait; of those sold `ahead` also what is there.

    `days_later`: so many days after it is due it counts, by (product, location); None: it does not.
    """
    supplies: dict[UUID, list[Supply]] = {}
    for sku_id, location_id, due_at, units in await tx.fetch(sql.read_expected, list(waiting)):
        days = days_later(sku_id, location_id)
        if days is not None:
            supplies.setdefault(sku_id, []).append(Supply(sku_id, due_at + timedelta(days=days), units))
    for sku_id, location_id, units in await tx.fetch(sql.read_there, list(ahead)) if ahead else ():
        if days_later(sku_id, location_id) is not None:
            supplies.setdefault(sku_id, []).append(Supply(sku_id, now, units))
    return {sku_id: Outlook(supplies.get(sku_id, ()), waits) for sku_id, waits in waiting.items()}


async def read_waiting(tx: Transaction, sku_ids: Collection[UUID]) -> list[Promise]:
    """Each line that waits for these products, with what it was told; without a date where it was told none."""
    return [Promise(*row) for row in await tx.fetch(sql.read_waiting, list(sku_ids))]


async def read_promises(tx: Transaction, order_ids: Iterable[UUID]) -> dict[tuple[UUID, int], datetime | None]:
    """The dates that were told for lines of these orders."""
    return {(row[0], row[1]): row[2] for row in await tx.fetch(sql.read_promises, sorted(order_ids))}


async def save_promises(tx: Transaction, rows: Sequence[Promise]) -> None:
    """Promises as they are now; those without a date go."""
    last = {(row.order_id, row.line_number): row for row in rows}
    kept = [last[key] for key in sorted(last) if last[key].promised_at]
    if kept:
        names = "order_id line_number sku_id quantity promised_at"
        await tx.execute(sql.save_promises, *queries.columns(kept, names))
    gone = [last[key] for key in sorted(last) if not last[key].promised_at]
    if gone:
        await tx.execute(sql.forget_promises, *queries.columns(gone, "order_id line_number"))


async def follow_backorders(
    tx: Transaction, waiting: Mapping[tuple[UUID, int], int], lines: Collection[tuple[UUID, int]]
) -> None:
    """Count what waits more or fewer (by product and priority), and let the promises of lines that waited before follow.

    Call when the units were posted. PostgreSQL's CHECK refuses a count below zero.
    """
    changed = [(*key, change) for key, change in sorted(waiting.items()) if change]
    if changed:
        columns = queries.transposed(changed, 3)
        await tx.execute(sql.open_backlog, *columns[:2])
        await tx.execute(sql.count_waiting, *columns)
    if lines:
        columns = queries.transposed(sorted(lines), 2)
        await tx.execute(sql.end_promises, *columns)
        await tx.execute(sql.follow_promises, *columns)
