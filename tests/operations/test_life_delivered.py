"""From release to delivery, as tables: each step, and where the units of the order stand after it."""

from __future__ import annotations

from typing import Any

STAGES = "open backordered allocated released picked packed in_transit delivered cancelled sent_back lost".split()


async def units(shop: Any, number: str) -> dict[str, int]:
    """The units of an order by stage, those above zero; the order's sums and its lines must agree."""
    (order,) = await shop.fetch("SELECT * FROM orders WHERE merchant_id = $1 AND number = $2", int(number))
    lines = await shop.fetch("SELECT * FROM order_line WHERE merchant_id = $1 AND order_id = $2", order["id"])
    assert {stage: sum(line[stage] for line in lines) for stage in STAGES} == {stage: order[stage] for stage in STAGES}
    return {stage: order[stage] for stage in STAGES if order[stage]}


async def test_a_straight_order_from_release_to_delivery(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    number = await shop.place({"MUG": 3})
    assert await units(shop, number) == {"allocated": 3}
    assert (await shop.do("orders.release", order=number))["fulfillment_orders"] == [f"{number}-F1"]
    assert await units(shop, number) == {"released": 3}
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    assert await units(shop, number) == {"picked": 3}
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1")
    assert await units(shop, number) == {"packed": 3}
    await shop.do("parcels.ship", parcel=f"{number}-P1", carrier="DHL", tracking_number="123")
    assert await units(shop, number) == {"in_transit": 3}
    done = await shop.do("parcels.track", parcel=f"{number}-P1", status="delivered", occurred_at="2026-01-05T10:00:00Z")
    assert (done["stage"], done["status"], done["version"]) == ("done", "delivered", 6)
    assert await units(shop, number) == {"delivered": 3}
