"""Checks that count over a customer's orders see the orders of everybody else who places one just now."""

from __future__ import annotations

import asyncio

from tests.races.shop import open_shop, order
from tests.races.test_races import two_processes

ADA = {"name": "Ada", "email": "ada@example.com"}


async def test_of_many_orders_of_one_customer_at_once_as_many_go_as_may(shared_dsn: str) -> None:
    """Three in an hour: of 24 orders, each a batch of its own in one of two processes, three are not held."""
    async with two_processes(shared_dsn) as (one, other):
        await one.stock_up(50)
        await one.do("policies.set", {"name": "hold_over_orders", "value": 3})
        placed = await asyncio.gather(
            *((one, other)[index % 2].do("orders.place", order(("A", 1), customer=ADA)) for index in range(24))
        )
        assert sum(not outcome["holds"] for (outcome,) in placed) == 3
        assert await one.audit() == []


async def test_the_same_order_from_two_windows_is_held_once(shared_dsn: str) -> None:
    async with open_shop(shared_dsn) as shop:
        await shop.stock_up(50)
        await shop.do("policies.set", {"name": "hold_duplicate_minutes", "value": 5})
        placed = await asyncio.gather(*(shop.do("orders.place", order(("B", 2), customer=ADA)) for _ in range(2)))
        assert sorted(outcome["holds"] for (outcome,) in placed) == [[], ["duplicate_order"]]
        assert await shop.audit() == []


async def test_lifting_and_expiring_at_once_lift_once(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as (one, other):
        await one.stock_up(5)
        (placed,) = await one.do("orders.place", order(("A", 1)))
        await one.do("orders.hold", {"order": placed["number"], "kind": "fraud"})
        command = {"order": placed["number"]}
        done = await asyncio.gather(*(shop.do("holds.release", command) for shop in (one, other, one, other)))
        assert sorted(len(outcome["released"]) for (outcome,) in done) == [0, 0, 0, 1]
        assert await one.audit() == []
