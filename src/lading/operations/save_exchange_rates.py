"""Save exchange rates: what a currency is worth in that of the shop's books, from a day on. Orders keep the rate of their day."""

from datetime import date
from decimal import Decimal

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision
from lading.kernel.ids import named_id
from lading.operations.registry import Batch, Verb
from lading.pricing.commands import SaveExchangeRate
from lading.pricing.types import ExchangeRate
from lading.terms.ledger import Event


class ExchangeRateSaved(Struct, frozen=True):
    """The rate as it is now."""

    currency: str
    shop_currency: str
    day: date
    rate: str


async def prefetch(_: Transaction, __: Batch) -> None:
    """Nothing: the last word counts."""


def decide(_: None, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_save(command, batch) for command in batch.commands]


def _save(command: SaveExchangeRate, batch: Batch) -> Decision:
    row = ExchangeRate(command.currency, command.shop_currency, command.day, Decimal(command.rate))
    key = {"currency": row.currency, "shop_currency": row.shop_currency, "day": row.day}
    subject = named_id("exchange_rate", *map(str, key.values()))
    event = Event("exchange_rate_saved", "exchange_rate", subject, batch.now, {**key, "rate": command.rate})
    return Decision(ExchangeRateSaved(row.currency, row.shop_currency, row.day, command.rate), event, rows=[row])


VERB = Verb(
    noun="exchange-rates",
    verb="save",
    summary="Say what one unit of a currency is worth in that of the shop's books, from a day on.",
    command=SaveExchangeRate,
    outcome=ExchangeRateSaved,
    refusals=(),
    scope="prices:write",
    event="exchange_rate_saved",
    example={"currency": "USD", "shop_currency": "EUR", "day": "2026-01-05", "rate": "0.9213"},
    prefetch=prefetch,
    decide=decide,
)
