"""What can be asked of price lists."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from lading.terms.fields import Code, Moment, Name, Quantity
from lading.terms.money import CurrencyCode, ExchangeRateText, UnitPrice, known_currency

ITEMS_MAX = 1_000
BREAKS_MAX = 20


class SavePriceList(Struct, frozen=True, forbid_unknown_fields=True):
    """A list of prices: for whom, in which currency, from when until when. Its prices are set apart."""

    code: Code
    name: Name
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}(?![\\s\\S])", description="Three capital letters (ISO 4217)")]
    company: Annotated[Code, Meta(description="Only for this company")] | None = None
    company_group: Annotated[Code, Meta(description="Only for companies of this group")] | None = None
    channel: Annotated[Code, Meta(description="Only for orders of this channel")] | None = None
    priority: Annotated[int, Meta(ge=-100, le=100, description="Higher wins among lists for the same")] = 0
    valid_from: Moment | None = None
    valid_until: Annotated[Moment, Meta(description="The first moment at which it is over")] | None = None
    active: bool = True
    expected_version: Annotated[int, Meta(ge=0, description="0: there is none yet")] | None = None

    def __post_init__(self) -> None:
        if self.valid_from and self.valid_until and self.valid_until <= self.valid_from:
            raise ValueError("valid_until comes after valid_from")
        UnitPrice("0", self.currency)


class PriceBreak(Struct, frozen=True, forbid_unknown_fields=True):
    """What a unit costs from a quantity on."""

    unit_price: UnitPrice
    from_quantity: Quantity = 1


class PriceItem(Struct, frozen=True, forbid_unknown_fields=True):
    """What a product costs by this list; without prices the list says nothing of it any more."""

    sku: Code
    prices: Annotated[list[PriceBreak], Meta(max_length=BREAKS_MAX)] = []
    minimum: Annotated[Quantity, Meta(description="Units that an order line has at least")] = 1
    multiple: Annotated[Quantity, Meta(description="Units come in multiples of this")] = 1

    def __post_init__(self) -> None:
        quantities = [each.from_quantity for each in self.prices]
        if quantities != sorted(set(quantities)):
            raise ValueError("prices name each quantity once, the smallest first")


class SetPrices(Struct, frozen=True, forbid_unknown_fields=True):
    """What products cost by a list, instead of what it said of them before; others stay as they are."""

    price_list: Code
    items: Annotated[list[PriceItem], Meta(min_length=1, max_length=ITEMS_MAX)]
    expected_version: Annotated[int, Meta(ge=0, description="0: there is none yet")] | None = None

    def __post_init__(self) -> None:
        if len({item.sku for item in self.items}) < len(self.items):
            raise ValueError("items name each product once")
        if len({each.unit_price.currency for item in self.items for each in item.prices}) > 1:
            raise ValueError("prices of a list are in one currency")


class SaveExchangeRate(Struct, frozen=True, forbid_unknown_fields=True):
    """What one unit of a currency is worth in that of the shop's books, from a day on until a later one is saved."""

    currency: CurrencyCode
    shop_currency: CurrencyCode
    day: date
    rate: ExchangeRateText

    def __post_init__(self) -> None:
        known_currency(self.currency)
        known_currency(self.shop_currency)
        if self.currency == self.shop_currency:
            raise ValueError("the shop's currency is another one")
        if not Decimal(self.rate):
            raise ValueError("a rate is above zero")
        if not 1900 <= self.day.year <= 3000:
            raise ValueError("days lie between 1900 and 3000")
