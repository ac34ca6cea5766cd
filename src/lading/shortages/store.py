"""Reading and saving shortages."""

from collections.abc import Iterable, Sequence

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


async def save_shortages(tx: Transaction, shortages: Sequence[Shortage]) -> None:
    """Insert new ones, save what remains of the others, and move the counter of their rows of stock."""
    names = "id sku_id location_id lot kind reason document quantity remaining opened_at"
    if new := [shortage for shortage in shortages if not shortage.stored]:
        await tx.execute(sql.insert_shortages, *queries.columns(new, names))
    if known := [shortage for shortage in shortages if shortage.stored]:
        await tx.execute(sql.update_shortages, *queries.columns(known, "id remaining"))
    await tx.execute(sql.count_short, *queries.columns(shortages, "sku_id location_id lot change"))
