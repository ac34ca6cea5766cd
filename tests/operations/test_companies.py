"""Companies that buy: purchase order numbers, terms, and what they may owe."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lading.views import NotFound
from lading.views import companies as views
from lading.views.order import order as read_order
from lading.views.orders import OrdersQuery
from lading.views.orders import orders as read_orders
from tests.operations.conftest import Shop

NORD = {"code": "NORD", "name": "Nord Hotels GmbH", "terms_days": 30}
HAMBURG = {"line1": "Hafenstr. 1", "city": "Hamburg", "postal_code": "20457", "country": "DE"}


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


async def nord(shop: Shop, **more: Any) -> None:
    await shop.do("companies.save", **{**NORD, **more})


async def exposure(shop: Shop) -> list[int]:
    rows = await shop.fetch(
        "SELECT exposure_minor FROM company_credit WHERE merchant_id = $1 ORDER BY company_id, currency"
    )
    return [row["exposure_minor"] for row in rows]


async def test_a_company_is_saved_whole_with_its_people_and_places(shop: Shop) -> None:
    ada = {"person": {"name": "Ada Meyer", "email": "ada@example.com"}, "role": "buyer"}
    kai = {"person": {"name": "Kai Ohm", "reference": "77"}, "role": "accounts"}
    places = [{"address": HAMBURG, "use": "ship", "label": "HQ"}, {"address": {"country": "AT"}, "use": "bill"}]
    await nord(shop, contacts=[ada, kai], addresses=places, group="hotels", credit_limits=[eur("500.00")])
    async with shop.database.read(shop.merchant_id) as tx:
        seen = await views.company(tx, views.CompanyQuery("NORD"))
        with pytest.raises(NotFound):
            await views.company(tx, views.CompanyQuery("SUED"))
        listed = await views.companies(tx, views.CompaniesQuery(group="hotels"))
    assert [(each.name, each.role) for each in seen.contacts] == [("Ada Meyer", "buyer"), ("Kai Ohm", "accounts")]
    assert [(each.use, each.city) for each in seen.addresses] == [("ship", "Hamburg"), ("bill", None)]
    assert [each.code for each in listed.items] == ["NORD"]
    refusal = await shop.refusal("companies.save", **NORD, expected_version=3)
    assert refusal["name"] == "version_conflict"
    await nord(shop, expected_version=1)
    async with shop.database.read(shop.merchant_id) as tx:
        seen = await views.company(tx, views.CompanyQuery("NORD"))
    assert (seen.version, seen.contacts, seen.credit[0].limit) == (2, [], None), (
        "what is left out is not there any more"
    )
    told = await shop.fetch("SELECT string_agg(data::text, ' ') AS told FROM event WHERE merchant_id = $1")
    assert not any(word in told[0]["told"] for word in ("Ada", "Kai", "Hafenstr", "Hotels GmbH"))
    saved = await shop.batch("companies.save", NORD, {**NORD, "code": "SUED"}, {**NORD, "terms_days": 7})
    assert [each["version"] for each in saved] == [3, 1, 4]
    await shop.check_books()


async def test_its_orders_bear_its_number_go_to_its_place_and_are_found_by_the_number(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=20)
    await nord(shop, addresses=[{"address": HAMBURG}], needs_purchase_order=True)
    order = {name: value for name, value in Shop.order({"MUG": 1}).items() if name != "ship_to"} | {"company": "NORD"}
    assert (await shop.refusal("orders.place", **order))["name"] == "purchase_order_needed"
    placed = await shop.do("orders.place", **order, purchase_order="PO 4711-a")
    assert placed["holds"] == [], "the company's own address is taken"
    refusal = await shop.refusal("orders.place", **order, purchase_order="po4711-A")
    assert (refusal["name"], refusal["facts"]["order"]) == ("purchase_order_taken", placed["number"])
    other, twice = await shop.batch("orders.place", *[{**order, "purchase_order": "PO 9"}] * 2)
    assert (twice["name"], twice["facts"]["order"]) == ("purchase_order_taken", other["number"])
    async with shop.database.read(shop.merchant_id) as tx:
        seen = await read_order(tx, placed["number"])
        found = await read_orders(tx, OrdersQuery(q="po 47"))
    assert seen.company and (seen.company.name, seen.company.purchase_order) == ("Nord Hotels GmbH", "PO 4711-a")
    assert seen.company.due_on == datetime.now(ZoneInfo("Europe/Berlin")).date() + timedelta(days=30)
    assert seen.ship_to and seen.ship_to.city == "Hamburg"
    assert [each.number for each in found.items] == [placed["number"]]
    await shop.do("policies.set", name="unique_purchase_orders", value=False)
    await shop.do("orders.place", **order, purchase_order="PO 4711-a")
    await shop.do("companies.save", **NORD, active=False)
    assert (await shop.refusal("orders.place", **order))["name"] == "inactive_company"
    assert (await shop.refusal("orders.place", **{**order, "company": "WHO"}))["name"] == "unknown_company"
    await shop.check_books()


async def test_what_it_owes_follows_its_orders_to_the_cent(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=50)
    await nord(shop, credit_limits=[eur("60.00")])
    first = await shop.place({"MUG": 3}, company="NORD")
    await shop.place({"MUG": 1})
    assert await exposure(shop) == [3000], "orders of people are not counted"
    await shop.do("payments.record", order=first, amount=eur("12.50"), kind="bank_transfer")
    assert await exposure(shop) == [1750]
    await shop.do("orders.edit", order=first, reason="more", quantities=[{"line": 1, "quantity": 5}])
    assert await exposure(shop) == [3750]
    await shop.do("lines.cancel", order=first, reason="late", lines=[{"line": 1, "quantity": 1}])
    assert await exposure(shop) == [2750]
    within, over = await shop.batch("orders.place", *[Shop.order({"MUG": 3}, company="NORD")] * 2)
    assert (within["holds"], over["holds"]) == ([], ["credit_limit"])
    assert await exposure(shop) == [8750], "a held order is owed as well"
    await shop.do("lines.cancel", order=over["number"], reason="late")
    await shop.do("payments.record", order=first, amount=eur("100.00"), kind="bank_transfer")
    assert await exposure(shop) == [3000], "what was paid too much is no credit"
    await shop.do("payments.record", order=within["number"], amount=eur("30.00"), kind="bank_transfer")
    assert await exposure(shop) == [0]
    await shop.check_books()


async def test_by_policy_orders_over_the_limit_are_refused(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=50)
    await nord(shop, credit_limits=[eur("60.00")])
    await shop.do("policies.set", name="company_over_credit", value="refuse")
    order = Shop.order({"MUG": 3}, company="NORD")
    outcomes = await shop.batch("orders.place", order, Shop.order({"MUG": 4}, company="NORD"), order, order)
    assert [each.get("name", "placed") for each in outcomes] == [
        "placed",
        "over_credit_limit",
        "placed",
        "over_credit_limit",
    ]
    assert outcomes[1]["message"] == "NORD would owe 70.00 EUR, and may owe 60.00."
    paid = {**order, "tenders": [{"amount": eur("30.00")}]}
    assert "refused" not in (await shop.batch("orders.place", paid))[0], "what is paid needs no credit"
    assert await exposure(shop) == [6000]
    await shop.check_books()


async def test_calculated_taxes_are_owed_too_and_an_edit_over_the_limit_is_refused_or_waits_as_an_order(
    shop: Shop,
) -> None:
    await shop.stock_up(MUG_HAM=50)
    await nord(shop, credit_limits=[eur("60.00")])
    await shop.do("policies.set", name="company_over_credit", value="refuse")
    await shop.do("policies.set", name="taxes", value="calculate")
    await shop.do("tax-rates.save", country="DE", code="VAT", rate="19", valid_from="2020-01-01")
    order = Shop.order({"MUG": 3}, company="NORD")
    first, second = await shop.batch("orders.place", order, order)
    assert (first["total"], second["name"]) == (eur("35.70"), "over_credit_limit")
    assert second["message"] == "NORD would owe 71.40 EUR, and may owe 60.00."
    more = {"order": first["number"], "reason": "wish", "quantities": [{"line": 1, "quantity": 5}]}
    done = await shop.do("orders.edit", **more)
    assert (done["total"], done["holds"]) == (eur("59.50"), [])
    again = {**more, "quantities": [{"line": 1, "quantity": 6}]}
    less = {"line": 1, "quantity": 2}
    refused, within = await shop.batch("orders.edit", again, {**again, "quantities": [less], "add": []})
    assert (
        refused["message"]
        == f"The company of order {first['number']} would owe 95.20 EUR with this, and may owe 60.00 EUR."
    )
    assert within["total"] == eur("47.60"), "what was refused left nothing behind"
    assert await exposure(shop) == [4760]
    await shop.check_books()
    await shop.do("policies.set", name="company_over_credit", value="hold")
    assert (await shop.do("orders.edit", **again))["holds"] == ["credit_limit"]
    assert await exposure(shop) == [9520]
    await shop.check_books()


async def test_what_is_late_is_listed_the_longest_due_first(shop: Shop) -> None:
    """Due from the order on, or by policy from the first invoice on; of an order that was billed in part, only that part is late."""
    await shop.stock_up(MUG_HAM=50)
    await nord(shop)
    noon = datetime.now(ZoneInfo("Europe/Berlin")).replace(hour=12)
    then = (noon - timedelta(days=40)).isoformat()
    late = await shop.place({"MUG": 2}, company="NORD", placed_at=then, purchase_order="A")
    open_ = await shop.place({"MUG": 1}, company="NORD")
    await shop.place({"MUG": 1}, company="NORD", placed_at=then, tenders=[{"amount": eur("10.00")}])
    await shop.do("policies.set", name="terms_from", value="invoice")
    clock = shop.executor._clock
    shop.executor._clock = lambda: datetime.now(ZoneInfo("Europe/Berlin")) - timedelta(days=31)  # by the calendar there
    sooner = await shop.place({"MUG": 2}, company="NORD")
    await shop.do("invoices.issue", order=sooner, bill="all")
    shop.executor._clock = clock
    await shop.do("orders.edit", order=sooner, reason="more", quantities=[{"line": 1, "quantity": 5}])
    billed = await shop.place({"MUG": 2}, company="NORD", placed_at=then)

    async def listed(**asked: Any) -> list[tuple[str, int, str]]:
        async with shop.database.read(shop.merchant_id) as tx:
            page = await views.receivables(tx, views.ReceivablesQuery(**asked))
        return [(each.order, each.days_late, each.overdue.amount) for each in page.items]

    assert await listed() == [(late, 10, "20.00"), (sooner, 1, "20.00")]
    await shop.do("invoices.issue", order=billed, bill="all")
    assert {each[0] for each in await listed(status="open")} == {late, sooner, open_, billed}
    await shop.do("payments.record", order=late, amount=eur("20.00"), kind="bank_transfer")
    assert await listed(company="NORD") == [(sooner, 1, "20.00")]
    await shop.do("payments.record", order=sooner, amount=eur("20.00"), kind="bank_transfer")
    assert await listed() == [], "the rest of it is not billed yet"
    await shop.check_books()


async def test_a_quote_for_a_company_becomes_its_order(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=50)
    await nord(shop, needs_purchase_order=True, credit_limits=[eur("5.00")], addresses=[{"address": HAMBURG}])
    wanted = {name: value for name, value in Shop.order({"MUG": 2}).items() if name != "ship_to"}
    name = (await shop.do("drafts.create", **wanted, company="NORD"))["draft"]
    assert (await shop.refusal("drafts.convert", draft=name))["name"] == "purchase_order_needed"
    await shop.do("drafts.revise", draft=name, purchase_order="PO 1")
    placed = await shop.do("drafts.convert", draft=name)
    assert placed["holds"] == ["credit_limit"]
    async with shop.database.read(shop.merchant_id) as tx:
        seen = await read_order(tx, placed["number"])
    assert seen.company and seen.company.purchase_order == "PO 1"
    await shop.check_books()
