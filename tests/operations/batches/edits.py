"""Edits, at once or prepared, and the approvals they wait for."""

from __future__ import annotations

from tests.operations.batches.building import builds
from tests.operations.batches.orders import placed
from tests.races.shop import Payload, Shop, money


@builds("approvals.give")
async def give_approvals(shop: Shop, count: int) -> list[Payload]:
    await shop.do("policies.set", {"name": "approve_over", "value": "1.00"})
    return [{"order": number} for number in await placed(shop, count)]


@builds("approvals.refuse")
async def refuse_approvals(shop: Shop, count: int) -> list[Payload]:
    return [{**each, "reason": "late"} for each in await give_approvals(shop, count)]


@builds("orders.edit", many=1_000)
async def edit(shop: Shop, count: int) -> list[Payload]:
    """Each order gets one product more and another one less; it goes elsewhere, later."""
    new = [{"sku": "B", "quantity": 1, "unit_price": money("2.00")}]
    return [
        {"order": number, "reason": "x", "quantities": [{"line": 1, "quantity": 2}], "add": new,
         "charges": [{"kind": "tax", "code": "vat", "amount": money("0.38"), "rate": "19"}] if index % 2 == 0 else [],
         "ship_to": {"country": "AT", "line1": f"Street {index}"}, "ship_by": "2035-12-03T08:00:00Z", "method": "bike"}
        for index, number in enumerate(await placed(shop, count))
    ]  # fmt: skip


@builds("edits.begin")
async def begin_edit(shop: Shop, count: int) -> list[Payload]:
    return await edit(shop, count)


async def begun(shop: Shop, count: int) -> list[Payload]:
    return [{"edit": each["edit"]} for each in await shop.do("edits.begin", *await edit(shop, count))]


@builds("edits.confirm")
async def confirm_edit(shop: Shop, count: int) -> list[Payload]:
    return await begun(shop, count)


@builds("edits.drop")
async def drop_edit(shop: Shop, count: int) -> list[Payload]:
    return await begun(shop, count)
