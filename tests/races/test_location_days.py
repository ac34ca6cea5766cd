"""Many clients for the days of locations: never more than a day takes, and no lock where nothing is taken."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from lading.database import failpoints, pool
from lading.database.pool import Database
from lading.fulfillment import store as fulfillment
from lading.inventory import store as inventory
from lading.journal.types import Answer
from lading.operations.execute import Executor
from tests.operations.test_statement_counts import Counted
from tests.races.shop import Payload, Shop, open_shop, order
from tests.races.test_races import stop_once

NOW = datetime(2026, 5, 18, 10, tzinfo=UTC)
DAYS = [f"2026-05-{day}" for day in range(18, 32)]


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    for point in ("before_postings", "after_prefetch"):
        failpoints.disarm(point)


@asynccontextmanager
async def processes(dsn: str, count: int = 2) -> AsyncIterator[list[Shop]]:
    """One merchant, several sets of connections; it is Monday noon for all of them."""
    async with open_shop(dsn) as first:
        others = [await Database.connect(dsn) for _ in range(count - 1)]
        try:
            shops = [first, *(Shop(database, first.merchant_id) for database in others)]
            for shop in shops:
                shop.executor = Executor(shop.database, lambda: NOW)
            yield shops
        finally:
            for database in others:
                await database.close()


def place_fields(code: str, **schedule: Any) -> Payload:
    return {"code": code, "name": code, "kind": "store", "time_zone": "UTC", "country": "DE", "schedule": schedule}


async def taken(shop: Shop) -> dict[tuple[str, str], tuple[int, int]]:
    rows = await shop.fetch(
        "SELECT l.code, c.day, c.orders, c.units FROM capacity c JOIN location l ON l.merchant_id = $1 AND l.id = c.location_id"
        " WHERE c.merchant_id = $1 AND c.units > 0 ORDER BY 1, 2"
    )
    return {(row["code"], row["day"].isoformat()): (row["orders"], row["units"]) for row in rows}


def outcomes(answers: list[list[Answer]]) -> list[dict[str, Any]]:
    return [msgspec.json.decode(answer.body) for each in answers for answer in each]


@pytest.mark.parametrize("counts", ["orders", "units"])
async def test_32_clients_for_10_places_over_5_days_get_exactly_10(shared_dsn: str, counts: str) -> None:
    """Each of another product, so that nothing but the days makes them wait for each other."""
    async with processes(shared_dsn) as shops:
        skus = [f"P{number}" for number in range(32)]
        await shops[0].stock_up(5, skus, ["HAM"])
        await shops[0].do(
            "locations.save", place_fields("HAM", capacity={"per_day": 2, "counts": counts}, horizon_days=4)
        )
        answers = await asyncio.gather(
            *(shops[number % 2].answers("orders.place", [order((sku, 1))]) for number, sku in enumerate(skus))
        )
        told = outcomes(answers)
        assert Counter(each.get("ship_on") for each in told if "refused" not in each) == dict.fromkeys(DAYS[:5], 2)
        assert {each["name"] for each in told if "refused" in each} == {"insufficient_stock"}
        assert set((await taken(shops[0])).values()) == {(2, 2)}
        assert await shops[0].audit() == []


async def test_whoever_comes_second_to_a_day_that_is_just_opened_gets_what_is_left_of_it(shared_dsn: str) -> None:
    async with processes(shared_dsn) as (first, second):
        await first.stock_up(9, ["A", "B"], ["HAM"])
        await first.do("locations.save", place_fields("HAM", capacity={"per_day": 1}))
        reached, go_on = stop_once("before_postings")
        slow = asyncio.create_task(first.answers("orders.place", [order(("A", 1))]))
        await reached.wait()
        quick = asyncio.create_task(second.answers("orders.place", [order(("B", 1))]))
        await asyncio.sleep(0.1)
        go_on.set()
        assert [each["ship_on"] for each in outcomes([await slow, await quick])] == DAYS[:2]
        assert await first.audit() == []


async def test_places_and_cancellations_that_cross_each_other_never_deadlock(database_dsn: str) -> None:
    async with processes(database_dsn) as shops:
        await shops[0].stock_up(1_000, ["A", "B"], ["BER", "HAM"])
        capacity = {"per_day": 20, "counts": "units"}
        await shops[0].do("locations.save", *(place_fields(code, capacity=capacity) for code in ("BER", "HAM")))

        async def client(number: int) -> None:
            shop = shops[number % 2]
            wanted = [("A", 3), ("B", 2)] if number % 3 else [("B", 7)]
            placed = await shop.do("orders.place", *(order(*wanted) for _ in range(2)))
            cancel = {"order": placed[0]["number"], "reason": "late"}
            await shop.do("lines.cancel", cancel if number % 2 else cancel | {"lines": [{"line": 1, "quantity": 2}]})

        await asyncio.gather(*(client(number) for number in range(24)))
        assert all(units <= 20 for _, units in (await taken(shops[0])).values())
        rows = await shops[0].fetch(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database() AND $1::int > 0"
        )
        assert rows[0]["deadlocks"] == 0
        assert await shops[0].audit() == []


async def test_two_groups_that_move_under_each_other_at_once_stay_a_tree(shared_dsn: str) -> None:
    async with processes(shared_dsn) as (first, second):
        await first.do("location-groups.save", *({"code": code, "name": code} for code in "XY"))
        reached, go_on = stop_once("after_prefetch")
        moved = {"code": "X", "name": "X", "parent": "Y"}
        slow = asyncio.create_task(first.answers("location-groups.save", [moved]))
        await reached.wait()
        quick = asyncio.create_task(second.answers("location-groups.save", [{"code": "Y", "name": "Y", "parent": "X"}]))
        await asyncio.sleep(0.1)
        go_on.set()
        assert [answer.accepted for each in (await slow, await quick) for answer in each] == [True, False]
        assert await first.audit() == []


async def test_a_product_stocked_at_1000_stores_locks_a_few_rows_for_a_line(
    shared_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more rows of stock and of days than the orders take from."""
    locked: list[int] = []
    lock_supplies, lock_days = inventory.lock_supplies, fulfillment.lock_days

    async def counting(tx: Any, keys: Any, **options: Any) -> Any:
        wanted = list(keys)
        locked.append(len(wanted))
        return await (lock_days if wanted and isinstance(wanted[0][1], date) else lock_supplies)(tx, wanted, **options)

    async with processes(shared_dsn, 1) as (shop,):
        stores = [f"S{number:04}" for number in range(1_000)]
        await shop.do("channels.save", {"code": "web", "name": "Web"})
        await shop.do("locations.save", *(place_fields(code, capacity={"per_day": 3}) for code in stores))
        await shop.do("products.save", {"sku": "A", "name": "A"})
        await shop.do(
            "stock.receive", *({"sku": "A", "location": code, "quantity": 2, "reason": "opening"} for code in stores)
        )
        monkeypatch.setattr(inventory, "lock_supplies", counting)
        monkeypatch.setattr(fulfillment, "lock_days", counting)
        await shop.do("orders.place", order(("A", 1)))
        assert locked == [1, 1], "one row of stock, one day"
        locked.clear()
        await shop.do("orders.place", order(("A", 7)), *(order(("A", 1)) for _ in range(9)))
        assert sum(locked) <= 2 * 14, "four stores for the large order, and one for each of the others at most"
        assert await shop.audit() == []


async def test_a_batch_of_a_thousand_takes_as_many_statements_as_one_where_days_are_counted(
    shared_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = []
    for count in (1, 1_000):
        async with open_shop(shared_dsn) as shop:
            await shop.stock_up(5_000, ["A"], ["HAM"])
            await shop.do("locations.save", place_fields("HAM", capacity={"per_day": 100}))
            await shop.do("orders.place", order(("A", 1)))
            monkeypatch.setattr(pool, "Transaction", Counted)
            Counted.seen.clear()
            await shop.do("orders.place", *(order(("A", 1)) for _ in range(count)))
            counted.append([name for tx in Counted.seen for name in tx.names if name != "draw_order_numbers"])
            monkeypatch.undo()
            assert await shop.audit() == []
    added = {"read_capacity", "insert_days", "lock_days", "update_days", "insert_bookings", "insert_dated_allocations"}
    assert set(counted[1]) - set(counted[0]) <= {"insert_days"}, "1,000 orders open days that nobody opened yet"
    assert len(counted[1]) <= len(counted[0]) + 1 and added <= set(counted[1])
