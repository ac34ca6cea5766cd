"""Counts."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.operations.batches.building import builds
from tests.races.shop import Payload, Shop, order


@builds("counts.open")
async def open_count(shop: Shop, count: int) -> list[Payload]:
    return [
        {"location": "HAM", "skus": ["A", "B"], "blind": False, "reference": f"R{number}"} for number in range(count)
    ]


@builds("counts.record")
async def record_count(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("counts.open", *await open_count(shop, count))
    now = datetime.now(UTC).isoformat()
    lines = [{"sku": "A", "quantity": 7}, {"barcode": "B", "quantity": 2_000_000}, {"sku": "C", "quantity": 1}]
    return [{"count": each["count"], "lines": lines, "counted_at": now} for each in done]


@builds("counts.recount")
async def recount(shop: Shop, count: int) -> list[Payload]:
    payloads = await record_count(shop, count)
    await shop.do("counts.record", *payloads)
    return [{"count": payload["count"]} for payload in payloads]


@builds("counts.cancel")
async def cancel_count(shop: Shop, count: int) -> list[Payload]:
    return [{**payload, "reason": "x"} for payload in await recount(shop, count)]


@builds("counts.approve")
async def approve_count(shop: Shop, count: int) -> list[Payload]:
    """Each count has a product of its own, of which an order holds all: more than was found."""
    skus = [f"P{number}" for number in range(count)]
    await shop.do("products.save", *({"sku": sku, "name": sku} for sku in skus))
    fields = {"location": "HAM", "reason": "opening"}
    await shop.do("stock.receive", *({"sku": sku, "quantity": 5, **fields} for sku in skus))
    await shop.do("orders.place", *(order((sku, 4)) for sku in skus))
    done = await shop.do("counts.open", *({"location": "HAM", "skus": [sku]} for sku in skus))
    found = [
        {"count": each["count"], "lines": [{"sku": sku, "quantity": 3}]} for each, sku in zip(done, skus, strict=True)
    ]
    await shop.do("counts.record", *found)
    return [{"count": each["count"], "reason": "cycle"} for each in done]
