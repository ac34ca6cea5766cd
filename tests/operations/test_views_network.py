"""What is asked of the network: its groups as a tree, the days of a location."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from lading.views import network, order, products, queues
from lading.views.pages import NotFound
from tests.operations.conftest import Shop


async def save(shop: Shop, code: str, **more: Any) -> None:
    place = {"code": code, "name": code, "kind": "store", "country": "DE", "time_zone": "Europe/Berlin"}
    await shop.do("locations.save", **place, **more)


async def test_groups_are_told_from_the_top_with_all_that_stands_under_them(shop: Shop) -> None:
    tree = [("NORTH", "DE"), ("HH", "NORTH"), ("SOUTH", "DE")]
    groups = [{"code": "DE", "name": "Germany"}, *({"code": code, "name": code, "parent": up} for code, up in tree)]
    await shop.batch("location-groups.save", *groups)
    for code, group in (("HAM", "HH"), ("KIEL", "NORTH"), ("MUC", "SOUTH")):
        await save(shop, code, group=group)
    async with shop.database.read(shop.merchant_id) as tx:
        told = (await network.location_groups(tx, network.GroupsQuery())).items
        listed = (await products.locations(tx, products.LocationsQuery())).items
    assert [("/".join(each.path), each.locations, each.locations_below) for each in told] == [
        ("DE", [], 3),
        ("DE/NORTH", ["KIEL"], 2),
        ("DE/NORTH/HH", ["HAM"], 1),
        ("DE/SOUTH", ["MUC"], 1),
    ]
    assert {each.code: each.group for each in listed} == {"HAM": "HH", "KIEL": "NORTH", "MUC": "SOUTH", "LEJ": None}


async def test_a_location_is_told_as_it_was_saved(shop: Shop) -> None:
    plan = {"week": [{"weekday": "monday", "cut_off": "14:00"}], "holidays": "DE-HH", "capacity": {"per_day": 5}}
    await save(shop, "HAM", address={"city": "Hamburg"}, capabilities=["pickup"], schedule=plan)
    async with shop.database.read(shop.merchant_id) as tx:
        found = (await products.locations(tx, products.LocationsQuery())).items
    told = next(msgspec.to_builtins(each) for each in found if each.code == "HAM")
    assert told["address"]["city"] == "Hamburg" and told["capabilities"] == ["pickup"]
    assert told["schedule"]["week"][0]["cut_off"] == "14:00" and told["schedule"]["capacity"]["per_day"] == 5


async def test_the_days_of_a_location_say_what_is_open_and_what_is_taken(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    eve = {"date": "2031-12-24", "open": True, "name": "Christmas Eve", "closes": "13:00", "capacity": 2}
    plan = {"special_days": [eve], "holidays": "DE", "capacity": {"per_day": 3, "counts": "units"}}
    await save(shop, "HAM", schedule=plan)
    placed = await shop.do("orders.place", **shop.order({"MUG": 4}))
    async with shop.database.read(shop.merchant_id) as tx:
        now = await network.location_days(tx, network.DaysQuery("HAM"))
        then = (await network.location_days(tx, network.DaysQuery("HAM", date(2031, 12, 24), 3))).items
        with pytest.raises(NotFound):
            await network.location_days(tx, network.DaysQuery("BER"))
    booked = {day.date: (day.orders, day.units, day.free) for day in now.items if day.units}
    assert list(booked.values()) == [(1, 3, 0), (1, 1, 2)]
    assert now.ships_next == max(booked) == date.fromisoformat(placed["ship_on"])
    assert [(day.open, day.note, day.cut_off, day.capacity) for day in then] == [
        (True, "Christmas Eve", "13:00", 2),
        (False, "Christmas Day", None, 0),
        (False, "Second Day of Christmas", None, 0),
    ]


async def test_an_order_and_the_work_for_it_tell_the_day(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    await save(shop, "HAM", schedule={"processing_days": 1, "capacity": {"per_day": 3}})
    placed = await shop.do("orders.place", **shop.order({"MUG": 4}))
    await shop.do("orders.release", order=placed["number"])
    async with shop.database.read(shop.merchant_id) as tx:
        detail = await order.order(tx, placed["number"])
        work = await queues.work(tx, queues.WorkQuery(location="HAM", stage="to_pick"))
    days = {detail.allocations[0].ship_on, detail.fulfillment_orders[0].ship_on, work.items[0].ship_on}
    assert days == {date.fromisoformat(placed["ship_on"])}


def test_a_day_out_of_this_world_is_refused() -> None:
    with pytest.raises(ValueError, match="a day from 1900"):
        network.DaysQuery("HAM", date(9999, 12, 30))
    assert network.DaysQuery("HAM", date(2998, 12, 30) - timedelta(days=700)).days == 14
