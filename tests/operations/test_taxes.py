"""Taxes as the channel charged them: several on a line, on shipping and fees, added to prices or contained in them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lading.views import order as order_view
from lading.views import statement
from lading.views.order import OrderDetail
from lading.views.statement import StatementQuery
from tests.operations.conftest import Shop


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def tax(code: str, amount: str, rate: str, **more: Any) -> dict[str, Any]:
    return {"kind": "tax", "code": code, "amount": eur(amount), "rate": rate, **more}


INCLUDED = [
    {"kind": "shipping", "code": "standard", "amount": eur("5.95")},
    tax("VAT", "4.79", "19", included=True),
    tax("VAT", "0.95", "19", included=True, applies_to="shipping"),
]


async def shown(shop: Shop, number: str) -> OrderDetail:
    async with shop.database.read(shop.merchant_id) as tx:
        return await order_view.order(tx, number)


async def balances(shop: Shop, number: str) -> dict[str, str]:
    """Debit less credit by account, those that are not even."""
    async with shop.database.read(shop.merchant_id) as tx:
        told = await statement.statement(tx, StatementQuery(number))
    assert told.unexplained.minor == 0
    return {each.account: each.balance.amount for each in told.accounts if each.balance.minor}


async def test_taxes_that_prices_contain_add_nothing_and_are_no_sales(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=3)
    number = await shop.place({"MUG": 3}, charges=INCLUDED, tenders=[{"amount": eur("35.95")}])
    detail = await shown(shop, number)
    assert (detail.money.total.amount, detail.money.due.amount) == ("35.95", "0.00")
    assert [(each.code, each.amount.amount, each.rate, each.included, each.applies_to) for each in detail.charges] == [
        ("standard", "5.95", None, False, None),
        ("VAT", "4.79", "19", True, None),
        ("VAT", "0.95", "19", True, "shipping"),
    ]
    assert await balances(shop, number) == {
        "sales": "-25.21", "shipping_income": "-5.00", "tax": "-5.74", "tender:paid_elsewhere": "35.95",
    }  # fmt: skip
    await shop.check_books()


async def test_several_taxes_on_a_line_on_shipping_and_on_a_fee_beside_each_other(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=2, TEE_HAM=1)
    charges = [
        {"kind": "shipping", "code": "ground", "amount": eur("7.00")},
        {"kind": "fee", "code": "gift_wrap", "amount": eur("3.00")},
        tax("STATE", "1.25", "6.25", line=1),
        tax("CITY", "0.20", "1", line=1),
        tax("STATE", "0.63", "6.25", line=2),
        tax("STATE", "0.44", "6.25", applies_to="shipping"),
        tax("STATE", "0.19", "6.25", applies_to="fee"),
    ]
    number = await shop.place({"MUG": 2, "TEE": 1}, charges=charges)
    detail = await shown(shop, number)
    assert detail.money.total.amount == "42.71"
    assert [[each.code for each in line.charges if each.kind == "tax"] for line in detail.lines] == [
        ["STATE", "CITY", "STATE", "STATE"],
        ["STATE", "STATE", "STATE"],
    ]
    assert (await balances(shop, number))["tax"] == "-2.71"
    await shop.check_books()


@pytest.mark.parametrize("steps", [(1, 1, 1), (2, 1), (3,), (1, 2)])
async def test_what_goes_back_takes_the_tax_inside_with_it(shop: Shop, steps: tuple[int, ...]) -> None:
    await shop.stock_up(MUG_HAM=3)
    number = await shop.place({"MUG": 3}, charges=INCLUDED)
    for units in steps:
        await shop.do("lines.cancel", order=number, reason="late", lines=[{"line": 1, "quantity": units}])
        await shop.check_books()
    assert await balances(shop, number) == {}
    events = await shop.fetch("SELECT data FROM event WHERE merchant_id = $1 AND kind = 'lines_cancelled'")
    told = [msgspec.json.decode(each["data"]) for each in events]
    assert sum(each["adjusted_minor"] for each in told) == -3595, "the tax inside is not credited a second time"


@pytest.mark.parametrize(
    "charge",
    [
        {"kind": "fee", "code": "x", "amount": eur("1.00"), "rate": "19"},
        {"kind": "shipping", "code": "x", "amount": eur("1.00"), "included": True},
        {"kind": "fee", "code": "x", "amount": eur("1.00"), "applies_to": "goods"},
        tax("VAT", "-1.00", "19", included=True),
        tax("VAT", "1.00", "19.12345"),
        tax("VAT", "1.00", "-1"),
        tax("VAT", "1.00", "19 %"),
    ],
)
async def test_what_is_no_tax(shop: Shop, charge: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        await shop.place({"MUG": 1}, charges=[charge])


async def test_orders_without_such_taxes_run_the_statements_they_ran_before(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=100)
    await shop.place({"MUG": 1})
    plain = [{"kind": "tax", "code": "VAT", "amount": eur("1.90")}]
    before = await shop.statements("orders.place", shop.order({"MUG": 1}, charges=plain))
    told = [shop.order({"MUG": 1}, charges=[tax("VAT", "1.90", "19"), *plain]) for _ in range(20)]
    assert await shop.statements("orders.place", *told) == before, "what is told of charges travels with them"
    assert await shop.statements("orders.place", shop.order({"MUG": 1})) == before - 1
