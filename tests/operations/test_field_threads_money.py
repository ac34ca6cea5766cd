"""What others got wrong with money, with their own figures."""

from __future__ import annotations

import statistics
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from lading.database.pool import Transaction
from lading.views import invoices as invoice_view
from lading.views import order as order_view
from lading.views.invoices import InvoicesQuery
from tests.operations.conftest import Shop

Payload = dict[str, Any]


def cash(amount: str, currency: str = "EUR") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def charge(kind: str, amount: str, currency: str = "EUR", **more: Any) -> Payload:
    return {"kind": kind, "code": kind, "amount": cash(amount, currency), **more}


async def delivered(shop: Shop, lines: list[tuple[str, int, str]], currency: str = "EUR", **fields: Any) -> str:
    """An order over (SKU, units, price) that was paid, and left; its number."""
    await shop.stock_up(**{f"{sku}_HAM": units for sku, units, _ in lines})
    wanted = [{"sku": sku, "quantity": units, "unit_price": cash(price, currency)} for sku, units, price in lines]
    placed = await shop.do("orders.place", **shop.order({}, lines=wanted, currency=currency, **fields))
    number = str(placed["number"])
    async with shop.database.read(shop.merchant_id) as tx:
        due = (await order_view.order(tx, number)).money.due
    await shop.do("payments.record", order=number, amount=cash(due.amount, currency))
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.ship", parcel=f"{number}-P1", carrier="dhl")
    return number


async def bring_back(shop: Shop, number: str, document: int, line: int, announced: int, received: int) -> None:
    """So many units of a line are announced, and so many come."""
    units = [{"line": line, "quantity": announced}]
    await shop.do("returns.request", order=number, reason="unwanted", lines=units)
    came = [{"line": line, "quantity": received}]
    await shop.do("returns.receive", document=f"{number}-R{document}", location="HAM", lines=came)


async def refund(shop: Shop, number: str, document: int) -> str:
    done = await shop.do("returns.refund", document=f"{number}-R{document}")
    return str(done["refunded"]["amount"])


async def totals(shop: Shop, number: str) -> list[str]:
    """Of an order's documents, the oldest first."""
    async with shop.database.read(shop.merchant_id) as tx:
        page = await invoice_view.invoices(tx, InvoicesQuery(order=number, limit=200))
    return [each.total.amount for each in page.items[::-1]]


async def test_field_15_a_second_refund_is_a_refund_and_only_the_same_command_is_not(shop: Shop) -> None:
    """medusa#13433, #11645: a second refund with the same reference did nothing and said nothing; what was left vanished."""
    await shop.stock_up(MUG_HAM=4)
    number = await shop.place({"MUG": 4}, tenders=[{"amount": cash("40.00"), "reference": "pay-1"}])
    await shop.do("lines.cancel", order=number, reason="late", lines=[{"line": 1, "quantity": 3}])
    payload = {"order": number, "amount": cash("10.00")}
    first = await shop.do("payments.refund", **payload)
    second = await shop.do("payments.refund", **payload)
    assert (first["due"], second["due"]) == (cash("-20.00"), cash("-10.00")), "what is left is still owed"
    same = shop.envelope("payments.refund", payload, uuid.uuid4())
    once, again = [(await shop.run("payments.refund", [same]))[0] for _ in range(2)]
    assert not once.replayed and again.replayed and once.body == again.body
    assert (await shop.refusal("payments.refund", **payload))["name"] == "nothing_owed", "and it is said"
    (tender,) = await shop.fetch("SELECT refunded_minor FROM tender WHERE merchant_id = $1")
    assert tender["refunded_minor"] == 3000
    await shop.check_books()


async def test_field_16_no_refund_when_nothing_is_due_and_the_remainder_goes_to_the_next_payment(shop: Shop) -> None:
    """vendure#4013, #1753, #989: refunds when nothing is due; a remainder that reached no tender; the tax on shipping left out."""
    charges = [
        charge("shipping", "5.00"),
        charge("tax", "4.00", rate="20"),
        charge("tax", "1.00", rate="20", applies_to="shipping"),
    ]
    await shop.stock_up(MUG_HAM=2)
    number = await shop.place({"MUG": 2}, charges=charges)
    assert (await shop.refusal("payments.refund", order=number))["name"] == "nothing_owed"
    for amount in ("12.00", "18.00"):
        await shop.do("payments.record", order=number, amount=cash(amount))
    await shop.do("lines.cancel", order=number, reason="late")
    done = await shop.do("payments.refund", order=number)
    assert (done["refunded"], done["due"]) == (cash("30.00"), cash("0.00")), "the tax on shipping is in it"
    rows = await shop.fetch("SELECT refunded_minor FROM tender WHERE merchant_id = $1 ORDER BY number")
    assert [row["refunded_minor"] for row in rows] == [1200, 1800]
    await shop.check_books()


async def test_field_16_what_is_offered_to_be_refunded_is_what_came_and_was_not_refunded(shop: Shop) -> None:
    """vendure#4728: the refund was offered for the quantities that had been ordered once."""
    number = await delivered(shop, [("MUG", 5, "10.00")])
    await bring_back(shop, number, 1, 1, announced=4, received=3)
    await shop.do("returns.refund", document=f"{number}-R1", lines=[{"line": 1, "quantity": 1}])
    async with shop.database.read(shop.merchant_id) as tx:
        detail = await order_view.order(tx, number)
    units = detail.returns[0].lines[0].units
    assert (units["requested"], units["received"], units["refunded"]) == (4, 3, 1)
    refusal = await shop.refusal("returns.refund", document=f"{number}-R1", lines=[{"line": 1, "quantity": 3}])
    assert (refusal["name"], refusal["facts"]["unrefunded"]) == ("not_refundable", 2)
    assert await refund(shop, number, 1) == "30.00"
    await shop.check_books()


async def test_field_17_what_was_announced_and_did_not_come_is_not_refunded(shop: Shop) -> None:
    """spree PR#14678: $89.99 too much on $269.97."""
    number = await delivered(shop, [("COAT", 3, "89.99")], "USD")
    await bring_back(shop, number, 1, 1, announced=3, received=2)
    assert await refund(shop, number, 1) == "179.98"
    again = await shop.do("returns.refund", document=f"{number}-R1")
    assert again["refunded"] == cash("179.98", "USD"), "all that was refunded of it"
    await shop.do("returns.receive", document=f"{number}-R1", location="HAM", lines=[{"line": 1, "quantity": 1}])
    assert await refund(shop, number, 1) == "269.97"
    await shop.check_books()


@pytest.mark.parametrize(
    ("price", "charges"),
    [("82.50", [charge("discount", "-123.75")]), ("70.125", [])],
    ids=["discount", "price-with-four-decimals"],
)
@pytest.mark.parametrize("steps", [[10], [1] * 10, [3, 7]], ids=str)
async def test_field_18_the_return_equals_the_invoice(
    shop: Shop, price: str, charges: list[Payload], steps: list[int]
) -> None:
    """erpnext#41343: 82.50 - 15 % x 10 was invoiced as 701.30 and taken back as 701.20. It is 701.25, both ways."""
    number = await delivered(shop, [("BOOK", 10, price)], charges=charges)
    await shop.do("invoices.issue", order=number, bill="all")
    assert await totals(shop, number) == ["701.25"]
    for document, units in enumerate(steps, 1):
        await bring_back(shop, number, document, 1, units, units)
        await refund(shop, number, document)
        await shop.do("invoices.issue", order=number)
    billed = await totals(shop, number)
    assert len(billed) == 1 + len(steps)
    assert sum(round(float(amount) * 100) for amount in billed) == 0
    (tender,) = await shop.fetch("SELECT refunded_minor FROM tender WHERE merchant_id = $1")
    assert tender["refunded_minor"] == 70125
    await shop.check_books()


async def test_field_19_a_refund_takes_the_lines_own_share_of_order_discount_and_tax(shop: Shop) -> None:
    """solidus#512, spree#5915: discounts and taxes of the whole order were given back with the wrong line."""
    charges = [charge("discount", "-10.00"), charge("tax", "17.10", rate="19"), charge("shipping", "4.99")]
    number = await delivered(shop, [("LAMP", 1, "80.00"), ("BULB", 4, "5.00")], charges=charges)
    await bring_back(shop, number, 1, 2, 4, 4)
    assert await refund(shop, number, 1) == "22.42"  # 20.00 - 2.00 + 3.42 + 1.00: a fifth of each
    await bring_back(shop, number, 2, 1, 1, 1)
    assert await refund(shop, number, 2) == "89.67"  # and four fifths: together 112.09
    (row,) = await shop.fetch("SELECT charged_minor, refunded_minor FROM orders WHERE merchant_id = $1")
    assert row["charged_minor"] == row["refunded_minor"] == 11209
    await shop.check_books()


async def test_field_20_what_was_sent_can_be_refunded_and_nothing_else_of_the_line(shop: Shop) -> None:
    """saleor#15217: no refund could be granted for lines that had been fulfilled."""
    number = await delivered(shop, [("MUG", 3, "10.00")])
    now = datetime.now(UTC).isoformat()
    await shop.do("parcels.track", parcel=f"{number}-P1", status="delivered", occurred_at=now)
    await bring_back(shop, number, 1, 1, 2, 2)
    assert await refund(shop, number, 1) == "20.00"
    more = {"document": f"{number}-R1", "lines": [{"line": 1, "quantity": 1}]}
    assert (await shop.refusal("returns.refund", **more))["name"] == "not_refundable"
    await shop.check_books()


@pytest.mark.parametrize(
    ("currency", "price", "discount", "whole", "parts"),
    [
        ("JPY", "1000.3333", "-100", "2901", ["967", "967", "967"]),
        ("EUR", "10.0033", "-1.00", "29.01", ["9.67", "9.67", "9.67"]),
        ("KWD", "1.00033", "-0.100", "2.901", ["0.967", "0.967", "0.967"]),
    ],
)
async def test_field_21_no_hundredths_where_a_currency_has_none_or_thousandths(
    shop: Shop, currency: str, price: str, discount: str, whole: str, parts: list[str]
) -> None:
    """spree#14848: floats and hundredths in some 58 places."""
    number = await delivered(shop, [("MUG", 3, price)], currency, charges=[charge("discount", discount, currency)])
    await shop.do("invoices.issue", order=number, bill="all")
    assert await totals(shop, number) == [whole]
    for document in (1, 2, 3):
        await bring_back(shop, number, document, 1, 1, 1)
        assert await refund(shop, number, document) == parts[document - 1]
    await shop.check_books()


async def test_field_30_sixty_surcharges_do_not_slow_the_reading_of_an_order(shop: Shop) -> None:
    """vendure#3225: sixty surcharges on three lines; the same statements whatever an order was charged."""
    await shop.stock_up(A_HAM=9, B_HAM=9, C_HAM=9)
    wanted = {"A": 1, "B": 1, "C": 1}
    plain = await shop.place(wanted)
    surcharged = await shop.place(wanted, charges=[charge("fee", "0.35") | {"code": f"S{at}"} for at in range(60)])
    counted: dict[str, int] = {}
    spent: dict[str, list[float]] = {plain: [], surcharged: []}
    for _ in range(15):
        for number in (plain, surcharged):
            async with shop.database.read(shop.merchant_id) as tx:
                start = time.perf_counter()
                detail = await order_view.order(tx, number)
                spent[number].append(time.perf_counter() - start)
                counted[number] = statements(tx)
    assert len(detail.charges) == 60 and detail.money.total.amount == "51.00"
    assert counted[plain] == counted[surcharged]
    assert min(spent[surcharged]) < 3 * min(spent[plain]), [statistics.median(each) for each in spent.values()]
    await shop.check_books()


def statements(tx: Transaction) -> int:
    return tx.statements
