"""Which price holds. Pure."""

from bisect import bisect_right
from decimal import Decimal
from uuid import UUID

from lading.kernel import money
from lading.pricing.types import Buyer, Found, Item, PriceList, Prices


def find(prices: Prices, sku_id: UUID, quantity: int, buyer: Buyer) -> Found | None:
    """What a unit costs: the list for the company wins, then that for its group, for the channel, for all; among lists for the same the one
    of higher priority, then the cheaper one. A list that has no price for so few units says nothing."""
    fitting = [
        Found(price_list, item, price)
        for price_list, item in prices.by_sku.get(sku_id, ())
        if holds(price_list, buyer) and (price := price_of(item, quantity)) is not None
    ]
    return max(fitting, key=lambda found: (_rank(found.price_list), -found.unit_price), default=None)


def holds(price_list: PriceList, buyer: Buyer) -> bool:
    """Whether a list is for that buyer, then."""
    return (
        price_list.active
        and price_list.currency == buyer.currency
        and price_list.company_id in (None, buyer.company_id)
        and price_list.company_group in (None, buyer.company_group)
        and price_list.channel_id in (None, buyer.channel_id)
        and (price_list.valid_from is None or price_list.valid_from <= buyer.at)
        and (price_list.valid_until is None or buyer.at < price_list.valid_until)
    )


def _rank(price_list: PriceList) -> tuple[bool, bool, bool, int]:
    return (
        price_list.company_id is not None, price_list.company_group is not None, price_list.channel_id is not None,
        price_list.priority,
    )  # fmt: skip


def price_of(item: Item, quantity: int) -> Decimal | None:
    """What a unit costs of so many; None where the list begins with more."""
    place = bisect_right(item.from_quantities, quantity)
    return item.unit_prices[place - 1] if place else None


def written(price: Decimal, currency: str) -> str:
    """As the API writes it: with the decimals of its currency, and more only where they say something."""
    whole, _, decimals = f"{price:f}".partition(".")
    decimals = decimals.rstrip("0").ljust(money.exponent(currency) or 0, "0")
    return f"{whole}.{decimals}" if decimals else whole
