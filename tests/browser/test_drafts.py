"""Who sells writes a draft, sends it as a quote, and makes it an order."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect


def test_a_quote_from_the_first_word_to_the_order(page: Page, picture: Callable[[Page, str], None]) -> None:
    page.goto("/orders/new")
    page.locator("input[name=sku]").first.fill("MUG-BLUE")
    page.locator("input[name=quantity]").first.fill("3")
    page.locator("input[name=price]").first.fill("9.90")
    page.fill("input[name=customer_name]", "Quoted Person")
    page.fill("input[name=to_country]", "DE")
    page.fill("input[name=to_city]", "Hamburg")
    page.fill("input[name=shipping]", "4.90")
    page.get_by_role("button", name="Save as draft").click()
    expect(page.locator("main")).to_contain_text("34.60")
    expect(page.locator("h1")).to_contain_text("Quoted Person")
    page.get_by_role("link", name="Revise").click()
    expect(page.locator("input[name=shipping]")).to_have_value("4.90")
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
    page.goto("/drafts")
    expect(page.locator("main")).to_contain_text("Quoted Person")
    picture(page, "drafts")
