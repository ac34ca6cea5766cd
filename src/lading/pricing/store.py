"""Loading and saving price lists."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import msgspec

from lading.database import queries
from lading.database.pool import Transaction
from lading.pricing.types import ExchangeRate, Item, PriceList, Prices

sql = queries.load(__file__)

_LIST_COLUMNS = 12


async def read_lists(tx: Transaction, codes: Iterable[str], *, lock: bool) -> dict[str, PriceList]:
    """The lists of those codes; with `lock` they are locked, in key order."""
    rows = await tx.fetch(sql.lock_price_lists if lock else sql.read_price_lists, sorted(set(codes)))
    return {row["code"]: PriceList(*row) for row in rows}


async def read_prices(
    tx: Transaction, sku_ids: Iterable[UUID], company_ids: Iterable[UUID], groups: Iterable[str]
) -> Prices:
    """What lists say of these products that are for all companies or for those."""
    prices = Prices()
    for row in await tx.fetch(sql.read_prices, sorted(set(sku_ids)), sorted(set(company_ids)), sorted(set(groups))):
        found = PriceList(*row[:_LIST_COLUMNS])
        item = Item(found.id, *row[_LIST_COLUMNS:])
        prices.by_sku.setdefault(item.sku_id, []).append((found, item))
    return prices


async def save_lists(tx: Transaction, rows: Sequence[PriceList]) -> int:
    """Rows written; fewer than given means that somebody else took a code."""
    names = "id code name currency company_id company_group channel_id priority valid_from valid_until active version"
    return await tx.execute(sql.save_price_lists, *queries.columns(rows, names))


async def save_items(tx: Transaction, rows: Sequence[Item]) -> None:
    """What lists say of products now; of those without a price they say nothing any more."""
    last = {(row.list_id, row.sku_id): row for row in rows}
    ordered = [last[key] for key in sorted(last)]
    await tx.execute(sql.clear_items, *queries.columns(ordered, "list_id sku_id"))
    kept = [row for row in ordered if row.unit_prices]
    texts = (
        [msgspec.json.encode(getattr(row, name)).decode() for row in kept]
        for name in ("from_quantities", "unit_prices")
    )
    await tx.execute(
        sql.insert_items, *queries.columns(kept, "list_id sku_id"), *texts, *queries.columns(kept, "minimum multiple")
    )


class RateKey(NamedTuple):
    """Which rate of exchange somebody wants."""

    currency: str
    shop_currency: str
    at: datetime
    """The rate of its day counts, in the merchant's time zone; of the last day before it that has one."""


async def read_exchange_rates(tx: Transaction, keys: Iterable[RateKey]) -> dict[RateKey, Decimal]:
    """Those that are known."""
    wanted = sorted(set(keys))
    rows = await tx.fetch(sql.read_exchange_rates, *queries.transposed(wanted, 3)) if wanted else ()
    return {key: row[0] for key, row in zip(wanted, rows, strict=True) if row[0] is not None}


async def save_exchange_rates(tx: Transaction, rows: Sequence[ExchangeRate]) -> None:
    """The last word on each day counts."""
    last = {(row.currency, row.shop_currency, row.day): row for row in rows}
    ordered = [last[key] for key in sorted(last)]
    await tx.execute(sql.save_exchange_rates, *queries.columns(ordered, "currency shop_currency day rate"))
