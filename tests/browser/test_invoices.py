"""What was billed of an order, on its page and ready to be printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import order


def test_an_order_shows_its_invoices_and_each_opens_with_its_taxes(
    page: Page, shop: Any, picture: Callable[[Page, str], None]
) -> None:
    shop.do("legal-entities.save", {"name": "Quay Goods Ltd", "country": "GB", "city": "Hull", "tax_number": "GB1"})
    tax = {"kind": "tax", "code": "VAT", "rate": "19", "amount": {"amount": "4.75", "currency": "EUR"}}
    (placed,) = shop.do("orders.place", {**order(91, ("MUG-BLUE", 2), external_reference="W-INV"), "charges": [tax]})
    number = placed["number"]
    shop.do("invoices.issue", {"order": number, "bill": "all"})
    shop.do("lines.cancel", {"order": number, "reason": "late", "lines": [{"line": 1, "quantity": 1}]})
    shop.do("invoices.issue", {"order": number})
    page.goto(f"/orders/{number}")
    billed = page.locator("section", has=page.locator("#invoices-title"))
    expect(billed).to_contain_text("credit note for INV-000001")
    picture(page, "order-invoices")
    billed.get_by_role("link", name="CN-000001").click()
    expect(page.locator("h1")).to_contain_text("takes something off INV-000001")
    page.locator("h1").get_by_role("link", name="INV-000001").click()
    for text in ("Quay Goods Ltd", "VAT 19 %", "MUG-BLUE", "4.75"):
        expect(page.locator("main")).to_contain_text(text)
    picture(page, "invoice")
