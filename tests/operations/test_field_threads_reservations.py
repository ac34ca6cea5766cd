"""Oversell and drift threads of other systems that reservations answer: each by its number in the list of the field."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lading.database.pool import Database
from lading.operations.registry import verbs
from tests.operations.conftest import Shop


def cart(*lines: tuple[str, int], **more: Any) -> dict[str, Any]:
    return {"lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines], "seconds": 600, **more}


async def together(shop: Shop, verb: str, *commands: dict[str, Any]) -> list[bool]:
    """Each command on a connection of its own, all at once; who was accepted."""
    answers = await asyncio.gather(*(shop.run(verb, [shop.envelope(verb, command)]) for command in commands))
    assert not any(answer.failed for (answer,) in answers)
    return [answer.accepted for (answer,) in answers]


async def buckets(shop: Shop) -> dict[str, int]:
    (row,) = await shop.fetch(
        "SELECT sum(available)::int AS available, sum(reserved)::int AS reserved, sum(allocated)::int AS allocated"
        " FROM stock WHERE merchant_id = $1"
    )
    return dict(row)


async def test_field_01_reservations_at_once_do_not_oversubscribe(shop: Shop) -> None:
    """medusa#16569: createReservationItems at once promise more than there is, and the cached counter loses an update."""
    await shop.stock_up(MUG_HAM=5)
    got = await together(shop, "reservations.reserve", *[cart(("MUG", 1))] * 20)
    assert sum(got) == 5
    assert await buckets(shop) == {"available": 0, "reserved": 5, "allocated": 0}
    await shop.check_books()


async def test_field_02_two_lines_that_share_a_product_are_counted_together(shop: Shop) -> None:
    """medusa#16502: two lines of one item each pass the check, and the location goes below zero."""
    await shop.stock_up(MUG_HAM=3)
    refusal = await shop.refusal("reservations.reserve", **cart(("MUG", 2), ("MUG", 2)))
    assert (refusal["name"], refusal["facts"]["missing"]) == ("insufficient_stock", 1)
    await shop.do("reservations.reserve", **cart(("MUG", 2), ("MUG", 1)))
    await shop.check_books()


async def test_field_03_the_last_unit_is_one_order_and_the_loser_is_told(shop: Shop) -> None:
    """medusa#16825: the race for the last unit leaves two orders; the loser has no reservation and no payment."""
    await shop.stock_up(MUG_HAM=1)
    kept = await shop.do("reservations.reserve", **cart(("MUG", 1)))
    mine = shop.order({"MUG": 1}, reservation=kept["reservation"])
    got = await together(shop, "orders.place", shop.order({"MUG": 1}), mine, shop.order({"MUG": 1}))
    assert got == [False, True, False]
    orders = await shop.fetch("SELECT allocated, open FROM orders WHERE merchant_id = $1")
    assert [tuple(row.values()) for row in orders] == [(1, 0)]
    await shop.check_books()


async def test_field_04_what_is_confirmed_over_locations_is_reserved_where_it_lies(shop: Shop) -> None:
    """medusa#14987: the sum over locations is confirmed, only the first location is reserved."""
    await shop.stock_up(MUG_HAM=2, MUG_MUC=3)
    kept = await shop.do("reservations.reserve", **cart(("MUG", 5)))
    assert {(line["location"], line["quantity"]) for line in kept["lines"]} == {("HAM", 2), ("MUC", 3)}
    placed = await shop.do("orders.place", **shop.order({"MUG": 5}, reservation=kept["reservation"]))
    assert placed["sourcing"] == "reserved"
    assert await buckets(shop) == {"available": 0, "reserved": 0, "allocated": 5}
    await shop.check_books()


async def test_field_05_what_is_reserved_never_goes_below_zero(shop: Shop) -> None:
    """medusa#12401, #11131: negative reserved quantities and no tool to mend them: released, converted and expired all at once."""
    await shop.stock_up(MUG_HAM=3)
    kept = (await shop.do("reservations.reserve", **cart(("MUG", 3))))["reservation"]
    commands = [
        ("reservations.release", {"reservation": kept}),
        ("orders.place", shop.order({"MUG": 3}, reservation=kept)),
        ("reservations.expire", {"reservation": kept}),
        ("reservations.release", {"reservation": kept}),
    ] * 3
    await asyncio.gather(*(together(shop, verb, fields) for verb, fields in commands))
    found = await buckets(shop)
    assert found["reserved"] == 0 and found["available"] + found["allocated"] == 3
    await shop.check_books()


async def test_field_06_nothing_stays_reserved_when_an_order_is_cancelled(shop: Shop) -> None:
    """medusa#11266, #11703, #12796: reservations are left behind, or not made anew, when what they became is cancelled."""
    await shop.stock_up(MUG_HAM=3)
    kept = (await shop.do("reservations.reserve", **cart(("MUG", 3))))["reservation"]
    number = await shop.place({"MUG": 3}, reservation=kept)
    await shop.do("lines.cancel", order=number, reason="late")
    assert await buckets(shop) == {"available": 3, "reserved": 0, "allocated": 0}
    await shop.do("reservations.reserve", **cart(("MUG", 3)))
    await shop.check_books()


async def test_field_07_an_order_can_use_its_own_reservation_when_nothing_else_is_there(shop: Shop) -> None:
    """medusa#6500, erpnext#46540, #50430: an order cannot ship its own reserved stock once available is 0."""
    await shop.stock_up(MUG_HAM=2)
    kept = (await shop.do("reservations.reserve", **cart(("MUG", 2))))["reservation"]
    assert (await buckets(shop))["available"] == 0
    number = await shop.place({"MUG": 2}, reservation=kept)
    made = (await shop.do("orders.release", order=number))["fulfillment_orders"][0]
    await shop.do("fulfillment-orders.pick", fulfillment_order=made)
    parcel = (await shop.do("parcels.pack", fulfillment_order=made))["parcel"]
    await shop.do("parcels.ship", parcel=parcel, carrier="DHL")
    assert await shop.units(number) == {"in_transit": 2}
    await shop.check_books()


async def test_field_09_check_and_allocation_are_one_transaction(shop: Shop) -> None:
    """vendure#3508, #1738: checked in one transaction and allocated in another, a paid order is silently short of units."""
    await shop.stock_up(MUG_HAM=8)
    orders = [shop.order({"MUG": 5}), shop.order({"MUG": 5})]
    carts = [cart(("MUG", 5))] * 2
    got = await asyncio.gather(together(shop, "orders.place", *orders), together(shop, "reservations.reserve", *carts))
    assert sum(map(sum, got)) == 1
    lines = await shop.fetch("SELECT ordered, allocated FROM order_line WHERE merchant_id = $1")
    assert all(row["ordered"] == row["allocated"] for row in lines)
    await shop.check_books()


async def test_field_10_of_100_orders_none_is_without_its_allocation(shop: Shop) -> None:
    """saleor#543, #5334: under load 1 or 2 of 100 orders stand without an allocation."""
    await shop.stock_up(MUG_HAM=60, MUG_MUC=40)
    kept = [(await shop.do("reservations.reserve", **cart(("MUG", 1))))["reservation"] for _ in range(20)]
    named = [shop.order({"MUG": 1}, reservation=each) for each in kept]
    got = await together(shop, "orders.place", *named, *[shop.order({"MUG": 1})] * 100)
    assert sum(got) == 100 and all(got[:20])
    rows = await shop.fetch(
        "SELECT sum(allocated)::int AS units, count(*)::int AS rows FROM allocation WHERE merchant_id = $1"
    )
    assert [tuple(row.values()) for row in rows] == [(100, 100)]
    await shop.check_books()


async def test_field_11_counter_and_rows_cannot_diverge(shop: Shop) -> None:
    """odoo#62139: quants and move lines diverge and a script repairs them every 10 minutes; here the audit finds nothing, ever."""
    await shop.stock_up(MUG_HAM=6)
    commands: list[tuple[str, dict[str, Any]]] = []
    for _ in range(6):
        kept = (await shop.do("reservations.reserve", **cart(("MUG", 1))))["reservation"]
        commands += [
            ("reservations.release", {"reservation": kept}),
            ("reservations.extend", {"reservation": kept, "seconds": 900}),
            ("orders.place", shop.order({"MUG": 1}, reservation=kept)),
            ("reservations.reserve", cart(("MUG", 1))),
        ]
    await asyncio.gather(*(together(shop, verb, fields) for verb, fields in commands))
    assert sum((await buckets(shop)).values()) == 6
    await shop.check_books()


async def test_field_12_20_processes_reserve_10_units(shop: Shop) -> None:
    """odoo PR#62131, PR#32857: serialisation failures, and a mend with which 20 processes reserve 10 units: nobody fails here."""
    await shop.stock_up(MUG_HAM=10)
    processes = [await Database.connect(shop.database.dsn, writers=1, readers=1) for _ in range(20)]
    try:
        shops = [Shop(each, shop.merchant_id) for each in processes]
        got = await asyncio.gather(*(together(each, "reservations.reserve", *[cart(("MUG", 1))] * 2) for each in shops))
    finally:
        for each in processes:
            await each.close()
    assert sum(map(sum, got)) == 10
    await shop.check_books()


DOORS = (
    "orders.place",
    "orders.record",
    "orders.source",
    "reservations.reserve",
    "stock.adjust",
    "stock.move",
    "transfers.ready",
)


@pytest.mark.parametrize("verb", DOORS)
async def test_field_13_no_door_passes_a_reservation_by(shop: Shop, verb: str) -> None:
    """spree PR#13978: reservations hold in one API only, other entry points pass them by."""
    assert verb in verbs()
    await shop.stock_up(MUG_HAM=2)
    await shop.do("reservations.reserve", **cart(("MUG", 1)))
    waiting = ""
    if verb == "orders.source":
        await shop.do("policies.set", name="may_backorder", value=True)
        waiting = await shop.place({"MUG": 2})
    way = {"from_location": "HAM", "to_location": "MUC", "due_at": "2030-01-01T00:00:00Z"}
    transfer = await shop.do("transfers.create", **way, lines=[{"sku": "MUG", "quantity": 2}])
    units = {"sku": "MUG", "location": "HAM", "quantity": 2, "reason": "x"}
    past = {"location": "HAM", "placed_at": "2019-01-01T00:00:00Z", "delivered_at": "2019-01-02T00:00:00Z"}
    commands: dict[str, dict[str, Any]] = {
        "orders.place": shop.order({"MUG": 2}),
        "orders.record": shop.order({"MUG": 2}, **past),
        "orders.source": {"order": waiting},
        "reservations.reserve": cart(("MUG", 2)),
        "stock.adjust": {**units, "kind": "lost"},
        "stock.move": {**units, "source": "available", "target": "damaged"},
        "transfers.ready": {"transfer": transfer["transfer"]},
    }
    (outcome,) = await shop.batch(verb, commands[verb])
    taken = 1 if waiting else 0
    assert outcome["allocated"] == 0 if waiting else outcome.get("refused") == "yes", "one of the two units is kept"
    assert await buckets(shop) == {"available": 1 - taken, "reserved": 1, "allocated": taken}
    await shop.check_books()
