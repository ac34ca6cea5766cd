"""Reading, locking and saving lots, serial numbers, and what was taken back of events."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from lading.database import queries
from lading.database.pool import Transaction
from lading.inventory.types import EventCorrection, Key, LotRow, Serial, Shelf

sql = queries.load(__file__)

LotKey = tuple[UUID, str]
"""(SKU, lot)"""

SerialKey = tuple[UUID, str]
"""(SKU, serial)"""

Lots = dict[LotKey, LotRow]
Serials = dict[SerialKey, Serial]


def dated(sku_id: UUID, shelves: Iterable[Shelf], lots: Lots) -> list[Shelf]:
    """Shelves with the dates of their lots, without those of lots that are held or recalled."""
    kept = []
    for shelf in shelves:
        lot = lots.get((sku_id, shelf.lot))
        if lot is not None:
            if lot.status != "ok":
                continue
            shelf.expires_on, shelf.received_at = lot.expires_on, lot.received_at
        kept.append(shelf)
    return kept


async def read_lots(tx: Transaction, keys: Iterable[LotKey], *, lock: bool = False) -> Lots:
    """Lots by key; those that nobody knows are left out."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    rows = await tx.fetch(sql.lock_lots if lock else sql.read_lots, *queries.transposed(wanted, 2))
    return {(row[0], row[1]): LotRow(*row) for row in rows}


async def keep_lots(tx: Transaction, keys: Iterable[LotKey]) -> Lots:
    """Lots by key, as they stay until we are done: nobody stops one of them meanwhile. Asked after the lock of their stock."""
    wanted = sorted(set(keys))
    rows = await tx.fetch(sql.keep_lots, *queries.transposed(wanted, 2)) if wanted else ()
    return {(row[0], row[1]): LotRow(*row) for row in rows}


async def save_lots(tx: Transaction, rows: Sequence[LotRow]) -> int:
    """Rows written; fewer than given means that somebody else saved one meanwhile."""
    return await tx.execute(sql.save_lots, *queries.columns(rows, "sku_id lot expires_on received_at status version"))


async def serials_of_orders(tx: Transaction, order_ids: Iterable[UUID]) -> list[SerialKey]:
    """The serials that left, or leave, with these orders. The lock on an order guards them."""
    return [(row[0], row[1]) for row in await tx.fetch(sql.serials_of_orders, sorted(set(order_ids)))]


async def serials_of_transfers(tx: Transaction, transfer_ids: Iterable[UUID]) -> list[SerialKey]:
    """The serials that are on their way with these transfers. The lock on a transfer guards them."""
    return [(row[0], row[1]) for row in await tx.fetch(sql.serials_of_transfers, sorted(set(transfer_ids)))]


async def read_serials(tx: Transaction, keys: Iterable[SerialKey], *, lock: bool) -> Serials:
    """Serials by key, locked in key order; those that nobody knows are left out."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    rows = await tx.fetch(sql.lock_serials if lock else sql.read_serials, *queries.transposed(wanted, 2))
    return {(row[0], row[1]): Serial(*row) for row in rows}


async def insert_serials(tx: Transaction, rows: Sequence[Serial]) -> int:
    """Rows written: new ones, where they come from; a posting of the same batch moves each of them in."""
    return await tx.execute(sql.insert_serials, *queries.columns(rows, "sku_id serial lot place"))


Corrections = dict[tuple[UUID, Key], EventCorrection]
"""By event and row of stock."""


async def read_corrections(tx: Transaction, event_ids: Iterable[UUID], *, lock: bool) -> Corrections:
    """What was taken back of these events so far."""
    wanted = sorted(set(event_ids))
    rows = await tx.fetch(sql.lock_corrections if lock else sql.read_corrections, wanted) if wanted else []
    return {(row[0], (row[1], row[2], row[3])): EventCorrection(*row) for row in rows}


async def insert_corrections(tx: Transaction, rows: Sequence[EventCorrection]) -> int:
    """Rows written; fewer than given means that somebody else corrected the same event meanwhile."""
    return await tx.execute(
        sql.insert_corrections, *queries.columns(rows, "event_id sku_id location_id lot moved corrected")
    )


async def update_corrections(tx: Transaction, rows: Sequence[EventCorrection]) -> None:
    """More was taken back of rows that are locked."""
    await tx.execute(sql.update_corrections, *queries.columns(rows, "event_id sku_id location_id lot corrected"))
