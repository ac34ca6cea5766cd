"""Products, and what is said about them."""

from __future__ import annotations

from tests.operations.batches.building import builds
from tests.races.shop import Payload, Shop


@builds("products.save", many=1_000)
async def save_products(shop: Shop, count: int) -> list[Payload]:
    return [{"sku": f"P{number}", "name": "Product"} for number in range(count)]


@builds("kits.save")
async def save_kits(shop: Shop, count: int) -> list[Payload]:
    await shop.do("products.save", *await save_products(shop, count))
    return [{"sku": f"P{number}", "components": [{"sku": "A"}, {"sku": "B", "per_kit": 2}]} for number in range(count)]


@builds("channels.save")
async def save_channels(shop: Shop, count: int) -> list[Payload]:
    return [{"code": f"C{number}", "name": "Channel"} for number in range(count)]


@builds("attributes.define")
async def define(shop: Shop, count: int) -> list[Payload]:
    return [{"subject": "order", "code": f"a{index}", "name": "A", "type": "text"} for index in range(count)]


@builds("substitutes.save")
async def save_substitutes(shop: Shop, count: int) -> list[Payload]:
    await shop.do("products.save", *await save_products(shop, count))
    return [{"sku": f"P{number}", "substitutes": ["A", "B"]} for number in range(count)]


@builds("policies.set")
async def set_policy(shop: Shop, count: int) -> list[Payload]:
    skus = [f"P{number}" for number in range(count)]
    await shop.do("products.save", *({"sku": sku, "name": sku} for sku in skus))
    return [{"name": "may_backorder", "value": True, "sku": sku} for sku in skus]
