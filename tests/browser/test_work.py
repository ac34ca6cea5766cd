"""The work of a location, as somebody does it who walks about with a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import order


@pytest.fixture(scope="module")
def store(shop: Any) -> str:
    """A store that is asked first, where customers collect: three orders of its work."""
    shop.do("sourcing-rules.save", {"rules": []})
    place = {"name": "Store Altona", "kind": "store", "country": "DE", "time_zone": "Europe/Berlin"}
    shop.do("locations.save", {"code": "ALT", **place, "priority": 900, "capabilities": ["ship", "pickup"]})
    shop.do("products.save", {"sku": "TAPER", "name": "Candle, beeswax"}, {"sku": "TRAY", "name": "Tray, oak"})
    for sku, location in (("TAPER", "ALT"), ("TRAY", "ALT"), ("TRAY", "HAM")):
        shop.do("stock.receive", {"sku": sku, "location": location, "quantity": 9, "reason": "opening"})
    return "ALT"


def placed(shop: Any, number: int, sku: str, quantity: int, pickup: str | None = None) -> str:
    command = order(number, (sku, quantity), external_reference=f"W-WORK-{number}")
    if pickup:
        command["lines"][0]["pickup"] = pickup
    (made,) = shop.do("orders.place", command)
    shop.do("holds.release", {"order": made["number"]})
    shop.do("orders.release", {"order": made["number"]})
    return str(made["number"])


def test_a_store_accepts_picks_and_hands_over(
    page: Page, shop: Any, store: str, picture: Callable[[Page, str], None]
) -> None:
    shop.do("policies.set", {"name": "accept_minutes", "location": "ALT", "value": 45})
    asked = placed(shop, 301, "TAPER", 2)
    collected = placed(shop, 302, "TAPER", 1, "ALT")
    page.goto("/work")
    page.get_by_role("link", name="Store Altona").click()
    expect(page.locator("h1")).to_contain_text("ALT")
    row = page.locator("tr", has_text=f"{asked}-F1")
    expect(row).to_contain_text("Candle, beeswax")
    picture(page, "work-list")
    row.get_by_role("link", name="Accept").click()
    page.locator("#sheet-body").get_by_role("button", name="Accept").click()
    expect(page).to_have_url(re.compile("/work/ALT$"))
    more = [placed(shop, number, "TAPER", 1) for number in (304, 305)]
    page.reload()
    page.get_by_role("button", name="Accept: all").click()
    expect(page.locator(".flash")).to_contain_text("3 of 3 done")
    expect(page.locator("tr", has_text=f"{more[0]}-F1").get_by_role("link", name="Pick")).to_be_visible()
    for verb, button in (("Pick", "Pick"), ("Pack", "Pack")):
        page.locator("tr", has_text=f"{collected}-F1").get_by_role("link", name=verb, exact=True).click()
        page.locator("#sheet-body").get_by_role("button", name=button, exact=True).click()
        expect(page.locator(".flash")).to_be_visible()
    page.locator("tr", has_text=f"{collected}-F1").get_by_role("link", name="Ready").click()
    page.locator("#sheet-body").get_by_role("button", name="Ready").click()
    waiting = page.locator("tr", has_text=f"{collected}-P1")
    expect(waiting).to_contain_text("1 unit")
    picture(page, "work-list-pickups")
    waiting.get_by_role("link", name="Hand over").click()
    page.get_by_label("Or the name").fill("Ada Meyer")
    page.locator("#sheet-body").get_by_role("button", name="Hand over").click()
    expect(page.locator("tr", has_text=f"{collected}-P1")).to_have_count(0)


def test_a_part_is_rejected_and_moves_on(
    page: Page, shop: Any, store: str, picture: Callable[[Page, str], None]
) -> None:
    shop.do("policies.set", {"name": "accept_minutes", "location": "ALT", "value": None})
    number = placed(shop, 303, "TRAY", 3)
    page.goto(f"/fulfillment-orders/{number}-F1")
    expect(page.locator("h1")).to_contain_text(f"{number}-F1")
    picture(page, "fulfillment-order")
    expect(page.locator(".page-acts > a")).to_have_count(3)
    page.get_by_label("More that can be done").click()
    expect(page.locator(".menu-box").get_by_role("link", name="Hold")).to_be_visible()
    page.get_by_role("link", name="Reject").click()
    page.get_by_label("Units of TRAY").fill("1")
    page.locator("#sheet-body").get_by_role("button", name="Show what will happen").click()
    expect(page.locator("#sheet-body")).to_contain_text("This is what will happen")
    page.locator("#sheet-body").get_by_role("button", name="Reject").click()
    expect(page.locator(".flash")).to_contain_text("units were given back")
    page.goto(f"/orders/{number}")
    page.get_by_role("link", name=f"{number}-F2", exact=True).click()
    expect(page.locator("h1")).to_contain_text(f"{number}-F2")


def test_what_was_cancelled_after_its_pick_is_said_where_it_was_to_go(
    page: Page, shop: Any, store: str, picture: Callable[[Page, str], None]
) -> None:
    number = placed(shop, 307, "TRAY", 2)
    shop.do("fulfillment-orders.pick", {"fulfillment_order": f"{number}-F1"})
    shop.do("lines.cancel", {"order": number, "reason": "customer_request", "lines": [{"line": 1, "quantity": 2}]})
    page.goto(f"/fulfillment-orders/{number}-F1")
    expect(page.locator(".notice-warn")).to_contain_text("2 units were cancelled after their pick and lie on a cart.")
    picture(page, "fulfillment-order-to-put-back")
    page.locator(".notice-warn").get_by_role("link", name="To put back").click()
    expect(page.locator("#put_backs")).to_be_visible()
    page.go_back()
    page.locator(".page-acts").get_by_role("link", name="Put back").click()
    page.locator("#sheet-body").get_by_role("button", name="Put back").click()
    expect(page.locator(".flash")).to_be_visible()
    expect(page.locator("h1")).to_contain_text(f"{number}-F1")
    expect(page.locator(".notice-warn")).to_have_count(0)


def test_an_order_says_where_it_is_collected(
    page: Page, shop: Any, store: str, picture: Callable[[Page, str], None]
) -> None:
    number = placed(shop, 306, "TAPER", 1, "ALT")
    shop.do("fulfillment-orders.pick", {"fulfillment_order": f"{number}-F1"})
    shop.do("parcels.pack", {"fulfillment_order": f"{number}-F1"})
    page.goto(f"/orders/{number}")
    expect(page.locator("main")).to_contain_text("collected in ALT")
    page.locator(".page-acts").get_by_role("link", name="Ready").click()
    page.locator("#sheet-body").get_by_role("button", name="Ready").click()
    expect(page.locator("main")).to_contain_text("ready for its customer")
    picture(page, "order-collected")
