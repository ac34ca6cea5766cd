"""Locations, and where they lie."""

from __future__ import annotations

from tests.operations.batches.building import builds
from tests.races.shop import Payload, Shop


@builds("locations.save")
async def save_locations(shop: Shop, count: int) -> list[Payload]:
    place = {"name": "Place", "kind": "store", "time_zone": "UTC", "country": "DE"}
    return [{"code": f"L{number}", **place} for number in range(count)]


@builds("location-groups.save")
async def save_groups(shop: Shop, count: int) -> list[Payload]:
    return [{"code": f"G{number}", "name": "Group"} for number in range(count)]


@builds("postal-codes.save")
async def save_postal_codes(shop: Shop, count: int) -> list[Payload]:
    return [
        {"country": "DE", "areas": [{"postal_code": f"{number:05}", "latitude": 53.5, "longitude": 9.9}]}
        for number in range(count)
    ]


@builds("layouts.save")
async def save_layout(shop: Shop, count: int) -> list[Payload]:
    places = await save_locations(shop, count)
    await shop.do("locations.save", *places)
    aisles = [{"code": "A", "x_cm": 0}, {"code": "B", "x_cm": 300}]
    return [{"location": each["code"], "aisles": aisles, "cross_cm": [0, 900]} for each in places]
