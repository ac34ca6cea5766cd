"""Waves, and the layouts they are walked in."""

from __future__ import annotations

from tests.operations.batches.building import builds
from tests.operations.batches.orders import placed
from tests.races.shop import Payload, Shop


@builds("waves.plan")
async def plan_wave(shop: Shop, count: int) -> list[Payload]:
    numbers = await placed(shop, count)
    await shop.do("orders.release", *({"order": number} for number in numbers))
    return [
        {"location": "HAM", "fulfillment_orders": [f"{number}-F1"], "reference": f"R{number}"} for number in numbers
    ]


@builds("waves.release")
async def release_wave(shop: Shop, count: int) -> list[Payload]:
    aisles = [{"code": "A", "x_cm": 0}, {"code": "B", "x_cm": 300}]
    await shop.do("layouts.save", {"location": "HAM", "aisles": aisles, "cross_cm": [0, 900]})
    bin_ = {"location": "HAM", "code": "A-1"}
    await shop.do("bins.save", {**bin_, "aisle": "A", "position_cm": 100})
    await shop.do("stock.put-away", {"sku": "A", "location": "HAM", "bin": "A-1", "quantity": 900_000})
    done = await shop.do("waves.plan", *await plan_wave(shop, count))
    return [{"wave": each["wave"]} for each in done]


@builds("waves.pick")
async def confirm_pick(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("waves.release", *await release_wave(shop, count))
    taken = {"task": 1, "barcode": "A", "bin": "A-1", "quantity": 1, "short": 1, "reason": "gone"}
    return [{"wave": each["wave"], **taken} for each in done]


@builds("waves.take-list")
async def take_list(shop: Shop, count: int) -> list[Payload]:
    return [{"wave": each["wave"]} for each in await confirm_pick(shop, count)]


@builds("waves.leave-list")
async def leave_list(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("waves.take-list", *await take_list(shop, count))
    return [{"list": each["list"]} for each in done]


@builds("waves.close")
async def close_wave(shop: Shop, count: int) -> list[Payload]:
    payloads = await confirm_pick(shop, count)
    await shop.do("waves.pick", *payloads)
    return [{"wave": each["wave"]} for each in payloads]


@builds("waves.cancel")
async def cancel_wave(shop: Shop, count: int) -> list[Payload]:
    return [{"wave": each["wave"], "reason": "late"} for each in await confirm_pick(shop, count)]
