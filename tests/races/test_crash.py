"""kill -9 of the app and of the server at random moments: what was acknowledged is there, once, and everything adds up.

LADING_CRASH_ROUNDS says how many kills of each kind; the suite takes a few, twenty by hand take a few minutes.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lading.access import store as access
from lading.database.embedded import EmbeddedServer
from lading.database.migrate import migrate
from lading.database.pool import Database
from tests.conftest import CHECKOUT
from tests.races import reservers
from tests.races.buyers import PLACE, Answers, command, heard, line
from tests.races.shop import Shop

ROUNDS = int(os.environ.get("LADING_CRASH_ROUNDS", "3"))
STOCK_PER_ROUND = 250
ENDLESS = 10**9
PATIENCE_SECONDS = 120.0


@pytest.fixture
def durable(lading_home: Path) -> Iterator[EmbeddedServer]:
    """A server of its own that keeps what it promised."""
    server = EmbeddedServer(lading_home, durable=True)
    yield server
    server.stop()


async def make_shop(dsn: str, stock: int) -> int:
    """The merchant's id; one product at one location."""
    await migrate(dsn)
    database = await Database.connect(dsn)
    try:
        shop = Shop(database, await access.create_merchant(database, "crash", "crash", "UTC", "EUR"))
        await shop.stock_up(stock, ["A"], ["HAM"])
        return shop.merchant_id
    finally:
        await database.close()


def start_buyers(
    dsn: str, merchant_id: int, file: Path, limit: int, program: str = "buyers"
) -> subprocess.Popen[bytes]:
    arguments = [dsn, str(merchant_id), str(file), str(limit)]
    return subprocess.Popen([sys.executable, "-m", f"tests.races.{program}", *arguments], cwd=CHECKOUT)


def wait_for_more(file: Path, buyers: subprocess.Popen[bytes]) -> None:
    """Until somebody heard an answer that is not in the file yet."""
    size, give_up_at = file.stat().st_size if file.exists() else 0, time.monotonic() + PATIENCE_SECONDS
    while not file.exists() or file.stat().st_size == size:
        assert buyers.poll() is None and time.monotonic() < give_up_at, "nobody hears anything any more"
        time.sleep(0.005)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def crash(
    server: EmbeddedServer,
    merchant_id: int,
    file: Path,
    victims: list[str],
    chance: random.Random,
    program: str = "buyers",
) -> None:
    """Kill the victims one after the other, each a random moment after business went on."""
    dsn = server.start()
    buyers = start_buyers(dsn, merchant_id, file, ENDLESS, program)
    try:
        for victim in victims:
            wait_for_more(file, buyers)
            time.sleep(chance.uniform(0, 0.15))
            if victim == "server":
                running = server.postmaster()
                assert running is not None
                kill(running.pid)
                server.start()
            else:
                buyers.kill()
                buyers.wait()
                buyers = start_buyers(dsn, merchant_id, file, ENDLESS, program)
        wait_for_more(file, buyers)
    finally:
        buyers.kill()
        buyers.wait()


async def check(dsn: str, merchant_id: int, answers: Answers, stock: int) -> None:
    """Sold exactly what was there, nothing twice, nothing lost, and the same answers once more."""
    database = await Database.connect(dsn)
    try:
        shop = Shop(database, merchant_id)
        orders = await shop.fetch("SELECT placed_by FROM orders WHERE merchant_id = $1")
        placed = [row["placed_by"] for row in orders]
        accepted = [number for number, (taken, _) in answers.items() if taken]
        assert sorted(placed) == sorted(command(number).command_id for number in accepted)
        assert len(placed) == stock
        rows = await shop.fetch("SELECT available, allocated FROM stock WHERE merchant_id = $1")
        assert [tuple(row) for row in rows] == [(0, stock)]
        for first in range(0, len(answers), 500):
            numbers = sorted(answers)[first : first + 500]
            again = await shop.run(PLACE.name, [command(number) for number in numbers])
            for number, answer in zip(numbers, again, strict=True):
                assert answer.replayed
                assert line(number, answer).split()[1:] == [str(int(answers[number][0])), answers[number][1]]
        assert [each.sentence for each in await shop.audit()] == []
    finally:
        await database.close()


@pytest.mark.parametrize("victim", ["app", "server"])
def test_nothing_acknowledged_is_lost_and_nothing_happens_twice(victim: str, durable: EmbeddedServer) -> None:
    stock, file = STOCK_PER_ROUND * ROUNDS, durable.home / "heard"
    dsn = durable.start()
    merchant_id = asyncio.run(make_shop(dsn, stock))
    crash(durable, merchant_id, file, [victim] * ROUNDS, random.Random())
    before = heard(file)
    limit = max([*before, stock]) + 50
    rest = start_buyers(dsn, merchant_id, file, limit)
    assert rest.wait(PATIENCE_SECONDS) == 0
    answers = heard(file)
    assert sorted(answers) == list(range(limit))
    asyncio.run(check(dsn, merchant_id, answers, stock))
    print(f"{ROUNDS} kills of the {victim}: {len(before)} answers heard between them, {stock} of {limit} orders sold")


async def check_reservations(dsn: str, merchant_id: int, answers: Answers, stock: int) -> None:
    """Every unit is somewhere, once; who was told that something is kept has it, or its time is over; the same answers once more."""
    database = await Database.connect(dsn)
    try:
        shop = Shop(database, merchant_id)
        (row,) = await shop.fetch(
            "SELECT available + reserved + allocated AS units, reserved, allocated FROM stock WHERE merchant_id = $1"
        )
        (orders,) = await shop.fetch("SELECT count(*)::int AS count FROM orders WHERE merchant_id = $1")
        assert (row["units"], row["allocated"]) == (stock, orders["count"])
        placed = 0
        for number in sorted(answers):
            (reserved,) = await shop.run("reservations.reserve", [reservers.reservation(number)])
            work = reservers.conversion(number, reserved)
            order = (await shop.run("orders.place", [work]))[0] if work else None
            assert reserved.replayed and (order is None or order.replayed)
            told = reservers.line(number, reserved, order).split()[1:]
            assert told == [str(int(answers[number][0])), answers[number][1]]
            placed += order is not None and order.accepted
        assert placed == orders["count"]
        assert [each.sentence for each in await shop.audit()] == []
    finally:
        await database.close()


@pytest.mark.parametrize("victim", ["app", "server"])
def test_no_unit_is_kept_twice_and_none_is_lost(victim: str, durable: EmbeddedServer) -> None:
    """Reservations, of which every other one becomes an order and every third one's time is over at once, through kills."""
    stock, file = STOCK_PER_ROUND * ROUNDS, durable.home / "heard"
    dsn = durable.start()
    merchant_id = asyncio.run(make_shop(dsn, stock))
    crash(durable, merchant_id, file, [victim] * ROUNDS, random.Random(), "reservers")
    limit = max([*heard(file), stock]) + 50
    rest = start_buyers(dsn, merchant_id, file, limit, "reservers")
    assert rest.wait(PATIENCE_SECONDS) == 0
    answers = heard(file)
    assert sorted(answers) == list(range(limit))
    asyncio.run(check_reservations(dsn, merchant_id, answers, stock))
