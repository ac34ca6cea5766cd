"""Cartons, and what parcels cost."""

from __future__ import annotations

from tests.operations.batches.building import builds
from tests.races.shop import CARTON, RATE, Payload, Shop


@builds("cartons.save")
async def save_cartons(shop: Shop, count: int) -> list[Payload]:
    return [{**CARTON, "code": f"C{number}"} for number in range(count)]


@builds("parcel-rates.save")
async def save_parcel_rates(shop: Shop, count: int) -> list[Payload]:
    return [{**RATE, "code": f"R{number}"} for number in range(count)]
