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


def test_claims_beyond_what_there_is_are_shortened(page: Page, shop: Any, picture: Picture) -> None:
    shop.do("products.save", {"sku": "BELL", "name": "Ship's bell"})
    shop.do("stock.receive", {"sku": "BELL", "location": "HAM", "quantity": 10, "reason": "opening"})
    claim = {"anywhere": True, "seconds": 86_400}
    for units, reference in ((6, "quote 1"), (4, "quote 2")):
        shop.do(
            "reservations.reserve", {**claim, "lines": [{"sku": "BELL", "quantity": units}], "reference": reference}
        )
    shop.do("stock.adjust", {"sku": "BELL", "location": "HAM", "quantity": 7, "kind": "lost", "reason": "flood"})
    page.goto("/shortages/plan?sku=BELL")
    row = page.locator("tr", has_text="quote 1")
    expect(row.locator(".at-2")).to_have_text("3")
    expect(page.locator("tr", has_text="quote 2").locator(".at-2")).to_have_text("4")
    picture(page, "shortage-claims")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".flash")).to_contain_text("carried out")
    page.goto("/shortages/plan?sku=BELL")
    expect(page.locator(".empty-title")).to_have_text("Nothing is short")


def test_units_with_serial_numbers_are_left_to_the_pick_or_a_count(page: Page, shop: Any, picture: Picture) -> None:
    shop.do("products.save", {"sku": "SEXTANT", "name": "Sextant", "tracking": "serial"})
    names = {"quantity": 2, "serials": ["X-1", "X-2"]}
    shop.do("stock.receive", {"sku": "SEXTANT", "location": "HAM", "reason": "opening", **names})
    shop.do("policies.set", {"name": "may_backorder", "value": True, "sku": "SEXTANT"})
    shop.do("orders.place", order(230, ("SEXTANT", 1)), order(231, ("SEXTANT", 1)))
    count = shop.do("counts.open", {"location": "HAM", "skus": ["SEXTANT"]})[0]["count"]
    shop.do("counts.record", {"count": count, "lines": [{"sku": "SEXTANT", "quantity": 1, "serials": ["X-1"]}]})
    shop.do("counts.approve", {"count": count, "reason": "cycle_count"})
    page.goto("/shortages/plan?sku=SEXTANT")
    expect(page.locator(".shelf-facts")).to_contain_text("have serial numbers")
    expect(page.get_by_role("button", name="Apply")).to_have_count(0)
    picture(page, "shortage-serials")
    page.get_by_role("link", name="Count it").click()
    expect(page.get_by_label("Products")).to_have_value("SEXTANT")


def test_a_substitute_goes_in_place_of_what_is_missing(page: Page, shop: Any, picture: Picture) -> None:
    shop.do("products.save", {"sku": "CORD-RED", "name": "Cord, red"}, {"sku": "CORD-BLUE", "name": "Cord, blue"})
    shop.do("substitutes.save", {"sku": "CORD-RED", "substitutes": ["CORD-BLUE"]})
    shop.do("policies.set", {"name": "may_substitute", "value": True, "sku": "CORD-RED"})
    for sku in ("CORD-RED", "CORD-BLUE"):
        shop.do("stock.receive", {"sku": sku, "location": "HAM", "quantity": 4, "reason": "opening"})
    (placed,) = shop.do("orders.place", order(240, ("CORD-RED", 4)))
    lost = {"sku": "CORD-RED", "location": "HAM", "quantity": 2, "kind": "lost", "reason": "x", "held_too": True}
    shop.do("stock.adjust", lost)
    page.goto("/shortages/plan?sku=CORD-RED")
    expect(page.locator(".card").first).to_contain_text("CORD-BLUE goes in its place")
    picture(page, "shortage-substitute")
    page.get_by_role("button", name="Apply").click()
    page.goto(f"/orders/{placed['number']}")
    expect(page.locator("tr", has_text="CORD-BLUE").first).to_be_visible()
