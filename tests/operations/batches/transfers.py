"""Transfers."""

from __future__ import annotations

from tests.operations.batches.building import builds
from tests.races.shop import DAY, Payload, Shop


@builds("transfers.create")
async def create_transfer(shop: Shop, count: int) -> list[Payload]:
    lines = [{"sku": "A", "quantity": 3}, {"sku": "B", "quantity": 1}]
    way = {"from_location": "HAM", "to_location": "BER", "due_at": DAY, "lines": lines}
    return [{**way, "reference": f"R{number}"} for number in range(count)]


@builds("transfers.ready")
async def ready_transfer(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("transfers.create", *await create_transfer(shop, count))
    return [{"transfer": each["transfer"]} for each in done]


@builds("transfers.ship")
async def ship_transfer(shop: Shop, count: int) -> list[Payload]:
    payloads = await ready_transfer(shop, count)
    await shop.do("transfers.ready", *payloads)
    return payloads


@builds("transfers.receive")
async def receive_transfer(shop: Shop, count: int) -> list[Payload]:
    payloads = await ship_transfer(shop, count)
    await shop.do("transfers.ship", *payloads)
    return [{**payload, "lines": [{"line": 1, "quantity": 2, "damaged": 1}]} for payload in payloads]


@builds("transfers.close")
async def close_transfer(shop: Shop, count: int) -> list[Payload]:
    payloads = await receive_transfer(shop, count)
    await shop.do("transfers.receive", *payloads)
    return [{"transfer": payload["transfer"], "reason": "lost"} for payload in payloads]


@builds("transfers.cancel")
async def cancel_transfer(shop: Shop, count: int) -> list[Payload]:
    payloads = await ship_transfer(shop, count)
    await shop.do("transfers.ship", *payloads)
    lines = [{"line": 1, "came_home": 2, "lost": 1}, {"line": 2, "lost": 1}]
    return [{**payload, "reason": "breakdown", "lines": lines} for payload in payloads]
