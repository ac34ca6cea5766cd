"""Reading and saving shortages."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from lading.database import queries
from lading.database.pool import Transaction
from lading.shortages.rules import Row
from lading.shortages.types import Shortage

sql = queries.load(__file__)


async def read_open(tx: Transaction, rows: Iterable[Row]) -> dict[Row, list[Shortage]]:
    """What is open at those rows of stock, the oldest first; whoever holds the rows' locks may change it."""
    found: dict[Row, list[Shortage]] = {}
    for row in await tx.fetch(sql.open_shortages, *queries.transposed(sorted(set(rows)), 3)):
        shortage = Shortage(*row)
        found.setdefault((shortage.sku_id, shortage.location_id, shortage.lot), []).append(shortage)
    return found


async def changed_after(tx: Transaction, moments: Sequence[tuple[Row, datetime]]) -> list[tuple[int, int]]:
    """For each (row of stock, moment): by how much more is short than was then, and how much of that left the shelf."""
    changed = [(0, 0)] * len(moments)
    rows = [(number, *row, moment) for number, (row, moment) in enumerate(moments)]
    for number, units, off_the_shelf in await tx.fetch(sql.changed_after, *queries.transposed(rows, 5)):
        changed[number] = (units, off_the_shelf)
    return changed


async def known_missing(tx: Transaction, counted: Iterable[tuple[Row, datetime]]) -> dict[tuple[Row, datetime], int]:
    """What the book knows to be missing where was counted at a moment: by corrections, and what left before and was told late."""
    keys = sorted(set(counted))
    rows = await tx.fetch(sql.known_missing, *queries.transposed([(*row, moment) for row, moment in keys], 4))
    return {((row[0], row[1], row[2]), row[3]): row[4] for row in rows}


async def save_shortages(tx: Transaction, shortages: Sequence[Shortage]) -> None:
    """Insert new ones, save what remains of the others and what changed, and move the counter of their rows of stock."""
    names = "id sku_id location_id lot kind reason document quantity remaining opened_at"
    if new := [shortage for shortage in shortages if not shortage.stored]:
        await tx.execute(sql.insert_shortages, *queries.columns(new, names))
    if known := [shortage for shortage in shortages if shortage.stored]:
        await tx.execute(sql.update_shortages, *queries.columns(known, "id remaining"))
    entries = [
        (*shortage.place, change.cause.occurred_at, change.cause.told_late, shortage.id, change.cause.event_id, change.units,
         change.on_paper)
        for shortage in shortages
        for change in shortage.changes
    ]  # fmt: skip
    await tx.execute(sql.insert_entries, *queries.transposed(entries, 9))
    await tx.execute(sql.count_short, *queries.columns(shortages, "sku_id location_id lot change"))
