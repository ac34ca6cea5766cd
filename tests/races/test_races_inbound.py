"""Where clients, receipts and the worker meet over what is not there yet."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from lading.database import failpoints
from lading.database.pool import Database
from lading.entrypoints.files import Files
from lading.entrypoints.worker.main import Worker
from tests.races.shop import Shop, open_shop, order
from tests.races.test_races import sentences, two_processes

DUE = "2035-12-03T08:00:00Z"


def worker(shop: Shop) -> Worker:
    return Worker(shop.database, Files(Path("/nowhere"), shop.database))


async def buy(shop: Shop, quantity: int) -> str:
    line = {"sku": "A", "location": "HAM", "quantity": quantity, "due_at": DUE}
    (bought,) = await shop.do("purchase-orders.place", {"supplier": "Nord", "lines": [line]})
    return str(bought["purchase_order"])


async def may_wait(shop: Shop, limit: int | None = None) -> None:
    await shop.stock_up(0, ["A"], ["HAM"])
    await shop.do("policies.set", {"name": "may_backorder", "value": True})
    if limit is not None:
        await shop.do("policies.set", {"name": "backorder_limit", "value": limit})


async def test_32_clients_may_let_exactly_10_units_wait(database_dsn: str) -> None:
    async with two_processes(database_dsn) as shops:
        await may_wait(shops[0], limit=10)

        async def client(number: int) -> Any:
            ranked = order(("A", 1), priority=number % 3)
            return (await shops[number % 2].answers("orders.place", [ranked]))[0]

        answers = await asyncio.gather(*(client(number) for number in range(32)))
        assert sum(answer.accepted for answer in answers) == 10
        assert all(b"backorder_limit" in answer.body for answer in answers if not answer.accepted)
        assert await sentences(shops[0]) == []


async def test_receipts_buyers_cancellations_and_two_workers_at_once(database_dsn: str) -> None:
    """Whatever comes first, every unit is with one order at most, and what is told follows from the journal."""
    async with two_processes(database_dsn) as shops:
        await may_wait(shops[0])
        name = await buy(shops[0], 60)
        workers = [worker(shop) for shop in shops]

        async def buyer(number: int) -> None:
            shop = shops[number % 2]
            for _ in range(4):
                (placed,) = await shop.do("orders.place", order(("A", 2), priority=number % 2))
                if number % 4 == 0:
                    await shop.answers("lines.cancel", [{"order": placed["number"], "reason": "late"}])

        async def dock(number: int) -> None:
            for _ in range(5):
                came = {"purchase_order": name, "lines": [{"line": 1, "quantity": 5, "damaged": 1}]}
                await shops[number].do("purchase-orders.receive", came)

        async def serve(number: int) -> None:
            for _ in range(12):
                await workers[number].read_feeds()

        await asyncio.gather(*map(buyer, range(8)), *map(dock, range(2)), *map(serve, range(2)))
        for _ in range(3):
            await workers[0].read_feeds()
        (stock,) = await shops[0].fetch("SELECT available, allocated, damaged FROM stock WHERE merchant_id = $1")
        (waits,) = await shops[0].fetch("SELECT sum(backordered) AS units FROM orders WHERE merchant_id = $1")
        assert stock["available"] + stock["allocated"] == 50 and stock["damaged"] == 10
        assert stock["available"] == 0 or waits["units"] == 0
        assert await sentences(shops[0]) == []


@pytest.mark.parametrize("point", ["before_commit", "after_commit"])
async def test_a_worker_that_dies_while_it_gives_out_is_repeated_without_a_trace(database_dsn: str, point: str) -> None:
    async with open_shop(database_dsn) as shop:
        await may_wait(shop)
        orders = await shop.do("orders.place", *(order(("A", 2)) for _ in range(5)))
        name = await buy(shop, 7)
        await shop.do("purchase-orders.receive", {"purchase_order": name})
        died = []

        async def die() -> None:
            if not died:
                died.append(point)
                raise asyncio.CancelledError

        failpoints.arm(point, die)
        try:
            with pytest.raises(asyncio.CancelledError):
                await worker(shop).read_feeds()
        finally:
            failpoints.disarm(point)
        database = await Database.connect(database_dsn)
        try:
            again = Shop(database, shop.merchant_id)
            for _ in range(2):
                await worker(again).read_feeds()
            rows = await again.fetch("SELECT allocated FROM orders WHERE merchant_id = $1 ORDER BY number")
            assert [row["allocated"] for row in rows] == [2, 2, 2, 1, 0]
            assert len(orders) == 5
            assert await sentences(again) == []
        finally:
            await database.close()


async def test_a_reference_is_borne_by_one_purchase_order_however_many_ask(database_dsn: str) -> None:
    async with two_processes(database_dsn) as shops:
        await shops[0].stock_up(0, ["A"], ["HAM"])
        line = {"sku": "A", "location": "HAM", "quantity": 1, "due_at": DUE}
        place = {"supplier": "Nord", "reference": "B-1", "lines": [line]}
        answers = await asyncio.gather(*(shops[n % 2].answers("purchase-orders.place", [place]) for n in range(8)))
        assert sum(answer.accepted for (answer,) in answers) == 1
        assert await sentences(shops[0]) == []
