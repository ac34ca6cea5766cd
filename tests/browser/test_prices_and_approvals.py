"""A list of prices is made, prices an order, and what it costs waits for an approval."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect


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
