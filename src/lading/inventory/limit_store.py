"""Reading, locking and saving what limits products."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from lading.database import queries
from lading.database.pool import Transaction
from lading.database.queries import columns, transposed
from lading.inventory.limits import ROOT, Claim, Limits, Pinned, Pool, PoolUse, Shortened, Tree
from lading.inventory.types import ReservationLine

sql = queries.load(__file__)

Taken = dict[tuple[UUID, int], dict[UUID, int]]
"""Units that count for pools, by (order, line) and pool."""


async def lock_gate(tx: Transaction, sku_ids: Iterable[UUID]) -> None:
    """Hold the gate of those of these products that have limits: nobody else promises units of them until the commit."""
    await tx.fetch(sql.lock_limited, sorted(set(sku_ids)))


async def lock_for_first_limit(tx: Transaction, sku_ids: Iterable[UUID], unlimited: Iterable[UUID]) -> None:
    """Hold the gate of these products; of those without limits so far all stock is locked too, so that nobody sells past the first."""
    await tx.fetch(sql.lock_products_to_limit, sorted(set(sku_ids)))
    if wanted := sorted(set(unlimited)):
        await tx.fetch(sql.lock_all_stock, wanted)


async def read_tree(tx: Transaction) -> Tree:
    """Where locations and groups stand."""
    return {row[0]: row[1] for row in await tx.fetch(sql.read_tree)}


async def read_limits(
    tx: Transaction, sku_ids: Iterable[UUID], now: datetime, named: Iterable[UUID] = ()
) -> dict[UUID, Limits]:
    """What limits these products; call under their gate. Claims of the reservations that are named are told apart."""
    wanted = sorted(set(sku_ids))
    limits = {sku_id: Limits(tree={}) for sku_id in wanted}
    for row in await tx.fetch(sql.read_pools, wanted):
        limits[row["sku_id"]].pools.append(Pool(*row))
    for sku_id, group_id, channel_id, units, *key in await tx.fetch(sql.read_claims, wanted, now, list(named)):
        limits[sku_id].claims.append(Claim(group_id or ROOT, units, channel_id, (key[0], key[1]) if key[0] else None))
    if pooled := [sku_id for sku_id in wanted if limits[sku_id].pools]:
        for sku_id, location_id, channel_id, units in await tx.fetch(sql.read_reserved, pooled, now):
            limits[sku_id].reserved.append((location_id, channel_id, units))
    tree = await read_tree(tx)
    for each in limits.values():
        each.tree = tree
    return limits


async def read_pools(tx: Transaction, sku_ids: Iterable[UUID]) -> dict[tuple[UUID, str], Pool]:
    """Pools by product and code, active or not; call under the gate."""
    rows = await tx.fetch(sql.read_pools_by_code, sorted(set(sku_ids)))
    return {(row["sku_id"], row["code"]): Pool(*row) for row in rows}


async def read_groups(tx: Transaction, codes: Iterable[str]) -> dict[str, UUID]:
    """Groups of locations by code."""
    return {row[0]: row[1] for row in await tx.fetch(sql.read_groups, sorted(set(codes)))}


async def limit_skus(tx: Transaction, sku_ids: Iterable[UUID]) -> None:
    """Whoever promises these products goes through the gate from now on."""
    await tx.execute(sql.limit_skus, sorted(set(sku_ids)))


async def save_pools(tx: Transaction, pools: Sequence[Pool]) -> int:
    """Pools written, without what is taken of them."""
    rows = [
        (pool.id, pool.sku_id, pool.code, pool.kind, ",".join(map(str, pool.channel_ids)), pool.group_id, pool.quantity,
         pool.active, pool.version)
        for pool in pools
    ]  # fmt: skip
    return await tx.execute(sql.save_pools, *transposed(rows, 9))


async def read_pool_takes(tx: Transaction, order_ids: Iterable[UUID]) -> Taken:
    """What lines of these orders count for; the lock of the order guards it."""
    taken: Taken = {}
    for order_id, line_number, pool_id, quantity in await tx.fetch(sql.read_pool_takes, sorted(set(order_ids))):
        taken.setdefault((order_id, line_number), {})[pool_id] = quantity
    return taken


async def count_pool_uses(tx: Transaction, uses: Sequence[PoolUse]) -> None:
    """Count units for pools and lines; several uses of a line and pool are one."""
    sums: dict[tuple[UUID, int, UUID], int] = {}
    for use in uses:
        key = (use.order_id, use.line_number, use.pool_id)
        sums[key] = sums.get(key, 0) + use.quantity
    summed = [PoolUse(*key, units) for key, units in sorted(sums.items())]
    keys = columns(summed, "order_id line_number pool_id")
    await tx.execute(sql.create_pool_takes, *keys)
    await tx.fetch(sql.lock_pools, sorted({use.pool_id for use in summed}))
    await tx.execute(sql.count_pool_takes, *keys, [use.quantity for use in summed])


async def read_all_claims(tx: Transaction, sku_ids: Iterable[UUID], now: datetime) -> list[ReservationLine]:
    """Each claim of these products whose time is not over; no lock."""
    return [ReservationLine(*row) for row in await tx.fetch(sql.read_all_claims, sorted(set(sku_ids)), now)]


async def kept_of(tx: Transaction, code: str | None, now: datetime, most: int) -> dict[UUID, str]:
    """Products (of that code) of which units are claimed or kept for channels, by id with their codes."""
    return {row[0]: row[1] for row in await tx.fetch(sql.kept_of, code, now, most)}


async def shorten_claims(tx: Transaction, shortened: Sequence[Shortened]) -> None:
    """Save how many units claims keep now."""
    rows = [(*each.line.id, each.line.quantity) for each in shortened]
    await tx.execute(sql.shorten_claims, *transposed(rows, 3))


async def pin_claims(tx: Transaction, pinned: Sequence[Pinned]) -> None:
    """Save the place that claims have now."""
    rows = [(*each.line.id, each.line.location_id, each.line.lot, each.line.quantity) for each in pinned]
    await tx.execute(sql.pin_claims, *transposed(rows, 5))
