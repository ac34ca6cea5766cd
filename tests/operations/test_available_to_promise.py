"""What can be promised: what lies there less what is kept back, now and by date. Each scenario reads like a specification."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from lading.kernel.ids import new_id
from lading.views.availability import (
    Availability,
    AvailabilityQuery,
    CurveQuery,
    PromiseCurve,
    availability,
    promise_curve,
)
from lading.views.pages import NotFound

NOW = datetime.now(UTC)


def day(number: int) -> datetime:
    """So many days from now."""
    return NOW + timedelta(days=number)


async def promised(shop: Any, *skus: str, **asked: Any) -> Availability:
    """What can be promised of these products."""
    query = msgspec.convert({"skus": list(skus or ["MUG"]), **asked}, AvailabilityQuery)
    async with shop.database.read(shop.merchant_id) as tx:
        return await availability(tx, query)


async def in_all(shop: Any, sku: str = "MUG", **asked: Any) -> int:
    """Units of it that can be promised."""
    (item,) = (await promised(shop, sku, **asked)).items
    return item.available


async def keep(shop: Any, rule: str | int | bool | None, name: str = "safety_stock", **scope: str) -> None:
    """Set a rule of what is kept back."""
    await shop.do("policies.set", name=name, value=rule, **scope)


async def refused_at(shop: Any, units: int, **fields: Any) -> None:
    """An order over so many units more than can be promised is refused."""
    refusal = await shop.refusal("orders.place", **shop.order({"MUG": units}, **fields))
    assert refusal["name"] == "insufficient_stock", refusal


async def test_safety_stock_is_kept_back_at_each_location(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=10, MUG_MUC=4)
    await keep(shop, "3")
    await refused_at(shop, 9)
    await shop.place({"MUG": 8})  # 7 of Hamburg, 1 of Munich
    await refused_at(shop, 1)
    await keep(shop, None)
    await shop.place({"MUG": 6})
    await shop.check_books()


async def test_the_rule_of_a_product_wins_over_that_of_a_location(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=10, CUP_HAM=10)
    await keep(shop, "9", location="HAM")
    await keep(shop, "2", sku="MUG")
    await shop.place({"MUG": 8})
    await refused_at(shop, 1)
    assert (await shop.refusal("orders.place", **shop.order({"CUP": 2})))["name"] == "insufficient_stock"


async def test_a_percentage_is_of_what_lies_there_so_selling_does_not_lower_it(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=15)
    await keep(shop, "10%")
    await shop.place({"MUG": 13})  # 1.5 is kept back as 2
    await refused_at(shop, 1)
    await shop.check_books()


async def test_the_last_lots_are_kept_back(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=0)
    for lot, units in (("A", 5), ("B", 5)):
        await shop.do("stock.receive", sku="MUG", location="HAM", quantity=units, reason="opening", lot=lot)
    await keep(shop, "6")
    await shop.place({"MUG": 4})
    rows = await shop.fetch("SELECT lot, available FROM stock WHERE merchant_id = $1 ORDER BY lot")
    assert [(row["lot"], row["available"]) for row in rows] == [("A", 1), ("B", 5)]
    await refused_at(shop, 1)


async def test_a_buffer_is_kept_back_from_one_channel_only(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=10)
    await shop.do("channels.save", code="market", name="Marketplace")
    await keep(shop, 2)
    await keep(shop, 6, name="channel_buffer", channel="market")
    await shop.place({"MUG": 3}, channel="market")
    await refused_at(shop, 2, channel="market")
    await shop.place({"MUG": 1}, channel="market")
    await refused_at(shop, 1, channel="market")
    await shop.place({"MUG": 4})
    await refused_at(shop, 1)
    await shop.check_books()


async def test_what_is_kept_back_is_so_among_many_buyers_too(shop: Any) -> None:
    """32 clients after 20 units of which 7 are kept back, and 4 more from the marketplace."""
    await shop.stock_up(MUG_HAM=20)
    await shop.do("channels.save", code="market", name="Marketplace")
    await keep(shop, "7")
    await keep(shop, "11", name="channel_buffer", channel="market")

    async def buy(number: int) -> bool:
        order = shop.order({"MUG": 1}, channel="market" if number % 2 else "web")
        (outcome,) = await shop.batch("orders.place", order)
        return "refused" not in outcome

    sold = await asyncio.gather(*(buy(number) for number in range(32)))
    assert sum(sold) == 13
    rows = await shop.fetch("SELECT available, allocated FROM stock WHERE merchant_id = $1")
    assert [dict(row) for row in rows] == [{"available": 7, "allocated": 13}]
    await shop.stock_up(CUP_HAM=20)

    async def buy_cup() -> bool:
        (outcome,) = await shop.batch("orders.place", shop.order({"CUP": 1}, channel="market"))
        return "refused" not in outcome

    assert sum(await asyncio.gather(*(buy_cup() for _ in range(32)))) == 9
    await shop.check_books()


async def test_sourcing_again_leaves_what_is_kept_back(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=0)
    await shop.allow_backorders()
    number = await shop.place({"MUG": 5})
    await keep(shop, "2")
    await shop.stock_up(MUG_HAM=4)
    outcome = await shop.do("orders.source", order=number)
    assert (outcome["allocated"], outcome["missing"]) == (2, 3)
    await shop.check_books()


async def test_availability_counts_what_can_be_promised(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5, MUG_MUC=3, CAP_MUC=4, HAT_HAM=0)
    await shop.do("stock.receive", sku="MUG", location="HAM", quantity=2, reason="purchase", lot="A")
    await shop.place({"CAP": 4})
    asked = ["MUG", "NONE", "CAP", "MUG", "HAT"]
    found = await promised(shop, *asked, per=["location"])
    assert [(item.sku, item.available, item.locations) for item in found.items] == [
        ("MUG", 10, {"HAM": 7, "MUC": 3}), ("CAP", 0, {}), ("HAT", 0, {}),
    ]  # fmt: skip
    assert found.unknown == ["NONE"]


async def test_a_location_that_fills_no_orders_promises_nothing(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5, MUG_MUC=3)
    await shop.do(
        "locations.save", code="HAM", name="HAM", kind="warehouse", time_zone="UTC", country="DE", active=False
    )
    found = await promised(shop, "MUG", per=["location"])
    assert [(item.available, item.locations) for item in found.items] == [(3, {"MUC": 3})]
    await keep(shop, False, name="fills_orders", location="MUC")
    found = await promised(shop, "MUG", per=["location"])
    assert [(item.available, item.locations) for item in found.items] == [(0, {})]


async def test_availability_takes_as_many_statements_for_one_product_as_for_many(shop: Any) -> None:
    skus = [f"P{number}" for number in range(30)]
    await shop.stock_up(**{f"{sku}_HAM": 1 for sku in skus})
    for asked, statements in (({}, 2), ({"by": NOW.isoformat()}, 2), ({"by": NOW.isoformat(), "per": ["region"]}, 3)):
        for codes in (skus[:1], skus):
            query = msgspec.convert({"skus": codes, **asked}, AvailabilityQuery)
            async with shop.database.read(shop.merchant_id) as tx:
                await availability(tx, query)
                assert tx.statements == statements


async def test_what_is_told_can_be_placed_and_no_unit_more(shop: Any) -> None:
    """Whatever the rules: an order takes what availability tells, and one over a unit more is refused."""
    await shop.do("channels.save", code="market", name="Marketplace")
    await shop.stock_up(MUG_HAM=9, MUG_MUC=20, MUG_LEJ=2, CUP_MUC=3)
    await shop.place({"MUG": 1})
    for channel, rule in (("web", "4"), ("market", "15%"), ("market", "3")):
        await keep(shop, rule)
        await keep(shop, "50%", name="channel_buffer", channel="market")
        await keep(shop, "2", sku="MUG") if rule == "3" else None
        units = await in_all(shop, channel=channel)
        assert units > 0
        await refused_at(shop, units + 1, channel=channel)
        number = await shop.place({"MUG": units}, channel=channel)
        assert await in_all(shop, channel=channel) == 0
        await shop.do("lines.cancel", order=number, reason="test")
    await shop.check_books()


async def test_what_is_expected_and_what_is_owed_count_by_their_date(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    await expect(shop, "MUG", "HAM", 10, day(4))
    await expect(shop, "MUG", "MUC", 1, day(8))
    await owe(shop, "MUG", 12, day(6))
    told = {number: await in_all(shop, by=day(number).isoformat()) for number in (0, 3, 5, 7, 9)}
    assert told == {0: 3, 3: 3, 5: 3, 7: 3, 9: 4}
    assert await in_all(shop) == 5  # an order placed now is filled from the shelf


async def test_what_is_late_is_expected_the_next_day_or_as_the_merchant_says(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=1)
    await expect(shop, "MUG", "HAM", 4, day(-3))
    assert [await in_all(shop, by=day(number).isoformat()) for number in (0, 2)] == [1, 5]
    await keep(shop, 7, name="late_inbound_days")
    assert [await in_all(shop, by=day(number).isoformat()) for number in (2, 8)] == [1, 5]


async def test_what_arrives_fills_up_what_is_kept_back_first(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=2, MUG_MUC=9)
    await keep(shop, "5")
    await expect(shop, "MUG", "HAM", 10, day(1))
    await expect(shop, "MUG", "LEJ", 6, day(2))
    assert [await in_all(shop, by=day(number).isoformat()) for number in (0, 1.5, 3)] == [4, 11, 12]
    await keep(shop, "10%")
    assert [await in_all(shop, by=day(number).isoformat()) for number in (0, 1.5, 3)] == [9, 18, 23]


async def test_a_location_that_fills_no_orders_expects_nothing(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=1)
    await expect(shop, "MUG", "MUC", 10, day(1))
    await keep(shop, False, name="fills_orders", location="MUC")
    assert await in_all(shop, by=day(2).isoformat()) == 1


async def test_locations_and_regions_are_told_on_request(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5, MUG_MUC=3, MUG_LEJ=2)
    await group(shop, NORTH=["HAM"], SOUTH=["MUC"], DE=["NORTH", "SOUTH"])
    await expect(shop, "MUG", "MUC", 4, day(1))
    (plain,) = (await promised(shop)).items
    assert (plain.available, plain.locations, plain.regions) == (10, None, None)
    (item,) = (await promised(shop, per=["location", "region"], by=day(2).isoformat())).items
    assert item.available == 14
    assert item.locations == {"HAM": 5, "LEJ": 2, "MUC": 7}
    assert item.regions == {"DE": 12, "NORTH": 5, "SOUTH": 7}
    (item,) = (await promised(shop, region="SOUTH", per=["location"])).items
    assert (item.available, item.locations) == (3, {"MUC": 3})
    (item,) = (await promised(shop, region="DE")).items
    assert item.available == 8
    await owe(shop, "MUG", 8, day(0))
    (item,) = (await promised(shop, region="SOUTH", per=["location"], by=day(2).isoformat())).items
    # Never more than in all: what is owed may come from there.
    assert (item.available, item.locations) == (6, {"MUC": 6})
    with pytest.raises(NotFound, match="group of locations WEST"):
        await promised(shop, region="WEST")
    with pytest.raises(NotFound, match="channel fax"):
        await promised(shop, channel="fax")


async def expect(shop: Any, sku: str, location: str, units: int, due_at: datetime) -> None:
    """A purchase order over units of a product."""
    line = {"sku": sku, "location": location, "quantity": units, "due_at": due_at.isoformat()}
    await shop.do("purchase-orders.place", supplier="Potter", lines=[line])


async def owe(shop: Any, sku: str, units: int, promised_at: datetime) -> None:
    """Units that wait, with a date told for them."""
    async with shop.database.write(shop.merchant_id) as tx:
        await tx.execute(
            "INSERT INTO promise (merchant_id, order_id, line_number, sku_id, quantity, promised_at)"
            " SELECT $1, $2, 1, id, $4, $5 FROM sku WHERE merchant_id = $1 AND code = $3",
            new_id(), sku, units, promised_at,
        )  # fmt: skip


async def group(shop: Any, **members: list[str]) -> None:
    """Groups of locations, and of the groups named before them."""
    for code, beneath in members.items():
        await shop.do("location-groups.save", code=code, name=code)
        for each in beneath:
            if each in members:
                await shop.do("location-groups.save", code=each, name=each, parent=code)
            else:
                place = {"code": each, "name": each, "kind": "warehouse", "country": "DE", "time_zone": "Europe/Berlin"}
                await shop.do("locations.save", **place, group=code)


async def test_the_curve_tells_when_more_can_be_promised_and_why(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=6)
    await keep(shop, "1")
    await expect(shop, "MUG", "HAM", 10, day(4))
    first = (await shop.fetch("SELECT number FROM purchase_order WHERE merchant_id = $1"))[0]["number"]
    await expect(shop, "MUG", "MUC", 3, day(-2))
    await owe(shop, "MUG", 12, day(6))
    curve = await curve_of(shop, "MUG")
    assert [(round((step.at - NOW) / timedelta(days=1)), step.available) for step in curve.steps] == [(0, 5)]
    await expect(shop, "MUG", "HAM", 20, day(6))
    curve = await curve_of(shop, "MUG")
    steps = [(round((step.at - NOW) / timedelta(days=1)), step.available) for step in curve.steps]
    assert steps == [(0, 5), (1, 7), (4, 17), (6, 25)]
    assert [(each.kind, each.document, each.location, each.quantity, each.late) for each in curve.changes[:3]] == [
        ("purchase_order", curve.changes[0].document, "MUC", 3, True), ("purchase_order", f"PO{first}", "HAM", 10, False),
        ("promise", curve.changes[2].document, None, -12, False),
    ]  # fmt: skip
    for number in (0, 1.5, 5, 6):
        told = max(step.available for step in curve.steps if step.at <= max(day(number), curve.steps[0].at))
        assert await in_all(shop, by=day(number).isoformat()) == told
    with pytest.raises(NotFound, match="product NONE"):
        await curve_of(shop, "NONE")


async def curve_of(shop: Any, sku: str) -> PromiseCurve:
    """Its promise curve."""
    async with shop.database.read(shop.merchant_id) as tx:
        return await promise_curve(tx, CurveQuery(sku=sku))


async def test_lots_that_are_held_or_expire_too_soon_are_not_promised(shop: Any) -> None:
    await shop.do("products.save", sku="MUG", name="Mug", tracking="lot")
    lots = {"OLD": (1, 4), "SOON": (5, 3), "LATE": (90, 2), "HELD": (90, 7)}
    for lot, (days, units) in lots.items():
        received = {"sku": "MUG", "location": "HAM", "quantity": units, "reason": "purchase", "lot": lot}
        await shop.do("stock.receive", **received, expires_on=str(day(days).date()))
    await shop.do("lots.hold", sku="MUG", lot="HELD", reason="damp")
    assert await in_all(shop) == 9
    await keep(shop, 3, name="lot_min_days_left", channel="web")
    assert [await in_all(shop), await in_all(shop, channel="web")] == [9, 5]
    await refused_at(shop, 6)
    await keep(shop, 30, name="lot_min_days_left", sku="MUG")
    assert await in_all(shop, channel="web") == 2
    await refused_at(shop, 3)
    await shop.place({"MUG": 2})


async def test_a_lot_lasts_to_the_midnight_of_where_it_lies(shop: Any) -> None:
    """Of two places whose days are never the same one sells the lot whose last day the other one has seen."""
    zones = {"EAST": "Pacific/Kiritimati", "WEST": "Pacific/Pago_Pago"}
    place = {"kind": "warehouse", "country": "KI"}
    await shop.batch(
        "locations.save", *({"code": code, "name": code, "time_zone": zone, **place} for code, zone in zones.items())
    )
    await shop.do("products.save", sku="MUG", name="Mug", tracking="lot")
    last = str(datetime.now(ZoneInfo(zones["WEST"])).date())
    for code, units in (("EAST", 4), ("WEST", 3)):
        received = {"sku": "MUG", "location": code, "quantity": units, "reason": "opening"}
        await shop.do("stock.receive", **received, lot="L", expires_on=last)
    assert await in_all(shop) == 3, "in the east that day is over"
    await keep(shop, 1, name="safety_stock")
    assert await in_all(shop) == 2
    await refused_at(shop, 3)
    number = await shop.place({"MUG": 2})
    await keep(shop, 1, name="lot_min_days_left")
    assert await in_all(shop) == 0
    await keep(shop, None)
    await shop.do("stock.receive", **received, lot="LATE")
    (allocated,) = await shop.fetch("SELECT lot FROM allocation WHERE merchant_id = $1")
    assert allocated["lot"] == "L"
    swap = {"order": number, "line": 1, "lot": "L", "to_lot": "LATE", "reason": "fresher"}
    await shop.do("allocations.swap-lot", **swap)
    await shop.do("allocations.swap-lot", **swap | {"lot": "LATE", "to_lot": "L"})
    await shop.check_books()


async def test_a_location_whose_days_are_full_promises_nothing_before_it_has_one(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=10, MUG_MUC=3, CUP_HAM=9)
    place = {"code": "HAM", "name": "HAM", "kind": "warehouse", "time_zone": "UTC", "country": "DE", "priority": 1}
    await shop.do("locations.save", **place, schedule={"capacity": {"per_day": 1}, "horizon_days": 2})
    noon = datetime.now(UTC).replace(hour=12)
    later = [(noon + timedelta(days=number)).isoformat() for number in range(3)]
    assert [await in_all(shop, by=at) for at in later] == [13, 13, 13]
    for left in ([3, 12, 12], [3, 3, 11]):
        await shop.place({"MUG": 1})
        assert [await in_all(shop, by=at) for at in later] == left
    assert await in_all(shop) == 11, "on the day after tomorrow"
    await shop.place({"MUG": 1})
    assert [await in_all(shop), await in_all(shop, by=later[2])] == [3, 3], "until its horizon it has none"
    assert (await promised(shop, "CUP")).items[0].available == 0
    assert (await shop.refusal("orders.place", **shop.order({"CUP": 1})))["name"] == "insufficient_stock"
    await shop.place({"MUG": 3})
    await refused_at(shop, 1)


async def test_no_more_is_promised_than_locations_have_room_to_send(shop: Any) -> None:
    """HAM sends two units a day, today and tomorrow. Where its share has no room, an order is looked for where all of it has."""
    await shop.stock_up(MUG_HAM=10, MUG_MUC=3, CUP_HAM=9)
    place = {"code": "HAM", "name": "HAM", "kind": "warehouse", "time_zone": "UTC", "country": "DE", "priority": 1}
    two = {"capacity": {"per_day": 2, "counts": "units"}, "horizon_days": 1}
    await shop.do("locations.save", **place, schedule=two)
    tonight = datetime.now(UTC).replace(hour=23, minute=59).isoformat()
    assert [await in_all(shop), await in_all(shop, by=tonight)] == [4, 3]
    assert await in_all(shop, "CUP") == 4
    assert (await promised(shop, "MUG", per=["location"])).items[0].locations == {"HAM": 4, "MUC": 3}
    async with shop.database.read(shop.merchant_id) as tx:
        assert [step.available for step in (await promise_curve(tx, CurveQuery(sku="MUG"))).steps] == [4]
    await refused_at(shop, 5)
    await shop.place({"MUG": 4})
    assert await in_all(shop) == 3
    await refused_at(shop, 4)
    assert await in_all(shop, "CUP") == 0
    await shop.do("products.save", sku="PAIR", name="Pair")
    await shop.do("kits.save", sku="PAIR", components=[{"sku": "MUG", "per_kit": 2}])
    assert await in_all(shop, "PAIR") == 1
    await shop.place({"PAIR": 1})
    await shop.check_books()


async def test_an_order_that_may_not_be_split_is_told_what_one_place_has(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5, MUG_MUC=7)
    await keep(shop, False, name="may_split", channel="web")
    assert [await in_all(shop), await in_all(shop, channel="web")] == [12, 7]
    await expect(shop, "MUG", "HAM", 4, day(3))
    assert await in_all(shop, channel="web", by=day(4).isoformat()) == 9
    async with shop.database.read(shop.merchant_id) as tx:
        curve = await promise_curve(tx, CurveQuery(sku="MUG", channel="web"))
    assert [step.available for step in curve.steps] == [7, 9]
    await refused_at(shop, 8)
    await shop.place({"MUG": 7})
    assert await in_all(shop, channel="web") == 5


async def test_what_waits_without_a_date_is_owed_of_whatever_comes(shop: Any) -> None:
    """However it is asked: plainly, with places, by the curve."""
    await shop.stock_up(MUG_HAM=0)
    await shop.allow_backorders()
    await shop.place({"MUG": 8})
    await expect(shop, "MUG", "HAM", 5, day(3))
    await expect(shop, "MUG", "MUC", 5, day(5))
    later = [day(number).isoformat() for number in (4, 6)]
    assert [await in_all(shop, by=at) for at in later] == [0, 2]
    assert [(await promised(shop, by=at, per=["location"])).items[0].available for at in later] == [0, 2]
    curve = await curve_of(shop, "MUG")
    assert [step.available for step in curve.steps] == [0, 2]
    assert [(each.kind, each.at is None, each.quantity, each.sku) for each in curve.changes][-1] == (
        "promise", True, -8, "MUG",
    )  # fmt: skip


async def test_the_curve_of_a_kit_rises_when_all_of_its_parts_are_there(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=2, CUP_HAM=4, BOX_HAM=1)
    await shop.do("products.save", sku="PAIR", name="Pair")
    made_of = [{"sku": "MUG"}, {"sku": "CUP", "per_kit": 2}]
    await shop.batch(
        "kits.save",
        {"sku": "PAIR", "components": made_of},
        {"sku": "BOX", "components": made_of, "stocked": True},
    )
    await expect(shop, "MUG", "HAM", 6, day(2))
    await expect(shop, "CUP", "HAM", 5, day(4))
    await expect(shop, "CUP", "MUC", 9, day(6))

    async def steps(sku: str) -> list[tuple[int, int]]:
        curve = await curve_of(shop, sku)
        return [(round((step.at - NOW) / timedelta(days=1)), step.available) for step in curve.steps]

    assert await steps("PAIR") == [(0, 2), (4, 4)], "nine more cups are where no mug is"
    await keep(shop, True, name="kits_in_parts", sku="PAIR")
    assert await steps("PAIR") == [(0, 2), (4, 4), (6, 8)]
    assert await steps("BOX") == [(0, 1)]
    await keep(shop, True, name="assemble_when_short", sku="BOX")
    assert await steps("BOX") == [(0, 2), (4, 4)], "all of stock, or all put together"
    curve = await curve_of(shop, "BOX")
    assert [(each.sku, each.location, each.quantity) for each in curve.changes] == [
        ("MUG", "HAM", 6), ("CUP", "HAM", 5), ("CUP", "MUC", 9),
    ]  # fmt: skip
    for number in (0, 3, 5, 7):
        for sku in ("PAIR", "BOX"):
            (item,) = (await promised(shop, sku, by=day(number).isoformat())).items
            curve = await curve_of(shop, sku)
            assert item.available == max(
                step.available for step in curve.steps if step.at <= max(day(number), NOW) + timedelta(minutes=9)
            )
