"""Fulfillment orders and parcels."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.operations.batches.building import CHAINS, Chain, builds
from tests.operations.batches.orders import released
from tests.races.shop import Payload, Shop


@builds("fulfillment-orders.put-back")
async def put_back(shop: Shop, count: int) -> list[Payload]:
    """Each order was cancelled when it had been packed."""
    orders = await pack(shop, count)
    await shop.do("parcels.pack", *orders)
    numbers = [each["fulfillment_order"].partition("-")[0] for each in orders]
    await shop.do("lines.cancel", *({"order": number, "reason": "late", "unpack": True} for number in numbers))
    return orders


@builds("fulfillment-orders.pick", many=1_000)
async def pick(shop: Shop, count: int) -> list[Payload]:
    return [{"fulfillment_order": name} for name in await released(shop, count)]


@builds("parcels.pack", many=1_000)
async def pack(shop: Shop, count: int) -> list[Payload]:
    payloads = await pick(shop, count)
    await shop.do("fulfillment-orders.pick", *payloads)
    return payloads


@builds("parcels.ship", many=1_000)
async def ship(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("parcels.pack", *await pack(shop, count))
    return [{"parcel": each["parcel"], "carrier": "DHL", "tracking_number": each["parcel"]} for each in done]


@builds("parcels.unpack")
async def unpack(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("parcels.pack", *await pack(shop, count))
    return [{"parcel": each["parcel"]} for each in done]


@builds("parcels.track", many=1_000)
async def track(shop: Shop, count: int) -> list[Payload]:
    payloads = await ship(shop, count)
    await shop.do("parcels.ship", *payloads)
    now = datetime.now(UTC).isoformat()
    return [{"parcel": each["parcel"], "status": "delivered", "occurred_at": now} for each in payloads]


@builds("lines.write-off")
async def write_off(shop: Shop, count: int) -> list[Payload]:
    lost = [{**each, "status": "lost"} for each in await track(shop, count)]
    await shop.do("parcels.track", *lost)
    return [{"order": each["parcel"].partition("-")[0]} for each in lost]


def of_each(suffix: str, **more: Any) -> Callable[[list[str]], list[Payload]]:
    """The same for one fulfillment order of each order."""
    return lambda numbers: [{"fulfillment_order": f"{number}-{suffix}", **more} for number in numbers]


async def at_work(shop: Shop, count: int) -> list[str]:
    """Orders with one fulfillment order each."""
    return [name.partition("-")[0] for name in await released(shop, count)]


CHAINS["work"] = Chain(
    at_work,
    (
        ("fulfillment-orders.split", of_each("F1", lines=[{"line": 1, "quantity": 1}])),
        (
            "fulfillment-orders.merge",
            lambda numbers: [{"into": f"{each}-F1", "others": [f"{each}-F2"]} for each in numbers],
        ),
        ("fulfillment-orders.hold", of_each("F1")),
        ("fulfillment-orders.release-hold", of_each("F1")),
        ("fulfillment-orders.submit", of_each("F1")),
        ("fulfillment-orders.accept", of_each("F1")),
        ("fulfillment-orders.cancel", of_each("F1", reason="mistake")),
        ("fulfillment-orders.answer-cancellation", of_each("F1", accepted=False)),
        ("fulfillment-orders.schedule", of_each("F1", at="2990-01-01T00:00:00Z")),
        ("fulfillment-orders.move", of_each("F1", to_location="BER", reason="nearer")),
        ("fulfillment-orders.reject", of_each("F3", reason="busy")),
        ("fulfillment-orders.close", of_each("F4", reason="sold_out", rest="cancel")),
    ),
)
