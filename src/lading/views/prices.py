"""Price lists, and what something costs somebody."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import asyncpg
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.pricing import rules, store
from lading.pricing.types import Buyer
from lading.terms.fields import Code, Quantity
from lading.terms.money import UnitPrice
from lading.views.names import Names, read_names
from lading.views.pages import FIRST_ID, NotFound, PageQuery, key_of, page_of
from lading.views.products import find_product

sql = queries.load(__file__)


class PriceListRow(Struct, frozen=True):
    """A price list in a list."""

    id: UUID
    code: str
    name: str
    currency: str
    company: str | None
    """For whom: None, as the next two, for all."""
    company_group: str | None
    channel: str | None
    priority: int
    valid_from: datetime | None
    valid_until: datetime | None
    active: bool
    version: int


class BreakView(Struct, frozen=True):
    """What a unit costs from a quantity on."""

    from_quantity: int
    unit_price: UnitPrice


class PriceItemView(Struct, frozen=True):
    """What a product costs by a list."""

    sku: str
    name: str
    prices: list[BreakView]
    minimum: int
    multiple: int


class PriceListView(Struct, frozen=True):
    """A price list with a page of its products."""

    head: PriceListRow
    items: list[PriceItemView]
    next: str | None


class PriceListsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which price lists, by code."""

    company: Annotated[Code, Meta(description="Only those of this company or its group")] | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[str], ("",))


class PriceListsPage(Struct, frozen=True):
    """A page of price lists."""

    items: list[PriceListRow]
    next: str | None


class PriceListQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One price list, and which page of its products."""

    price_list: Code

    def __post_init__(self) -> None:
        key_of(self.after, tuple[UUID], (FIRST_ID,))


class CostQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """What so many units of a product cost somebody now."""

    sku: Code
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}(?![\\s\\S])")]
    quantity: Quantity = 1
    company: Code | None = None
    channel: Code | None = None


class Cost(Struct, frozen=True):
    """What a unit costs, and why; nothing where no list says it."""

    sku: str
    quantity: int
    unit_price: UnitPrice | None
    price_list: str | None
    minimum: int
    multiple: int
    others: list[str]
    """Other lists that hold for the same, which the one told wins over."""


async def price_lists(tx: Transaction, query: PriceListsQuery) -> PriceListsPage:
    """A page of price lists."""
    (after,) = key_of(query.after, tuple[str], ("",))
    rows = await tx.fetch(sql.walk_price_lists, after, query.company, query.limit + 1)
    shown, following = page_of(rows, query.limit, "code")
    names = await read_names(tx)
    return PriceListsPage([_row(row, names) for row in shown], following)


async def price_list(tx: Transaction, query: PriceListQuery) -> PriceListView:
    """One price list. Raises NotFound."""
    (after,) = key_of(query.after, tuple[UUID], (FIRST_ID,))
    found = await tx.fetch(sql.price_list_row, query.price_list)
    if not found:
        raise NotFound(f"There is no price list {query.price_list}.")
    head = _row(found[0], await read_names(tx))
    rows = await tx.fetch(sql.price_list_items, head.id, after, query.limit + 1)
    shown, following = page_of(rows, query.limit, "sku_id")
    return PriceListView(head, [_item(row, head.currency) for row in shown], following)


async def cost(tx: Transaction, query: CostQuery) -> Cost:
    """What it costs, by the same rule as orders. Raises NotFound."""
    product = await find_product(tx, query.sku)
    companies = await tx.fetch(sql.company_row, query.company) if query.company else []
    if query.company and not companies:
        raise NotFound(f"There is no company {query.company}.")
    names = await read_names(tx)
    channels = {code: id_ for id_, (code, _) in names.channels.items()}
    if query.channel and query.channel not in channels:
        raise NotFound(f"There is no channel {query.channel}.")
    company_id, group = (companies[0]["id"], companies[0]["group"]) if companies else (None, None)
    prices = await store.read_prices(tx, [product.id], [company_id] if company_id else [], [group] if group else [])
    buyer = Buyer(query.currency, channels.get(query.channel or ""), company_id, group, datetime.now(UTC))
    found = rules.find(prices, product.id, query.quantity, buyer)
    others = [
        each.code for each, _ in prices.by_sku.get(product.id, ())
        if rules.holds(each, buyer) and not (found and each is found.price_list)
    ]  # fmt: skip
    if found is None:
        return Cost(product.code, query.quantity, None, None, 1, 1, others)
    price = UnitPrice(rules.written(found.unit_price, query.currency), query.currency)
    item = found.item
    return Cost(product.code, query.quantity, price, found.price_list.code, item.minimum, item.multiple, others)


def _row(row: asyncpg.Record, names: Names) -> PriceListRow:
    channel = names.channel(row["channel_id"]) if row["channel_id"] else None
    return PriceListRow(
        row["id"], row["code"], row["name"], row["currency"], row["company"], row["company_group"], channel, row["priority"],
        row["valid_from"], row["valid_until"], row["active"], row["version"],
    )  # fmt: skip


def _item(row: asyncpg.Record, currency: str) -> PriceItemView:
    return PriceItemView(
        row["sku"],
        row["name"],
        _breaks(row["from_quantities"], row["unit_prices"], currency),
        row["minimum"],
        row["multiple"],
    )


def _breaks(quantities: Sequence[int], prices: Sequence[Decimal], currency: str) -> list[BreakView]:
    return [
        BreakView(quantity, UnitPrice(rules.written(price, currency), currency))
        for quantity, price in zip(quantities, prices, strict=True)
    ]
