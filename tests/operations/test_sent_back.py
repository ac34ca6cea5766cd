"""What a carrier brings back is awaited from its word on: a return is open and the order stands in a queue."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.operations.test_life_tracking import request, shipped, told


async def stage(shop: Any, number: str) -> str:
    """The queue that the order stands in."""
    (row,) = await shop.fetch("SELECT stage FROM orders WHERE merchant_id = $1 AND number = $2", int(number))
    return str(row["stage"])


async def returns(shop: Any) -> list[tuple[int, str, int, int]]:
    """(number, reason, requested, received)"""
    rows = await shop.fetch(
        "SELECT r.number, r.reason, l.requested, l.received FROM return_order AS r JOIN return_line AS l"
        " ON l.merchant_id = $1 AND l.order_id = r.order_id AND l.return_number = r.number"
        " WHERE r.merchant_id = $1 ORDER BY r.number"
    )
    return [(row["number"], row["reason"], row["requested"], row["received"]) for row in rows]


def mugs(units: int) -> list[dict[str, int]]:
    return [{"line": 1, "quantity": units}]


@pytest.mark.parametrize("by_return", [True, False])
async def test_units_that_come_back_to_their_sender_stand_in_a_queue(shop: Any, by_return: bool) -> None:
    number = await shipped(shop, units=3, parcels=1)
    await told(shop, "do", number, 1, "returned_to_sender", 10)
    assert await stage(shop, number) == "coming_back"
    assert await shop.units(number) == {"sent_back": 3, "returning": 3}
    assert await returns(shop) == [(1, "returned_to_sender", 3, 0)]
    (event,) = await shop.fetch(
        "SELECT data->'announced' AS announced FROM event WHERE merchant_id = $1 AND kind = 'parcel_tracked'"
    )
    assert event["announced"].replace(" ", "") == '[{"line":1,"return":1,"quantity":3}]'
    await shop.check_books()

    document = f"{number}-R1" if by_return else number
    got = await shop.do("returns.receive", document=document, location="HAM", lines=mugs(2))
    assert (got["document"], got["awaited"]) == (f"{number}-R1", 1)
    assert await stage(shop, number) == "coming_back"
    await shop.check_books()
    await shop.do("returns.receive", document=document, location="HAM", lines=mugs(1))
    assert await stage(shop, number) == "done"
    assert await returns(shop) == [(1, "returned_to_sender", 3, 3)]
    await shop.do("returns.refund", document=f"{number}-R1")
    lines = [{"line": 1, "quantity": 3, "disposition": "restock"}]
    assert (await shop.do("returns.dispose", document=f"{number}-R1", lines=lines))["closed"]
    assert await shop.units(number) == {"sent_back": 3}
    await shop.check_books()


async def test_a_lost_parcel_that_comes_back_is_awaited(shop: Any) -> None:
    number = await shipped(shop, units=2, parcels=1)
    await told(shop, "do", number, 1, "lost", 10)
    assert await stage(shop, number) == "done"
    await told(shop, "do", number, 1, "returned_to_sender", 11)
    assert await stage(shop, number) == "coming_back"
    await told(shop, "do", number, 1, "returned_to_sender", 12)
    assert await returns(shop) == [(1, "returned_to_sender", 2, 0)]
    await shop.check_books()


async def test_each_parcel_has_a_return_of_its_own(shop: Any) -> None:
    number = await shipped(shop, units=6, parcels=3)
    for parcel in (1, 2):
        await told(shop, "do", number, parcel, "returned_to_sender", 10)
    refusal = await shop.refusal("returns.receive", document=number, location="HAM", lines=mugs(5))
    assert (refusal["name"], refusal["facts"]["awaited"]) == ("more_than_sent_back", 4)
    refusal = await shop.refusal("returns.receive", document=number, location="HAM", lines=mugs(3))
    assert refusal["name"] == "several_returns"
    assert f"{number}-R1, {number}-R2" in refusal["message"]
    await shop.do("returns.receive", document=number, location="HAM", lines=mugs(1))
    second = await shop.do("returns.receive", document=number, location="MUC", lines=mugs(2))
    assert second["document"] == f"{number}-R2"
    assert await returns(shop) == [(1, "returned_to_sender", 2, 1), (2, "returned_to_sender", 2, 2)]
    await shop.check_books()


async def test_what_a_customer_announced_is_counted_beside_it(shop: Any) -> None:
    number = await shipped(shop, units=4, parcels=2)
    await request(shop, number, 3)
    await told(shop, "do", number, 1, "returned_to_sender", 10)
    assert await shop.units(number) == {"in_transit": 2, "sent_back": 2, "return_requested": 2, "returning": 2}
    await told(shop, "do", number, 2, "delivered", 10)
    await shop.do("returns.receive", document=f"{number}-R1", location="HAM", lines=mugs(2))
    await shop.do("returns.receive", document=f"{number}-R2", location="HAM", lines=mugs(2))
    assert await shop.units(number) == {"delivered": 2, "sent_back": 2, "returned": 2}
    await shop.check_books()


async def test_what_nobody_awaits_any_more_may_still_arrive(shop: Any) -> None:
    number = await shipped(shop, units=2, parcels=1)
    await told(shop, "do", number, 1, "returned_to_sender", 10)
    gone = await shop.do("returns.cancel", document=f"{number}-R1")
    assert (gone["awaited"], gone["closed"], await stage(shop, number)) == (0, True, "done")
    await shop.check_books()
    got = await shop.do("returns.receive", document=number, location="HAM", lines=mugs(1))
    assert (got["document"], got["awaited"], got["unrefunded"]) == (f"{number}-R2", 0, 1)
    assert await shop.units(number) == {"sent_back": 2}
    await shop.check_books()


async def test_only_a_carrier_returns_to_the_sender(shop: Any) -> None:
    number = await shipped(shop, units=1, parcels=1)
    with pytest.raises(msgspec.ValidationError, match="track the parcel"):
        await shop.do("returns.request", order=number, reason="returned_to_sender", lines=mugs(1))
