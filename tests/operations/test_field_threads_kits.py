"""The field's threads about kits, by the numbers of FIELD section 3."""

from __future__ import annotations

import asyncio

from lading.views.availability import AvailabilityQuery, availability
from lading.views.order import order as order_view
from tests.operations.conftest import Shop


async def test_field_02_two_lines_that_share_an_item_are_counted_together(shop: Shop) -> None:
    """medusa#16502: two lines sharing one inventory item each pass the check, and the location goes negative."""
    await shop.stock_up(SHIRT_HAM=3, TWIN_HAM=0, TRIO_HAM=0)
    await shop.do("kits.save", sku="TWIN", components=[{"sku": "SHIRT", "per_kit": 2}])
    await shop.do("kits.save", sku="TRIO", components=[{"sku": "SHIRT", "per_kit": 3}])
    for wanted, missing in (({"TWIN": 1, "TRIO": 1}, 1), ({"TWIN": 1, "SHIRT": 2}, 1), ({"SHIRT": 1, "TRIO": 1}, 1)):
        refused = await shop.refusal("orders.place", **shop.order(wanted))
        assert (refused["name"], refused["facts"]["missing"]) == ("insufficient_stock", missing)
    async with shop.database.read(shop.merchant_id) as tx:
        told = await availability(tx, AvailabilityQuery(skus=["TWIN", "TRIO", "SHIRT"]))
    assert [item.available for item in told.items] == [1, 1, 3]
    await shop.place({"TWIN": 1, "SHIRT": 1})
    assert (await shop.fetch("SELECT available, allocated FROM stock WHERE merchant_id = $1"))[0] == {
        "available": 0, "allocated": 3,
    }  # fmt: skip
    await shop.check_books()


async def test_field_02_thirty_two_buyers_of_kits_and_of_their_parts(shop: Shop) -> None:
    """The same in a race: exactly the shirts that are there are promised."""
    await shop.stock_up(SHIRT_HAM=20, TWIN_HAM=0)
    await shop.do("kits.save", sku="TWIN", components=[{"sku": "SHIRT", "per_kit": 2}])
    orders = [shop.order({"TWIN": 1} if number % 2 else {"SHIRT": 1}) for number in range(32)]
    outcomes = await asyncio.gather(*(shop.batch("orders.place", order) for order in orders))
    sold = sum(1 + number % 2 for number, (outcome,) in enumerate(outcomes) if "refused" not in outcome)
    (row,) = await shop.fetch("SELECT available, allocated FROM stock WHERE merchant_id = $1")
    assert row["allocated"] == sold >= 19
    assert row["available"] == 20 - sold
    await shop.check_books()


async def test_field_25_kit_return_shows_on_the_kit(shop: Shop) -> None:
    """odoo#53783: a returned kit must show on its line, not only on its components."""
    await shop.stock_up(SHIRT_HAM=4, TWIN_HAM=0)
    await shop.do("kits.save", sku="TWIN", components=[{"sku": "SHIRT", "per_kit": 2}])
    past = {"location": "HAM", "placed_at": "2019-03-02T11:00:00Z", "delivered_at": "2019-03-04T11:00:00Z"}
    number = (await shop.do("orders.record", **shop.order({"TWIN": 2}), **past))["number"]
    asked = await shop.do("returns.request", order=number, reason="size", lines=[{"line": 1, "quantity": 1}])
    async with shop.database.read(shop.merchant_id) as tx:
        assert (await order_view(tx, number)).lines[0].units == {"delivered": 2, "return_requested": 1}
    one = [{"line": 2, "quantity": 2}]
    await shop.do("returns.receive", document=asked["document"], location="HAM", lines=one)
    async with shop.database.read(shop.merchant_id) as tx:
        assert (await order_view(tx, number)).lines[0].units == {"delivered": 2, "returned": 1}
    await shop.check_books()
