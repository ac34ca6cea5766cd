"""Sourcing again, and others who want the same units at once: a preview is carried out as it was shown, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from lading.database import failpoints
from lading.journal.types import Answer
from lading.operations.registry import verbs
from tests.races.shop import Shop, envelope, order
from tests.races.test_races import POINTS, sentences, stop_once, two_processes

COSTS = {
    "currency": "EUR", "zones": [{"zone": "near", "locations": ["BER"]}, {"zone": "far"}],
    "rates": [
        {"zone": "near", "up_to_grams": 9_000, "amount": "3.00"}, {"zone": "far", "up_to_grams": 9_000, "amount": "6.00"},
    ],
}  # fmt: skip
RULES = {"strategies": [{"name": "least cost", "take": "cheapest"}], "costs": COSTS}


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    for point in POINTS:
        failpoints.disarm(point)


async def do(shop: Shop, verb: str, **fields: Any) -> Answer:
    return (await shop.run(verb, [envelope(verbs()[verb], fields)]))[0]


async def offered(shop: Shop) -> tuple[str, str]:
    """An order of 3 units in Hamburg that would be cheaper from Berlin, where 3 came since; its number, and the preview."""
    await shop.stock_up(0, ["A"])
    await shop.do("stock.receive", {"sku": "A", "location": "HAM", "quantity": 3, "reason": "opening"})
    (placed,) = await shop.do("orders.place", order(("A", 3)))
    await shop.do("stock.receive", {"sku": "A", "location": "BER", "quantity": 3, "reason": "opening"})
    await shop.do("sourcing-rules.save", RULES)
    (made,) = await shop.do("sourcing-previews.make", {})
    assert [each["order"] for each in made["orders"]] == [placed["number"]]
    return placed["number"], made["preview"]


async def shelves(shop: Shop) -> dict[str, tuple[int, int]]:
    """(available, allocated) by location."""
    rows = await shop.fetch(
        "SELECT l.code, s.available, s.allocated FROM stock s JOIN location l ON l.merchant_id = $1 AND l.id = s.location_id"
        " WHERE s.merchant_id = $1"
    )
    return {row["code"]: (row["available"], row["allocated"]) for row in rows}


@pytest.mark.parametrize("point", ["after_prefetch", "before_postings", "before_commit"])
@pytest.mark.parametrize("first", ["again", "buy"])
async def test_the_units_of_a_preview_go_to_whoever_came_first(shared_dsn: str, first: str, point: str) -> None:
    async with two_processes(shared_dsn) as (one, two):
        number, preview = await offered(one)
        acts: dict[str, tuple[str, dict[str, Any]]] = {
            "again": ("orders.resource", {"order": number, "preview": preview}),
            "buy": ("orders.place", order(("A", 2))),
        }
        (verb, fields), (then, others) = acts[first], acts["buy" if first == "again" else "again"]
        reached, go_on = stop_once(point)
        slow = asyncio.create_task(do(one, verb, **fields))
        await asyncio.wait_for(reached.wait(), 5)
        quick = asyncio.create_task(do(two, then, **others))
        await asyncio.sleep(0.05)
        go_on.set()
        answers = dict(zip((verb, then), await asyncio.wait_for(asyncio.gather(slow, quick), 10), strict=True))
        assert not any(answer.failed for answer in answers.values())
        again, bought = answers["orders.resource"], answers["orders.place"]
        held = await shelves(one)
        assert sum(sum(units) for units in held.values()) == 6
        if again.accepted:
            assert held["BER"][1] >= 3
        else:
            assert msgspec.json.decode(again.body)["name"] == "changed_since_preview"
            assert bought.accepted and held["HAM"] == (0, 3)
        assert sum(allocated for _, allocated in held.values()) == 3 + 2 * bought.accepted
        assert await sentences(one) == []


async def test_two_who_carry_out_one_preview_move_its_units_once(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as (one, two):
        number, preview = await offered(one)
        answers = await asyncio.gather(
            *(do(shop, "orders.resource", order=number, preview=preview) for shop in (one, two, one, two))
        )
        assert sorted(answer.accepted for answer in answers) == [False, False, False, True]
        refused = {msgspec.json.decode(answer.body)["name"] for answer in answers if not answer.accepted}
        assert refused == {"changed_since_preview"}
        assert await shelves(one) == {"HAM": (3, 0), "BER": (0, 3)}
        assert await sentences(one) == []


async def test_two_previews_that_offer_the_same_units_do_not_both_get_them(shared_dsn: str) -> None:
    """Each preview looked at all that is there: what one of them takes the other one does not find any more."""
    async with two_processes(shared_dsn) as (one, two):
        await one.stock_up(0, ["A"])
        await one.do("channels.save", {"code": "market", "name": "Market"})
        await one.do("stock.receive", {"sku": "A", "location": "HAM", "quantity": 6, "reason": "opening"})
        channels = ("web", "market")
        placed = [(await one.do("orders.place", order(("A", 3), channel=code)))[0]["number"] for code in channels]
        await one.do("stock.receive", {"sku": "A", "location": "BER", "quantity": 3, "reason": "opening"})
        await one.do("sourcing-rules.save", RULES)
        made = await one.do("sourcing-previews.make", *({"channel": code} for code in channels))
        assert [[each["order"] for each in preview["orders"]] for preview in made] == [[number] for number in placed]
        answers = await asyncio.gather(
            do(one, "orders.resource", order=placed[0], preview=made[0]["preview"]),
            do(two, "orders.resource", order=placed[1], preview=made[1]["preview"]),
        )
        assert sorted(answer.accepted for answer in answers) == [False, True]
        assert await shelves(one) == {"HAM": (3, 3), "BER": (0, 3)}
        assert await sentences(one) == []
