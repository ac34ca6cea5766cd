"""Taxes that a service calculates."""

from __future__ import annotations

from tests.operations.batches.building import builds
from tests.operations.batches.orders import placed
from tests.races.shop import Payload, Shop


async def taxed_by(shop: Shop) -> None:
    """By a service that is away."""
    shop.tax_service_is_away = True
    await shop.do("policies.set", {"name": "taxes", "value": "service"}, {"name": "tax_service", "value": "ava"})


@builds("orders.tax")
async def tax_orders(shop: Shop, count: int) -> list[Payload]:
    await taxed_by(shop)
    numbers = await placed(shop, count)
    await shop.do("lines.cancel", *({"order": each, "reason": "late"} for each in numbers))  # nothing is left to ask
    return [{"order": each} for each in numbers]


async def recorded(shop: Shop, count: int) -> list[Payload]:
    await taxed_by(shop)
    numbers = await placed(shop, count)
    await shop.do("invoices.issue", *({"order": each, "bill": "all"} for each in numbers))
    rows = await shop.fetch(
        "SELECT order_id FROM tax_request WHERE merchant_id = $1 AND task = 'record' ORDER BY order_id"
    )
    return [{"order_id": str(row["order_id"]), "document": 1, "reference": "85000001"} for row in rows]


@builds("tax-records.answer")
async def answer_tax_record(shop: Shop, count: int) -> list[Payload]:
    return await recorded(shop, count)


@builds("tax-records.repeat")
async def repeat_tax_record(shop: Shop, count: int) -> list[Payload]:
    told = await recorded(shop, count)
    await shop.do("tax-records.answer", *({**each, "reference": None, "code": "Busy"} for each in told))
    return [{"order": each["order_id"], "document": 1} for each in told]
