"""A company is written down, orders on its terms, and stands in the list of what is to be paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import order


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
