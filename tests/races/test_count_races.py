"""Counts, transfers and shortages beside orders that go on: never a unit too many or too few, never a variance that is not there."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import asyncpg
import pytest
from msgspec import structs

from lading.counts import rules
from lading.database import failpoints
from lading.journal.types import Decision
from lading.operations.registry import Batch, verbs
from tests.races.shop import DAY, Shop, envelope, order
from tests.races.test_races import POINTS, sentences, stop_once, two_processes


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    for point in POINTS:
        failpoints.disarm(point)


async def book(shop: Shop, sku: str = "A") -> dict[str, int]:
    """What the book says of the product over all locations."""
    (row,) = await shop.fetch(
        "SELECT sum(available)::int AS available, sum(allocated)::int AS allocated, sum(picked)::int AS picked, sum(packed)::int AS packed,"
        " sum(short)::int AS short FROM stock WHERE merchant_id = $1"
        " AND sku_id = (SELECT id FROM sku WHERE merchant_id = $1 AND code = $2)",
        sku,
    )
    return dict(row)


async def open_count(shop: Shop, *skus: str) -> str:
    return str((await shop.do("counts.open", {"location": "HAM", "skus": list(skus or ("A",))}))[0]["count"])


async def record(shop: Shop, count: str, found: int, sku: str = "A") -> dict[str, Any]:
    return (await shop.do("counts.record", {"count": count, "lines": [{"sku": sku, "quantity": found}]}))[0]


async def approve(shop: Shop, count: str) -> dict[str, Any]:
    return (await shop.do("counts.approve", {"count": count, "reason": "cycle"}))[0]


async def released(shop: Shop, quantity: int) -> str:
    """The fulfillment order of a new order for so many units."""
    number = (await shop.do("orders.place", order(("A", quantity))))[0]["number"]
    return str((await shop.do("orders.release", {"order": number}))[0]["fulfillment_orders"][0])


async def expected(shop: Shop) -> list[int]:
    return [
        row["expected"] for row in await shop.fetch("SELECT expected FROM stock_count_entry WHERE merchant_id = $1")
    ]


@pytest.mark.parametrize("point", ["after_prefetch", "before_postings", "before_events", "before_commit"])
async def test_a_count_that_meets_a_pick_sees_it_whole(shared_dsn: str, point: str) -> None:
    """The pick is stopped with its rows locked; the count waits for it, and expects what the pick left."""
    async with two_processes(shared_dsn) as (first, second):
        await first.stock_up(10, ["A"], ["HAM"])
        fulfillment_order = await released(first, 3)
        count = await open_count(first)
        reached, go_on = stop_once(point)
        pick = asyncio.create_task(first.do("fulfillment-orders.pick", {"fulfillment_order": fulfillment_order}))
        await reached.wait()
        counting = asyncio.create_task(record(second, count, 7))
        await asyncio.sleep(0.05)
        go_on.set()
        await asyncio.gather(pick, counting)
        assert await expected(first) == [7]
        assert (await approve(second, count))["variances"] == []
        assert await sentences(first) == []


@pytest.mark.parametrize("point", ["after_prefetch", "before_postings", "before_events", "before_commit"])
async def test_a_pick_that_meets_an_approval_leaves_the_difference_alone(shared_dsn: str, point: str) -> None:
    """8 of 10 are there. While the approval is stopped, 3 are picked; 5 are left on the shelf and in the book."""
    async with two_processes(shared_dsn) as (first, second):
        await first.stock_up(10, ["A"], ["HAM"])
        fulfillment_order = await released(first, 3)
        count = await open_count(first)
        await record(first, count, 8)
        reached, go_on = stop_once(point)
        approval = asyncio.create_task(approve(first, count))
        await reached.wait()
        pick = asyncio.create_task(second.do("fulfillment-orders.pick", {"fulfillment_order": fulfillment_order}))
        await asyncio.sleep(0.05)
        go_on.set()
        await asyncio.gather(approval, pick)
        assert await book(first) == {"available": 5, "allocated": 0, "picked": 3, "packed": 0, "short": 0}
        assert await sentences(first) == []


@pytest.mark.parametrize("point", ["after_prefetch", "before_postings", "before_commit"])
async def test_two_approvals_at_once_correct_a_shelf_once(shared_dsn: str, point: str) -> None:
    """Both counts found 8 of 10; whoever comes second finds the book corrected."""
    async with two_processes(shared_dsn) as (first, second):
        await first.stock_up(10, ["A"], ["HAM"])
        counts = [await open_count(first) for _ in range(2)]
        for count in counts:
            await record(first, count, 8)
        reached, go_on = stop_once(point)
        slow = asyncio.create_task(approve(first, counts[0]))
        await reached.wait()
        quick = asyncio.create_task(approve(second, counts[1]))
        await asyncio.sleep(0.05)
        go_on.set()
        assert [len((await task)["variances"]) for task in (slow, quick)] == [1, 0]
        assert (await book(first))["available"] == 8
        assert await sentences(first) == []


@pytest.mark.parametrize("first_is", ["approval", "receipt"])
async def test_a_receipt_told_late_that_meets_an_approval_counts_once(shared_dsn: str, first_is: str) -> None:
    """15 of 10 were counted, for 5 had come: whether the approval or the receipt is first, 15 there are."""
    async with two_processes(shared_dsn) as (first, second):
        await first.stock_up(10, ["A"], ["HAM"])
        late = {
            "sku": "A",
            "location": "HAM",
            "quantity": 5,
            "reason": "purchase",
            "occurred_at": datetime.now(UTC).isoformat(),
        }
        count = await open_count(first)
        await record(first, count, 15)
        reached, go_on = stop_once("before_commit")
        works = {"approval": partial(approve, first, count), "receipt": partial(second.do, "stock.receive", late)}
        slow = asyncio.create_task(works.pop(first_is)())
        await reached.wait()
        quick = asyncio.create_task(works.popitem()[1]())
        await asyncio.sleep(0.05)
        go_on.set()
        await asyncio.gather(slow, quick)
        assert (await book(first))["available"] == 15
        assert await sentences(first) == []


async def test_a_shelf_that_is_empty_on_the_book_is_counted_while_a_receipt_arrives(shared_dsn: str) -> None:
    """The row of stock does not exist yet: whoever comes first makes it, and the count expects what it has then."""
    async with two_processes(shared_dsn) as (first, second):
        await first.stock_up(0, ["A", "B"], ["HAM"])
        await first.do("stock.receive", {"sku": "B", "location": "HAM", "quantity": 1, "reason": "opening"})
        count = await open_count(first, "B")
        arrived = {"sku": "A", "location": "HAM", "quantity": 5, "reason": "purchase"}
        reached, go_on = stop_once("before_commit")
        receipt = asyncio.create_task(first.do("stock.receive", arrived))
        await reached.wait()
        counting = asyncio.create_task(record(second, count, 5))
        await asyncio.sleep(0.05)
        go_on.set()
        await asyncio.gather(receipt, counting)
        assert await expected(first) == [5]
        assert await sentences(first) == []


async def test_a_pick_told_before_a_count_and_written_after_it_is_not_taken_for_a_late_one(shared_dsn: str) -> None:
    """The pick waits for its order while somebody counts: the count expected what the pick takes only afterwards."""
    async with two_processes(shared_dsn) as (first, second):
        await first.stock_up(10, ["A"], ["HAM"])
        fulfillment_order = await released(first, 4)
        count = await open_count(second)
        blocker = await asyncpg.connect(shared_dsn)
        try:
            waiting = blocker.transaction()
            await waiting.start()
            await blocker.execute("SELECT 1 FROM orders WHERE merchant_id = $1 FOR UPDATE", first.merchant_id)
            pick = asyncio.create_task(first.do("fulfillment-orders.pick", {"fulfillment_order": fulfillment_order}))
            await asyncio.sleep(0.1)
            await record(second, count, 10)
            await waiting.commit()
            await pick
        finally:
            await blocker.close()
        assert (await approve(second, count))["variances"] == []
        assert await sentences(first) == []


async def test_counts_are_exact_while_orders_are_placed_picked_and_shipped(shared_dsn: str) -> None:
    """50 units are not there from the beginning. Counts come at any moment; at the end the book holds what really lies there."""
    missing, start = 50, 1_000
    async with two_processes(shared_dsn) as shops:
        await shops[0].stock_up(start, ["A"], ["HAM"])
        rng = random.Random(7)
        shipped = 0

        async def client(number: int) -> None:
            nonlocal shipped
            shop, mine = shops[number % 2], random.Random(number)
            for _ in range(6):
                quantity = mine.randint(1, 4)
                fulfillment_order = await released(shop, quantity)
                await shop.do("fulfillment-orders.pick", {"fulfillment_order": fulfillment_order})
                parcel = (await shop.do("parcels.pack", {"fulfillment_order": fulfillment_order}))[0]["parcel"]
                await shop.do("parcels.ship", {"parcel": parcel, "carrier": "DHL"})
                shipped += quantity

        corrected = 0

        async def counter() -> None:
            """Two counts at a time, each at its own moment; what one of them corrects the other one need not."""
            nonlocal corrected
            for _ in range(4):
                counts = [await open_count(shop) for shop in shops]
                for shop, count in zip(shops, counts, strict=True):
                    await asyncio.sleep(rng.uniform(0, 0.02))
                    await count_exactly(shop, count, missing + corrected)
                for shop, count in zip(shops, counts, strict=True):
                    await asyncio.sleep(rng.uniform(0, 0.02))
                    done = await approve(shop, count)
                    corrected += sum(line["found"] - line["lost"] for line in done["variances"])

        await asyncio.gather(counter(), *(client(number) for number in range(8)))
        assert corrected == -missing
        assert await book(shops[0]) == {
            "available": start - missing - shipped, "allocated": 0, "picked": 0, "packed": 0, "short": 0,
        }  # fmt: skip
        assert await sentences(shops[0]) == []


async def count_exactly(shop: Shop, count: str, missing: int) -> None:
    """As somebody does who counts in no time, at the moment at which the row of stock is locked."""
    verb = verbs()["counts.record"]

    def decide(world: Any, batch: Batch) -> list[Decision]:
        ((_, row),) = world.shelves.rows.items()
        (work,) = batch.envelopes
        found = structs.replace(work.command.lines[0], quantity=rules.book(row) - missing)
        command = structs.replace(work.command, lines=[found])
        return verb.decide(world, replace(batch, envelopes=[replace(work, command=command)]))

    work = envelope(verb, {"count": count, "lines": [{"sku": "A", "quantity": 0}]})
    (answer,) = await shop.executor.run(shop.merchant_id, replace(verb, decide=decide), [work])
    assert answer.accepted, answer.body


async def test_32_clients_and_a_transfer_share_the_last_units(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as shops:
        await shops[0].stock_up(10, ["A"], ["HAM"])
        await shops[0].do(
            "locations.save", {"code": "BER", "name": "B", "kind": "store", "time_zone": "UTC", "country": "DE"}
        )
        way = {"from_location": "HAM", "to_location": "BER", "due_at": DAY, "lines": [{"sku": "A", "quantity": 2}]}
        made = await shops[0].do("transfers.create", *[way] * 8)

        async def ready(number: int) -> bool:
            payload = {"transfer": made[number]["transfer"]}
            return (await shops[number % 2].answers("transfers.ready", [payload]))[0].accepted

        async def buy(number: int) -> bool:
            return (await shops[number % 2].answers("orders.place", [order(("A", 1))]))[0].accepted

        took = await asyncio.gather(*(ready(number) for number in range(8)), *(buy(number) for number in range(24)))
        units = 2 * sum(took[:8]) + sum(took[8:])
        assert units in (9, 10)
        assert await book(shops[0]) == {
            "available": 10 - units,
            "allocated": units,
            "picked": 0,
            "packed": 0,
            "short": 0,
        }
        assert await sentences(shops[0]) == []


async def test_one_transfer_is_received_once_by_two_doors(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as shops:
        await shops[0].stock_up(10, ["A"], ["HAM", "BER"])
        way = {"from_location": "HAM", "to_location": "BER", "due_at": DAY, "lines": [{"sku": "A", "quantity": 5}]}
        transfer = (await shops[0].do("transfers.create", way))[0]["transfer"]
        await shops[0].do("transfers.ready", {"transfer": transfer})
        await shops[0].do("transfers.ship", {"transfer": transfer})
        landed = {"transfer": transfer, "lines": [{"line": 1, "quantity": 3}]}
        reached, go_on = stop_once("before_postings")
        slow = asyncio.create_task(shops[0].answers("transfers.receive", [landed]))
        await reached.wait()
        quick = asyncio.create_task(shops[1].answers("transfers.receive", [landed]))
        await asyncio.sleep(0.05)
        go_on.set()
        assert [(await task)[0].accepted for task in (slow, quick)] == [True, False]
        assert await book(shops[0]) == {"available": 18, "allocated": 0, "picked": 0, "packed": 0, "short": 0}
        assert await sentences(shops[0]) == []
