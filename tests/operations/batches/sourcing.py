"""Rules that say which location fills what."""

from __future__ import annotations

from tests.operations.batches.building import builds
from tests.operations.batches.orders import placed
from tests.races.shop import Payload, Shop


@builds("sourcing-rules.save")
async def save_sourcing_rules(shop: Shop, count: int) -> list[Payload]:
    rule = {"name": "Berlin", "by": "listed", "locations": ["BER"]}
    return [{"rules": [{**rule, "when": {"products": ["A"]}}]} for _ in range(count)]


@builds("sourcing-previews.make")
async def make_sourcing_previews(shop: Shop, count: int) -> list[Payload]:
    await placed(shop, 2)
    return [{} for _ in range(count)]


@builds("orders.resource")
async def resource_orders(shop: Shop, count: int) -> list[Payload]:
    """It became cheaper to send from Berlin after the orders were placed."""
    numbers = await placed(shop, count)
    costs = {
        "currency": "EUR", "zones": [{"zone": "here", "locations": ["HAM"]}, {"zone": "there"}],
        "rates": [
            {"zone": "here", "up_to_grams": 9_000, "amount": "5.00"}, {"zone": "there", "up_to_grams": 9_000, "amount": "4.00"},
        ],
    }  # fmt: skip
    await shop.do("sourcing-rules.save", {"strategies": [{"name": "cheapest", "take": "cheapest"}], "costs": costs})
    (made,) = await shop.do("sourcing-previews.make", {})
    assert len(made["orders"]) == count
    return [{"order": number, "preview": made["preview"]} for number in numbers]
