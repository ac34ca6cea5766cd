"""Operators who change one order at once, and changes that meet the warehouse, a merge or a cancellation: one wins, the books agree."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from tests.races.shop import Shop, open_shop, order
from tests.races.test_races import two_processes

LATE = {"reason": "late"}


async def each(shop: Shop, verb: str, payload: dict[str, Any]) -> str:
    """What became of one command: done, or the name of its refusal."""
    (answer,) = await shop.answers(verb, [payload])
    return "done" if answer.accepted else str(msgspec.json.decode(answer.body)["name"])


async def left(shop: Shop, number: str) -> dict[str, int]:
    (row,) = await shop.fetch("SELECT * FROM orders WHERE merchant_id = $1 AND number = $2", int(number))
    return {stage: row[stage] for stage in ("cancelled", "allocated", "released", "picked") if row[stage]}


async def test_of_eight_operators_who_confirm_what_they_were_shown_one_does(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as (one, other):
        await one.stock_up(50)
        (placed,) = await one.do("orders.place", order(("A", 9)))
        number = placed["number"]
        edits = [{"order": number, **LATE, "quantities": [{"line": 1, "quantity": units}]} for units in range(1, 9)]
        begun = await asyncio.gather(
            *(each_begin(shop, edit) for shop, edit in zip([one, other] * 4, edits, strict=True))
        )
        done = await asyncio.gather(
            *(each(shop, "edits.confirm", {"edit": edit}) for shop, edit in zip([one, other] * 4, begun, strict=True))
        )
        assert sorted(done) == ["changed_since_preview"] * 7 + ["done"]
        units = done.index("done") + 1
        assert await left(one, number) == {"cancelled": 9 - units, "allocated": units}
        assert await one.audit() == []


async def each_begin(shop: Shop, edit: dict[str, Any]) -> str:
    return str((await shop.do("edits.begin", edit))[0]["edit"])


async def test_an_edit_and_a_pick_at_once(shared_dsn: str) -> None:
    """Whoever comes second sees what the first one left: nothing is picked that was taken away."""
    async with two_processes(shared_dsn) as (one, other):
        await one.stock_up(50)
        for _ in range(6):
            (placed,) = await one.do("orders.place", order(("A", 4)))
            number = placed["number"]
            await one.do("orders.release", {"order": number})
            edit = {"order": number, **LATE, "quantities": [{"line": 1, "quantity": 1}]}
            lines = [{"line": 1, "quantity": 4}]
            done = await asyncio.gather(
                each(one, "orders.edit", edit),
                each(other, "fulfillment-orders.pick", {"fulfillment_order": f"{number}-F1", "lines": lines}),
            )
            picked = 1 if done[1] == "done" else 0
            assert (done[0], await left(one, number)) == (
                "done", {"cancelled": 3, "picked": 1} if picked else {"cancelled": 3, "released": 1},
            )  # fmt: skip
        assert await one.audit() == []


async def test_a_merge_a_cancellation_and_a_split_of_the_same_order_at_once(shared_dsn: str) -> None:
    """Each unit goes one way. Two merges the other way round do not wait for each other for ever."""
    async with two_processes(shared_dsn) as (one, other):
        await one.stock_up(90)
        for _ in range(5):
            placed = await one.do("orders.place", *[order(("A", 3), ("B", 1))] * 3)
            first, second, third = (each["number"] for each in placed)
            done = await asyncio.gather(
                each(one, "orders.merge", {"order": first, "others": [second], **LATE}),
                each(other, "orders.merge", {"order": second, "others": [first], **LATE}),
                each(one, "lines.cancel", {"order": second, **LATE}),
                each(other, "orders.split", {"order": second, "lines": [{"line": 1, "quantity": 1}], **LATE}),
                each(one, "orders.merge", {"order": third, "others": [second], **LATE}),
                each(other, "orders.release", {"order": first}),
            )
            assert "done" in done
        (row,) = await one.fetch(
            "SELECT sum(allocated)::int AS a, (SELECT sum(allocated + released)::int FROM orders WHERE merchant_id = $1) AS b"
            " FROM stock WHERE merchant_id = $1"
        )
        assert row["a"] == row["b"]
        assert await one.audit() == []


async def test_orders_are_placed_while_others_are_split_and_merged(shared_dsn: str) -> None:
    """The last units are sold once, whoever passes them on."""
    async with two_processes(shared_dsn) as (one, other):
        await one.stock_up(5, ("A",), ("HAM",))
        placed = await one.do("orders.place", *[order(("A", 2))] * 2)
        first, second = (each["number"] for each in placed)
        lines = [{"line": 1, "quantity": 1}]
        done = await asyncio.gather(
            *(each(shop, "orders.place", order(("A", 1))) for shop in (one, other) * 2),
            each(one, "orders.split", {"order": first, "lines": lines, **LATE}),
            each(other, "orders.merge", {"order": first, "others": [second], **LATE}),
        )
        assert done[:4].count("done") == 1
        (row,) = await one.fetch("SELECT sum(allocated)::int AS units FROM stock WHERE merchant_id = $1")
        assert row["units"] == 5
        assert await one.audit() == []


async def test_notes_from_many_windows_have_numbers_of_their_own(shared_dsn: str) -> None:
    async with open_shop(shared_dsn) as shop:
        await shop.stock_up(5)
        (placed,) = await shop.do("orders.place", order(("A", 1)))
        note = {"order": placed["number"], "text": "Hello"}
        done = await asyncio.gather(*(shop.do("notes.add", note) for _ in range(8)))
        assert len({outcome["note"] for (outcome,) in done}) == 8
        assert await shop.audit() == []
