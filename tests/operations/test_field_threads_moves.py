"""Threads of the field about drift: what a count, a transfer and a shortage must get right."""

from __future__ import annotations

from tests.operations.conftest import Shop
from tests.operations.test_counts import approve, book, opened, record, released
from tests.operations.test_transfers import ask, create, stock


async def test_field_05_a_count_below_what_is_reserved_leaves_no_negative_quantity(shop: Shop) -> None:
    """medusa#12401 and #11131: reserved quantities below zero, and no tool to repair them.

    Here no bucket can fall below zero: what orders hold in vain is a shortage beside the buckets, and a later count ends it.
    """
    await shop.stock_up(MUG_HAM=6)
    await shop.place({"MUG": 6})
    first = await opened(shop, "MUG")
    await record(shop, first, MUG=1)
    await approve(shop, first)
    assert await book(shop) == {"allocated": 6, "short": 5}
    again = await opened(shop, "MUG")
    await record(shop, again, MUG=6)
    await approve(shop, again)
    assert await book(shop) == {"allocated": 6}
    await shop.check_books()


async def test_field_08_an_order_picked_in_part_holds_no_more_than_its_rest(shop: Shop) -> None:
    """erpnext#52851: a pick list that was delivered in part reserves for ever. The count expects the rest, to the unit."""
    await shop.stock_up(MUG_HAM=10)
    number = await shop.place({"MUG": 6})
    fulfillment_order = await released(shop, number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=fulfillment_order, lines=[{"line": 1, "quantity": 4}])
    count = await opened(shop, "MUG", blind=False)
    (line,) = (await record(shop, count, MUG=6))["lines"]
    assert (line["expected"], line["variance"]) == (6, 0)
    await approve(shop, count)
    await shop.do("lines.cancel", order=number, reason="x", lines=[{"line": 1, "quantity": 2}])
    assert await book(shop) == {"available": 6, "picked": 4}
    await shop.check_books()


async def test_field_11_counting_beside_open_moves_writes_nothing_off_twice(shop: Shop) -> None:
    """odoo#62139: quantities and moves diverge, and a job repairs them every ten minutes.

    A transfer is set aside, counted while it stands there, shipped, and received in part: the book needs no repair.
    """
    await shop.stock_up(MUG_HAM=10)
    transfer = await create(shop, ("MUG", 4))
    await shop.do("transfers.ready", transfer=transfer)
    count = await opened(shop, "MUG")
    await record(shop, count, MUG=9)
    await shop.do("transfers.ship", transfer=transfer)
    (line,) = (await approve(shop, count))["variances"]
    assert line["variance"] == -1
    await shop.do("transfers.receive", transfer=transfer, lines=[{"line": 1, "quantity": 3}])
    await shop.do("transfers.close", transfer=transfer, reason="lost")
    assert await stock(shop) == {"HAM": {"available": 5}, "MUC": {"available": 3}}
    assert (await ask(shop, "/v1/shortages")).items == []
    await shop.check_books()
