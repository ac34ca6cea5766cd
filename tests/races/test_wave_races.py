"""Many at one wave: each unit is picked once, each fulfillment order is in one wave, and nothing is picked for a wave that is over."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from tests.races.shop import Shop, order
from tests.races.test_races import two_processes

ORDERS = 24


async def to_pick(shop: Shop) -> list[str]:
    """Orders of three units each that wait to be picked; two bins, and the rest on the floor."""
    await shop.stock_up(200, ("A",), ("HAM",))
    await shop.do("bins.save", *({"location": "HAM", "code": code} for code in ("A-1", "A-2")))
    for code in ("A-1", "A-2"):
        await shop.do("stock.put-away", {"sku": "A", "location": "HAM", "bin": code, "quantity": 20})
    placed = await shop.do("orders.place", *(order(("A", 3)) for _ in range(ORDERS)))
    await shop.do("orders.release", *({"order": each["number"]} for each in placed))
    return [str(each["number"]) for each in placed]


async def released(shop: Shop) -> tuple[str, list[str]]:
    """A wave with all of them."""
    numbers = await to_pick(shop)
    (wave,) = await shop.do("waves.plan", {"location": "HAM"})
    await shop.do("waves.release", {"wave": wave["wave"]})
    return wave["wave"], numbers


async def tasks(shop: Shop) -> tuple[int, int, int, int]:
    """(units, picked, short, given up) of all tasks."""
    (row,) = await shop.fetch(
        "SELECT sum(quantity)::int, sum(picked)::int, sum(short)::int, sum(given_up)::int FROM pick_task WHERE merchant_id = $1"
    )
    return tuple(row)


async def one(shop: Shop, verb: str, **fields: Any) -> dict[str, Any]:
    (answer,) = await shop.answers(verb, [fields])
    assert not answer.failed
    told: dict[str, Any] = msgspec.json.decode(answer.body)
    return told


async def test_pickers_who_scan_the_same_pick_each_unit_once(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as (here, there):
        wave, _ = await released(here)
        told = await asyncio.gather(
            *(
                (here, there)[turn % 2].answers("waves.pick", [{"wave": wave, "barcode": "A", "quantity": 1}])
                for turn in range(100)
            )
        )
        picked = sum(answer.accepted for (answer,) in told)
        assert picked == ORDERS * 3
        assert await tasks(here) == (72, 72, 0, 0)
        assert {answer.body for (answer,) in told if not answer.accepted} and await here.audit() == []


async def test_an_order_is_cancelled_or_picked_unit_by_unit(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as (here, there):
        wave, numbers = await released(here)

        async def pick(task: int) -> None:
            await one(here, "waves.pick", wave=wave, task=task, quantity=2)

        async def cancel(number: str) -> None:
            await one(there, "lines.cancel", order=number, reason="late", lines=[{"line": 1, "quantity": 2}])

        await asyncio.gather(*(pick(task + 1) for task in range(ORDERS)), *(cancel(number) for number in numbers))
        rows = await here.fetch("SELECT cancelled, released + picked FROM orders WHERE merchant_id = $1")
        assert {tuple(row) for row in rows} == {(2, 1)}
        await one(here, "waves.close", wave=wave)
        assert await here.audit() == []


async def test_a_fulfillment_order_is_planned_once(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as (here, there):
        await to_pick(here)
        plans = [one((here, there)[turn % 2], "waves.plan", location="HAM", orders_max=5) for turn in range(10)]
        told = await asyncio.gather(*plans)
        planned = [name for each in told for name in each.get("fulfillment_orders", ())]
        assert len(planned) == len(set(planned)) == ORDERS
        assert await here.audit() == []


async def test_nothing_is_picked_for_a_wave_that_is_over(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as (here, there):
        wave, _ = await released(here)
        units = (await tasks(here))[0]
        picks = [one(here, "waves.pick", wave=wave, barcode="A", quantity=1) for _ in range(40)]
        closing = [one(there, "waves.close", wave=wave)]
        lists = [one(there, "waves.take-list", wave=wave) for _ in range(3)]
        told = await asyncio.gather(*picks[:20], *lists, *closing, *picks[20:])
        (closed,) = (each for each in told if each.get("status") == "closed")
        _, picked, short, given_up = await tasks(here)
        assert picked + short + given_up == units
        assert (closed["picked"], closed["given_up"]) == (picked, given_up)
        assert sum("task" in each for each in told) == picked
        assert await here.audit() == []
