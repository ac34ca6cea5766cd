"""A substitute and the orders that want the same product at once: each unit is given once, each missing unit replaced once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from lading.database import failpoints
from lading.journal.types import Answer
from lading.operations.registry import verbs
from tests.races.shop import CHARGES, Shop, envelope, order
from tests.races.test_races import POINTS, sentences, stop_once, two_processes

MISSING = 4


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    for point in POINTS:
        failpoints.disarm(point)


async def do(shop: Shop, verb: str, **fields: Any) -> Answer:
    return (await shop.run(verb, [envelope(verbs()[verb], fields)]))[0]


async def short_of(shop: Shop, substitutes: int) -> str:
    """An order that lacks 4 units of A; of B, which may go in their place, there are so many."""
    await shop.stock_up(MISSING, ["A"], ["HAM"])
    await shop.do("products.save", {"sku": "B", "name": "B"})
    await shop.do("stock.receive", {"sku": "B", "location": "HAM", "quantity": substitutes, "reason": "opening"})
    await shop.do("substitutes.save", {"sku": "A", "substitutes": ["B"]})
    (placed,) = await shop.do("orders.place", order(("A", MISSING), charges=list(CHARGES)))
    await shop.do(
        "stock.adjust",
        {"sku": "A", "location": "HAM", "quantity": MISSING, "kind": "lost", "reason": "gone", "held_too": True},
    )
    return str(placed["number"])


def settle(number: str, quantity: int = MISSING) -> dict[str, Any]:
    line = {"line": 1, "quantity": quantity, "location": "HAM", "instead": "substitute", "sku": "B"}
    return {"order": number, "lines": [line]}


async def units_of_b(shop: Shop) -> tuple[int, int]:
    (row,) = await shop.fetch(
        "SELECT sum(available)::int AS free, sum(allocated)::int AS held FROM stock JOIN sku ON sku.merchant_id = stock.merchant_id"
        " AND sku.id = stock.sku_id WHERE stock.merchant_id = $1 AND sku.code = 'B'"
    )
    return row["free"], row["held"]


@pytest.mark.parametrize("point", ["after_prefetch", "before_postings", "before_commit"])
@pytest.mark.parametrize("first", ["source", "place"])
async def test_the_last_units_of_a_substitute_go_to_whoever_came_first(shared_dsn: str, first: str, point: str) -> None:
    async with two_processes(shared_dsn) as (one, two):
        number = await short_of(one, MISSING)
        assert (await do(one, "shortages.settle", **settle(number))).accepted
        acts = {"source": ("orders.source", {"order": number}), "place": ("orders.place", order(("B", 3)))}
        (verb, fields), (then, others) = acts[first], acts["place" if first == "source" else "source"]
        reached, go_on = stop_once(point)
        slow = asyncio.create_task(do(one, verb, **fields))
        await asyncio.wait_for(reached.wait(), 5)
        quick = asyncio.create_task(do(two, then, **others))
        await asyncio.sleep(0.05)
        go_on.set()
        answers = dict(zip((verb, then), await asyncio.wait_for(asyncio.gather(slow, quick), 10), strict=True))
        assert not any(answer.failed for answer in answers.values())
        placed = answers["orders.place"].accepted
        assert await units_of_b(one) == (0, MISSING)
        (line,) = await one.fetch("SELECT allocated, open FROM order_line WHERE merchant_id = $1 AND instead_of = 1")
        assert (line["allocated"], line["open"]) == ((1, 3) if placed else (4, 0))
        assert await sentences(one) == []


async def test_32_clients_and_a_substitute_share_the_last_units(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as shops:
        number = await short_of(shops[0], 10)

        async def buyer(at: int) -> bool:
            return (await do(shops[at % 2], "orders.place", **order(("B", 1)))).accepted

        async def planner() -> bool:
            settled = await do(shops[0], "shortages.settle", **settle(number))
            return settled.accepted and (await do(shops[0], "orders.source", order=number)).accepted

        settled, *bought = await asyncio.gather(planner(), *(buyer(at) for at in range(32)))
        (line,) = await shops[0].fetch(
            "SELECT allocated, open FROM order_line WHERE merchant_id = $1 AND instead_of = 1"
        )
        assert settled
        assert line["allocated"] + line["open"] == MISSING
        assert await units_of_b(shops[0]) == (0, 10)
        assert line["allocated"] + sum(bought) == 10
        assert await sentences(shops[0]) == []


@pytest.mark.parametrize("point", ["after_prefetch", "before_postings", "before_commit"])
async def test_a_missing_unit_is_replaced_once_by_two_planners(shared_dsn: str, point: str) -> None:
    async with two_processes(shared_dsn) as (one, two):
        number = await short_of(one, 10)
        reached, go_on = stop_once(point)
        slow = asyncio.create_task(do(one, "shortages.settle", **settle(number, 3)))
        await asyncio.wait_for(reached.wait(), 5)
        quick = asyncio.create_task(do(two, "shortages.settle", **settle(number, 3)))
        await asyncio.sleep(0.05)
        go_on.set()
        answers = await asyncio.wait_for(asyncio.gather(slow, quick), 10)
        assert sorted(answer.accepted for answer in answers) == [False, True]
        refusal = next(msgspec.json.decode(answer.body) for answer in answers if not answer.accepted)
        assert refusal["name"] == "not_held_there"
        rows = await one.fetch("SELECT ordered FROM order_line WHERE merchant_id = $1 AND instead_of = 1")
        assert [row["ordered"] for row in rows] == [3]
        assert await sentences(one) == []


@pytest.mark.parametrize("point", ["after_prefetch", "before_postings"])
async def test_a_cancellation_and_a_substitute_never_take_the_same_unit(shared_dsn: str, point: str) -> None:
    async with two_processes(shared_dsn) as (one, two):
        number = await short_of(one, 10)
        reached, go_on = stop_once(point)
        slow = asyncio.create_task(do(one, "shortages.settle", **settle(number)))
        await asyncio.wait_for(reached.wait(), 5)
        quick = asyncio.create_task(do(two, "lines.cancel", order=number, reason="late"))
        await asyncio.sleep(0.05)
        go_on.set()
        answers = await asyncio.wait_for(asyncio.gather(slow, quick), 10)
        assert all(answer.accepted for answer in answers)
        (row,) = await one.fetch(
            "SELECT cancelled, ordered, charged_minor + adjusted_minor AS total FROM orders WHERE merchant_id = $1"
        )
        assert (row["cancelled"], row["ordered"], row["total"]) == (2 * MISSING, 2 * MISSING, 0)
        assert await sentences(one) == []
