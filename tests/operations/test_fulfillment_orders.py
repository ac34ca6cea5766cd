"""Fulfillment orders: parts of them, other places, other times, and what their locations say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lading.views.order import order as read_order
from tests.operations.conftest import Shop


async def released(shop: Shop, wanted: dict[str, int], **fields: Any) -> str:
    """The name of the one fulfillment order of a new order."""
    number = await shop.place(wanted, **fields)
    done = await shop.do("orders.release", order=number)
    (name,) = done["fulfillment_orders"]
    return str(name)


def units(line: int, quantity: int) -> list[dict[str, int]]:
    return [{"line": line, "quantity": quantity}]


async def work(shop: Shop, number: str) -> dict[str, tuple[Any, ...]]:
    """(location, released, picked, withdrawn, rejected, moved, request) of each fulfillment order."""
    rows = await shop.fetch(
        "SELECT f.*, l.code FROM fulfillment_order AS f JOIN orders AS o ON o.merchant_id = $1 AND o.id = f.order_id"
        " JOIN location AS l ON l.merchant_id = $1 AND l.id = f.location_id"
        " WHERE f.merchant_id = $1 AND o.number = $2 ORDER BY f.number",
        int(number),
    )
    names = ("code", "released", "picked", "withdrawn", "rejected", "moved", "request")
    return {f"F{row['number']}": tuple(row[name] for name in names) for row in rows}


async def stock(shop: Shop, sku: str) -> dict[str, tuple[int, int, int]]:
    """(available, allocated, picked) by location."""
    rows = await shop.fetch(
        "SELECT l.code, s.available, s.allocated, s.picked FROM stock AS s JOIN sku ON sku.merchant_id = $1 AND sku.id = s.sku_id"
        " JOIN location AS l ON l.merchant_id = $1 AND l.id = s.location_id WHERE s.merchant_id = $1 AND sku.code = $2",
        sku,
    )
    return {row["code"]: (row["available"], row["allocated"], row["picked"]) for row in rows}


async def test_units_are_split_off_and_put_together_again(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, TEE_HAM=9)
    first = await released(shop, {"MUG": 4, "TEE": 2})
    number = first.partition("-")[0]
    await shop.do("fulfillment-orders.pick", fulfillment_order=first, lines=units(1, 1))
    # Three wait and one is picked: of three that go, three wait.
    done = await shop.do("fulfillment-orders.split", fulfillment_order=first, lines=units(1, 3))
    assert (done["fulfillment_order"], done["remaining"], done["units"], done["left"]) == (f"{number}-F2", first, 3, 3)
    assert await work(shop, number) == {
        "F1": ("HAM", 2, 1, 0, 0, 3, "unsubmitted"),
        "F2": ("HAM", 3, 0, 0, 0, 0, "unsubmitted"),
    }
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F2")
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F2", lines=units(1, 1))
    refusal = await shop.refusal("fulfillment-orders.split", fulfillment_order=f"{number}-F2", lines=units(1, 3))
    assert refusal["name"] == "not_divisible"
    merged = await shop.do("fulfillment-orders.merge", into=first, others=[f"{number}-F2"])
    assert merged["units"] == 5
    assert await work(shop, number) == {
        "F1": ("HAM", 2, 3, 0, 0, 3, "unsubmitted"),
        "F2": ("HAM", 0, 0, 0, 0, 2, "unsubmitted"),
    }
    assert await shop.units(number) == {"released": 2, "picked": 3, "packed": 1}
    await shop.check_books()


async def test_a_split_takes_no_more_than_there_is_and_leaves_something(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    first = await released(shop, {"MUG": 2})
    for quantity, code in ((2, "all_of_it"), (3, "not_divisible")):
        refusal = await shop.refusal("fulfillment-orders.split", fulfillment_order=first, lines=units(1, quantity))
        assert refusal["name"] == code
    refusal = await shop.refusal("fulfillment-orders.split", fulfillment_order=first, lines=units(7, 1))
    assert refusal["name"] == "unknown_line"


async def test_units_of_a_fulfillment_order_are_held_and_the_rest_goes_on(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    first = await released(shop, {"MUG": 3})
    number = first.partition("-")[0]
    held = await shop.do("fulfillment-orders.hold", fulfillment_order=first, kind="gift_card", lines=units(1, 1))
    assert (held["fulfillment_order"], held["remaining"], held["holds"]) == (f"{number}-F2", first, ["gift_card"])
    await shop.do("fulfillment-orders.pick", fulfillment_order=first)
    refusal = await shop.refusal("fulfillment-orders.pick", fulfillment_order=f"{number}-F2")
    assert refusal["name"] == "on_hold"
    again = await shop.refusal("fulfillment-orders.hold", fulfillment_order=f"{number}-F2", lines=units(1, 1))
    assert again["name"] == "held_already"
    same = await shop.do("fulfillment-orders.hold", fulfillment_order=f"{number}-F2", kind="gift_card")
    other = await shop.do("fulfillment-orders.hold", fulfillment_order=f"{number}-F2", kind="fraud")
    assert (same["holds"], other["holds"]) == (["gift_card"], ["fraud", "gift_card"])
    lifted = await shop.do("fulfillment-orders.release-hold", fulfillment_order=f"{number}-F2", kind="gift_card")
    assert (lifted["released"], lifted["holds"]) == (["gift_card"], ["fraud"])
    await shop.refusal("fulfillment-orders.pick", fulfillment_order=f"{number}-F2")
    await shop.do("fulfillment-orders.release-hold", fulfillment_order=f"{number}-F2")
    assert (await shop.do("fulfillment-orders.release-hold", fulfillment_order=f"{number}-F2"))["released"] == []
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F2")
    await shop.check_books()


async def test_a_rejection_finds_other_stock_and_does_not_come_back(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, MUG_MUC=2, MUG_LEJ=1)
    first = await released(shop, {"MUG": 4})
    number = first.partition("-")[0]
    await shop.do("fulfillment-orders.pick", fulfillment_order=first, lines=units(1, 1))
    done = await shop.do("fulfillment-orders.reject", fulfillment_order=first, reason="no_staff")
    assert (done["units"], done["found"], done["missing"], done["promise_kept"]) == (4, 3, 1, False)
    assert done["fulfillment_orders"] == [f"{number}-F2", f"{number}-F3"]
    # What is missing does not go back to where it came from, though nine lie there.
    assert await shop.units(number) == {"open": 1, "released": 3}
    assert await stock(shop, "MUG") == {"HAM": (9, 0, 0), "MUC": (0, 2, 0), "LEJ": (0, 1, 0)}
    assert (await work(shop, number))["F1"] == ("HAM", 0, 0, 4, 4, 0, "rejected")
    assert (await shop.do("orders.source", order=number))["missing"] == 1
    assert (await shop.do("orders.source", order=number, again=True))["missing"] == 0
    await shop.check_books()


async def test_what_is_closed_sends_nothing_more(shop: Shop) -> None:
    """Two of six left in a parcel; of the rest one is cancelled and comes off the bill, the others come from Munich."""
    await shop.stock_up(MUG_HAM=6, MUG_MUC=9)
    first = await released(shop, {"MUG": 6})
    number = first.partition("-")[0]
    await shop.do("fulfillment-orders.pick", fulfillment_order=first, lines=units(1, 4))
    parcel = (await shop.do("parcels.pack", fulfillment_order=first, lines=units(1, 2)))["parcel"]
    close = {"fulfillment_order": first, "reason": "sold_out"}
    assert (await shop.refusal("fulfillment-orders.close", **close, rest="cancel"))["name"] == "packed"
    await shop.do("parcels.ship", parcel=parcel, carrier="DHL")
    refusal = await shop.refusal("fulfillment-orders.close", **close, rest="source", cancel=units(1, 5))
    assert refusal["name"] == "not_divisible"
    done = await shop.do("fulfillment-orders.close", **close, rest="source", cancel=units(1, 1))
    assert (done["cancelled"], done["found"], done["fulfillment_orders"]) == (1, 3, [f"{number}-F2"])
    assert done["due"]["amount"] == "50.00"
    assert await shop.units(number) == {"cancelled": 1, "released": 3, "in_transit": 2}
    (put_back,) = await shop.fetch("SELECT sum(put_back)::int AS units FROM allocation WHERE merchant_id = $1")
    assert put_back["units"] == 2, "picked units have to be laid back, whoever gets them"
    assert (await shop.refusal("fulfillment-orders.close", **close, rest="cancel"))["name"] == "nothing_to_close"
    rest = await shop.do("fulfillment-orders.close", **close | {"fulfillment_order": f"{number}-F2"}, rest="cancel")
    assert (rest["sourcing"], rest["due"]["amount"]) == ("nothing_to_source", "20.00")
    async with shop.database.read(shop.merchant_id) as tx:
        order = await read_order(tx, number)
    assert [each.state for each in order.fulfillment_orders] == ["incomplete", "cancelled"]
    await shop.check_books()


async def test_a_kit_that_stays_whole_is_not_closed_in_parts_and_pools_get_their_units_back(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=6, TEE_HAM=6, SET_HAM=0)
    await shop.do("kits.save", sku="SET", components=[{"sku": "MUG", "per_kit": 2}, {"sku": "TEE"}])
    await shop.do("pools.set", sku="TEE", pool="web", kind="capped", channels=["web"], quantity=2)
    first = await released(shop, {"SET": 2})
    close = {"fulfillment_order": first, "reason": "sold_out"}
    refusal = await shop.refusal("fulfillment-orders.close", **close, rest="source", cancel=units(2, 2))
    assert refusal["name"] == "part_of_kit"
    one = [{"line": 2, "quantity": 2}, {"line": 3, "quantity": 1}]
    done = await shop.do("fulfillment-orders.close", **close, rest="source", cancel=one)
    assert (done["cancelled"], done["missing"]) == (3, 3)
    await shop.do(
        "fulfillment-orders.close", fulfillment_order=await released(shop, {"TEE": 1}), reason="x", rest="cancel"
    )
    await shop.check_books()


async def test_units_of_a_pool_that_another_location_sends_are_counted_once(shop: Shop) -> None:
    """Moved, or given back and found elsewhere: the channel has taken no more of its pool than before."""
    await shop.stock_up(MUG_HAM=4, MUG_MUC=4)
    await shop.do("pools.set", sku="MUG", pool="web", kind="capped", channels=["web"], quantity=3)
    first = await released(shop, {"MUG": 2})
    done = await shop.do("fulfillment-orders.move", fulfillment_order=first, to_location="MUC", reason="nearer")
    at = done["fulfillment_order"]
    for taken in (2, 2, 0):
        (pool,) = await shop.fetch("SELECT taken FROM pool WHERE merchant_id = $1")
        assert pool["taken"] == taken
        await shop.check_books()
        if taken:
            done = await shop.do("fulfillment-orders.reject", fulfillment_order=at, reason="no_staff")
            at = next(iter(done["fulfillment_orders"]), "")


async def test_what_was_missing_or_damaged_is_not_free_after_a_rejection(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5, MUG_MUC=5)
    first = await released(shop, {"MUG": 3})
    await shop.do(
        "fulfillment-orders.reject", fulfillment_order=first, reason="gone", found="missing", lines=units(1, 1)
    )
    assert await stock(shop, "MUG") == {"HAM": (2, 2, 0), "MUC": (4, 1, 0)}
    await shop.do(
        "fulfillment-orders.reject", fulfillment_order=first, reason="wet", found="damaged", lines=units(1, 1)
    )
    assert await stock(shop, "MUG") == {"HAM": (2, 1, 0), "MUC": (3, 2, 0)}
    (row,) = await shop.fetch("SELECT sum(damaged) AS damaged FROM stock WHERE merchant_id = $1")
    assert row["damaged"] == 1
    await shop.check_books()


async def test_a_move_takes_stock_there_and_gives_it_back_here(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5, MUG_LEJ=2, TEE_HAM=5)
    first = await released(shop, {"MUG": 3, "TEE": 1})
    number = first.partition("-")[0]
    refusal = await shop.refusal("fulfillment-orders.move", fulfillment_order=first, to_location="LEJ", reason="nearer")
    assert refusal["name"] == "not_enough_there"
    assert await stock(shop, "MUG") == {"HAM": (2, 3, 0), "LEJ": (2, 0, 0)}
    done = await shop.do(
        "fulfillment-orders.move", fulfillment_order=first, to_location="LEJ", reason="nearer", lines=units(1, 2)
    )
    assert (done["fulfillment_order"], done["units"]) == (f"{number}-F2", 2)
    assert await stock(shop, "MUG") == {"HAM": (4, 1, 0), "LEJ": (0, 2, 0)}
    assert (await work(shop, number))["F1"] == ("HAM", 2, 0, 0, 0, 2, "unsubmitted")
    for where, code in (("HAM", "same_location"), ("NIX", "unknown_location")):
        refusal = await shop.refusal("fulfillment-orders.move", fulfillment_order=first, to_location=where, reason="x")
        assert refusal["name"] == code
    await shop.do("fulfillment-orders.pick", fulfillment_order=first)
    refusal = await shop.refusal("fulfillment-orders.move", fulfillment_order=first, to_location="MUC", reason="x")
    assert refusal["name"] == "nothing_to_move"
    await shop.check_books()


async def test_a_location_is_asked_and_accepts_a_part(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5, MUG_MUC=5)
    await shop.do("policies.set", name="accept_minutes", value=30, location="HAM")
    first = await released(shop, {"MUG": 3})
    number = first.partition("-")[0]
    assert (await work(shop, number))["F1"][-1] == "submitted"
    done = await shop.do("fulfillment-orders.accept", fulfillment_order=first, lines=units(1, 1))
    assert (done["fulfillment_order"], done["remaining"], done["units"]) == (f"{number}-F2", first, 1)
    # The rest waits for its answer still: it is rejected, and goes to a location that nobody asks.
    rejected = await shop.do("fulfillment-orders.reject", fulfillment_order=first, reason="busy")
    assert rejected["fulfillment_orders"] == [f"{number}-F3"]
    assert [each[-1] for each in (await work(shop, number)).values()] == ["rejected", "accepted", "unsubmitted"]
    refusal = await shop.refusal("fulfillment-orders.accept", fulfillment_order=first)
    assert refusal["name"] == "not_asked"
    # Whoever begins has accepted.
    second = await released(shop, {"MUG": 1})
    await shop.do("fulfillment-orders.pick", fulfillment_order=second)
    assert (await work(shop, second.partition("-")[0]))["F1"][-1] == "accepted"
    await shop.check_books()


async def test_nobody_works_on_what_is_scheduled_for_later(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    await shop.do("policies.set", name="accept_minutes", value=30, location="HAM")
    first = await released(shop, {"MUG": 1})
    later = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    done = await shop.do("fulfillment-orders.schedule", fulfillment_order=first, at=later)
    assert (done["request"], done["answer_by"]) == ("unsubmitted", None)
    assert (await shop.refusal("fulfillment-orders.pick", fulfillment_order=first))["name"] == "scheduled"
    opened = await shop.do("fulfillment-orders.schedule", fulfillment_order=first)
    assert opened["request"] == "submitted" and opened["answer_by"]
    await shop.do("fulfillment-orders.pick", fulfillment_order=first)
    assert (await shop.refusal("fulfillment-orders.schedule", fulfillment_order=first, at=later))[
        "name"
    ] == "work_begun"
    await shop.check_books()


async def test_a_location_that_accepted_is_asked_before_it_is_stopped(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    first = await released(shop, {"MUG": 2})
    number = first.partition("-")[0]
    done = await shop.do("fulfillment-orders.cancel", fulfillment_order=first, reason="mistake")
    assert (done["units"], done["stage"]) == (2, "to_release")
    again = (await shop.do("orders.release", order=number))["fulfillment_orders"][0]
    await shop.do("fulfillment-orders.submit", fulfillment_order=again, minutes=5)
    await shop.do("fulfillment-orders.accept", fulfillment_order=again)
    asked = await shop.do("fulfillment-orders.cancel", fulfillment_order=again, reason="mistake")
    assert (asked["units"], asked["request"]) == (0, "cancellation_requested")
    no = await shop.do("fulfillment-orders.answer-cancellation", fulfillment_order=again, accepted=False)
    assert no["request"] == "cancellation_rejected"
    await shop.do("fulfillment-orders.cancel", fulfillment_order=again, reason="please")
    yes = await shop.do("fulfillment-orders.answer-cancellation", fulfillment_order=again, accepted=True)
    assert (yes["units"], yes["request"]) == (2, "cancellation_accepted")
    refusal = await shop.refusal("fulfillment-orders.answer-cancellation", fulfillment_order=again, accepted=True)
    assert refusal["name"] == "not_asked_to_stop"
    assert await shop.units(number) == {"allocated": 2}
    await shop.check_books()


@pytest.mark.parametrize("backorders", [False, True])
async def test_what_cannot_be_sourced_stands_in_a_queue(shop: Shop, backorders: bool) -> None:
    await shop.stock_up(MUG_HAM=5)
    await shop.do("policies.set", name="may_backorder", value=backorders)
    first = await released(shop, {"MUG": 2})
    preview = await shop.preview(
        "fulfillment-orders.reject",
        [shop.envelope("fulfillment-orders.reject", {"fulfillment_order": first, "reason": "closed"})],
    )
    done = await shop.do("fulfillment-orders.reject", fulfillment_order=first, reason="closed")
    assert preview == [done]
    assert (done["sourcing"], done["missing"], done["stage"]) == (
        "short",
        2,
        "backordered" if backorders else "to_source",
    )
    assert await stock(shop, "MUG") == {"HAM": (5, 0, 0)}
    await shop.check_books()


async def test_a_move_and_a_rejection_give_a_full_day_back_and_say_whether_the_promise_holds(shop: Shop) -> None:
    """A location that does one order a day: what leaves it makes room for the next order, and where it goes it takes a day."""
    place = {"kind": "warehouse", "country": "DE", "time_zone": "UTC"}
    for code, processing in (("HAM", 0), ("MUC", 0), ("LEJ", 3)):
        schedule = {"processing_days": processing, "capacity": {"per_day": 1}}
        await shop.do(
            "locations.save", code=code, name=code, schedule=schedule, priority="HAM MUC LEJ".index(code) + 1, **place
        )
    await shop.stock_up(MUG_HAM=9, MUG_LEJ=9)

    async def taken() -> dict[str, int]:
        rows = await shop.fetch(
            "SELECT l.code, sum(c.orders)::int AS orders FROM capacity AS c"
            " JOIN location AS l ON l.merchant_id = $1 AND l.id = c.location_id WHERE c.merchant_id = $1 GROUP BY l.code"
        )
        return {row["code"]: row["orders"] for row in rows if row["orders"]}

    first = await released(shop, {"MUG": 1})
    assert await taken() == {"HAM": 1}
    moved = await shop.do("fulfillment-orders.move", fulfillment_order=first, to_location="LEJ", reason="x")
    assert (await taken(), moved["promise_kept"]) == ({"LEJ": 1}, False)
    back = await shop.do(
        "fulfillment-orders.move", fulfillment_order=moved["fulfillment_order"], to_location="HAM", reason="x"
    )
    assert (await taken(), back["promise_kept"]) == ({"HAM": 1}, True)
    done = await shop.do("fulfillment-orders.reject", fulfillment_order=back["fulfillment_order"], reason="x")
    assert (await taken(), done["found"], done["promise_kept"]) == ({"LEJ": 1}, 1, False)
    await shop.check_books()


async def test_what_leaves_while_a_wave_is_walked_is_gone_from_the_wave(shop: Shop) -> None:
    """Rejected, moved and split off in the middle of a walk: the wave closes, and nobody holds on to anything."""
    await shop.stock_up(MUG_HAM=20, MUG_MUC=20)
    names = [await released(shop, {"MUG": 3}) for _ in range(4)]
    wave = (await shop.do("waves.plan", location="HAM"))["wave"]
    await shop.do("waves.release", wave=wave)
    await shop.do("fulfillment-orders.pick", fulfillment_order=names[0], lines=units(1, 1))
    await shop.do("fulfillment-orders.reject", fulfillment_order=names[0], reason="busy")
    await shop.do(
        "fulfillment-orders.move", fulfillment_order=names[1], to_location="MUC", reason="x", lines=units(1, 2)
    )
    split = await shop.do("fulfillment-orders.split", fulfillment_order=names[2], lines=units(1, 1))
    await shop.do("fulfillment-orders.cancel", fulfillment_order=names[3], reason="mistake")
    tasks = await shop.fetch("SELECT number FROM pick_task WHERE merchant_id = $1 ORDER BY number")
    picked = [
        outcome.get("quantity", outcome.get("picked", 0))
        for outcome in await shop.batch("waves.pick", *({"wave": wave, "task": row["number"]} for row in tasks))
        if "refused" not in outcome
    ]
    assert len(picked) >= 2
    await shop.batch("waves.close", {"wave": wave})
    assert [row["status"] for row in await shop.fetch("SELECT status FROM wave WHERE merchant_id = $1")] == ["closed"]
    await shop.check_books()
    again = await shop.do("waves.plan", location="HAM")
    assert split["fulfillment_order"] in again["fulfillment_orders"]
