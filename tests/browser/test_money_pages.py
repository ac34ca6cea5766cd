"""The pages of money: what somebody has to look at, disputes, gift cards, invoices, the ledger, a provider's report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import order

CARD = {"kind": "card", "provider": "acme", "method": "pm_1"}


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture(scope="module")
def paid(shop: Any) -> Iterator[dict[str, str]]:
    """Orders with a card that was declined, a payment in dispute, a gift card; their numbers. They are gone from the queues afterwards."""
    person = {"customer": {"name": "Elif Aydin", "email": "elif@example.org"}}
    names = ("declined", "disputed", "gift")
    tenders = ([CARD | {"amount": eur("17.40")}], [CARD | {"amount": eur("17.40")}], [])
    placed = [
        shop.do(
            "orders.place",
            {**order(300 + at, ("BOWL-L", 1), external_reference=f"M-{name}"), **person, "tenders": given},
        )[0]
        for at, (name, given) in enumerate(zip(names, tenders, strict=True))
    ]
    numbers = {name: each["number"] for name, each in zip(names, placed, strict=True)}
    told = {"tender": 1, "request": 1}
    shop.do(
        "payments.answer", {"order": numbers["declined"], **told, "outcome": "failed", "code": "insufficient_funds"}
    )
    taken = {"order": numbers["disputed"], "tender": 1}
    shop.do("payments.answer", {**taken, "request": 1, "outcome": "succeeded", "reference": "pi_77"})
    shop.do("payments.capture", {"order": numbers["disputed"]})
    shop.do("payments.answer", {**taken, "request": 2, "outcome": "succeeded", "reference": "ch_77"})
    by = (datetime.now(UTC) + timedelta(days=5)).isoformat()
    shop.do(
        "payments.dispute",
        {**taken, "reference": "dp_77", "amount": eur("10.00"), "reason": "fraudulent", "answer_by": by},
    )
    yield numbers
    for number in numbers.values():
        shop.do("lines.cancel", {"order": number, "reason": "other"})


def test_what_somebody_has_to_look_at_leads_to_the_payments_of_the_order(
    page: Page, paid: dict[str, str], picture: Callable[[Page, str], None]
) -> None:
    page.goto("/")
    page.get_by_role("link", name="Money").first.click()
    rows = page.locator("#troubles tbody tr")
    expect(rows.filter(has_text=paid["declined"])).to_contain_text("insufficient funds")
    expect(rows.filter(has_text=paid["disputed"])).to_contain_text("disputed")
    picture(page, "payments")
    page.get_by_label("What is wrong").select_option("disputed")
    expect(rows).to_have_count(1)
    rows.get_by_role("link", name="dispute").click()
    expect(page.locator("main")).to_contain_text("What banks took back")
    picture(page, "order-payments")
    page.goto("/disputes")
    expect(page.locator("#disputes")).to_contain_text("fraudulent")
    picture(page, "disputes")
    page.locator("#disputes tr").filter(has_text=paid["disputed"]).get_by_role("link", name="Answer").click()
    page.get_by_label("What there is to say").fill("She signed for it.")
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.locator(".preview")).to_contain_text("What you write")
    picture(page, "dispute-answer")
    page.get_by_role("button", name="Pass it on").click()
    expect(page.locator("main")).to_contain_text("The evidence is on its way to the bank.")
    page.goto("/disputes?status=open")
    expect(page.locator("#disputes tr").filter(has_text=paid["disputed"])).to_contain_text("evidence")
    page.get_by_label("State").select_option("lost")
    expect(page.locator("main")).to_contain_text("No dispute is like that")


def test_a_gift_card_is_issued_spent_and_ended(
    page: Page, shop: Any, paid: dict[str, str], picture: Callable[[Page, str], None]
) -> None:
    page.goto("/credits")
    page.locator("[data-new]").click()
    sheet = page.locator("#sheet-body")
    sheet.get_by_label("Amount").fill("50,00")
    sheet.get_by_label("Code of a gift card").fill("gift-7k2m-99qx")
    sheet.get_by_label("Last day").fill("2999-12-31")
    sheet.get_by_role("button", name="Issue").click()
    expect(page.locator(".flash")).to_contain_text("It is issued.")
    shop.do("credits.spend", {"order": paid["gift"], "code": "GIFT-7K2M-99QX", "amount": eur("12.00")})
    page.goto("/credits?code=gift-7k2m-99qx")
    expect(page.locator("#credits tbody tr")).to_have_count(1)
    picture(page, "credits")
    page.locator("#credits").get_by_role("link", name="Gift card").click()
    expect(page.locator("main tbody tr")).to_have_count(2)
    picture(page, "credit")
    page.get_by_role("link", name="End it").click()
    sheet.get_by_label("Why").select_option("lost")
    sheet.get_by_role("button", name="Show what will happen").click()
    expect(sheet).to_contain_text("38.00 EUR are not owed any more")
    sheet.get_by_role("button", name="End it").click()
    expect(page.locator("main tbody tr")).to_have_count(3)
    expect(page.locator("main")).to_contain_text("ended")


def test_what_is_owed_back_becomes_store_credit(page: Page, shop: Any) -> None:
    tenders = {"tenders": [{"amount": eur("17.40")}]}
    (placed,) = shop.do("orders.place", {**order(310, ("BOWL-L", 1), external_reference="M-back"), **tenders})
    shop.do("lines.cancel", {"order": placed["number"], "reason": "other"})
    page.goto(f"/orders/{placed['number']}/do/payments.refund")
    page.get_by_label("Where it goes").select_option("store_credit")
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.locator(".preview")).to_contain_text("from tender store credit to receivable")
    page.get_by_role("button", name="Give money back").click()
    expect(page.locator(".flash")).to_contain_text("money given back")
    page.goto("/credits?kind=store_credit&left=yes")
    expect(page.locator("#credits tbody tr").first).to_contain_text("17.40")


def test_the_ledger_shows_days_and_each_entry_of_one(
    page: Page, paid: dict[str, str], picture: Callable[[Page, str], None]
) -> None:
    page.goto("/ledger")
    expect(page.locator("main section").first).to_contain_text("receivable")
    picture(page, "ledger")
    page.locator("main section").first.get_by_role("link", name="every entry").click()
    page.get_by_label("Account", exact=True).select_option("disputed")
    expect(page.locator("#entries tbody tr")).to_have_count(1)
    expect(page.locator("#entries")).to_contain_text("taken back by a bank (1)")
    picture(page, "ledger-day")
    page.locator("#entries").get_by_role("link", name=paid["disputed"]).click()
    expect(page.locator("h1")).to_contain_text("Statement of order")


def test_invoices_are_listed_by_kind_and_one_is_printed(
    page: Page, shop: Any, paid: dict[str, str], picture: Callable[[Page, str], None]
) -> None:
    shop.do("invoices.issue", {"order": paid["gift"], "bill": "all"})
    page.goto("/invoices?kind=credit_note&since=2999-01-01")
    expect(page.locator("main")).to_contain_text("None fits")
    page.get_by_role("link", name="Show all").click()
    expect(page.locator("#invoices tbody tr").filter(has_text=paid["gift"])).to_have_count(1)
    picture(page, "invoices")
    page.locator("#invoices tbody tr").filter(has_text=paid["gift"]).get_by_role("link").first.click()
    page.emulate_media(media="print")
    expect(page.locator(".rail")).to_be_hidden()
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    picture(page, "invoice-printed")
    page.emulate_media(media="screen")


def test_a_providers_report_is_compared_and_what_one_side_knows_is_named(
    page: Page, watched: Any, paid: dict[str, str], tmp_path: Path, picture: Callable[[Page, str], None]
) -> None:
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    head = "reporting_category,currency,gross,fee,created_utc,payment_intent_id"
    watched[1].expected = ("409",)
    file = tmp_path / "report.csv"
    page.goto("/settlement")
    file.write_text("nothing of it\n")
    page.get_by_label("Report (CSV)").set_input_files(file)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("alert")).to_contain_text("lacks the columns")
    file.write_text(f"{head}\ncharge,eur,17.40,0.80,{now},pi_77\ncharge,eur,5.00,0.10,{now},pi_other\n")
    page.get_by_label("Account", exact=True).fill("acme")
    page.get_by_label("Report (CSV)").set_input_files(file)
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("main")).to_contain_text("pi_other")
    picture(page, "settlement")


def test_a_rate_of_exchange_is_saved_from_a_day_on(page: Page, picture: Callable[[Page, str], None]) -> None:
    page.goto("/exchange-rates")
    page.get_by_role("link", name="New exchange rate").click()
    for label, text in (("Currency", "usd"), ("From", "2026-01-05"), ("What one unit is worth", "0,9213")):
        page.locator("#sheet").get_by_label(label, exact=False).first.fill(text)
    with page.expect_navigation():
        page.locator("#sheet").get_by_role("button", name="Save").click()
    expect(page.locator("#rates tbody tr")).to_contain_text("0.9213 EUR")
    picture(page, "exchange-rates")
