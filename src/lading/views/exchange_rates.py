"""What currencies are worth in that of the shop's books, day by day."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.views.order_money import rate_text
from lading.views.pages import PageQuery, key_of, page_of

sql = queries.load(__file__)

_FIRST = (date(9999, 12, 31), "", "")


class ExchangeRatesQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which rates, the latest day first."""

    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}(?![\s\S])", description="Such as USD")] | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[date, str, str], _FIRST)


class ExchangeRateRow(Struct, frozen=True):
    """From that day on, until a later one."""

    day: date
    currency: str
    shop_currency: str
    rate: str
    """What one unit of the currency is worth."""


class ExchangeRatesPage(Struct, frozen=True):
    """A page of rates."""

    items: list[ExchangeRateRow]
    next: str | None


async def exchange_rates(tx: Transaction, query: ExchangeRatesQuery) -> ExchangeRatesPage:
    """The table of exchange rates."""
    key = key_of(query.after, tuple[date, str, str], _FIRST)
    rows = await tx.fetch(sql.walk_exchange_rates, *key, query.currency, query.limit + 1)
    shown, following = page_of(rows, query.limit, "day", "currency", "shop_currency")
    items = [
        ExchangeRateRow(row["day"], row["currency"], row["shop_currency"], rate_text(row["rate"])) for row in shown
    ]
    return ExchangeRatesPage(items, following)
