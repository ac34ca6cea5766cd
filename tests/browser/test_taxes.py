"""What an order was charged and why: the table of rates, the money of an order in both currencies, and its penny trail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import order
from tests.browser.test_changes import choose, look_first
from tests.browser.test_order import finish


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def test_a_rate_is_saved_an_order_is_taxed_by_it_and_every_cent_is_told(
    page: Page, shop: Any, picture: Callable[[Page, str], None]
) -> None:
    page.goto("/policies")
    page.get_by_role("link", name="Tax rates").first.click()
    expect(page.locator("main")).to_contain_text("No tax rates yet")
    page.get_by_role("link", name="New tax rate").first.click()
    form = page.locator("form", has=page.get_by_label("Percent"))
    for label, value in (("Country", "DE"), ("Tax", "VAT"), ("Percent", "19"), ("From", "2026-01-01")):
        form.get_by_label(label, exact=True).fill(value)
    form.get_by_label("Prices contain it").check()
    form.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("19 %")
    books = {
        "country": "DE",
        "code": "VAT",
        "rate": "7",
        "included": True,
        "valid_from": "2026-01-01",
        "category": "books",
    }
    local = {
        "country": "US",
        "region": "NY",
        "postal_prefix": "100",
        "code": "CITY",
        "rate": "4.5",
        "valid_from": "2026-01-01",
    }
    shop.do("tax-rates.save", books, local)
    page.reload()
    expect(page.locator("main")).to_contain_text("NY 100…")
    picture(page, "tax-rates")
    shop.do("channels.save", {"code": "taxed", "name": "Taxed here"})
    shop.do("policies.set", {"name": "taxes", "value": "calculate", "channel": "taxed"})
    charges = [
        {"kind": "discount", "code": "SPRING", "percent": "10", "source": "campaign"},
        {"kind": "shipping", "code": "standard", "amount": eur("4.90")},
        {"kind": "gift_wrap", "code": "ribbon", "amount": eur("2.00")},
    ]
    wanted = order(92, ("MUG-BLUE", 2), channel="taxed", external_reference="W-TAX", placed_at="2026-11-20T10:00:00Z")
    wanted["ship_to"] = {"name": "Ada Meyer", "city": "Hamburg", "postal_code": "20457", "country": "DE"}
    (placed,) = shop.do(
        "orders.place", wanted | {"charges": charges, "exchange": {"currency": "USD", "rate": "1.0843"}}
    )
    number = placed["number"]
    more = {"kind": "surcharge", "code": "island", "amount": eur("3.00")}
    shop.do("orders.edit", {"order": number, "reason": "late", "charges": [more]})
    page.goto(f"/orders/{number}")
    choose(page, "Edit")
    sheet = page.locator("#sheet")
    sheet.get_by_text("Charge or discount", exact=True).first.click()
    sheet.get_by_label("What", exact=True).select_option("discount")
    sheet.get_by_label("Code", exact=True).fill("SORRY")
    sheet.get_by_label("Amount in EUR").fill("10 %")
    look_first(page)
    finish(page, "Edit")
    page.goto(f"/orders/{number}")
    money = page.locator("section", has=page.locator("#money-title"))
    for text in (
        "SPRING 10 % · by campaign",
        "VAT 19 % · calculated here",
        "on Shipping",
        "on Gift wrap",
        "on Surcharge",
    ):
        expect(money).to_contain_text(text)
    expect(money).to_contain_text("1 EUR = 1.0843 USD")
    picture(page, "order-money")
    money.get_by_role("link", name="every cent").click()
    for text in (
        "SPRING 10 %, by a campaign",
        "VAT 19 % on shipping, contained, calculated by the table of rates",
        "2 × MUG-BLUE at",
    ):
        expect(page.locator("main")).to_contain_text(text)
    picture(page, "statement")
