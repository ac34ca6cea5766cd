"""Reservations, conversions, expiries and orders at once: never a unit too many, never one that is lost."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from lading.database import failpoints
from lading.entrypoints.worker import expiring
from lading.journal.types import Answer
from lading.operations.execute import Executor
from lading.operations.registry import verbs
from tests.races.shop import Shop, envelope, order
from tests.races.test_races import POINTS, sentences, stop_once, two_processes

ONE = {"lines": [{"sku": "A", "quantity": 1}]}


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    for point in POINTS:
        failpoints.disarm(point)


class Clock:
    """One time for all processes of a shop; moved by hand."""

    def __init__(self, *shops: Shop) -> None:
        self.now = datetime.now(UTC)
        for shop in shops:
            shop.executor = Executor(shop.database, lambda: self.now)

    def pass_by(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)


async def do(shop: Shop, verb: str, **fields: Any) -> Answer:
    return (await shop.run(verb, [envelope(verbs()[verb], fields)]))[0]


async def reserve(shop: Shop, seconds: int = 60) -> str:
    (done,) = await shop.do("reservations.reserve", {**ONE, "seconds": seconds})
    return str(done["reservation"])


async def promised(shop: Shop) -> int:
    """Units that are promised to somebody: allocated to orders, or kept by reservations that are not over."""
    (row,) = await shop.fetch("SELECT sum(allocated) AS allocated FROM stock WHERE merchant_id = $1")
    return int(row["allocated"])


@pytest.mark.parametrize("places", [("HAM",), ("HAM", "BER")], ids=["one-place", "two-places"])
@pytest.mark.parametrize("seed", range(4))
async def test_32_clients_of_all_kinds_promise_the_last_10_units_exactly_once(
    shared_dsn: str, places: tuple[str, ...], seed: int
) -> None:
    """Each client ends with a unit or without one: it orders, reserves, reserves and orders, or comes with what is over."""
    async with two_processes(shared_dsn) as shops:
        chance, clock = random.Random(seed), Clock(*shops)
        await shops[0].stock_up(10 // len(places), ["A"], places)
        over = [await reserve(shops[0]) for _ in range(6)]
        clock.pass_by(60)

        async def client(number: int) -> bool:
            shop, kind = shops[number % 2], number % 4
            await asyncio.sleep(chance.random() / 50)
            if kind == 0:
                return (await do(shop, "orders.place", **order(("A", 1)))).accepted
            if kind == 1:
                late = over[number % len(over)]
                return (await do(shop, "orders.place", **order(("A", 1), reservation=late))).accepted
            kept = await do(shop, "reservations.reserve", **ONE, seconds=600)
            if kind == 2 or not kept.accepted:
                return kept.accepted
            mine = msgspec.json.decode(kept.body)["reservation"]
            return (await do(shop, "orders.place", **order(("A", 1), reservation=mine))).accepted

        async def sweeper() -> None:
            for _ in range(4):
                await expiring.expire(shops[1].database, shops[1].executor, shops[1].merchant_id, clock.now)
                await asyncio.sleep(chance.random() / 50)

        *got, _ = await asyncio.gather(*(client(number) for number in range(32)), sweeper())
        assert sum(map(bool, got)) == 10
        (row,) = await shops[0].fetch(
            "SELECT sum(available)::int AS available, sum(reserved + allocated)::int AS promised FROM stock WHERE merchant_id = $1"
        )
        (held,) = await shops[0].fetch(
            "SELECT count(*)::int AS over FROM reservation_line WHERE merchant_id = $1 AND ended_as IS NULL AND expires_at <= $2",
            clock.now,
        )
        assert (row["available"], row["promised"], held["over"]) == (0, 10, 0)
        assert await sentences(shops[0]) == []


async def test_what_is_released_while_others_wait_is_promised_again_and_once(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as shops:
        Clock(*shops)
        await shops[0].stock_up(10, ["A"], ["HAM"])
        kept = [await reserve(shops[0], 600) for _ in range(10)]

        async def client(number: int) -> bool:
            shop = shops[number % 2]
            if number < 10:
                await do(shop, "reservations.release", reservation=kept[number])
                return False
            for _ in range(100):
                if (await do(shop, "orders.place", **order(("A", 1)))).accepted:
                    return True
                await asyncio.sleep(0.01)
            return False

        got = await asyncio.gather(*(client(number) for number in range(32 - 10)))
        assert sum(got) == 10
        assert await sentences(shops[0]) == []


FIRSTS = {
    "order": ("orders.place", lambda kept: order(("A", 1))),
    "conversion": ("orders.place", lambda kept: order(("A", 1), reservation=kept)),
    "release": ("reservations.release", lambda kept: {"reservation": kept}),
    "extension": ("reservations.extend", lambda kept: {"reservation": kept, "seconds": 600}),
    "expiry": ("reservations.expire", lambda kept: {"reservation": kept}),
    "reservation": ("reservations.reserve", lambda kept: ONE),
}


@pytest.mark.parametrize("over", [False, True], ids=["kept", "over"])
@pytest.mark.parametrize("second", FIRSTS)
@pytest.mark.parametrize("first", FIRSTS)
async def test_two_at_the_same_unit_end_as_if_one_came_after_the_other(
    shared_dsn: str, first: str, second: str, over: bool
) -> None:
    """The first one holds its locks when the second one comes; whatever they are, one unit is one unit, and nobody hangs."""
    async with two_processes(shared_dsn) as (one, two):
        clock = Clock(one, two)
        await one.stock_up(1, ["A"], ["HAM"])
        kept = await reserve(one)
        clock.pass_by(60 if over else 0)
        reached, go_on = stop_once("before_postings")
        (verb, fields), (then, others) = FIRSTS[first], FIRSTS[second]
        slow = asyncio.create_task(do(one, verb, **fields(kept)))
        waiting = asyncio.create_task(reached.wait())
        await asyncio.wait([slow, waiting], return_when=asyncio.FIRST_COMPLETED)
        quick = asyncio.create_task(do(two, then, **others(kept)))
        await asyncio.sleep(0.02)
        go_on.set()
        answers = await asyncio.wait_for(asyncio.gather(slow, quick), 10)
        waiting.cancel()
        assert not any(answer.failed for answer in answers)
        takers = ("order", "conversion", "reservation")
        taken = sum(answer.accepted for kind, answer in zip((first, second), answers, strict=True) if kind in takers)
        free = over or "release" in (first, second)
        assert taken <= 1, "one unit is promised once"
        if free and first in takers and second in takers:
            assert taken == 1, "and it is promised"
        (row,) = await one.fetch(
            "SELECT sum(available + reserved + allocated)::int AS units FROM stock WHERE merchant_id = $1"
        )
        assert row["units"] == 1
        assert await sentences(one) == []


async def test_a_dry_run_says_what_the_run_does(shared_dsn: str) -> None:
    """Random shelves, reservations that are over or not, orders with and without: same outcome, same postings, same ends."""
    async with two_processes(shared_dsn) as (shop, _):
        clock, chance = Clock(shop), random.Random(7)
        await shop.stock_up(6, ["A", "B"], ["HAM", "BER"])
        for _ in range(25):
            kept = []
            for _ in range(3):
                lines = [
                    {"sku": sku, "quantity": chance.randint(1, 3)} for sku in chance.sample("AB", chance.randint(1, 2))
                ]
                answer = await do(shop, "reservations.reserve", lines=lines, seconds=chance.choice([5, 50]))
                if answer.accepted:
                    kept.append(msgspec.json.decode(answer.body)["reservation"])
            clock.pass_by(20)
            named = {"reservation": chance.choice(kept)} if kept and chance.random() < 0.7 else {}
            batch = [
                envelope(verbs()["orders.place"], order(*((sku, chance.randint(1, 4)) for sku in "AB"), **each))
                for each in (named, {})
            ]
            told = await shop.executor.preview(shop.merchant_id, verbs()["orders.place"], batch)
            answers = await shop.run("orders.place", batch)
            for decision, answer, work in zip(told, answers, batch, strict=True):
                assert decision.accepted == answer.accepted
                posted = await shop.fetch(
                    "SELECT count(*) AS count FROM posting WHERE merchant_id = $1 AND event_id = $2", work.event_id
                )
                assert posted[0]["count"] == len(decision.postings)
                number = msgspec.json.decode(answer.body).get("number")
                if number:
                    await shop.do("lines.cancel", {"order": number, "reason": "again"})
        assert await sentences(shop) == []


async def test_a_conversion_that_is_sent_twice_is_one_order(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as shops:
        Clock(*shops)
        await shops[0].stock_up(2, ["A"], ["HAM"])
        kept = await reserve(shops[0])
        work = envelope(verbs()["orders.place"], order(("A", 1), reservation=kept), uuid.uuid4())
        answers = await asyncio.gather(*(shops[number % 2].run("orders.place", [work]) for number in range(8)))
        assert len({answer[0].body for answer in answers}) == 1
        assert await promised(shops[0]) == 1
        assert await sentences(shops[0]) == []
