"""Shortages: what is short, the plan that is regretted least, and its carrying out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import order

Picture = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def short(shop: Any) -> list[str]:
    """Three orders hold 4 vases each in Hamburg; 6 of the 12 are gone, 3 lie in Munich, more come next week."""
    shop.do("products.save", {"sku": "VASE-TALL", "name": "Vase, tall"})
    shop.do("policies.set", {"name": "may_backorder", "value": True, "sku": "VASE-TALL"})
    shop.do("stock.receive", {"sku": "VASE-TALL", "location": "HAM", "quantity": 12, "reason": "opening"})
    placed = shop.do("orders.place", *(order(200 + index, ("VASE-TALL", 4)) for index in range(3)))
    shop.do("stock.receive", {"sku": "VASE-TALL", "location": "MUC", "quantity": 3, "reason": "opening"})
    due = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    line = {"sku": "VASE-TALL", "quantity": 50, "location": "HAM", "due_at": due}
    shop.do("purchase-orders.place", {"supplier": "Vases Ltd", "lines": [line]})
    lost = {"sku": "VASE-TALL", "location": "HAM", "quantity": 6, "kind": "lost", "reason": "broken", "held_too": True}
    shop.do("stock.adjust", lost)
    return [each["number"] for each in placed]


def test_a_plan_is_shown_refused_where_it_is_stale_and_carried_out(
    page: Page, shop: Any, short: list[str], watched: Any, picture: Picture
) -> None:
    page.goto("/shortages")
    expect(page.locator("tr", has_text="VASE-TALL")).to_contain_text("6")
    picture(page, "shortages")
    page.locator("tr", has_text="VASE-TALL").get_by_role("link", name="Plan").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Plan for shortages")
    expect(page.locator(".card").first).to_contain_text("another location")
    expect(page.locator(".card").first).to_contain_text("Comes on")
    picture(page, "shortage-plan")
    gives_way = page.locator(".card table").first.locator("a.key").first.inner_text()
    shop.do("orders.hold", {"order": gives_way, "kind": "address", "note": "door number"})
    watched[1].expected = ("409",)
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".notice-bad")).to_contain_text(f"Order {gives_way}")
    expect(page.locator(".notice-bad")).to_contain_text("version")
    picture(page, "shortage-plan-stale")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".flash")).to_contain_text("carried out")
    expect(page.locator("tr", has_text="VASE-TALL")).to_have_count(0)
    picture(page, "shortages-none")


def test_nothing_short_is_said(page: Page) -> None:
    page.goto("/shortages/plan?sku=CUP-ESP")
    expect(page.locator(".empty-title")).to_have_text("Nothing is short")
