"""Logging in, finding an order, moving it on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect


def test_the_list_finds_an_order_by_keyboard_and_opens_it(
    page: Page, shop: Any, picture: Callable[[Page, str], None]
) -> None:
    page.goto("/orders")
    expect(page.get_by_role("heading", name="Orders", exact=True)).to_be_visible()
    picture(page, "orders")
    page.keyboard.press("/")
    page.keyboard.type(shop.numbers["journey"])
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-href]")).to_have_count(1)
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(shop.numbers["journey"])
    picture(page, "order")
