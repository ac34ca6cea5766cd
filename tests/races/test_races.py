"""Races, stopped or let run at named points: never a unit too many, never two answers, never a gap."""

from __future__ import annotations

import asyncio
import gc
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import anyio
import asyncpg
import msgspec
import pytest

from lading.access.store import Caller
from lading.database import failpoints
from lading.database.lanes import Lane
from lading.database.pool import Database
from lading.entrypoints.service import Service
from lading.journal.types import Answer, Decision, Envelope
from lading.operations.registry import Batch, verbs
from lading.views.events import feed
from tests.races.shop import DAY, Shop, envelope, open_shop, order

POINTS = ("after_prefetch", "before_postings", "before_events", "before_commit", "after_commit")
PLACE = verbs()["orders.place"]


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    for point in POINTS:
        failpoints.disarm(point)


@asynccontextmanager
async def two_processes(dsn: str) -> AsyncIterator[tuple[Shop, Shop]]:
    """One merchant, two sets of connections, lanes and order numbers."""
    async with open_shop(dsn) as first:
        database = await Database.connect(dsn)
        try:
            yield first, Shop(database, first.merchant_id)
        finally:
            await database.close()


def stop_once(point: str) -> tuple[asyncio.Event, asyncio.Event]:
    """(reached, go on): the first to come to the point waits there, all others pass."""
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        if not reached.is_set():
            reached.set()
            await go_on.wait()

    failpoints.arm(point, wait)
    return reached, go_on


def fail_once(point: str, error: Exception) -> Callable[[], Awaitable[None]]:
    """The first to come to the point fails."""
    failed = []

    async def fail() -> None:
        if not failed:
            failed.append(error)
            raise error

    failpoints.arm(point, fail)
    return fail


def one(**more: Any) -> Envelope[Any]:
    """An order for one unit of A."""
    return envelope(PLACE, order(("A", 1), **more))


async def place(shop: Shop, work: Envelope[Any]) -> Answer:
    return (await shop.run("orders.place", [work]))[0]


def caller(shop: Shop) -> Caller:
    return Caller(shop.merchant_id, uuid.uuid4(), "key:test", "test", frozenset({"*"}))


async def sentences(shop: Shop) -> list[str]:
    return [each.sentence for each in await shop.audit()]


@pytest.mark.parametrize("places", [("HAM",), ("HAM", "BER")], ids=["one-place", "two-places"])
@pytest.mark.parametrize("through_lanes", [False, True], ids=["alone", "lanes"])
async def test_32_clients_for_the_last_10_units_sell_exactly_10(
    shared_dsn: str, through_lanes: bool, places: Sequence[str]
) -> None:
    async with two_processes(shared_dsn) as shops:
        await shops[0].stock_up(10 // len(places), ["A"], places)
        services = [Service(shop.database) for shop in shops]

        async def client(number: int) -> Answer:
            work = one()
            if through_lanes:
                return await services[number % 2].submit(caller(shops[0]), PLACE, work)
            return await place(shops[number % 2], work)

        answers = await asyncio.gather(*(client(number) for number in range(32)))
        assert sum(answer.accepted for answer in answers) == 10
        assert all(b"insufficient_stock" in answer.body for answer in answers if not answer.accepted)
        assert await sentences(shops[0]) == []


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize(
    ("verb", "more"),
    [("orders.place", {}), ("orders.record", {"location": "HAM", "placed_at": DAY, "delivered_at": DAY})],
)
async def test_whoever_comes_second_sees_what_the_first_one_took(
    shared_dsn: str, point: str, verb: str, more: dict[str, str]
) -> None:
    """Looking locks nothing: until its postings the first one may be overtaken."""
    async with two_processes(shared_dsn) as (first, second):
        await first.stock_up(1, ["A"], ["HAM"])
        payload = order(("A", 1), ship_to=None, **more)  # nobody new who would be raced for as well
        reached, go_on = stop_once(point)
        slow = asyncio.create_task(first.answers(verb, [payload]))
        await reached.wait()
        quick = asyncio.create_task(second.answers(verb, [payload]))
        overtaken = point in ("after_prefetch", "before_postings")
        await asyncio.wait([quick], timeout=None if overtaken else 0.05)
        go_on.set()
        answers = [*await slow, *await quick]
        assert [answer.accepted for answer in answers] == [not overtaken, overtaken]
        assert not any(answer.failed for answer in answers)
        assert await sentences(first) == []


@pytest.mark.parametrize(
    ("verb", "slow_units", "quick_units", "told", "there"),
    [("stock.set", 5, 5, 5, 5), ("stock.set", 2, 5, 2, 2), ("stock.receive", 4, 2, 6, 6)],
)
async def test_what_is_said_of_a_shelf_that_held_nothing_is_decided_one_after_the_other(
    shared_dsn: str, verb: str, slow_units: int, quick_units: int, told: int, there: int
) -> None:
    """Its row does not exist yet, so there is none to lock: two who count 5 units there do not make 10 of them."""
    async with two_processes(shared_dsn) as (first, second):
        await first.stock_up(0, ["A"], ["HAM"])

        def units(quantity: int) -> dict[str, Any]:
            return {"sku": "A", "location": "HAM", "quantity": quantity, "reason": "counted"}

        reached, go_on = stop_once("after_prefetch")
        slow = asyncio.create_task(first.do(verb, units(slow_units)))
        await reached.wait()
        await second.do(verb, units(quick_units))
        go_on.set()
        assert (await slow)[0]["available"] == told
        assert await first.fetch("SELECT available FROM stock WHERE merchant_id = $1") == [(there,)]
        assert await sentences(first) == []


async def in_a_lot(shop: Shop) -> None:
    """Five units of L in the lot X."""
    await shop.stock_up(0, ["A"], ["HAM"])
    await shop.do("products.save", {"sku": "L", "name": "L", "tracking": "lot"})
    await shop.do("stock.receive", {"sku": "L", "location": "HAM", "quantity": 5, "reason": "po", "lot": "X"})


HOLD = {"sku": "L", "lot": "X", "reason": "mould"}


async def test_a_lot_that_is_stopped_while_an_order_chooses_it_is_not_promised(shared_dsn: str) -> None:
    """The order sees that the lot is good, waits for its row, and the lot is held by then."""
    async with two_processes(shared_dsn) as (first, second):
        await in_a_lot(first)
        await place(second, envelope(PLACE, order(("L", 1))))  # it draws numbers of orders
        reached, go_on = stop_once("before_commit")
        holding = asyncio.create_task(first.do("lots.hold", HOLD))
        await reached.wait()
        placing = asyncio.create_task(place(second, envelope(PLACE, order(("L", 2)))))
        await asyncio.sleep(0.1)
        go_on.set()
        await holding
        assert not (await placing).accepted
        assert await first.fetch("SELECT available FROM stock WHERE merchant_id = $1 AND lot = 'X'") == [(4,)]
        assert await sentences(first) == []


async def test_whoever_stops_a_lot_waits_for_the_order_that_takes_of_it(shared_dsn: str) -> None:
    """So that the list of those who have units of it is complete when the lot is held."""
    async with two_processes(shared_dsn) as (first, second):
        await in_a_lot(first)
        reached, go_on = stop_once("after_prefetch")
        placing = asyncio.create_task(place(first, envelope(PLACE, order(("L", 2)))))
        await reached.wait()
        holding = asyncio.create_task(second.do("lots.hold", HOLD))
        await asyncio.sleep(0.1)
        was_quicker = holding.done()
        go_on.set()
        assert not was_quicker
        assert (await placing).accepted
        await holding
        kinds = await first.fetch("SELECT kind FROM event WHERE merchant_id = $1 ORDER BY position DESC LIMIT 2")
        assert [kind for (kind,) in kinds] == ["lot_held", "order_placed"]


async def test_two_who_take_back_parts_of_one_receipt_take_back_both(shared_dsn: str) -> None:
    """Of 10 units that were received 2 and 1 are taken back at once: whoever comes second knows of the first."""
    async with two_processes(shared_dsn) as (first, second):
        await first.stock_up(10, ["A"], ["HAM"])
        (received,) = await first.fetch("SELECT position FROM event WHERE merchant_id = $1 AND kind = 'stock_received'")
        part = {"event": received["position"], "reason": "typing_error"}
        reached, go_on = stop_once("before_postings")
        slow = asyncio.create_task(first.do("stock.correct", {**part, "quantity": 1}))
        await reached.wait()
        quick = asyncio.create_task(second.do("stock.correct", {**part, "quantity": 2}))
        await asyncio.sleep(0.1)
        go_on.set()
        assert [(await slow)[0]["corrected"], (await quick)[0]["corrected"]] == [1, 3]
        assert await sentences(first) == []


async def test_stock_that_somebody_else_only_looks_at_is_not_refused(shared_dsn: str) -> None:
    """The first place sells out while we wait for it, and the second one is locked for a moment: we look again."""
    async with two_processes(shared_dsn) as (first, second):
        await first.stock_up(1, ["A"], ["BER", "HAM"])
        priorities = [("BER", 1), ("HAM", 2)]
        place_fields = {"kind": "store", "time_zone": "UTC", "country": "DE"}
        saved = [{"code": code, "name": code, "priority": rank, **place_fields} for code, rank in priorities]
        await first.do("locations.save", *saved)
        reached, go_on = stop_once("before_postings")
        slow = asyncio.create_task(place(first, one()))
        await reached.wait()
        looking = await asyncpg.connect(shared_dsn)
        await looking.execute("BEGIN")
        await looking.execute(
            "SELECT FROM stock WHERE location_id ="
            " (SELECT id FROM location WHERE merchant_id = $1 AND code = 'HAM') FOR NO KEY UPDATE",
            first.merchant_id,
        )
        quick = asyncio.create_task(place(second, one()))
        await asyncio.sleep(0.1)
        go_on.set()
        await slow
        await asyncio.sleep(0.1)
        await looking.close()
        assert (await quick).accepted
        assert await sentences(first) == []


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("same_body", [True, False], ids=["same-body", "other-body"])
async def test_one_external_reference_is_one_order(shared_dsn: str, point: str, same_body: bool) -> None:
    async with two_processes(shared_dsn) as (first, second):
        await first.stock_up(10, ["A"], ["HAM"])
        reached, go_on = stop_once(point)
        slow = asyncio.create_task(place(first, one(external_reference="W-7")))
        await reached.wait()
        other = one(external_reference="W-7", priority=None if same_body else 5)
        other = one(external_reference="W-7") if same_body else other
        quick = asyncio.create_task(place(second, other))
        await asyncio.sleep(0.05)
        go_on.set()
        answers = [await slow, await quick]
        if same_body:
            assert answers[0].body == answers[1].body
            assert all(answer.accepted for answer in answers)
        else:
            assert sorted(answer.accepted for answer in answers) == [False, True]
            refusal = next(answer for answer in answers if not answer.accepted)
            assert msgspec.json.decode(refusal.body)["name"] == "external_reference_taken"
        assert len(await first.fetch("SELECT FROM orders WHERE merchant_id = $1")) == 1
        assert await sentences(first) == []


@pytest.mark.parametrize("point", POINTS)
async def test_one_command_id_has_one_effect_and_one_answer(shared_dsn: str, point: str) -> None:
    async with two_processes(shared_dsn) as (first, second):
        await first.stock_up(10, ["A"], ["HAM"])
        reached, go_on = stop_once(point)
        work = one()
        again = envelope(PLACE, order(("A", 1)), work.command_id)
        changed = envelope(PLACE, order(("A", 2)), work.command_id)
        slow = asyncio.create_task(place(first, work))
        await reached.wait()
        quick = asyncio.create_task(place(second, again))
        await asyncio.sleep(0.05)
        go_on.set()
        answers = [await slow, await quick]
        assert answers[0].body == answers[1].body and answers[0].accepted
        assert sorted(answer.replayed for answer in answers) == [False, True]
        reused = await place(second, changed)
        assert msgspec.json.decode(reused.body)["name"] == "command_id_reused"
        assert len(await first.fetch("SELECT FROM orders WHERE merchant_id = $1")) == 1
        assert await sentences(first) == []


@pytest.mark.parametrize("point", POINTS)
async def test_a_connection_lost_anywhere_is_one_effect_and_one_answer(shared_dsn: str, point: str) -> None:
    async with open_shop(shared_dsn) as shop:
        await shop.stock_up(10, ["A"], ["HAM"])
        fail_once(point, ConnectionResetError("lost"))
        answer = await place(shop, one())
        assert answer.accepted and answer.replayed == (point == "after_commit")
        assert len(await shop.fetch("SELECT FROM orders WHERE merchant_id = $1")) == 1
        assert await sentences(shop) == []


@pytest.mark.parametrize("point", POINTS[:-1])
async def test_a_batch_that_fails_before_its_commit_leaves_nothing(shared_dsn: str, point: str) -> None:
    async with open_shop(shared_dsn) as shop:
        await shop.stock_up(10, ["A"], ["HAM"])
        before = await shop.fetch("SELECT position FROM journal_head WHERE merchant_id = $1")

        async def fail() -> None:
            raise RuntimeError("a bug")

        failpoints.arm(point, fail)
        assert [answer.failed for answer in await shop.run("orders.place", [one(), one()])] == [True, True]
        assert await shop.fetch("SELECT FROM orders WHERE merchant_id = $1") == []
        assert await shop.fetch("SELECT position FROM journal_head WHERE merchant_id = $1") == before
        assert await sentences(shop) == []


async def test_a_poisoned_command_fails_alone(shared_dsn: str) -> None:
    def decide(world: Any, batch: Batch) -> list[Decision]:
        if any(command.priority == 66 for command in batch.commands):
            raise ZeroDivisionError("poisoned")
        return PLACE.decide(world, batch)

    async with open_shop(shared_dsn) as shop:
        await shop.stock_up(100, ["A"], ["HAM"])
        batch = [one(priority=66 if number in (3, 11) else 0) for number in range(17)]
        answers = await shop.executor.run(shop.merchant_id, replace(PLACE, decide=decide), batch)
        assert [answer.failed for answer in answers] == [number in (3, 11) for number in range(17)]
        assert all(answer.accepted for answer in answers if not answer.failed)
        assert (await place(shop, batch[3])).accepted, "a failed command may be tried again"
        assert await sentences(shop) == []


async def test_orders_that_cross_each_other_never_deadlock(database_dsn: str) -> None:
    async with two_processes(database_dsn) as shops:
        await shops[0].stock_up(1_000, ["A", "B", "C"], ["HAM"])

        async def client(number: int) -> list[Answer]:
            skus = "ABC" if number % 2 else "CBA"
            batch = [envelope(PLACE, order(*((sku, 1) for sku in skus))) for _ in range(5)]
            return await shops[number % 2].run("orders.place", batch)

        answers = await asyncio.gather(*(client(number) for number in range(40)))
        assert all(answer.accepted for each in answers for answer in each)
        sold = [row["allocated"] for row in await shops[0].fetch("SELECT allocated FROM stock WHERE merchant_id = $1")]
        assert sold == [200, 200, 200]
        rows = await shops[0].fetch(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database() AND $1::int > 0"
        )
        assert rows[0]["deadlocks"] == 0
        assert await sentences(shops[0]) == []


async def test_verbs_of_one_order_wait_for_each_other(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as shops:
        await shops[0].stock_up(10, ["A"], ["HAM"])
        number = (await shops[0].do("orders.place", order(("A", 4))))[0]["number"]
        cancel = {"order": number, "reason": "late", "lines": [{"line": 1, "quantity": 1}]}
        calls = [shops[turn % 2].answers("lines.cancel", [cancel]) for turn in range(6)]
        calls += [shops[turn % 2].answers("orders.release", [{"order": number}]) for turn in range(3)]
        answers = [answer for each in await asyncio.gather(*calls) for answer in each]
        assert sum(answer.accepted for answer in answers[:6]) == 4
        assert sum(answer.accepted for answer in answers[6:]) <= 1
        assert await sentences(shops[0]) == []


async def test_what_was_lost_is_written_off_once_or_turns_up(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as shops:
        await shops[0].stock_up(10, ["A"], ["HAM"])
        number = (await shops[0].do("orders.place", order(("A", 4))))[0]["number"]
        await shops[0].do("orders.release", {"order": number})
        await shops[0].do("fulfillment-orders.pick", {"fulfillment_order": f"{number}-F1"})
        await shops[0].do("parcels.pack", {"fulfillment_order": f"{number}-F1"})
        parcel = {"parcel": f"{number}-P1"}
        await shops[0].do("parcels.ship", {**parcel, "carrier": "DHL"})
        await shops[0].do("parcels.track", {**parcel, "status": "lost", "occurred_at": DAY})
        one = {"order": number, "lines": [{"line": 1, "quantity": 1}]}
        calls = [shops[turn % 2].answers("lines.write-off", [one]) for turn in range(6)]
        calls.insert(3, shops[1].answers("parcels.track", [{**parcel, "status": "delivered", "occurred_at": DAY}]))
        answers = [answer for (answer,) in await asyncio.gather(*calls)]
        arrived = answers.pop(3).accepted
        assert sum(answer.accepted for answer in answers) == (0 if arrived else 4)
        assert await sentences(shops[0]) == []


async def test_a_client_that_hangs_up_cancels_nothing(shared_dsn: str) -> None:
    async with open_shop(shared_dsn) as shop:
        await shop.stock_up(10, ["A"], ["HAM"])
        service, work = Service(shop.database), [one() for _ in range(5)]
        reached, go_on = stop_once("before_commit")
        calls = [asyncio.create_task(service.submit(caller(shop), PLACE, each)) for each in work]
        await reached.wait()
        for call in (calls[0], calls[3]):
            call.cancel()
        go_on.set()
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert [isinstance(answer, asyncio.CancelledError) for answer in answers] == [True, False, False, True, False]
        for each in work:
            answer = await service.submit(caller(shop), PLACE, each)
            assert answer.accepted and answer.replayed
        assert len(await shop.fetch("SELECT FROM orders WHERE merchant_id = $1")) == 5
        assert await sentences(shop) == []


@pytest.mark.parametrize("told_again", [False, True])
async def test_a_page_that_is_left_leaves_no_transaction_behind(shared_dsn: str, told_again: bool) -> None:
    """Whenever the reader leaves, from the connection to the commit; a server that streams tells it at every step."""
    said: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: said.append(what))
    async with open_shop(shared_dsn) as shop:

        async def look() -> None:
            with anyio.CancelScope() as scope:
                async with shop.database.read(shop.merchant_id) as tx:
                    if told_again:
                        scope.cancel()
                    await tx.fetch("SELECT 1 WHERE $1 > 0")

        for steps in range(1 if told_again else 24):
            reader = asyncio.create_task(look())
            for _ in range(steps if not told_again else 100):
                await asyncio.sleep(0)
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
        async with shop.database.read(shop.merchant_id) as tx:
            assert await tx.fetch("SELECT 1 WHERE $1 > 0")
    assert said == []


async def test_an_outage_that_nobody_waits_for_is_no_complaint_of_the_loop() -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    go_on = asyncio.Event()

    async def run(works: Sequence[int]) -> Sequence[int]:
        await go_on.wait()
        raise ConnectionResetError("gone")

    lane = Lane(run, lambda _: 1)
    call = asyncio.create_task(lane.submit(1, 5.0))
    await asyncio.sleep(0)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    go_on.set()
    for _ in range(5):
        await asyncio.sleep(0)
    del lane
    gc.collect()
    assert complaints == []


async def test_a_reader_of_the_feed_sees_no_gap_while_others_write(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as shops:
        await shops[0].stock_up(1_000, ["A"], ["HAM"])
        done = asyncio.Event()

        async def read() -> list[int]:
            seen: list[int] = []
            while True:
                last = done.is_set()
                async with shops[0].database.read(shops[0].merchant_id) as tx:
                    piece = await feed(tx, seen[-1] if seen else 0, 7)
                seen += [event.position for event in piece.events]
                if last and not piece.events:
                    return seen

        async def write(number: int) -> None:
            for _ in range(6):
                await place(shops[number % 2], one())

        readers = [asyncio.create_task(read()) for _ in range(3)]
        await asyncio.gather(*(write(number) for number in range(12)))
        done.set()
        head = (await shops[0].fetch("SELECT position FROM journal_head WHERE merchant_id = $1"))[0]["position"]
        for seen in await asyncio.gather(*readers):
            assert seen == list(range(1, head + 1))
        assert await sentences(shops[0]) == []


async def test_a_serial_is_picked_for_one_order_however_many_reach_for_it(shared_dsn: str) -> None:
    """Two batches scan the same unit for two orders: one gets it, the other is told where it is."""
    async with two_processes(shared_dsn) as (first, second):
        await first.stock_up(0, [], ["HAM"])
        await first.do("products.save", {"sku": "P", "name": "Phone", "tracking": "serial"})
        named = [f"S{number}" for number in range(8)]
        receipt = {"sku": "P", "location": "HAM", "quantity": 8, "reason": "opening", "serials": named}
        await first.do("stock.receive", receipt)
        placed = await first.do("orders.place", *(order(("P", 1)) for _ in range(8)))
        made = await first.do("orders.release", *({"order": each["number"]} for each in placed))
        documents = [each["fulfillment_orders"][0] for each in made]

        async def pick(number: int, serial: str) -> Answer:
            lines = [{"line": 1, "quantity": 1, "serials": [serial]}]
            work = envelope(
                verbs()["fulfillment-orders.pick"], {"fulfillment_order": documents[number], "lines": lines}
            )
            return (await (first, second)[number % 2].run("fulfillment-orders.pick", [work]))[0]

        answers = await asyncio.gather(*(pick(number, "S1") for number in range(8)))
        assert sum(answer.accepted for answer in answers) == 1
        assert all(b"serial_not_here" in answer.body for answer in answers if not answer.accepted)
        assert await sentences(first) == []


async def test_a_serial_is_received_once_however_many_receive_it(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as (first, second):
        await first.stock_up(0, [], ["HAM", "BER"])
        await first.do("products.save", {"sku": "P", "name": "Phone", "tracking": "serial"})

        async def receive(number: int) -> Answer:
            place = ("HAM", "BER")[number % 2]
            payload = {"sku": "P", "location": place, "quantity": 1, "reason": "opening", "serials": ["S1"]}
            work = envelope(verbs()["stock.receive"], payload)
            return (await (first, second)[number % 2].run("stock.receive", [work]))[0]

        answers = await asyncio.gather(*(receive(number) for number in range(12)))
        assert sum(answer.accepted for answer in answers) == 1
        assert all(b"serial_elsewhere" in answer.body for answer in answers if not answer.accepted)
        assert await sentences(first) == []
