"""Locations work on their days: cut-offs, holidays, and no more than a day takes; the day is reserved with the stock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from lading.operations.execute import Executor
from tests.operations.conftest import Shop

FRIDAY_NOON = datetime(2026, 5, 22, 10, tzinfo=UTC)
"""12:00 in Berlin. Monday the 25th is Whit Monday."""

WORKDAYS = [{"weekday": day} for day in ("monday", "tuesday", "wednesday", "thursday", "friday")]


@pytest.fixture
def shop(shop: Shop) -> Shop:
    at(shop, FRIDAY_NOON)
    return shop


def at(shop: Shop, now: datetime) -> None:
    """From here on it is then."""
    shop.executor = Executor(shop.database, lambda: now)


async def save(shop: Shop, code: str = "HAM", **more: Any) -> dict[str, Any]:
    place = {"code": code, "name": code, "kind": "warehouse", "country": "DE", "time_zone": "Europe/Berlin"}
    return await shop.do("locations.save", **place, **more)


async def schedule(shop: Shop, code: str = "HAM", **fields: Any) -> None:
    """Give a location a schedule, its priority as it was at first."""
    await save(shop, code, priority={"HAM": 1, "MUC": 2, "LEJ": 3}[code], schedule=fields)


async def taken(shop: Shop, code: str = "HAM") -> dict[str, tuple[int, int]]:
    """(orders, units) by day."""
    rows = await shop.fetch(
        "SELECT day, orders, units FROM capacity WHERE merchant_id = $1"
        " AND location_id = (SELECT id FROM location WHERE merchant_id = $1 AND code = $2) ORDER BY day",
        code,
    )
    return {row["day"].isoformat(): (row["orders"], row["units"]) for row in rows}


async def days_of(shop: Shop, number: str) -> list[tuple[str, int, str | None]]:
    """(location, units, day) of its allocations."""
    rows = await shop.fetch(
        "SELECT l.code, a.allocated, a.ship_on FROM allocation a JOIN location l ON l.merchant_id = $1 AND l.id = a.location_id"
        " JOIN orders o ON o.merchant_id = $1 AND o.id = a.order_id"
        " WHERE a.merchant_id = $1 AND o.number = $2 ORDER BY a.number",
        int(number),
    )
    return [(row["code"], row["allocated"], row["ship_on"] and row["ship_on"].isoformat()) for row in rows]


async def place(shop: Shop, wanted: Mapping[str, int], **fields: Any) -> dict[str, Any]:
    return await shop.do("orders.place", **shop.order(wanted, **fields))


async def test_what_comes_before_the_cut_off_leaves_today_and_what_comes_later_on_the_next_open_day(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    await schedule(shop, week=WORKDAYS, cut_off="14:00", holidays="DE-HH")
    assert (await place(shop, {"MUG": 1}))["ship_on"] == "2026-05-22"
    at(shop, datetime(2026, 5, 22, 12, tzinfo=UTC))
    late = await place(shop, {"MUG": 1})
    assert late["ship_on"] == "2026-05-26", "a weekend and Whit Monday lie between"
    assert await days_of(shop, late["number"]) == [("HAM", 1, "2026-05-26")]
    await shop.check_books()


async def test_processing_takes_open_days_and_special_days_count_more_than_holidays(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    special = [{"date": "2026-05-25", "open": True, "name": "Whitsun sale"}, {"date": "2026-05-26"}]
    await schedule(shop, week=WORKDAYS, holidays="DE-HH", processing_days=2, special_days=special)
    assert (await place(shop, {"MUG": 1}))["ship_on"] == "2026-05-27"
    await shop.check_books()


async def test_where_no_location_has_a_schedule_no_day_is_told(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    placed = await place(shop, {"MUG": 1})
    assert placed["ship_on"] is None
    assert await days_of(shop, placed["number"]) == [("HAM", 1, None)]


async def test_a_full_day_passes_its_orders_on_to_the_next_one(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    await schedule(shop, week=WORKDAYS, capacity={"per_day": 2})
    told = [(await place(shop, {"MUG": 1}))["ship_on"] for _ in range(3)]
    batch = await shop.batch("orders.place", *(shop.order({"MUG": 1}) for _ in range(3)))
    assert [*told, *(each["ship_on"] for each in batch)] == (
        ["2026-05-22"] * 2 + ["2026-05-25"] * 2 + ["2026-05-26"] * 2
    )
    assert await taken(shop) == {"2026-05-22": (2, 2), "2026-05-25": (2, 2), "2026-05-26": (2, 2)}
    await shop.check_books()


async def test_units_fill_one_day_after_the_other_and_the_order_leaves_on_the_last(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=40)
    await schedule(shop, week=WORKDAYS, capacity={"per_day": 10, "counts": "units"})
    await place(shop, {"MUG": 7})
    big = await place(shop, {"MUG": 15})
    assert big["ship_on"] == "2026-05-26"
    assert await taken(shop) == {"2026-05-22": (2, 10), "2026-05-25": (1, 10), "2026-05-26": (1, 2)}
    await shop.check_books()


async def test_a_location_without_a_free_day_within_its_horizon_fills_nothing(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10, MUG_MUC=1)
    await schedule(shop, capacity={"per_day": 1}, horizon_days=1)
    two = [await place(shop, {"MUG": 1}) for _ in range(2)]
    assert [each["ship_on"] for each in two] == ["2026-05-22", "2026-05-23"]
    third = await place(shop, {"MUG": 1})
    assert await days_of(shop, third["number"]) == [("MUC", 1, None)]
    refused = await shop.refusal("orders.place", **shop.order({"MUG": 1}))
    assert refused["name"] == "insufficient_stock"
    await shop.check_books()


async def test_an_order_larger_than_what_is_left_goes_to_a_location_that_has_room_for_it(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10, MUG_MUC=10)
    await schedule(shop, capacity={"per_day": 3, "counts": "units"}, horizon_days=1)
    assert await days_of(shop, (await place(shop, {"MUG": 5}))["number"]) == [("HAM", 5, "2026-05-23")]
    assert await days_of(shop, (await place(shop, {"MUG": 2}))["number"]) == [("MUC", 2, None)]
    assert await days_of(shop, (await place(shop, {"MUG": 1}))["number"]) == [("HAM", 1, "2026-05-23")]
    await shop.check_books()


async def test_between_locations_of_one_priority_the_nearer_day_decides_and_never_against_the_priority(
    shop: Shop,
) -> None:
    await shop.stock_up(MUG_HAM=10, MUG_MUC=10)
    await save(shop, "HAM", priority=1, schedule={"processing_days": 3})
    assert await days_of(shop, (await place(shop, {"MUG": 1}))["number"]) == [("HAM", 1, "2026-05-25")]
    await save(shop, "MUC", priority=1, schedule={"processing_days": 1})
    assert await days_of(shop, (await place(shop, {"MUG": 1}))["number"]) == [("MUC", 1, "2026-05-23")]


async def test_what_is_cancelled_gives_its_day_back_the_last_one_first(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=40)
    await schedule(shop, week=WORKDAYS, capacity={"per_day": 10, "counts": "units"})
    big = await place(shop, {"MUG": 25})
    await shop.do("lines.cancel", order=big["number"], reason="late", lines=[{"line": 1, "quantity": 8}])
    assert await taken(shop) == {"2026-05-22": (1, 10), "2026-05-25": (1, 7), "2026-05-26": (0, 0)}
    await shop.check_books()
    await shop.do("lines.cancel", order=big["number"], reason="late")
    assert set((await taken(shop)).values()) == {(0, 0)}
    await shop.check_books()


async def test_an_order_keeps_its_place_until_its_last_unit_is_cancelled(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    await schedule(shop, capacity={"per_day": 1})
    number = (await place(shop, {"MUG": 3}))["number"]
    await shop.do("lines.cancel", order=number, reason="late", lines=[{"line": 1, "quantity": 2}])
    assert await taken(shop) == {"2026-05-22": (1, 1)}
    await shop.do("lines.cancel", order=number, reason="late")
    assert await taken(shop) == {"2026-05-22": (0, 0)}
    assert (await place(shop, {"MUG": 1}))["ship_on"] == "2026-05-22", "the place is free again"
    await shop.check_books()


async def test_units_that_are_short_look_for_a_day_elsewhere_and_give_theirs_back(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=4, MUG_MUC=10)
    await schedule(shop, capacity={"per_day": 10, "counts": "units"})
    await schedule(shop, "MUC", capacity={"per_day": 10, "counts": "units"}, processing_days=1)
    number = (await place(shop, {"MUG": 4}))["number"]
    (work,) = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    await shop.do("fulfillment-orders.pick", fulfillment_order=work, short=[{"line": 1, "quantity": 3, "reason": "x"}])
    assert await taken(shop) == {"2026-05-22": (1, 1)}
    sourced = await shop.do("orders.source", order=number)
    assert sourced["ship_on"] == "2026-05-23"
    assert await taken(shop, "MUC") == {"2026-05-23": (1, 3)}
    await shop.check_books()


async def test_an_order_that_is_sourced_again_needs_no_second_place_on_its_day(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=2)
    await shop.allow_backorders()
    await schedule(shop, capacity={"per_day": 1})
    number = (await place(shop, {"MUG": 5}))["number"]
    await shop.stock_up(MUG_HAM=9)
    other = await place(shop, {"MUG": 1})
    assert other["ship_on"] == "2026-05-23"
    assert (await shop.do("orders.source", order=number))["ship_on"] == "2026-05-22"
    assert await taken(shop) == {"2026-05-22": (1, 5), "2026-05-23": (1, 1)}
    await shop.do("lines.cancel", order=number, reason="late")
    assert await taken(shop) == {"2026-05-22": (0, 0), "2026-05-23": (1, 1)}
    await shop.check_books()


async def test_a_location_may_count_something_else_or_less_and_nothing_that_was_promised_is_lost(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=40)
    await schedule(shop, capacity={"per_day": 5})
    first = [await place(shop, {"MUG": 4}) for _ in range(3)]
    await schedule(shop, capacity={"per_day": 2})
    assert (await place(shop, {"MUG": 1}))["ship_on"] == "2026-05-23"
    await shop.do("lines.cancel", order=first[0]["number"], reason="late")
    await schedule(shop, capacity={"per_day": 10, "counts": "units"})
    assert (await place(shop, {"MUG": 2}))["ship_on"] == "2026-05-22"
    assert await taken(shop) == {"2026-05-22": (3, 10), "2026-05-23": (1, 1)}
    await shop.check_books()


async def test_a_preview_tells_the_day_and_takes_none(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    await schedule(shop, capacity={"per_day": 1})
    envelopes = [shop.envelope("orders.place", shop.order({"MUG": 1})) for _ in range(2)]
    assert [each["ship_on"] for each in await shop.preview("orders.place", envelopes)] == ["2026-05-22", "2026-05-23"]
    assert await taken(shop) == {}


async def test_the_fulfillment_order_bears_the_latest_of_its_days(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    await schedule(shop, processing_days=1)
    number = (await place(shop, {"MUG": 1}))["number"]
    await shop.do("orders.release", order=number)
    (row,) = await shop.fetch("SELECT ship_on FROM fulfillment_order WHERE merchant_id = $1")
    assert row["ship_on"].isoformat() == "2026-05-23"
    await shop.check_books()


async def test_a_location_that_cannot_ship_fills_nothing(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    await save(shop, capabilities=["pickup", "returns"])
    assert (await shop.refusal("orders.place", **shop.order({"MUG": 1})))["name"] == "insufficient_stock"


async def test_groups_form_a_tree(shop: Shop) -> None:
    groups = [{"code": "DE", "name": "Germany"}, {"code": "NORTH", "name": "North", "parent": "DE"}]
    await shop.batch("location-groups.save", *groups)
    await save(shop, group="NORTH")
    turned = await shop.refusal("location-groups.save", code="DE", name="Germany", parent="NORTH")
    assert turned["name"] == "group_cycle"
    assert (await shop.refusal("location-groups.save", code="X", name="X", parent="X"))["name"] == "group_cycle"
    assert (await shop.refusal("location-groups.save", code="X", name="X", parent="Y"))["name"] == "unknown_group"
    place = {"code": "HAM", "name": "HAM", "kind": "store", "country": "DE", "time_zone": "UTC"}
    assert (await shop.refusal("locations.save", **place, group="Y"))["name"] == "unknown_group"
    await shop.check_books()


async def test_what_a_save_leaves_out_stays_as_it_is_and_null_takes_it_away(shop: Shop) -> None:
    await shop.do("location-groups.save", code="DE", name="Germany")
    plan = {"week": WORKDAYS, "capacity": {"per_day": 5}}
    address = {"line1": "Hafenstr. 1", "city": "Hamburg", "postal_code": "20457"}
    await save(shop, group="DE", address=address, capabilities=["ship", "pickup"], schedule=plan)
    await save(shop, priority=7)
    (row,) = await shop.fetch("SELECT * FROM location WHERE merchant_id = $1 AND code = 'HAM'")
    assert row["group_id"] and row["address"] and row["schedule"] and row["capabilities"] == ["ship", "pickup"]
    await save(shop, group=None, address=None, capabilities=[], schedule=None)
    (row,) = await shop.fetch("SELECT * FROM location WHERE merchant_id = $1 AND code = 'HAM'")
    assert (row["group_id"], row["address"], row["schedule"], row["capabilities"]) == (None, None, None, [])
    await shop.check_books()


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"holidays": "XX"}, "unknown_holidays"),
        ({"holidays": "DE-ZZ"}, "unknown_holidays"),
        ({"week": [{"weekday": "monday"}, {"weekday": "monday"}]}, "day_twice"),
        ({"special_days": [{"date": "2026-12-24"}, {"date": "2026-12-24", "open": True}]}, "day_twice"),
        ({"week": [{"weekday": "monday", "opens": "18:00", "closes": "09:00"}]}, "closes_before_it_opens"),
    ],
)
async def test_a_schedule_that_makes_no_sense_is_refused(shop: Shop, fields: dict[str, Any], name: str) -> None:
    place = {"code": "HAM", "name": "HAM", "kind": "store", "country": "DE", "time_zone": "UTC"}
    assert (await shop.refusal("locations.save", **place, schedule=fields))["name"] == name


async def test_a_reservation_takes_no_day_and_its_units_find_one_however_full_the_location_is(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    await schedule(shop, capacity={"per_day": 1}, horizon_days=1)
    kept = await shop.do("reservations.reserve", lines=[{"sku": "MUG", "quantity": 2}], seconds=900)
    assert await taken(shop) == {}
    assert [(await place(shop, {"MUG": 1}))["ship_on"] for _ in range(2)] == ["2026-05-22", "2026-05-23"]
    full = await shop.refusal("reservations.reserve", lines=[{"sku": "MUG", "quantity": 1}])
    assert full["name"] == "insufficient_stock"
    mine = await place(shop, {"MUG": 2}, reservation=kept["reservation"])
    assert (mine["sourcing"], mine["ship_on"]) == ("reserved", "2026-05-24")
    await shop.check_books()


async def test_a_location_that_takes_no_returns_receives_none_but_what_a_carrier_brings_back(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    await save(shop, capabilities=["ship"])
    parcels = []
    for _ in range(2):
        number = (await place(shop, {"MUG": 1}))["number"]
        (work,) = (await shop.do("orders.release", order=number))["fulfillment_orders"]
        await shop.do("fulfillment-orders.pick", fulfillment_order=work)
        parcels.append((await shop.do("parcels.pack", fulfillment_order=work))["parcel"])
        await shop.do("parcels.ship", parcel=parcels[-1], carrier="DHL", tracking_number=parcels[-1])
    done = [("delivered", parcels[0]), ("returned_to_sender", parcels[1])]
    for status, parcel in done:
        await shop.do("parcels.track", parcel=parcel, status=status, occurred_at=FRIDAY_NOON.isoformat())
    one = [{"line": 1, "quantity": 1}]
    asked = await shop.do("returns.request", order=parcels[0].partition("-")[0], reason="too_small", lines=one)
    refused = await shop.refusal("returns.receive", document=asked["document"], location="HAM", lines=one)
    assert refused["name"] == "takes_no_returns"
    await shop.do("returns.receive", document=asked["document"], location="MUC", lines=one)
    await shop.do("returns.receive", document=parcels[1].partition("-")[0], location="HAM", lines=one)
    await shop.check_books()
