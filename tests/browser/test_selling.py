"""What stands around orders: drafts and quotes, companies and what they owe, prices, approvals, subscriptions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import order


def test_a_quote_from_the_first_word_to_the_order(page: Page, picture: Callable[[Page, str], None]) -> None:
    page.goto("/orders/new")
    page.locator("input[name=sku]").first.fill("MUG-BLUE")
    page.locator("input[name=quantity]").first.fill("3")
    page.locator("input[name=price]").first.fill("9.90")
    page.fill("input[name=customer_name]", "Quoted Person")
    page.fill("input[name=customer_phone]", "+1 512 555 0100")
    place = {
        "name": "Ben Ohm",
        "line1": "1 Elm Street",
        "line2": "Floor 3",
        "city": "Austin",
        "region": "TX",
        "country": "US",
    }
    for name, text in place.items():
        page.fill(f"input[name=to_{name}]", text)
    page.fill("input[name=shipping]", "4.90")
    page.get_by_role("button", name="Save as draft").click()
    expect(page.locator("main")).to_contain_text("34.60")
    expect(page.locator("h1")).to_contain_text("Quoted Person")
    page.get_by_role("link", name="Revise").click()
    expect(page.locator("input[name=shipping]")).to_have_value("4.90")
    for name, text in place.items():
        expect(page.locator(f"input[name=to_{name}]")).to_have_value(text)
    picture(page, "draft-revise")
    page.locator("input[name=price]").first.fill("8.00")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("28.90")
    page.get_by_role("link", name="Send as quote").click()
    page.locator("#sheet").get_by_role("button", name="Send as quote").click()
    expect(page.locator("main")).to_contain_text("waits for an answer")
    picture(page, "draft")
    page.get_by_role("link", name="Customer accepts").click()
    page.locator("#sheet").get_by_role("button", name="Customer accepts").click()
    expect(page.locator("main")).to_contain_text("accepted")
    page.get_by_role("link", name="Place the order").click()
    sheet = page.locator("#sheet")
    sheet.get_by_role("button", name="Show what will happen").click()
    expect(sheet).to_contain_text("MUG-BLUE")
    sheet.get_by_role("button", name="Place the order").click()
    expect(page.locator("main")).to_contain_text("became an order")
    page.get_by_role("link", name="Order 1").first.click()
    expect(page.locator("h1")).to_contain_text("Order")
    for text in ("+1 512 555 0100", *place.values()):
        expect(page.locator("main")).to_contain_text(text)
    page.goto("/drafts")
    expect(page.locator("main")).to_contain_text("Quoted Person")
    picture(page, "drafts")


def test_a_company_from_its_form_to_what_it_owes(page: Page, shop: Any, picture: Callable[[Page, str], None]) -> None:
    page.goto("/companies/edit")
    for name, text in {
        "code": "NORD", "name": "Nord Hotels GmbH", "group": "hotels", "terms_days": "30", "limit": "500.00",
        "person_name": "Eva Lind", "person_email": "eva@nord.example", "place_line1": "Kai 1", "place_city": "Kiel",
        "place_country": "DE",
    }.items():  # fmt: skip
        page.locator(f"input[name={name}]").first.fill(text)
    picture(page, "company-edit")
    page.get_by_role("button", name="Save company").click()
    for text in ("Nord Hotels GmbH", "pays within 30 days", "Eva Lind", "Kiel", "500.00"):
        expect(page.locator("main")).to_contain_text(text)
    then = (datetime.now(UTC) - timedelta(days=33)).isoformat()
    bought = {
        **order(92, ("MUG-BLUE", 2)),
        "company": "NORD",
        "purchase_order": "PO-77",
        "placed_at": then,
        "tenders": [],
    }
    (placed,) = shop.do("orders.place", bought)
    page.goto("/receivables")
    expect(page.locator("main")).to_contain_text("3 days late")
    picture(page, "receivables")
    page.goto("/companies/of/NORD")
    expect(page.locator("main")).to_contain_text("PO-77")
    picture(page, "company")
    page.goto("/companies")
    expect(page.locator("main")).to_contain_text("30 days")
    picture(page, "companies")
    page.goto("/orders?q=po-77")
    page.get_by_role("link", name=placed["number"]).first.click()
    expect(page.locator("main")).to_contain_text("Nord Hotels GmbH")
    page.goto("/companies/edit?code=NORD")
    page.fill("input[name=terms_days]", "14")
    page.get_by_role("button", name="Save company").click()
    expect(page.locator("main")).to_contain_text("pays within 14 days")
    expect(page.locator("main")).to_contain_text("Eva Lind")


def test_a_price_list_and_an_approval(page: Page, shop: Any, picture: Callable[[Page, str], None]) -> None:
    shop.do("policies.set", {"name": "approve_over", "value": "100.00"})
    page.goto("/price-lists")
    page.get_by_role("link", name="New price list").first.click()
    sheet = page.locator("#sheet")
    sheet.get_by_label("Code").fill("ALL-2026")
    sheet.get_by_label("Name").fill("All of 2026")
    sheet.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Set a price").first.click()
    sheet.get_by_label("SKU").fill("MUG-BLUE")
    sheet.get_by_label("From how many units on: price").fill("1: 12.00\n12: 10,50")
    sheet.get_by_role("button", name="Set the price").click()
    expect(page.locator("main")).to_contain_text("from 12")
    expect(page.locator("main")).to_contain_text("10.50")
    picture(page, "price-list")
    page.goto("/price-lists")
    picture(page, "price-lists")
    page.goto("/orders/new")
    page.locator("input[name=sku]").first.fill("MUG-BLUE")
    page.locator("input[name=quantity]").first.fill("12")
    page.fill("input[name=to_country]", "DE")
    page.get_by_role("button", name="Place order").click()
    expect(page.locator("main")).to_contain_text("126.00")
    page.goto("/approvals")
    expect(page.locator("main")).to_contain_text("126.00")
    picture(page, "approvals")
    page.get_by_role("link", name="Approve", exact=True).first.click()
    sheet.get_by_role("button", name="Approve").click()
    expect(page.locator("main")).to_contain_text("is approved")
    shop.do("policies.set", {"name": "approve_over", "value": None})


def test_a_subscription_is_made_skipped_paused_and_resumed(
    page: Page, shop: Any, picture: Callable[[Page, str], None]
) -> None:
    wanted = {
        name: value
        for name, value in order(93, ("MUG-BLUE", 2)).items() if name not in ("external_reference", "tenders")
    }  # fmt: skip
    (draft,) = shop.do("drafts.create", wanted)
    page.goto("/subscriptions/new")
    page.get_by_label("Draft").fill(draft["draft"])
    page.get_by_label("First order").fill((datetime.now(UTC) + timedelta(days=20)).strftime("%Y-%m-%dT08:00:00"))
    page.get_by_role("button", name="Make it").click()
    expect(page.locator("main")).to_contain_text(draft["draft"])
    expect(page.locator("main")).to_contain_text("runs")
    picture(page, "subscriptions")
    page.locator("td a.key").first.click()
    for link, button in (("Skip the next order", "Skip the next order"), ("Pause", "Pause"), ("Resume", "Resume")):
        page.get_by_role("link", name=link).click()
        page.locator("#sheet").get_by_role("button", name=button).click()
        expect(page.locator("main")).to_contain_text("Done.")
    picture(page, "subscription")
