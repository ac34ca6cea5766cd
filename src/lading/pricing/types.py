"""Price lists as rules see them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID


@dataclass(slots=True, frozen=True)
class ExchangeRate:
    """What one unit of a currency is worth in that of the shop's books, from a day on."""

    currency: str
    shop_currency: str
    day: date
    rate: Decimal


@dataclass(slots=True)
class PriceList:
    """A list of prices."""

    id: UUID
    code: str
    name: str
    currency: str
    company_id: UUID | None
    """None, as the next two: for all of them."""
    company_group: str | None
    channel_id: UUID | None
    priority: int
    valid_from: datetime | None
    valid_until: datetime | None
    active: bool
    version: int


@dataclass(slots=True)
class Item:
    """What a product costs by a list."""

    list_id: UUID
    sku_id: UUID
    from_quantities: list[int]
    unit_prices: list[Decimal]
    """From the quantity at the same place on. Empty: the list says nothing of it any more."""
    minimum: int
    multiple: int


@dataclass(slots=True)
class Prices:
    """The lists that may hold for a batch, by product."""

    by_sku: dict[UUID, list[tuple[PriceList, Item]]] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class Buyer:
    """Whom prices are for."""

    currency: str
    channel_id: UUID | None
    company_id: UUID | None
    company_group: str | None
    at: datetime


@dataclass(slots=True, frozen=True)
class Found:
    """What a unit costs, and by which list."""

    price_list: PriceList
    item: Item
    unit_price: Decimal
