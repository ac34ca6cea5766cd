"""Shortages."""

from __future__ import annotations

from tests.operations.batches.building import builds
from tests.races.shop import Payload, Shop, order


@builds("shortages.settle")
async def settle_shortages(shop: Shop, count: int) -> list[Payload]:
    """Each order holds a product of its own, of which none is there."""
    skus = [f"P{number}" for number in range(count)]
    await shop.do("products.save", *({"sku": sku, "name": sku} for sku in skus))
    fields = {"location": "HAM", "quantity": 4}
    await shop.do("stock.receive", *({"sku": sku, "reason": "opening", **fields} for sku in skus))
    done = await shop.do("orders.place", *(order((sku, 4)) for sku in skus))
    await shop.do(
        "stock.adjust", *({"sku": sku, "kind": "lost", "reason": "gone", "held_too": True, **fields} for sku in skus)
    )
    line = {"line": 1, "instead": "wait", **fields}
    return [{"order": each["number"], "lines": [line]} for each in done]


@builds("shortages.cover")
async def cover_shortages(shop: Shop, count: int) -> list[Payload]:
    await settle_shortages(shop, count)
    skus = [f"P{number}" for number in range(count)]
    fields = {"location": "HAM", "quantity": 4, "reason": "purchase"}
    await shop.do("stock.receive", *({"sku": sku, **fields} for sku in skus))
    return [{"sku": sku, "location": "HAM"} for sku in skus]
