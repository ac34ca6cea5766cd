"""Reading and saving the table of tax rates, and what else a calculation depends on."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from lading.database import queries
from lading.database.pool import Transaction
from lading.taxes.table import Table
from lading.taxes.types import RateKey, TaxRate, TaxRequest
from lading.terms.taxes import Place

sql = queries.load(__file__)

_COLUMNS = "country region postal_prefix category code valid_from valid_to rate included compound version"


async def read_rates(tx: Transaction, keys: Iterable[RateKey]) -> dict[RateKey, TaxRate]:
    """The rates of those keys that are known."""
    rows = await tx.fetch(sql.read_rates, *queries.transposed(sorted(set(keys)), 6))
    return {rate.key: rate for rate in (TaxRate(*row) for row in rows)}


async def save_rates(tx: Transaction, rows: Sequence[TaxRate]) -> int:
    """Rows written; fewer than given means that somebody else saved one meanwhile."""
    return await tx.execute(sql.save_rates, *queries.columns(rows, _COLUMNS))


async def read_table(tx: Transaction, countries: Iterable[str]) -> Table:
    """The calculator with all rates of these countries."""
    return Table(TaxRate(*row) for row in await tx.fetch(sql.rates_of_countries, sorted(set(countries))))


async def read_categories(tx: Transaction, sku_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The tax categories of those products that have one."""
    return {row[0]: row[1] for row in await tx.fetch(sql.read_categories, sorted(set(sku_ids)))}


async def read_places(tx: Transaction) -> dict[UUID, Place]:
    """Where each location is."""
    return {row[0]: Place(*row[1:]) for row in await tx.fetch(sql.read_places)}


async def read_addresses(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, Place]:
    """Where those addresses are."""
    return {row[0]: Place(*row[1:]) for row in await tx.fetch(sql.read_addresses, sorted(set(ids)))}


RequestKey = tuple[UUID, str, int]
"""Order, task and document."""


async def read_requests(tx: Transaction, keys: Iterable[RequestKey], *, lock: bool) -> dict[RequestKey, TaxRequest]:
    """What services were asked of these; locked but for a dry run."""
    columns = queries.transposed(sorted(set(keys)), 3)
    rows = await tx.fetch(sql.lock_requests if lock else sql.read_requests, *columns)
    return {(row[0], row[1], row[2]): TaxRequest(*row) for row in rows}


async def save_requests(tx: Transaction, requests: Sequence[TaxRequest]) -> None:
    """Insert new ones, save what became of the others."""
    if new := [each for each in requests if not each.stored]:
        names = "order_id task document service status asked_at due_at"
        await tx.execute(sql.insert_requests, *queries.columns(new, names))
    if known := [each for each in requests if each.stored]:
        names = "order_id task document service status due_at reference code settled_at"
        await tx.execute(sql.update_requests, *queries.columns(known, names))
