"""Invoices and credit notes: issued where policies ask for them, under numbers without a gap, and never changed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import asyncpg
import pytest

from lading.entrypoints.worker import billing
from lading.entrypoints.worker.billing import Billing
from lading.views import NotFound
from lading.views import invoices as view
from lading.views.invoices import InvoiceHead, InvoiceQuery, InvoicesQuery, InvoiceView
from tests.operations.conftest import Shop

YEAR = datetime.now().year


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


CHARGES = [
    {"kind": "discount", "code": "SPRING", "amount": eur("-4.00")},
    {"kind": "shipping", "code": "standard", "amount": eur("5.00")},
    {"kind": "tax", "code": "VAT", "amount": eur("6.84"), "rate": "19"},
    {"kind": "tax", "code": "VAT", "amount": eur("0.95"), "rate": "19", "applies_to": "shipping"},
]
"""On four units at 10.00: 48.79 in all."""


async def work(shop: Shop) -> None:
    """The worker comes up to the head."""
    async with shop.database.write(shop.merchant_id) as tx:
        await tx.execute("INSERT INTO consumer VALUES ($1, $2, 0) ON CONFLICT DO NOTHING", billing.CONSUMER)
    reader, going = Billing(shop.executor), True
    while going:
        async with shop.database.write(shop.merchant_id) as tx:
            going = await reader.read_on(tx)


async def ship(shop: Shop, number: str, units: int, parcel: int) -> None:
    """So many picked units of the first line leave in a parcel."""
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1", lines=[{"line": 1, "quantity": units}])
    await shop.do("parcels.ship", parcel=f"{number}-P{parcel}", carrier="dhl")


async def picked(shop: Shop, units: int = 4, **fields: Any) -> str:
    await shop.stock_up(MUG_HAM=units)
    number = await shop.place({"MUG": units}, **fields)
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    return number


async def policy(shop: Shop, name: str, value: Any, **scope: str) -> None:
    await shop.do("policies.set", name=name, value=value, **scope)


async def heads(shop: Shop, **query: Any) -> list[InvoiceHead]:
    """The oldest first."""
    async with shop.database.read(shop.merchant_id) as tx:
        return (await view.invoices(tx, InvoicesQuery(**query))).items[::-1]


async def told(shop: Shop, number: str) -> list[tuple[str, str, str | None, str | None]]:
    """(number, total, parcel, what it credits) of an order's documents."""
    found = await heads(shop, order=number)
    return [(each.invoice, each.total.amount, each.parcel, each.credits) for each in found]


async def whole(shop: Shop, name: str) -> InvoiceView:
    async with shop.database.read(shop.merchant_id) as tx:
        return await view.invoice(tx, InvoiceQuery(name))


async def test_each_parcel_has_its_invoice_and_what_comes_back_a_credit_note_that_names_it(shop: Shop) -> None:
    await policy(shop, "invoice_at", "shipment")
    number = await picked(shop, charges=CHARGES, tenders=[{"amount": eur("48.79")}])
    await work(shop)
    assert await told(shop, number) == [], "nothing left yet"
    await ship(shop, number, 1, 1)
    await work(shop)
    await ship(shop, number, 3, 2)
    await work(shop)
    assert await told(shop, number) == [
        ("INV-000001", "12.19", f"{number}-P1", None),
        ("INV-000002", "36.60", f"{number}-P2", None),
    ]
    await shop.do("returns.request", order=number, reason="late", lines=[{"line": 1, "quantity": 2}])
    await shop.do("returns.receive", document=f"{number}-R1", location="HAM", lines=[{"line": 1, "quantity": 2}])
    await work(shop)
    assert len(await told(shop, number)) == 2, "nothing is credited before it is refunded"
    refunded = await shop.do("returns.refund", document=f"{number}-R1")
    await work(shop)
    credited = (await told(shop, number))[2:]
    assert credited == [
        ("CN-000001", "-12.19", None, "INV-000001"),
        ("CN-000002", "-12.20", None, "INV-000002"),
    ]
    assert refunded["refunded"]["amount"] == "24.39"
    await work(shop)
    assert len(await told(shop, number)) == 4
    await shop.check_books()


async def test_taxes_are_told_by_rate_with_what_they_are_charged_on(shop: Shop) -> None:
    await shop.do("legal-entities.save", name="Hafen GmbH", country="DE", city="Hamburg", tax_number="DE1")
    number = await picked(shop, charges=CHARGES)
    issued = await shop.do("invoices.issue", order=number, bill="all")
    assert [(each["invoice"], each["total"]["amount"], each["tax"]["amount"]) for each in issued["documents"]] == [
        ("INV-000001", "48.79", "7.79")
    ]
    shown = await whole(shop, "INV-000001")
    assert [(tax.code, tax.rate, tax.net.amount, tax.tax.amount) for tax in shown.taxes] == [
        ("VAT", "19", "41.00", "7.79")
    ]
    assert (shown.net.amount, shown.head.total.amount) == ("41.00", "48.79")
    assert shown.seller is not None and (shown.seller.name, shown.seller.tax_number) == ("Hafen GmbH", "DE1")
    assert shown.ship_to is not None and shown.ship_to.name == "Ada Meyer"
    (line,) = shown.lines
    amounts = (line.goods.amount, line.discount.amount, line.tax.amount, line.other.amount, line.total.amount)
    assert (line.sku, line.quantity, *amounts) == ("MUG", 4, "40.00", "-4.00", "7.79", "5.00", "48.79")
    await shop.check_books()


async def test_taxes_that_prices_contain_are_told_and_add_nothing(shop: Shop) -> None:
    inside = {"kind": "tax", "code": "VAT", "amount": eur("6.39"), "rate": "19", "included": True}
    number = await picked(shop, charges=[inside])
    await shop.do("invoices.issue", order=number, bill="all")
    shown = await whole(shop, "INV-000001")
    assert (shown.head.total.amount, shown.head.tax.amount, shown.net.amount) == ("40.00", "6.39", "33.61")
    assert [(tax.net.amount, tax.tax.amount, tax.included) for tax in shown.taxes] == [("33.61", "6.39", True)]
    await shop.check_books()


async def test_at_capture_what_is_paid_for_is_billed(shop: Shop) -> None:
    await policy(shop, "invoice_at", "capture", channel="web")
    paid = await picked(shop, charges=CHARGES)
    await ship(shop, paid, 2, 1)
    await work(shop)
    assert await told(shop, paid) == [], "nobody paid"
    await shop.do("payments.record", order=paid, amount=eur("24.39"), kind="cash")
    await work(shop)
    assert await told(shop, paid) == [("INV-000001", "24.39", None, None)], "what was shipped is paid for"
    await shop.do("payments.record", order=paid, amount=eur("24.40"), kind="cash")
    await work(shop)
    assert (await told(shop, paid))[1:] == [("INV-000002", "24.40", None, None)], "all is paid for"
    await shop.do("lines.cancel", order=paid, reason="late", lines=[{"line": 1, "quantity": 1}])
    await work(shop)
    assert (await told(shop, paid))[2:] == [("CN-000001", "-12.20", None, "INV-000002")], "the last unit is cancelled"
    await shop.check_books()


async def test_paid_when_it_was_placed_it_is_billed_at_once_at_capture_and_not_before_it_leaves_at_shipment(
    shop: Shop,
) -> None:
    await policy(shop, "invoice_at", "shipment")
    await policy(shop, "invoice_at", "capture", channel="web")
    await shop.do("channels.save", code="till", name="Till")
    await shop.stock_up(MUG_HAM=9)
    for channel in ("web", "till"):
        await shop.place({"MUG": 1}, channel=channel, tenders=[{"amount": eur("10.00")}])
    await work(shop)
    assert [(each.order, each.total.amount) for each in await heads(shop)] == [("1001", "10.00")]
    await shop.check_books()


async def test_without_a_policy_nothing_is_billed_by_itself_but_what_comes_off_an_invoice_is_credited(
    shop: Shop,
) -> None:
    number = await picked(shop)
    await shop.do("invoices.issue", order=number)
    await work(shop)
    assert await told(shop, number) == []
    await shop.do("invoices.issue", order=number, bill="all")
    await shop.do("lines.cancel", order=number, reason="late", lines=[{"line": 1, "quantity": 3}])
    await work(shop)
    assert [each[:2] for each in await told(shop, number)] == [("INV-000001", "40.00"), ("CN-000001", "-30.00")]
    await shop.check_books()


async def test_series_are_those_of_the_legal_entity_and_of_the_year(shop: Shop) -> None:
    await shop.do("channels.save", code="uk", name="UK")
    await policy(shop, "legal_entity", "UK", channel="uk")
    await policy(shop, "invoice_series", "INV{year}")
    await policy(shop, "credit_note_series", "INV{year}")
    await shop.stock_up(MUG_HAM=9)
    for channel in ("web", "uk", "web"):
        await shop.place({"MUG": 1}, channel=channel)
    issued = await shop.batch("invoices.issue", *({"order": str(1001 + at), "bill": "all"} for at in range(3)))
    names = [each["documents"][0]["invoice"] for each in issued]
    assert names == [f"INV{YEAR}-000001", f"UK-INV{YEAR}-000001", f"INV{YEAR}-000002"]
    await shop.do("lines.cancel", order="1001", reason="late")
    noted = await shop.do("invoices.issue", order="1001")
    assert [(each["invoice"], each["credits"]) for each in noted["documents"]] == [(f"INV{YEAR}-000003", names[0])]
    assert (await whole(shop, names[1])).head.order == "1002"
    await shop.check_books()


async def test_what_is_said_of_the_seller_later_changes_no_invoice(shop: Shop) -> None:
    for name in ("Old Ltd", "New Ltd"):
        await shop.do("legal-entities.save", name=name, country="GB")
        await shop.stock_up(MUG_HAM=1)
        await shop.do("invoices.issue", order=await shop.place({"MUG": 1}), bill="all")
    sellers = [(await whole(shop, f"INV-00000{serial}")).seller for serial in (1, 2)]
    assert [seller.name for seller in sellers if seller] == ["Old Ltd", "New Ltd"]
    await shop.check_books()


async def test_a_dry_run_tells_the_number_and_draws_none(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=2)
    number = await shop.place({"MUG": 1})
    envelope = shop.envelope("invoices.issue", {"order": number, "bill": "all"})
    for _ in range(2):
        (seen,) = await shop.preview("invoices.issue", [envelope])
        assert seen["documents"][0]["invoice"] == "INV-000001"
    assert await heads(shop) == []


async def test_nothing_to_bill_is_no_document_and_no_event(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=2)
    number = await shop.place({"MUG": 1})
    await shop.do("invoices.issue", order=number, bill="all")
    again = await shop.do("invoices.issue", order=number, bill="all")
    assert (again["documents"], again["version"]) == ([], 2)
    assert await shop.fetch("SELECT 1 FROM event WHERE merchant_id = $1 AND kind = 'invoices_issued' OFFSET 1") == []


async def test_an_order_of_the_past_was_billed_elsewhere(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=1)
    then = {"location": "HAM", "placed_at": "2026-01-01T10:00:00Z", "delivered_at": "2026-01-02T10:00:00Z"}
    number = (await shop.do("orders.record", **shop.order({"MUG": 1}), **then))["number"]
    assert (await shop.refusal("invoices.issue", order=number, bill="all"))["name"] == "billed_elsewhere"


async def test_the_application_can_neither_change_nor_delete_what_was_issued(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=1)
    await shop.do("invoices.issue", order=await shop.place({"MUG": 1}), bill="all")
    for table in ("invoice", "invoice_line", "invoice_charge", "legal_entity"):
        for statement in (f"DELETE FROM {table} WHERE merchant_id = $1", f"UPDATE {table} SET merchant_id = $1"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with shop.database.write(shop.merchant_id) as tx:
                    await tx.execute(statement)


async def test_kits_are_billed_by_their_parts(shop: Shop) -> None:
    await shop.stock_up(CUP_HAM=4, POT_HAM=2)
    await shop.do("products.save", sku="SET", name="Set")
    await shop.do("kits.save", sku="SET", components=[{"sku": "CUP", "per_kit": 2}, {"sku": "POT"}])
    number = await shop.place({"SET": 1})
    issued = await shop.do("invoices.issue", order=number, bill="all")
    assert issued["documents"][0]["total"] == eur("10.00")
    shown = await whole(shop, "INV-000001")
    assert [(line.sku, line.quantity) for line in shown.lines] == [("CUP", 2), ("POT", 1)]
    await shop.check_books()


async def test_pages_have_no_seam_and_filters_narrow_them(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    for _ in range(5):
        await shop.place({"MUG": 1})
    await shop.batch("invoices.issue", *({"order": str(1001 + at), "bill": "all"} for at in range(5)))
    await shop.do("lines.cancel", order="1002", reason="late")
    await shop.do("invoices.issue", order="1002")
    every, pages, after = await heads(shop), [], None
    while True:
        async with shop.database.read(shop.merchant_id) as tx:
            page = await view.invoices(tx, InvoicesQuery(limit=2, after=after))
        pages += page.items
        after = page.next
        if after is None:
            break
    assert pages[::-1] == every and len(every) == 6
    assert [each.invoice for each in await heads(shop, kind="credit_note")] == ["CN-000001"]
    assert len(await heads(shop, since=date.today(), limit=3)) == 3
    assert await heads(shop, until=date(2020, 1, 1)) == []
    for query in (InvoiceQuery("INV-000099"), InvoiceQuery("nothing")):
        with pytest.raises(NotFound):
            async with shop.database.read(shop.merchant_id) as tx:
                await view.invoice(tx, query)


async def test_neither_list_reads_a_table_whole(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=1)
    await shop.do("invoices.issue", order=await shop.place({"MUG": 1}), bill="all")
    (order,) = await shop.fetch("SELECT id FROM orders WHERE merchant_id = $1")
    key = (*view.FIRST, None, date(1, 1, 1), date(9999, 1, 1), 51)
    async with shop.database.read(shop.merchant_id) as tx:
        await tx.stage("SET LOCAL enable_seqscan = off")
        every, of_order = [
            "\n".join(row[0] for row in await tx.fetch("EXPLAIN " + statement, *arguments))
            for statement, arguments in ((view.sql.invoices, key), (view.sql.invoices_of_order, (order["id"], *key)))
        ]
    assert "Seq Scan" not in every and "Sort" not in every.split("Limit")[-1], every
    # The few of an order may be sorted, but are found by its key in whichever index.
    _, found_by = of_order.split(" on invoice i ")
    condition = found_by.splitlines()[1]
    assert "Seq Scan" not in of_order and "Index Cond" in condition and f"order_id = '{order['id']}'" in condition, (
        of_order
    )
