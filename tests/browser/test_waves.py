"""A wave in the console: planned, drawn, walked with a phone and a scanner, closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SHAPES, photograph

Picture = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def kiel(shop: Any) -> list[str]:
    """A warehouse of its own with four aisles, three products in bins, and fulfillment orders that wait there."""
    place = {"kind": "warehouse", "time_zone": "Europe/Berlin", "country": "DE", "priority": 950}
    shop.do("locations.save", {"code": "LUEB", "name": "Lübeck", **place})
    aisles = [{"code": code, "x_cm": 300 * index} for index, code in enumerate("ABCD")]
    shop.do("layouts.save", {"location": "LUEB", "aisles": aisles, "cross_cm": [0, 2400], "depot_cm": 450})
    bins = [
        {
            "location": "LUEB",
            "code": f"{aisle}-{at:02d}",
            "aisle": aisle,
            "position_cm": 200 * at,
            "sequence": index * 20 + at,
        }
        for index, aisle in enumerate("ABCD")
        for at in range(1, 12)
    ]
    shop.do("bins.save", *bins)
    lie = (("WAVE-PEN", "A-04", "4006381333931"), ("WAVE-INK", "B-10", None), ("WAVE-PAD", "D-02", None))
    for sku, code, gtin in lie:
        shop.do("products.save", {"sku": sku, "name": sku.title(), **({"gtin": gtin} if gtin else {})})
        shop.do("stock.receive", {"sku": sku, "location": "LUEB", "quantity": 50, "reason": "opening"})
        shop.do("stock.put-away", {"sku": sku, "location": "LUEB", "bin": code, "quantity": 50})
    names = []
    price = {"amount": "3.00", "currency": "EUR"}
    for wanted in ((("WAVE-PEN", 2), ("WAVE-PAD", 1)), (("WAVE-INK", 1),), (("WAVE-PEN", 1), ("WAVE-INK", 2))):
        lines = [{"sku": sku, "quantity": units, "unit_price": price} for sku, units in wanted]
        to = {"name": "Ina", "city": "Kiel", "country": "DE"}
        placed = shop.do("orders.place", {"channel": "web", "currency": "EUR", "ship_to": to, "lines": lines})[0]
        names += shop.do("orders.release", {"order": placed["number"]})[0]["fulfillment_orders"]
    return names


@pytest.fixture
def phone(browser: Browser, address: str, login: Any) -> Iterator[Page]:
    """A phone with a touch screen."""
    context = browser.new_context(
        storage_state=login, base_url=address, viewport=SHAPES["390"], has_touch=True, is_mobile=True
    )
    context.set_default_timeout(6_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert not complaints


def wedge(page: Page, code: str) -> None:
    """What a scanner that poses as a keyboard does."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def test_a_wave_is_planned_and_walked(page: Page, phone: Page, kiel: list[str], picture: Picture) -> None:
    page.goto("/waves/new?location=LUEB")
    page.get_by_label("How it is walked").select_option("cluster")
    page.get_by_role("button", name="Plan wave").click()
    expect(page.locator(".flash")).to_contain_text("has 3 orders")
    page.locator(".page-acts").get_by_role("link", name="Release").click()
    page.locator("#sheet").get_by_role("button", name="Release").click()
    expect(page.locator(".floor-stop")).to_have_count(3)
    picture(page, "wave")
    address = page.url.partition("/waves/")[2].partition("?")[0]
    page.goto(f"/waves/{address}/lists/1")
    expect(page.locator(".box")).to_have_count(3)
    picture(page, "pick-list")
    phone.goto(f"/waves/{address}")
    phone.get_by_role("button", name="Pick the next list").tap()
    expect(phone.locator("#scan-code")).to_be_focused()
    first = phone.locator(".walk-bin b").first.inner_text()
    wedge(phone, "D-11")
    expect(phone.locator("[data-scan-wrong]")).to_contain_text("D-11")
    phone.locator("[data-scan-wrong] button").tap()
    wedge(phone, first)
    expect(phone.locator(".walk-at")).to_be_visible()
    photograph(phone, "walk-390")
    for _ in range(8):
        if not phone.locator(".walk-card").count():
            break
        before = phone.locator(".scan-progress").inner_text()
        if (
            "2 ×" in phone.locator(".walk-units").inner_text()
            and "WAVE-INK" in phone.locator(".walk-card").inner_text()
        ):
            phone.locator(".walk-short summary").tap()
            phone.get_by_label("Units that are missing").fill("1")
            photograph(phone, "walk-short-390")
            phone.get_by_role("button", name="Write them off").tap()
            expect(phone.locator(".notice-good")).to_contain_text("1 short")
        else:
            phone.locator(".step-save").tap()
            expect(phone.locator(".scan-progress")).not_to_have_text(before)
    expect(phone.locator(".scan-idle")).to_contain_text("Bring the cart")
    photograph(phone, "walk-done-390")
    page.goto(f"/waves/{address}")
    expect(page.get_by_text("1 short").first).to_be_visible()
    picture(page, "wave-picked")
    page.locator(".page-acts").get_by_role("link", name="Close wave").click()
    page.locator("#sheet").get_by_role("button", name="Close wave").click()
    expect(page.locator(".flash")).to_contain_text("is closed")
    page.goto("/waves")
    picture(page, "waves")


def test_the_layout_of_a_place_is_drawn(page: Page, kiel: list[str], picture: Picture) -> None:
    page.goto("/locations/layout/LUEB")
    expect(page.locator(".floor-bin")).to_have_count(44)
    picture(page, "layout")
    page.goto("/locations/layout/MUC")
    expect(page.get_by_text("Nobody said how this place looks")).to_be_visible()
