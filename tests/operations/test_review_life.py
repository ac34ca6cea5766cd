"""Odd corners of an order's life."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lading.database import failpoints
from lading.database.lanes import Overloaded
from lading.journal.store import LostRace


async def test_verbs_side_by_side_do_not_deadlock(lone_shop: Any) -> None:
    """Cancel, source, place and release of the same products and orders."""
    shop = lone_shop
    await shop.stock_up(MUG_HAM=60, CAP_HAM=60, PEN_MUC=60)
    await shop.allow_backorders()
    numbers = [await shop.place({"MUG": 2, "CAP": 2, "PEN": 2}) for _ in range(8)]
    work = []
    for turn in range(6):
        cancelled = [{"line": 1 + turn % 3, "quantity": 1}]
        lost = {"location": "HAM", "quantity": 1, "kind": "lost", "reason": "x"}
        orders = [shop.order({"PEN": 3, "MUG": 3, "CAP": 3}) for _ in range(3)]
        cancels = [{"order": number, "reason": "x", "lines": cancelled} for number in reversed(numbers)]
        work += [
            shop.batch("orders.place", *orders),
            shop.batch("orders.source", *({"order": number} for number in numbers)),
            shop.batch("lines.cancel", *cancels),
            shop.batch("orders.release", *({"order": number} for number in numbers[turn : turn + 2])),
            shop.batch("stock.adjust", *({"sku": sku, **lost} for sku in ("MUG", "CAP"))),
        ]
    await asyncio.gather(*work)
    (row,) = await shop.fetch(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database() AND $1::int > 0"
    )
    assert row["deadlocks"] == 0
    await shop.check_books()


async def test_a_connection_lost_at_the_commit_is_answered_once(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    lost = [True]

    async def lose() -> None:
        if lost.pop() if lost else False:
            raise ConnectionResetError("after the commit")

    failpoints.arm("after_commit", lose)
    try:
        await shop.place({"MUG": 2})
    finally:
        failpoints.disarm("after_commit")
    (row,) = await shop.fetch("SELECT available, allocated FROM stock WHERE merchant_id = $1")
    assert (row["available"], row["allocated"]) == (3, 2)


async def test_a_race_that_is_lost_again_and_again_is_no_fault(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    attempts: list[int] = []

    async def lose() -> None:
        attempts.append(1)
        raise LostRace("always")

    failpoints.arm("before_commit", lose)
    try:
        with pytest.raises(Overloaded):
            await shop.batch("orders.place", shop.order({"MUG": 1}), shop.order({"MUG": 1}))
    finally:
        failpoints.disarm("before_commit")
    assert len(attempts) == 5
