"""Companies and their prices."""

from __future__ import annotations

from typing import Any

from tests.operations.batches.building import builds
from tests.operations.batches.orders import customer
from tests.races.shop import Payload, Shop, money


def company(number: int, **more: Any) -> Payload:
    contact = {"person": customer(number), "role": "buyer"}
    address = {"address": {"country": "DE", "line1": f"Street {number}"}}
    return {"code": f"F{number}", "name": "Firm", "contacts": [contact], "addresses": [address], **more}


@builds("companies.save")
async def save_companies(shop: Shop, count: int) -> list[Payload]:
    return [company(number, credit_limits=[money("5.00")], terms_days=30) for number in range(count)]


@builds("price-lists.save")
async def save_price_lists(shop: Shop, count: int) -> list[Payload]:
    return [{"code": f"P{number}", "name": "List", "currency": "EUR", "channel": "web"} for number in range(count)]


@builds("prices.set")
async def set_prices(shop: Shop, count: int) -> list[Payload]:
    await shop.do("price-lists.save", *await save_price_lists(shop, count))
    items = [{"sku": sku, "prices": [{"unit_price": money("1.00")}]} for sku in ("A", "B")]
    return [{"price_list": f"P{number}", "items": items} for number in range(count)]
