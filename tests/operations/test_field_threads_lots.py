"""Threads of the field about lots and serial numbers, as regression tests."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.operations.conftest import Shop
from tests.operations.test_lots import deliver, in_days, lots_of, place_of, receive_lot, receive_serials, tracked


async def test_field_08_one_lot_shared_by_two_orders_delivers_independently(shop: Shop) -> None:
    """erpnext#57159: a batch that is reserved for two orders blocks both."""
    await tracked(shop, "MILK", "lot")
    await receive_lot(shop, "A", 10, in_days(30))
    first, second = await shop.place({"MILK": 4}), await shop.place({"MILK": 6})
    assert await lots_of(shop, first) == [("A", 4)] and await lots_of(shop, second) == [("A", 6)]
    await deliver(shop, second)
    assert await shop.units(first) == {"allocated": 4} and await shop.units(second) == {"delivered": 6}
    await deliver(shop, first)
    assert await shop.units(first) == {"delivered": 4}
    await shop.check_books()


async def test_field_08_a_pick_that_is_delivered_in_part_keeps_nothing_for_ever(shop: Shop) -> None:
    """erpnext#52851: the rest of a partly delivered pick list stays reserved."""
    await tracked(shop, "MILK", "lot")
    await receive_lot(shop, "A", 5, in_days(30))
    number = await shop.place({"MILK": 5})
    (made,) = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    await shop.do("fulfillment-orders.pick", fulfillment_order=made, lines=[{"line": 1, "quantity": 3}])
    parcel = (await shop.do("parcels.pack", fulfillment_order=made))["parcel"]
    await shop.do("parcels.ship", parcel=parcel, carrier="DHL")
    await shop.do("lines.cancel", order=number, reason="late", lines=[{"line": 1, "quantity": 2}])
    rows = await shop.fetch("SELECT available, allocated FROM stock WHERE merchant_id = $1")
    assert rows == [{"available": 2, "allocated": 0}]
    await shop.place({"MILK": 2})
    await shop.check_books()


async def test_field_08_orders_at_once_never_promise_more_of_a_lot_than_there_is(shop: Shop) -> None:
    """erpnext PR#51375: simultaneous creation over-reserves a batch."""
    await tracked(shop, "MILK", "lot")
    await receive_lot(shop, "A", 4, in_days(3))
    await receive_lot(shop, "B", 6, in_days(30))
    answers = await asyncio.gather(*(shop.batch("orders.place", shop.order({"MILK": 1})) for _ in range(32)))
    assert sum("refused" not in answer[0] for answer in answers) == 10
    rows = await shop.fetch("SELECT lot, available, allocated FROM stock WHERE merchant_id = $1 ORDER BY lot")
    assert rows == [{"lot": "A", "available": 0, "allocated": 4}, {"lot": "B", "available": 0, "allocated": 6}]
    await shop.check_books()


async def test_field_11_a_serial_is_never_in_two_places(shop: Shop) -> None:
    """odoo PR#272560: one serial is reserved twice, 2 of 1, and the delivery hangs."""
    await tracked(shop, "PHONE", "serial")
    await receive_serials(shop, "S1")
    await receive_serials(shop, "S2")
    orders = [await shop.place({"PHONE": 1}) for _ in range(2)]
    assert (await shop.refusal("orders.place", **shop.order({"PHONE": 1})))["name"] == "insufficient_stock"
    made = [(await shop.do("orders.release", order=order))["fulfillment_orders"][0] for order in orders]

    def scan(document: str, serial: str) -> dict[str, Any]:
        return {"fulfillment_order": document, "lines": [{"line": 1, "quantity": 1, "serials": [serial]}]}

    outcomes = await asyncio.gather(*(shop.batch("fulfillment-orders.pick", scan(document, "S1")) for document in made))
    assert sorted(outcome[0].get("name", "picked") for outcome in outcomes) == ["picked", "serial_not_here"]
    loser = made[[("refused" in outcome[0]) for outcome in outcomes].index(True)]
    await shop.do("fulfillment-orders.pick", **scan(loser, "S2"))
    assert [await place_of(shop, serial) for serial in ("S1", "S2")] == ["picked", "picked"]
    await shop.check_books()


async def test_field_11_a_batch_that_names_a_unit_twice_gives_it_to_the_first(shop: Shop) -> None:
    """odoo PR#268942: two lines of one transaction reserve the same serial."""
    await tracked(shop, "PHONE", "serial")
    await receive_serials(shop, "S1", "S2")
    orders = [await shop.place({"PHONE": 1}) for _ in range(2)]
    made = [(await shop.do("orders.release", order=order))["fulfillment_orders"][0] for order in orders]
    lines = [{"line": 1, "quantity": 1, "serials": ["S1"]}]
    first, second = await shop.batch(
        "fulfillment-orders.pick", *({"fulfillment_order": document, "lines": lines} for document in made)
    )
    assert "refused" not in first and second["name"] == "serial_not_here"
    await shop.check_books()
