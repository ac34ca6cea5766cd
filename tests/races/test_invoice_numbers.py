"""Numbers of invoices have no gap and none is drawn twice: at once, where somebody fails, and through kill -9."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator

import msgspec
import pytest

from lading.database import failpoints
from lading.database.embedded import EmbeddedServer
from lading.database.pool import Database
from lading.operations.registry import verbs
from tests.races import billers
from tests.races.buyers import heard
from tests.races.shop import Shop, envelope, open_shop, order
from tests.races.test_crash import PATIENCE_SECONDS, ROUNDS, crash, durable, make_shop, start_buyers
from tests.races.test_races import two_processes

__all__ = ["durable"]

ISSUE = verbs()["invoices.issue"]


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    failpoints.disarm("before_commit")


async def serials(shop: Shop) -> list[int]:
    rows = await shop.fetch("SELECT serial FROM invoice WHERE merchant_id = $1 AND kind = 'invoice' ORDER BY serial")
    return [row["serial"] for row in rows]


async def orders(shop: Shop, count: int) -> list[str]:
    await shop.stock_up(count, ["A"], ["HAM"])
    return [each["number"] for each in await shop.do("orders.place", *(order(("A", 1)) for _ in range(count)))]


async def test_32_clients_of_two_processes_draw_numbers_without_a_gap(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as shops:
        numbers = await orders(shops[0], 32)

        async def client(at: int, number: str) -> str:
            work = [envelope(ISSUE, {"order": number, "bill": "all"})]
            (answer,) = await shops[at % 2].run(ISSUE.name, work)
            return str(msgspec.json.decode(answer.body)["documents"][0]["invoice"])

        names = await asyncio.gather(*(client(at, number) for at, number in enumerate(numbers)))
        assert sorted(names) == [f"INV-{serial:06d}" for serial in range(1, 33)]
        rows = await shops[0].fetch("SELECT issued_at FROM invoice WHERE merchant_id = $1 ORDER BY serial")
        assert [row["issued_at"] for row in rows] == sorted(row["issued_at"] for row in rows), (
            "nor earlier than the one before"
        )
        assert await shops[0].audit() == []


async def test_two_who_bill_the_same_order_bill_it_once(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as shops:
        (number,) = await orders(shops[0], 1)
        work = [envelope(ISSUE, {"order": number, "bill": "all"}) for _ in range(12)]
        answers = await asyncio.gather(*(shops[at % 2].run(ISSUE.name, [each]) for at, each in enumerate(work)))
        issued = [msgspec.json.decode(answer[0].body)["documents"] for answer in answers]
        assert sum(map(len, issued)) == 1
        assert await serials(shops[0]) == [1]
        assert await shops[0].audit() == []


async def test_a_number_that_was_drawn_in_vain_is_drawn_again(shared_dsn: str) -> None:
    async with open_shop(shared_dsn) as shop:
        numbers = await orders(shop, 3)
        await shop.do(ISSUE.name, {"order": numbers[0], "bill": "all"})

        async def fail() -> None:
            raise ArithmeticError("somebody stumbles after drawing a number")

        failpoints.arm("before_commit", fail)
        (answer,) = await shop.answers(ISSUE.name, [{"order": numbers[1], "bill": "all"}])
        assert answer.failed
        failpoints.disarm("before_commit")
        await shop.do(ISSUE.name, {"order": numbers[2], "bill": "all"})
        assert await serials(shop) == [1, 2]
        assert await shop.audit() == []


@pytest.mark.parametrize("victim", ["app", "server"])
def test_kill_9_leaves_no_gap(victim: str, durable: EmbeddedServer) -> None:
    file = durable.home / "heard"
    dsn = durable.start()
    merchant_id = asyncio.run(make_shop(dsn, billers.ORDERS * billers.UNITS))
    asyncio.run(place_all(dsn, merchant_id))
    crash(durable, merchant_id, file, [victim] * ROUNDS, random.Random(), "billers")
    limit = max(heard(file)) + billers.ORDERS
    rest = start_buyers(dsn, merchant_id, file, limit, "billers")
    assert rest.wait(PATIENCE_SECONDS) == 0
    assert set(range(limit)) <= set(heard(file))
    asyncio.run(check(dsn, merchant_id))


async def place_all(dsn: str, merchant_id: int) -> None:
    database = await Database.connect(dsn)
    try:
        await Shop(database, merchant_id).do(
            "orders.place", *(order(("A", billers.UNITS)) for _ in range(billers.ORDERS))
        )
    finally:
        await database.close()


async def check(dsn: str, merchant_id: int) -> None:
    database = await Database.connect(dsn)
    try:
        shop = Shop(database, merchant_id)
        drawn = await serials(shop)
        assert drawn == list(range(1, len(drawn) + 1)) and len(drawn) == billers.ORDERS
        notes = await shop.fetch(
            "SELECT serial FROM invoice WHERE merchant_id = $1 AND kind = 'credit_note' ORDER BY serial"
        )
        assert [row["serial"] for row in notes] == list(range(1, len(notes) + 1))
        assert [each.sentence for each in await shop.audit()] == []
    finally:
        await database.close()
