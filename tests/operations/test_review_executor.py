"""What a batch survives: replays inside it, numbers that were never committed, values that no column holds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from lading.database import failpoints
from lading.database.lanes import Lane, Overloaded
from lading.operations.registry import verbs


async def test_a_batch_that_holds_answered_commands_is_decided_in_one_piece(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=100)
    old = shop.envelope("orders.place", shop.order({"MUG": 1}))
    await shop.run("orders.place", [old])
    new = [shop.envelope("orders.place", shop.order({"MUG": 1})) for _ in range(3)]
    runs: list[int] = []
    attempt = shop.executor._attempt

    async def counted(merchant_id: int, verb: Any, batch: Any, *more: Any) -> Any:
        runs.append(len(batch))
        return await attempt(merchant_id, verb, batch, *more)

    shop.executor._attempt = counted
    answers = await shop.run("orders.place", [old, *new, new[0]])
    assert answers[1] == answers[4]
    assert [answer.replayed for answer in answers] == [True, False, False, False, False]
    assert runs == [5], "the batch was halved"


async def test_whoever_was_answered_keeps_the_answer_when_a_later_part_meets_an_outage(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=9)
    works = [shop.envelope("orders.place", shop.order({"MUG": 1})) for _ in range(2)]
    commits: list[int] = []

    async def break_the_second() -> None:
        commits.append(1)
        if len(commits) == 2:
            raise Overloaded("no room")

    failpoints.arm("before_commit", break_the_second)
    try:
        answers = await shop.executor.run_parts(shop.merchant_id, verbs()["orders.place"], [works[:1], works[1:]])
    finally:
        failpoints.disarm("before_commit")
    assert [(answer.accepted, answer.failed) for answer in answers] == [(True, False), (False, True)]
    assert [answer.accepted for answer in await shop.run("orders.place", works)] == [True, True]


async def test_the_same_reference_has_its_answer_when_the_stock_is_gone(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=1)
    order = shop.order({"MUG": 1}, external_reference="W-1")
    first = await shop.do("orders.place", **order)
    assert await shop.do("orders.place", **order) == first
    other = await shop.refusal("orders.place", **shop.order({"MUG": 2}, external_reference="W-1"))
    assert other["name"] == "external_reference_taken"


async def test_the_same_reference_has_its_answer_when_the_product_is_not_sold_any_more(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    order = shop.order({"MUG": 1}, external_reference="W-1")
    first = await shop.do("orders.place", **order)
    await shop.do("products.save", sku="MUG", name="Mug", active=False)
    assert await shop.do("orders.place", **order) == first
    await shop.do("products.save", sku="MUG", name="Mug", rename_to="CUP")
    assert await shop.do("orders.place", **order) == first


@pytest.mark.parametrize("verb", ["products.save", "channels.save", "locations.save"])
async def test_what_exists_is_saved_twice_in_a_batch(shop: Any, verb: str) -> None:
    fields = {
        "products.save": {"sku": "MUG", "name": "Mug"},
        "channels.save": {"code": "web", "name": "Web"},
        "locations.save": {
            "code": "HAM", "name": "Hamburg", "kind": "store", "time_zone": "Europe/Berlin", "country": "DE",
        },
    }[verb]  # fmt: skip
    first = await shop.do(verb, **fields)
    again = await shop.batch(verb, {**fields, "name": "one"}, {**fields, "name": "two"})
    assert [each["version"] - first["version"] for each in again] == [1, 2]


async def test_units_beyond_a_column_are_malformed(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    line = {"sku": "MUG", "quantity": 100_000_000, "unit_price": {"amount": "0.01", "currency": "EUR"}}
    with pytest.raises(msgspec.ValidationError, match="units"):
        shop.envelope("orders.place", {"channel": "web", "currency": "EUR", "lines": [line] * 30})


@pytest.mark.parametrize(
    ("price", "quantity"), [("9999999999999", 1), ("999999999999", 100_000_000), ("-1.00", 1), ("0.0000001", 1)]
)
async def test_prices_beyond_a_column_are_malformed(shop: Any, price: str, quantity: int) -> None:
    line = {"sku": "MUG", "quantity": quantity, "unit_price": {"amount": price, "currency": "KWD"}}
    with pytest.raises(msgspec.ValidationError):
        shop.envelope("orders.place", {"channel": "web", "currency": "KWD", "lines": [line]})


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_moment_that_no_calendar_of_ours_has_harms_nobody_else(shop: Any, moment: str) -> None:
    await shop.stock_up(MUG_HAM=5)
    began = time.monotonic()
    try:
        bad = shop.envelope("orders.place", shop.order({"MUG": 1}, placed_at=moment))
    except msgspec.ValidationError:
        return
    answers = await shop.run("orders.place", [bad, shop.envelope("orders.place", shop.order({"MUG": 1}))])
    assert [answer.accepted for answer in answers] == [False, True]
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("ref", ["²", "1²", "٣", "0", "9" * 31])
async def test_an_odd_reference_is_an_unknown_order(shop: Any, ref: str) -> None:
    assert (await shop.refusal("orders.hold", order=ref))["name"] == "unknown_order"


async def test_numbers_of_a_draw_that_was_not_committed_are_not_used(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=50)
    commit_fails = True
    write = shop.database.write

    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def failing(merchant_id: int) -> Any:
        nonlocal commit_fails
        async with write(merchant_id) as tx:
            yield tx
            if commit_fails:
                commit_fails = False
                raise ConnectionResetError("the server is gone at the commit")

    shop.database.write = failing
    first = await shop.place({"MUG": 1})
    del shop.database.write
    (head,) = await shop.fetch("SELECT order_number FROM journal_head WHERE merchant_id = $1")
    assert int(first) <= head["order_number"]


async def test_lots_without_dates_are_used_up_as_they_came(shop: Any) -> None:
    await shop.batch("products.save", {"sku": "MUG", "name": "Mug"})
    for lot in ("C", "A", "B"):
        await shop.do("stock.receive", sku="MUG", location="HAM", quantity=2, reason="opening", lot=lot)
    await shop.place({"MUG": 3})
    taken = await shop.fetch("SELECT lot, allocated FROM allocation WHERE merchant_id = $1 ORDER BY number")
    assert [(each["lot"], each["allocated"]) for each in taken] == [("C", 2), ("A", 1)]


async def test_a_payment_does_not_make_an_order_younger_in_its_queue(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    number = await shop.place({"MUG": 1})
    (before,) = await shop.fetch("SELECT queued_at FROM orders WHERE merchant_id = $1")
    await shop.do("payments.record", order=number, amount={"amount": "1.00", "currency": "EUR"})
    (after,) = await shop.fetch("SELECT queued_at FROM orders WHERE merchant_id = $1")
    assert before == after


async def test_what_reaches_a_lane_while_the_loop_still_brings_something_is_one_batch() -> None:
    batches: list[list[int]] = []

    async def run(batch: Sequence[int]) -> Sequence[int]:
        batches.append(list(batch))
        return batch

    lane: Lane[int, int] = Lane(run, lambda _: 1)

    async def after(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await lane.submit(turns, 5.0)

    assert await asyncio.gather(*map(after, range(8))) == list(range(8))
    assert batches == [list(range(8))]
