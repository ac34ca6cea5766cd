"""Reservations and pools."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lading.operations.execute import Executor
from tests.operations.batches.building import builds
from tests.races.shop import Payload, Shop


@builds("reservations.pin")
async def pin(shop: Shop, count: int) -> list[Payload]:
    claim = {"lines": [{"sku": "A", "quantity": 1}, {"sku": "B", "quantity": 1}], "anywhere": True}
    done = await shop.do("reservations.reserve", *[claim] * count)
    return [{"reservation": each["reservation"]} for each in done]


@builds("reservations.shorten")
async def shorten(shop: Shop, count: int) -> list[Payload]:
    """Each product has a claim that cannot be had any more."""
    skus = [f"C{number}" for number in range(count)]
    await shop.do("products.save", *({"sku": sku, "name": sku} for sku in skus))
    there = [{"sku": sku, "location": "HAM", "quantity": 2, "reason": "opening"} for sku in skus]
    await shop.do("stock.receive", *there)
    await shop.do("reservations.reserve", *({"lines": [{"sku": sku, "quantity": 2}], "anywhere": True} for sku in skus))
    await shop.do("stock.adjust", *({**each, "quantity": 1, "kind": "lost"} for each in there))
    return [{"sku": sku} for sku in skus]


@builds("pools.set")
async def set_pools(shop: Shop, count: int) -> list[Payload]:
    skus = [f"P{number}" for number in range(count)]
    await shop.do("products.save", *({"sku": sku, "name": sku} for sku in skus))
    return [{"sku": sku, "pool": "web", "kind": "shared", "channels": ["web"], "quantity": 5} for sku in skus]


@builds("pools.remove")
async def remove_pools(shop: Shop, count: int) -> list[Payload]:
    payloads = await set_pools(shop, count)
    await shop.do("pools.set", *payloads)
    return [{"sku": payload["sku"], "pool": "web"} for payload in payloads]


@builds("reservations.reserve", many=1_000)
async def reserve(shop: Shop, count: int) -> list[Payload]:
    lines = [{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 1}]
    return [{"lines": lines, "channel": "web", "reference": f"cart-{number}"} for number in range(count)]


@builds("reservations.release", many=1_000)
async def reserved(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("reservations.reserve", *await reserve(shop, count))
    return [{"reservation": each["reservation"]} for each in done]


@builds("reservations.extend")
async def extend(shop: Shop, count: int) -> list[Payload]:
    return [{**each, "seconds": 3_600} for each in await reserved(shop, count)]


@builds("reservations.expire")
async def expire(shop: Shop, count: int) -> list[Payload]:
    done = await reserved(shop, count)
    shop.executor = Executor(shop.database, lambda: datetime.now(UTC) + timedelta(hours=1))
    return done
