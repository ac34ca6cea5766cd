"""Work orders."""

from __future__ import annotations

from tests.operations.batches.building import builds
from tests.operations.batches.catalog import save_kits
from tests.races.shop import Payload, Shop


@builds("work-orders.open")
async def open_work_orders(shop: Shop, count: int) -> list[Payload]:
    kits = await save_kits(shop, count)
    await shop.do("kits.save", *({**kit, "stocked": True} for kit in kits))
    return [{"sku": kit["sku"], "location": "HAM", "quantity": 2, "reference": kit["sku"]} for kit in kits]


@builds("work-orders.complete")
async def complete_work_orders(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("work-orders.open", *await open_work_orders(shop, count))
    return [{"work_order": each["work_order"], "quantity": 1} for each in done]


@builds("work-orders.cancel")
async def cancel_work_orders(shop: Shop, count: int) -> list[Payload]:
    return [{**each, "reason": "late"} for each in await complete_work_orders(shop, count)]
