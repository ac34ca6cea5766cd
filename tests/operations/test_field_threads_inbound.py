"""The field's threads that concern what is waited for, by the numbers of FIELD section 3."""

from __future__ import annotations

import asyncio

from tests.operations.conftest import Shop
from tests.operations.test_inbound_life import DECEMBER_3, buy, work


async def test_field_09_what_was_sold_is_allocated_or_waits_in_the_same_transaction(shop: Shop) -> None:
    """vendure#3508, #1738, PR#4930: a paid order is silently under-allocated, for check and allocation are apart."""
    await shop.stock_up(MUG_HAM=3)
    await shop.do("policies.set", name="may_backorder", value=True)
    outcomes = await asyncio.gather(*(shop.batch("orders.place", shop.order({"MUG": 2})) for _ in range(8)))
    for (outcome,) in outcomes:
        units = await shop.units(outcome["number"])
        assert units.get("allocated", 0) + units.get("backordered", 0) == 2
        assert sum(each["quantity"] for each in outcome["promises"]) == units.get("backordered", 0)
    await shop.check_books()


async def test_field_10_a_hundred_orders_get_what_arrives_to_the_last_unit(shop: Shop) -> None:
    """saleor#543, #5334: one or two of 100 orders stay without an allocation."""
    await shop.stock_up(MUG_HAM=0)
    await shop.do("policies.set", name="may_backorder", value=True)
    orders = await shop.batch("orders.place", *(shop.order({"MUG": 1}) for _ in range(100)))
    name = await buy(shop, ("MUG", 100, DECEMBER_3))
    for quantity in (33, 66, 1):
        await shop.do("purchase-orders.receive", purchase_order=name, lines=[{"line": 1, "quantity": quantity}])
        await work(shop)
    assert [await shop.units(each["number"]) for each in orders] == [{"allocated": 1}] * 100
    assert await shop.fetch("SELECT 1 FROM promise WHERE merchant_id = $1") == []
    await shop.check_books()


async def test_field_06_what_a_cancellation_frees_goes_to_whoever_waits(shop: Shop) -> None:
    """medusa#11266, #11703, #12796: reservations are left behind, or not made again, when a fulfilment is cancelled."""
    await shop.stock_up(MUG_HAM=2)
    await shop.do("policies.set", name="may_backorder", value=True)
    first = await shop.place({"MUG": 2})
    second = await shop.place({"MUG": 2})
    await shop.do("orders.release", order=first)
    await shop.do("lines.cancel", order=first, reason="customer")
    await work(shop)
    assert await shop.units(second) == {"allocated": 2}
    await shop.check_books()
