"""What can be promised: what lies there less what is kept back, now and by date. Each scenario reads like a specification."""

from __future__ import annotations

import asyncio
from typing import Any


async def keep(shop: Any, rule: str | None, name: str = "safety_stock", **scope: str) -> None:
    """Set a rule of what is kept back."""
    await shop.do("policies.set", name=name, value=rule, **scope)


async def refused_at(shop: Any, units: int, **fields: Any) -> None:
    """An order over so many units more than can be promised is refused."""
    refusal = await shop.refusal("orders.place", **shop.order({"MUG": units}, **fields))
    assert refusal["name"] == "insufficient_stock", refusal


async def test_safety_stock_is_kept_back_at_each_location(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=10, MUG_MUC=4)
    await keep(shop, "3")
    await refused_at(shop, 9)
    await shop.place({"MUG": 8})  # 7 of Hamburg, 1 of Munich
    await refused_at(shop, 1)
    await keep(shop, None)
    await shop.place({"MUG": 6})
    await shop.check_books()


async def test_the_rule_of_a_product_wins_over_that_of_a_location(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=10, CUP_HAM=10)
    await keep(shop, "9", location="HAM")
    await keep(shop, "2", sku="MUG")
    await shop.place({"MUG": 8})
    await refused_at(shop, 1)
    assert (await shop.refusal("orders.place", **shop.order({"CUP": 2})))["name"] == "insufficient_stock"


async def test_a_percentage_is_of_what_lies_there_so_selling_does_not_lower_it(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=15)
    await keep(shop, "10%")
    await shop.place({"MUG": 13})  # 1.5 is kept back as 2
    await refused_at(shop, 1)
    await shop.check_books()


async def test_the_last_lots_are_kept_back(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=0)
    for lot, units in (("A", 5), ("B", 5)):
        await shop.do("stock.receive", sku="MUG", location="HAM", quantity=units, reason="opening", lot=lot)
    await keep(shop, "6")
    await shop.place({"MUG": 4})
    rows = await shop.fetch("SELECT lot, available FROM stock WHERE merchant_id = $1 ORDER BY lot")
    assert [(row["lot"], row["available"]) for row in rows] == [("A", 1), ("B", 5)]
    await refused_at(shop, 1)


async def test_a_buffer_is_kept_back_from_one_channel_only(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=10)
    await shop.do("channels.save", code="market", name="Marketplace")
    await keep(shop, "2")
    await keep(shop, "6", name="channel_buffer", channel="market")
    await shop.place({"MUG": 3}, channel="market")
    await refused_at(shop, 2, channel="market")
    await shop.place({"MUG": 1}, channel="market")
    await refused_at(shop, 1, channel="market")
    await shop.place({"MUG": 4})
    await refused_at(shop, 1)
    await shop.check_books()


async def test_what_is_kept_back_is_so_among_many_buyers_too(shop: Any) -> None:
    """32 clients after 20 units of which 7 are kept back, and 4 more from the marketplace."""
    await shop.stock_up(MUG_HAM=20)
    await shop.do("channels.save", code="market", name="Marketplace")
    await keep(shop, "7")
    await keep(shop, "11", name="channel_buffer", channel="market")

    async def buy(number: int) -> bool:
        order = shop.order({"MUG": 1}, channel="market" if number % 2 else "web")
        (outcome,) = await shop.batch("orders.place", order)
        return "refused" not in outcome

    sold = await asyncio.gather(*(buy(number) for number in range(32)))
    assert sum(sold) == 13
    rows = await shop.fetch("SELECT available, allocated FROM stock WHERE merchant_id = $1")
    assert [dict(row) for row in rows] == [{"available": 7, "allocated": 13}]
    await shop.stock_up(CUP_HAM=20)

    async def buy_cup() -> bool:
        (outcome,) = await shop.batch("orders.place", shop.order({"CUP": 1}, channel="market"))
        return "refused" not in outcome

    assert sum(await asyncio.gather(*(buy_cup() for _ in range(32)))) == 9
    await shop.check_books()


async def test_sourcing_again_leaves_what_is_kept_back(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=0)
    await shop.allow_backorders()
    number = await shop.place({"MUG": 5})
    await keep(shop, "2")
    await shop.stock_up(MUG_HAM=4)
    outcome = await shop.do("orders.source", order=number)
    assert (outcome["allocated"], outcome["missing"]) == (2, 3)
    await shop.check_books()
