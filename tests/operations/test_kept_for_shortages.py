"""Units that make up for a shortage are promised and taken by nobody: verb by verb."""

from __future__ import annotations

from typing import Any

import pytest

from lading.inventory import store as inventory
from tests.operations.conftest import Shop
from tests.operations.test_transfers import DUE


@pytest.fixture
async def shelf(shop: Shop) -> Shop:
    """10 mugs of which 7 are allocated: 5 of them are gone (2 short), then 3 arrive. One of those three is free."""
    await shop.stock_up(MUG_HAM=10)
    await shop.place({"MUG": 7})
    await flooded(shop)
    return shop


async def flooded(shop: Shop) -> None:
    gone = {"quantity": 5, "kind": "lost", "reason": "flood", "held_too": True}
    await shop.do("stock.adjust", sku="MUG", location="HAM", **gone)
    await shop.do("stock.receive", sku="MUG", location="HAM", quantity=3, reason="purchase")


async def one_of_two(shop: Shop, verb: str, refusal: str, two: dict[str, Any], one: dict[str, Any]) -> None:
    """Two units are not to be had, one is."""
    assert (await shop.refusal(verb, **two))["name"] == refusal
    await shop.do(verb, **one)
    await shop.check_books()


HERE: dict[str, Any] = {"sku": "MUG", "location": "HAM"}


async def test_orders_place(shelf: Shop) -> None:
    await one_of_two(
        shelf, "orders.place", "insufficient_stock", shelf.order({"MUG": 2}), shelf.order({"MUG": 1})
    )  # fmt: skip


async def test_orders_place_while_the_shortage_opens(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three are free when the order looks, as many lie there when it posts, but two of them are short by then."""
    await shop.stock_up(MUG_HAM=10)
    await shop.place({"MUG": 7})
    read, looking = inventory.read_supplies, [True]

    async def and_then_it_floods(*arguments: Any, **more: Any) -> Any:
        found = await read(*arguments, **more)
        if looking:
            looking.clear()
            await flooded(shop)
        return found

    monkeypatch.setattr(inventory, "read_supplies", and_then_it_floods)
    await one_of_two(shop, "orders.place", "insufficient_stock", shop.order({"MUG": 2}), shop.order({"MUG": 1}))


async def test_reservations_reserve(shelf: Shop) -> None:
    two, one = ({"lines": [{"sku": "MUG", "quantity": units}], "channel": "web", "seconds": 60} for units in (2, 1))
    await one_of_two(shelf, "reservations.reserve", "insufficient_stock", two, one)


async def test_work_orders_open(shelf: Shop) -> None:
    await shelf.do("products.save", sku="BOX", name="Box")
    await shelf.do("kits.save", sku="BOX", components=[{"sku": "MUG", "list_price": "1"}], stocked=True)
    two, one = ({"sku": "BOX", "location": "HAM", "quantity": units} for units in (2, 1))
    await one_of_two(shelf, "work-orders.open", "insufficient_stock", two, one)


async def test_transfers_ready(shelf: Shop) -> None:
    way = {"from_location": "HAM", "to_location": "MUC", "due_at": DUE}
    names = [
        (await shelf.do("transfers.create", **way, lines=[{"sku": "MUG", "quantity": units}]))["transfer"]
        for units in (2, 1)
    ]
    await one_of_two(shelf, "transfers.ready", "not_there", {"transfer": names[0]}, {"transfer": names[1]})


async def test_stock_move(shelf: Shop) -> None:
    move = {**HERE, "source": "available", "target": "quality_hold", "reason": "wet"}
    await one_of_two(shelf, "stock.move", "not_there", {**move, "quantity": 2}, {**move, "quantity": 1})


@pytest.mark.parametrize("kind", ["lost", "scrapped", "damaged"])
async def test_stock_adjust(shelf: Shop, kind: str) -> None:
    adjust = {**HERE, "kind": kind, "reason": "x"}
    await one_of_two(shelf, "stock.adjust", "not_there", {**adjust, "quantity": 2}, {**adjust, "quantity": 1})


async def test_stock_adjust_of_held_units_too(shelf: Shop) -> None:
    """Gone is gone: what was to make up is gone as well, and nobody is promised more."""
    await shelf.do("stock.adjust", **HERE, kind="lost", reason="x", quantity=4, held_too=True)
    rows = await shelf.fetch("SELECT available, allocated, short FROM stock WHERE merchant_id = $1")
    assert dict(rows[0]) == {"available": 0, "allocated": 7, "short": 3}
    assert (await shelf.refusal("orders.place", **shelf.order({"MUG": 1})))["name"] == "insufficient_stock"
    await shelf.check_books()


async def test_stock_correct(shelf: Shop) -> None:
    (told,) = await shelf.fetch(
        "SELECT max(position) AS last FROM event WHERE merchant_id = $1 AND kind = 'stock_received'"
    )
    wrong = {"event": told["last"], "reason": "typing_error"}
    await one_of_two(shelf, "stock.correct", "units_gone", {**wrong, "quantity": 2}, {**wrong, "quantity": 1})


async def test_stock_put_away(shelf: Shop) -> None:
    """8 units lie there: 3 available and 7 allocated ones, of which 2 do not."""
    await shelf.do("bins.save", location="HAM", code="A")
    put = {**HERE, "bin": "A"}
    await one_of_two(shelf, "stock.put-away", "not_in_bin", {**put, "quantity": 9}, {**put, "quantity": 8})


async def test_allocations_swap_lot(shop: Shop) -> None:
    """Of the new lot 3 units are available, 2 of them make up for what another order holds in vain."""
    await shop.do("products.save", sku="MILK", name="Milk", tracking="lot")
    milk: dict[str, Any] = {"sku": "MILK", "location": "HAM"}
    for lot, expires_on, units in (("OLD", "2990-01-01", 4), ("NEW", "2991-01-01", 3)):
        await shop.do("stock.receive", **milk, quantity=units, lot=lot, expires_on=expires_on, reason="purchase")
    order = await shop.place({"MILK": 4})
    await shop.place({"MILK": 3})
    await shop.do("stock.adjust", **milk, lot="NEW", kind="lost", quantity=2, reason="x", held_too=True)
    await shop.do("stock.receive", **milk, quantity=3, lot="NEW", reason="purchase")
    swap = {"order": order, "line": 1, "lot": "OLD", "to_lot": "NEW", "reason": "x"}
    await one_of_two(shop, "allocations.swap-lot", "lot_short", {**swap, "quantity": 2}, {**swap, "quantity": 1})


async def test_reservations_pin(shelf: Shop) -> None:
    """A claim of two units cannot be pinned to the shelf that has one to give."""
    claim = {"lines": [{"sku": "MUG", "quantity": 2}], "anywhere": True, "channel": "web", "seconds": 60}
    assert (await shelf.refusal("reservations.reserve", **claim))["name"] == "insufficient_stock"
    claim = {"lines": [{"sku": "MUG", "quantity": 1}], "anywhere": True, "channel": "web", "seconds": 60}
    made = await shelf.do("reservations.reserve", **claim)
    await shelf.do("reservations.pin", reservation=made["reservation"])
    assert (await shelf.refusal("orders.place", **shelf.order({"MUG": 1})))["name"] == "insufficient_stock"
    await shelf.check_books()


async def test_what_was_set_aside_and_is_not_there_does_not_leave(shop: Shop) -> None:
    """A transfer and a work order have 5 units each set aside; 7 of the 10 are gone: what lies there leaves, no more."""
    await shop.stock_up(MUG_HAM=10)
    await shop.do("products.save", sku="BOX", name="Box")
    await shop.do("kits.save", sku="BOX", components=[{"sku": "MUG", "list_price": "1"}], stocked=True)
    way = {"from_location": "HAM", "to_location": "MUC", "due_at": DUE}
    transfer = (await shop.do("transfers.create", **way, lines=[{"sku": "MUG", "quantity": 5}]))["transfer"]
    await shop.do("transfers.ready", transfer=transfer)
    work_order = (await shop.do("work-orders.open", sku="BOX", location="HAM", quantity=5))["work_order"]
    await shop.do("stock.adjust", **HERE, kind="lost", quantity=7, reason="x", held_too=True)
    assert (await shop.refusal("transfers.ship", transfer=transfer))[
        "message"
    ] == "HAM has 3 MUG on its shelves, not 5."
    assert (await shop.refusal("work-orders.complete", work_order=work_order))["name"] == "not_there"
    await shop.do("work-orders.complete", work_order=work_order, quantity=3)
    some = [{"line": 1, "quantity": 1}]
    assert (await shop.refusal("transfers.ship", transfer=transfer, lines=some))["name"] == "not_there"
    await shop.do("transfers.cancel", transfer=transfer, reason="gone")
    await shop.check_books()


async def test_a_shortage_of_named_units_is_not_covered_by_nameless_ones(shop: Shop) -> None:
    await shop.do("products.save", sku="CAM", name="Camera", tracking="serial")
    cam: dict[str, Any] = {"sku": "CAM", "location": "HAM", "reason": "purchase"}
    await shop.do("stock.receive", **cam, quantity=1, serials=["S1"])
    await shop.place({"CAM": 1})
    count = (await shop.do("counts.open", location="HAM"))["count"]
    await shop.do("counts.record", count=count, lines=[{"sku": "CAM", "quantity": 0}])
    await shop.do("counts.approve", count=count, reason="cycle")
    await shop.do("stock.receive", **cam, quantity=1, serials=["S2"])
    assert (await shop.refusal("shortages.cover", sku="CAM", location="HAM"))["name"] == "named_units"
    again = (await shop.do("counts.open", location="HAM"))["count"]
    await shop.do("counts.record", count=again, lines=[{"sku": "CAM", "quantity": 1, "serials": ["S2"]}])
    (line,) = (await shop.do("counts.approve", count=again, reason="cycle"))["variances"]
    assert (line["lost_serials"], line["settled"]) == (["S1"], 1)
    await shop.check_books()
