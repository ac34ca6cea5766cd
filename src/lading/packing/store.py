"""Loading and saving cartons, rates and the serials of parcels."""

from collections.abc import Iterable, Sequence

from lading.database import queries
from lading.database.pool import Transaction
from lading.packing.sscc import SsccSeries
from lading.packing.types import CartonRow, TariffRow

sql = queries.load(__file__)

_CARTON = (
    "id code name inner_length_mm inner_width_mm inner_height_mm outer_length_mm outer_width_mm outer_height_mm tare_grams max_grams"
    " cost_minor currency active version"
)


async def read_cartons(tx: Transaction, codes: Iterable[str] | None, *, lock: bool = False) -> dict[str, CartonRow]:
    """Cartons by code, those of the codes or all."""
    statement = sql.lock_cartons if lock else sql.read_cartons
    wanted = None if codes is None else sorted(set(codes))
    return {row["code"]: CartonRow(*row) for row in await tx.fetch(statement, wanted)}


async def save_cartons(tx: Transaction, rows: Sequence[CartonRow]) -> int:
    """Rows written; fewer than given means that somebody else saved one meanwhile."""
    return await tx.execute(sql.save_cartons, *queries.columns(rows, _CARTON))


async def read_rates(tx: Transaction, codes: Iterable[str] | None, *, lock: bool = False) -> dict[str, TariffRow]:
    """Tables of rates by code, those of the codes or all."""
    statement = sql.lock_rates if lock else sql.read_rates
    wanted = None if codes is None else sorted(set(codes))
    return {row["code"]: TariffRow(*row) for row in await tx.fetch(statement, wanted)}


async def save_rates(tx: Transaction, rows: Sequence[TariffRow]) -> int:
    """Rows written; fewer than given means that somebody else saved one meanwhile."""
    columns = queries.columns(rows, "id code name mm3_per_gram currency active version")
    lists = [
        [",".join(map(str, getattr(row, name))) for row in rows] for name in ("countries", "up_to_grams", "price_minor")
    ]
    return await tx.execute(sql.save_rates, *columns, *lists)


async def read_series(tx: Transaction, prefixes: Iterable[str], *, lock: bool) -> dict[str, SsccSeries]:
    """Each series with its last serial; locked in key order, and made where it is missing, but for a dry run."""
    wanted = sorted(set(prefixes))
    if not wanted:
        return {}
    if lock:
        await tx.execute(sql.create_sscc_series, wanted)
    rows = await tx.fetch(sql.lock_sscc_series if lock else sql.read_sscc_series, wanted)
    found = {row[0]: SsccSeries(*row) for row in rows}
    return {prefix: found.get(prefix) or SsccSeries(prefix, 0) for prefix in wanted}


async def save_series(tx: Transaction, series: Sequence[SsccSeries]) -> None:
    """How far each series has come."""
    await tx.execute(sql.update_sscc_series, *queries.columns(series, "prefix last_serial"))
