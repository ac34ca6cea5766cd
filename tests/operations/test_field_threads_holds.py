"""Threads of the field about cancelling and editing orders (FIELD section 3), each with its own figures where it has them."""

from __future__ import annotations

from typing import Any

from tests.operations.conftest import Shop


def cash(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


async def money_of(shop: Shop, number: str) -> tuple[int, int, int]:
    """(the original total, what it costs now, what is due)"""
    (row,) = await shop.fetch(
        "SELECT charged_minor, charged_minor + adjusted_minor AS now, captured_minor - refunded_minor AS held FROM orders"
        " WHERE merchant_id = $1 AND number = $2",
        int(number),
    )
    return row["charged_minor"], row["now"], row["now"] - row["held"]


async def placed_at(shop: Shop, price: str, quantity: int, **fields: Any) -> str:
    order = shop.order({"MUG": quantity}, **fields)
    order["lines"][0]["unit_price"] = cash(price)
    return str((await shop.do("orders.place", **order))["number"])


async def test_field_15_what_an_edit_owes_back_does_not_vanish(shop: Shop) -> None:
    """medusa#11645: the pending difference vanished after an edit, and nothing could be refunded. #13068, #14688: wrong totals after it."""
    await shop.stock_up(MUG_HAM=9)
    number = await placed_at(shop, "45.00", 4, tenders=[{"amount": cash("180.00")}])
    edited = await shop.do("orders.edit", order=number, reason="x", quantities=[{"line": 1, "quantity": 3}])
    assert (edited["difference"], edited["due"]) == (cash("-45.00"), cash("-45.00"))
    assert await money_of(shop, number) == (18000, 13500, -4500)
    await shop.do("payments.refund", order=number)
    assert await money_of(shop, number) == (18000, 13500, 0)
    added = await shop.do("orders.edit", order=number, reason="x", quantities=[{"line": 1, "quantity": 4}])
    assert (added["due"], added["total"]) == (cash("45.00"), cash("180.00"))
    await shop.check_books()


async def test_field_16_nothing_is_refunded_when_nothing_is_due(shop: Shop) -> None:
    """vendure#4013: a cancellation refunded what nobody was owed."""
    await shop.stock_up(MUG_HAM=9)
    number = await placed_at(shop, "10.00", 2, tenders=[{"amount": cash("10.00")}])
    await shop.do("lines.cancel", order=number, reason="x", lines=[{"line": 1, "quantity": 1}])
    assert (await shop.refusal("payments.refund", order=number))["name"] == "nothing_owed"
    assert await money_of(shop, number) == (2000, 1000, 0)


async def test_field_16_an_edited_order_is_fulfilled_to_its_end(shop: Shop) -> None:
    """vendure#846: after a modification the order could not be fulfilled any more."""
    await shop.stock_up(MUG_HAM=9, CAP_HAM=9)
    number = await placed_at(shop, "10.00", 3)
    await shop.do("orders.release", order=number)
    cap = {"sku": "CAP", "quantity": 1, "unit_price": cash("5.00")}
    await shop.do("orders.edit", order=number, reason="x", quantities=[{"line": 1, "quantity": 1}], add=[cap])
    await shop.do("orders.release", order=number)
    for document in (f"{number}-F1", f"{number}-F2"):
        await shop.do("fulfillment-orders.pick", fulfillment_order=document)
        await shop.do("parcels.pack", fulfillment_order=document)
    for parcel in (f"{number}-P1", f"{number}-P2"):
        await shop.do("parcels.ship", parcel=parcel, carrier="DHL")
        await shop.do("parcels.track", parcel=parcel, status="delivered", occurred_at="2026-03-02T10:00:00Z")
    (order,) = await shop.fetch("SELECT lifecycle, fulfillment_status FROM orders WHERE merchant_id = $1")
    assert order == {"lifecycle": "completed", "fulfillment_status": "delivered"}
    await shop.check_books()


async def test_field_18_ten_cancelled_one_by_one_are_what_ten_cost(shop: Shop) -> None:
    """erpnext#41343: 82.50 - 15 % x 10 was invoiced at 701.30 and returned at 701.20."""
    await shop.stock_up(MUG_HAM=20)
    discount = [{"kind": "discount", "code": "15", "amount": cash("-123.75")}]
    for steps in ([1] * 10, [3, 3, 4], [10]):
        number = await placed_at(shop, "82.50", 10, charges=discount)
        assert (await money_of(shop, number))[0] == 70125
        for units in steps:
            await shop.do("lines.cancel", order=number, reason="x", lines=[{"line": 1, "quantity": units}])
        assert (await money_of(shop, number))[1] == 0
    await shop.check_books()


async def test_field_19_a_discount_of_the_order_goes_with_the_units_that_bore_it(shop: Shop) -> None:
    """solidus#512, spree#5915: a discount or tax of the order was misallocated on refunds. 10.00 off 50.00: 8.00 of the mugs' 40."""
    await shop.stock_up(MUG_HAM=9, CAP_HAM=9)
    order = shop.order({"MUG": 4, "CAP": 1}, charges=[{"kind": "discount", "code": "20", "amount": cash("-10.00")}])
    number = str((await shop.do("orders.place", **order))["number"])
    await shop.do("lines.cancel", order=number, reason="x", lines=[{"line": 2, "quantity": 1}])
    assert (await money_of(shop, number))[1] == 3200
    await shop.do("lines.cancel", order=number, reason="x", lines=[{"line": 1, "quantity": 3}])
    assert (await money_of(shop, number))[1] == 800
    await shop.check_books()


async def test_field_20_a_line_is_replaced_by_another_one(shop: Shop) -> None:
    """saleor#14597: replacing a line failed. Here the old one stays visible, and the new one costs what it costs."""
    await shop.stock_up(MUG_HAM=9, CAP_HAM=9)
    number = await placed_at(shop, "12.50", 2)
    cap = {"sku": "CAP", "quantity": 2, "unit_price": cash("13.00")}
    edited = await shop.do("orders.edit", order=number, reason="x", quantities=[{"line": 1, "quantity": 0}], add=[cap])
    assert (edited["difference"], edited["total"]) == (cash("1.00"), cash("26.00"))
    lines = await shop.fetch("SELECT number, ordered, cancelled FROM order_line WHERE merchant_id = $1 ORDER BY number")
    assert [tuple(line.values()) for line in lines] == [(1, 2, 2), (2, 2, 0)]
    await shop.check_books()


async def test_field_30_a_placed_order_is_edited(shop: Shop) -> None:
    """saleor#3987: an order that was placed cannot be edited: quantity, product, price, address, shipping."""
    await shop.stock_up(MUG_HAM=9, CAP_HAM=9)
    number = await placed_at(shop, "10.00", 2)
    await shop.do(
        "orders.edit", order=number, reason="x", quantities=[{"line": 1, "quantity": 3}],
        add=[{"sku": "CAP", "quantity": 1, "unit_price": cash("7.00")}], ship_to={"country": "FR", "city": "Lyon"},
        charges=[{"kind": "shipping", "code": "express", "amount": cash("6.00")}], method="express",
    )  # fmt: skip
    await shop.do("orders.edit", order=number, reason="x", prices=[{"line": 1, "unit_price": cash("9.00")}])
    assert await money_of(shop, number) == (2000, 4100, 4100)
    assert await shop.units(number) == {"allocated": 4}
    await shop.check_books()
