"""Threads of other systems about promises that nobody kept, as tests of ours."""

from __future__ import annotations

from typing import Any

from lading.views.availability import AvailabilityQuery, availability


async def told(shop: Any, sku: str) -> int:
    """What can be promised."""
    async with shop.database.read(shop.merchant_id) as tx:
        (item,) = (await availability(tx, AvailabilityQuery(skus=[sku]))).items
    return item.available


async def test_field_04_what_is_confirmed_over_all_locations_is_taken_from_all_of_them(shop: Any) -> None:
    """medusa#14987: the sum over locations was confirmed, but only the first one gave units. With safety stock at each."""
    await shop.stock_up(MUG_HAM=3, MUG_MUC=4, MUG_LEJ=5)
    await shop.do("policies.set", name="safety_stock", value="1")
    units = await told(shop, "MUG")
    assert units == 2 + 3 + 4
    await shop.place({"MUG": units})
    rows = await shop.fetch("SELECT available, allocated FROM stock WHERE merchant_id = $1")
    assert sorted((row["available"], row["allocated"]) for row in rows) == [(1, 2), (1, 3), (1, 4)]
    assert await told(shop, "MUG") == 0
    await shop.check_books()


async def test_field_02_two_lines_of_one_product_do_not_share_what_is_kept_back(shop: Any) -> None:
    """medusa#16502: each line passed the check by itself, and together they went below zero. Here: below the safety stock."""
    await shop.stock_up(MUG_HAM=5)
    await shop.do("policies.set", name="safety_stock", value="2")
    order = shop.order({"MUG": 2})
    order["lines"] *= 2
    refusal = await shop.refusal("orders.place", **order)
    assert refusal["name"] == "insufficient_stock" and refusal["facts"]["missing"] == 1
    assert await told(shop, "MUG") == 3
    await shop.check_books()
