"""Units with names, and units of lots, through rejections, moves and counters: each is where the book says, and nowhere else."""

from __future__ import annotations

from tests.operations.conftest import Shop
from tests.operations.test_fulfillment_orders import units
from tests.operations.test_pickups import STORE, collected

NAMES = ["S1", "S2", "S3"]


async def places(shop: Shop) -> dict[str, str]:
    rows = await shop.fetch("SELECT serial, place FROM serial WHERE merchant_id = $1 ORDER BY serial")
    return {row["serial"]: row["place"] for row in rows}


async def test_picked_units_with_names_go_back_to_their_shelf(shop: Shop) -> None:
    await shop.do("products.save", sku="PHONE", name="Phone", tracking="serial")
    received = {"sku": "PHONE", "location": "HAM", "reason": "x"}
    await shop.do("stock.receive", quantity=3, serials=NAMES, **received)
    number = await shop.place({"PHONE": 3})
    (name,) = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    two = [{"line": 1, "quantity": 2, "serials": ["S1", "S2"]}]
    await shop.do("fulfillment-orders.pick", fulfillment_order=name, lines=two)
    refusal = await shop.refusal("fulfillment-orders.reject", fulfillment_order=name, reason="x", found="missing")
    assert refusal["name"] == "say_which_units"
    refusal = await shop.refusal("fulfillment-orders.reject", fulfillment_order=name, reason="x", lines=units(1, 2))
    assert refusal["name"] == "units_not_named"
    some = [{"line": 1, "quantity": 2, "serials": ["S2"]}]
    await shop.do("fulfillment-orders.reject", fulfillment_order=name, reason="x", lines=some)
    assert await places(shop) == {"S1": "picked", "S2": "on_shelf", "S3": "on_shelf"}
    await shop.do("fulfillment-orders.reject", fulfillment_order=name, reason="x")
    assert await places(shop) == {"S1": "on_shelf", "S2": "on_shelf", "S3": "on_shelf"}
    await shop.check_books()


async def test_a_unit_with_a_name_comes_to_the_counter_and_is_collected(shop: Shop) -> None:
    await shop.do("locations.save", code="STO", name="Store", priority=9, **STORE)
    await shop.do("policies.set", name="ship_to_store", value=True)
    await shop.do("products.save", sku="PHONE", name="Phone", tracking="serial")
    await shop.do("stock.receive", sku="PHONE", location="HAM", reason="x", quantity=3, serials=NAMES)
    number = (await shop.do("orders.place", **collected({"PHONE": 2})))["number"]
    (name,) = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    named = [{"line": 1, "quantity": 2, "serials": ["S1", "S3"]}]
    await shop.do("fulfillment-orders.ship", fulfillment_order=name, carrier="DHL", lines=named)
    assert (await places(shop))["S3"] == "in_transit"
    came = await shop.do("pickups.receive", parcel=f"{number}-P1")
    assert (await places(shop))["S3"] == "packed"
    await shop.check_books()
    one = {"parcel": came["parcel"], "name": "Ada"}
    refusal = await shop.refusal("pickups.hand-over", **one, lines=units(1, 1))
    assert refusal["name"] == "units_not_named"
    await shop.do("pickups.hand-over", **one, lines=[{"line": 1, "quantity": 1, "serials": ["S3"]}])
    assert await places(shop) == {"S1": "picked", "S2": "on_shelf", "S3": "delivered"}
    await shop.check_books()


async def test_a_moved_part_takes_the_lot_that_expires_first_there(shop: Shop) -> None:
    await shop.do("products.save", sku="MILK", name="Milk", tracking="lot")
    for place, lot, day in (("HAM", "H1", "2090-01-01"), ("MUC", "M1", "2091-01-01"), ("MUC", "M2", "2090-06-01")):
        await shop.do("stock.receive", sku="MILK", location=place, quantity=2, lot=lot, expires_on=day, reason="x")
    number = await shop.place({"MILK": 2})
    (name,) = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    moved = await shop.do("fulfillment-orders.move", fulfillment_order=name, to_location="MUC", reason="x")
    split = await shop.do("fulfillment-orders.split", fulfillment_order=moved["fulfillment_order"], lines=units(1, 1))
    rows = await shop.fetch(
        "SELECT lot, released FROM allocation WHERE merchant_id = $1 AND released > 0 ORDER BY number"
    )
    assert [(row["lot"], row["released"]) for row in rows] == [("M2", 1), ("M2", 1)]
    await shop.do("fulfillment-orders.ship", fulfillment_order=split["fulfillment_order"], carrier="DHL")
    await shop.check_books()


async def test_a_kit_leaves_a_vendor_whole(shop: Shop) -> None:
    await shop.stock_up(CUP_HAM=9, POT_HAM=9, SET_HAM=0)
    await shop.do("kits.save", sku="SET", components=[{"sku": "CUP", "per_kit": 2}, {"sku": "POT"}])
    number = await shop.place({"SET": 2})
    (name,) = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    ship = {"fulfillment_order": name, "carrier": "DHL"}
    refusal = await shop.refusal("fulfillment-orders.ship", **ship, lines=units(2, 2))
    assert refusal["name"] == "kit_incomplete"
    one = [*units(2, 2), *units(3, 1)]
    assert (await shop.do("fulfillment-orders.ship", **ship, lines=one))["left"] == 3
    rejected = await shop.do("fulfillment-orders.reject", fulfillment_order=name, reason="x")
    assert (rejected["units"], rejected["missing"]) == (3, 3)
    await shop.check_books()
