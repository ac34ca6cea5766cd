"""What is taxed where, and what an order would be taxed: the table of rates, and a quote by it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from lading.catalog import store as catalog
from lading.database import queries
from lading.database.pool import Transaction
from lading.kernel.ids import named_id
from lading.kernel.money import exponent
from lading.orders import rules, taxing
from lading.orders.commands import LINES_MAX, ChargeInput, LineInput, PlaceOrder
from lading.orders.types import Charge, Line
from lading.taxes.table import Table
from lading.taxes.types import TaxRate
from lading.terms.fields import Code, Country, Reference
from lading.terms.money import CurrencyCode, Money
from lading.terms.people import AddressInput
from lading.terms.taxes import Place, TaxDocument
from lading.views import order_money
from lading.views.order_money import percent
from lading.views.pages import NotFound, PageQuery, key_of, page_of

sql = queries.load(__file__)

_FIRST = ("", "", "", "", "", date(1, 1, 1))


class TaxRatesQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which rates."""

    country: Country | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[str, str, str, str, str, date], _FIRST)


class TaxRateRow(Struct, frozen=True):
    """What is taxed where, from a day on."""

    country: str
    region: str
    """Empty: everywhere in the country."""
    postal_prefix: str
    category: str
    """Of products, or a kind of charge; empty: whatever has no rate of its own."""
    code: str
    valid_from: date
    valid_to: date | None
    rate: str | None
    """In percent; None: withdrawn."""
    included: bool
    compound: bool
    version: int


class TaxRatesPage(Struct, frozen=True):
    """A page of rates, by place, category, code and day."""

    items: list[TaxRateRow]
    next: str | None


async def tax_rates(tx: Transaction, query: TaxRatesQuery) -> TaxRatesPage:
    """The table of tax rates."""
    key = key_of(query.after, tuple[str, str, str, str, str, date], _FIRST)
    rows = await tx.fetch(sql.walk_tax_rates, *key, query.country, query.limit + 1)
    shown, following = page_of(
        rows, query.limit, "country", "region", "postal_prefix", "category", "code", "valid_from"
    )
    items = [TaxRateRow(**{**dict(row), "rate": percent(row["rate"])}) for row in shown]
    return TaxRatesPage(items, following)


class TaxQuoteQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order that somebody thinks of: what it holds, and where it goes."""

    currency: CurrencyCode
    lines: Annotated[list[LineInput], Meta(min_length=1, max_length=LINES_MAX)]
    charges: Annotated[
        list[ChargeInput], Meta(max_length=500, description="Discounts, shipping, fees; taxes are what is asked")
    ] = []
    ship_to: AddressInput | None = None
    location: Annotated[Code, Meta(description="Where it is handed over, where it goes nowhere")] | None = None
    tax_exemption: Reference | None = None
    on: Annotated[date, Meta(description="By the rates of that day; left out: of today")] | None = None

    def __post_init__(self) -> None:
        if any(charge.kind == "tax" for charge in self.charges):
            raise ValueError("a quote tells the taxes: its charges hold none")
        if exponent(self.currency) is None:
            raise ValueError(f"unknown currency {self.currency!r}: give an ISO 4217 code such as EUR")
        for index, line in enumerate(self.lines):
            if line.unit_price is None:
                raise ValueError(f"lines[{index}] has no price: a quote is of prices that are given")
        self.command()

    def command(self) -> PlaceOrder:
        """As it would be placed. Raises ValueError for what could not be."""
        return PlaceOrder("quote", self.currency, self.lines, charges=self.charges)


class QuotedLine(Struct, frozen=True):
    """A line and what it bears."""

    line: int
    sku: str
    goods: Money
    charges: list[order_money.Charge]
    """Its shares of discounts, shipping and fees, and its taxes."""
    total: Money
    """Goods and charges; taxes that prices contain are in them."""


class QuotedTax(Struct, frozen=True):
    """One tax in all."""

    code: str
    rate: str
    included: bool
    applies_to: str
    amount: Money


class TaxQuote(Struct, frozen=True):
    """What the order would be taxed by the table of rates."""

    on: date
    lines: list[QuotedLine]
    taxes: list[QuotedTax]
    tax: Money
    """All taxes, those that prices contain too."""
    total: Money
    unknown: list[str]
    """Codes that no product has: they are taxed as ordinary ones."""


async def tax_quote(tx: Transaction, query: TaxQuoteQuery) -> TaxQuote:
    """The same calculation as at placement; nothing is kept. Raises NotFound for a location that does not exist."""
    place = await _place(tx, query)
    on = query.on or datetime.now(UTC).astimezone(await catalog.read_zone(tx)).date()
    table = Table(())
    if place:
        table = Table(TaxRate(*row) for row in await tx.fetch(sql.rates_of_country, place.country))
    command = query.command()
    skus = [named_id("quote", line.sku) for line in command.lines]
    rows = await tx.fetch(sql.categories_of_codes, sorted({line.sku for line in command.lines}))
    categories: dict[UUID, str] = {named_id("quote", row["code"]): row["tax_category"] for row in rows}
    lines = rules.lines_of(command, skus, shared=True)
    borne = taxing.placed(lines, categories, {})
    document = TaxDocument(query.currency, on, place, [each.item for each in borne], query.tax_exemption)
    charged = taxing.bear(borne, table.taxes(document), len(command.charges) + 1)
    known = {row["code"] for row in rows}
    unknown = [line.sku for line in command.lines if line.sku not in known]

    def cash(minor: int) -> Money:
        return Money.of_minor(minor, query.currency)

    told = [_line(line, wanted.sku, query.currency) for line, wanted in zip(lines.values(), command.lines, strict=True)]
    return TaxQuote(
        on, told, _taxes(charged, query.currency), cash(sum(each.amount_minor for each in charged)),
        cash(sum(line.cost_minor(line.ordered) for line in lines.values())), list(dict.fromkeys(unknown)),
    )  # fmt: skip


async def _place(tx: Transaction, query: TaxQuoteQuery) -> Place | None:
    if query.ship_to:
        return taxing.place_at(query.ship_to)
    if query.location is None:
        return None
    row = await tx.fetchrow(sql.place_of_location, query.location)
    if row is None:
        raise NotFound(f"There is no location {query.location}.")
    return Place(*row)


def _line(line: Line, sku: str, currency: str) -> QuotedLine:
    charges = [
        order_money.Charge(
            each.number, each.kind, each.code, Money.of_minor(each.amount_minor, currency), percent(each.rate), each.included,
            each.applies_to, each.source,
        )
        for each in line.charges
    ]  # fmt: skip
    goods, total = Money.of_minor(line.goods_minor, currency), Money.of_minor(line.cost_minor(line.ordered), currency)
    return QuotedLine(line.number, sku, goods, charges, total)


def _taxes(charges: Sequence[Charge], currency: str) -> list[QuotedTax]:
    sums: dict[tuple[str, str, bool, str], int] = {}
    for each in charges:
        key = (each.code, percent(each.rate) or "", each.included, each.base)
        sums[key] = sums.get(key, 0) + each.amount_minor
    return [QuotedTax(*key, Money.of_minor(minor, currency)) for key, minor in sums.items()]
