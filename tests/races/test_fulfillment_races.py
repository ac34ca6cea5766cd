"""Two clients at one fulfillment order: whoever comes second sees what the first one did."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from lading.database import failpoints
from lading.database.pool import Database
from tests.races.shop import Shop, open_shop, order

PAIRS = 4


@asynccontextmanager
async def at_work(dsn: str, picked: int) -> AsyncIterator[tuple[Shop, Shop, list[str]]]:
    """One merchant, two processes; orders over three units at HAM, so many of them picked. BER has as many free."""
    async with open_shop(dsn) as first:
        database = await Database.connect(dsn)
        try:
            await first.stock_up(3 * PAIRS, ["A"])
            placed = await first.do("orders.place", *([order(("A", 3))] * PAIRS))
            made = await first.do("orders.release", *({"order": each["number"]} for each in placed))
            names = [each["fulfillment_orders"][0] for each in made]
            if picked:
                lines = [{"line": 1, "quantity": picked}]
                await first.do(
                    "fulfillment-orders.pick", *({"fulfillment_order": name, "lines": lines} for name in names)
                )
            yield first, Shop(database, first.merchant_id), names
        finally:
            await database.close()


TWO = [{"line": 1, "quantity": 2}]
REJECT = ("fulfillment-orders.reject", {"reason": "busy"})
CLOSE = ("fulfillment-orders.close", {"reason": "sold_out", "rest": "cancel"})
PICK = ("fulfillment-orders.pick", {})
PACK = ("parcels.pack", {})
MOVE = ("fulfillment-orders.move", {"to_location": "BER", "reason": "nearer"})
SPLIT = ("fulfillment-orders.split", {"lines": TWO})
CANCEL = ("fulfillment-orders.cancel", {"reason": "mistake"})

Command = tuple[str, dict[str, object]]


@pytest.mark.parametrize(
    ("one", "other", "picked", "accepted"),
    [
        (REJECT, PICK, 0, {1, 2}),
        (MOVE, PACK, 1, {2}),
        (MOVE, PICK, 0, {1}),
        (SPLIT, SPLIT, 0, {1}),
        (REJECT, MOVE, 0, {1}),
        (REJECT, REJECT, 0, {1}),
        (CANCEL, PICK, 0, {1}),
        (REJECT, PACK, 2, {1, 2}),
        (CLOSE, PICK, 0, {1, 2}),
    ],
    ids=lambda each: each[0] if isinstance(each, tuple) else "",
)
async def test_two_at_one_fulfillment_order_are_one_after_the_other(
    shared_dsn: str, one: Command, other: Command, picked: int, accepted: set[int]
) -> None:
    """However they meet, so many of the two are accepted, units are conserved and the audit finds nothing."""
    async with at_work(shared_dsn, picked) as (first, second, names):

        async def client(shop: Shop, command: Command, name: str) -> bool:
            verb, payload = command
            (answer,) = await shop.answers(verb, [{**payload, "fulfillment_order": name}])
            assert not answer.failed
            return answer.accepted

        for index, name in enumerate(names):
            pair: Sequence[tuple[Shop, Command]] = [(first, one), (second, other)]
            answers = await asyncio.gather(*(client(*each, name) for each in (pair if index % 2 else pair[::-1])))
            assert sum(answers) in accepted, (name, answers)
        await _still_whole(first)


@pytest.mark.parametrize("point", ["after_prefetch", "before_postings"])
async def test_a_picker_who_comes_while_a_rejection_is_written_finds_nothing_to_pick(
    shared_dsn: str, point: str
) -> None:
    async with at_work(shared_dsn, 0) as (first, second, names):
        reached, go_on = asyncio.Event(), asyncio.Event()

        async def wait() -> None:
            if not reached.is_set():
                reached.set()
                await go_on.wait()

        failpoints.arm(point, wait)
        slow = asyncio.create_task(
            first.do("fulfillment-orders.reject", {"fulfillment_order": names[0], "reason": "busy"})
        )
        await reached.wait()
        quick = asyncio.create_task(second.answers("fulfillment-orders.pick", [{"fulfillment_order": names[0]}]))
        await asyncio.sleep(0.05)
        go_on.set()
        assert (await slow)[0]["found"] == 3
        assert b"nothing_to_pick" in (await quick)[0].body
        await _still_whole(first)


async def _still_whole(shop: Shop) -> None:
    rows = await shop.fetch(
        "SELECT coalesce(sum(available + reserved + allocated + picked + packed + damaged), 0) AS units FROM stock WHERE merchant_id = $1"
    )
    assert rows[0]["units"] == 6 * PAIRS
    assert [each.sentence for each in await shop.audit()] == []
