"""One order, from release to the doorstep, by its buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import order

Picture = Callable[[Page, str], None]


def press(page: Page, name: str) -> None:
    """A button of the order's page opens its form."""
    page.locator(".page-acts").get_by_role("link", name=name, exact=True).click()
    expect(page.locator("#sheet")).to_be_visible()


def finish(page: Page, name: str) -> None:
    """The form's own button; the page comes back with a sentence."""
    with page.expect_navigation():
        page.locator("#sheet").get_by_role("button", name=name, exact=True).click()
    expect(page.locator(".flash")).to_be_visible()


def test_an_order_goes_from_release_to_the_doorstep_in_parts(page: Page, shop: Any, picture: Picture) -> None:
    number = shop.numbers["journey"]
    page.goto(f"/orders/{number}")
    press(page, "Release")
    expect(page.locator("#sheet .preview")).to_contain_text("to HAM (F1)")
    finish(page, "Release")
    press(page, "Pick")
    page.get_by_label("Units of MUG-BLUE").fill("3")
    picture(page, "form-pick")
    finish(page, "Pick")
    press(page, "Pack")
    finish(page, "Pack")
    press(page, "Ship")
    page.get_by_label("Carrier").fill("DHL")
    page.get_by_label("Tracking number").fill("JD014600003")
    finish(page, "Ship")
    expect(page.locator(".units").first).to_contain_text("in transit")
    page.locator(".page-acts").get_by_role("link", name="Tracking").click()
    finish(page, "Tracking")
    expect(page.locator("#story-title + *, .story").last).to_contain_text("delivered")
    shop.do("fulfillment-orders.pick", {"fulfillment_order": f"{number}-F1"})
    shop.do(
        "parcels.pack",
        *({"fulfillment_order": f"{number}-F1", "lines": [{"line": 1, "quantity": 1}]} for _ in range(2)),
    )
    page.reload()
    for papers in page.locator(".papers").all():
        expect(papers.get_by_role("link")).to_have_text(["Slip", "Label"])  # nothing for customs inside the union
    expect(page.locator(".papers")).to_have_count(3)
    picture(page, "order-journey")
    shop.do("parcels.ship", {"parcel": f"{number}-P2", "carrier": "DHL"})
    shop.do("parcels.track", {"parcel": f"{number}-P2", "status": "lost", "occurred_at": "2026-11-20T10:00:00+01:00"})
    page.goto("/")
    picture(page, "home-lost")
    page.locator(".tile", has_text="Lost").click()
    page.get_by_role("link", name=number).first.click()
    press(page, "Write off lost units")
    page.locator("#sheet").get_by_role("button", name="Show what will happen").click()
    expect(page.locator("#sheet .preview")).to_contain_text("12.50 EUR from receivable to sales")
    finish(page, "Write off lost units")
    expect(page.get_by_role("link", name="Give money back")).to_be_visible()


def test_a_number_that_nobody_has_is_a_friendly_404(page: Page, watched: Any) -> None:
    watched[1].expected = ("404",)
    answer = page.goto("/orders/999999")
    assert answer is not None and answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("Not found")


def test_a_kit_shows_its_parts_and_is_cancelled_whole(page: Page, shop: Any, picture: Picture) -> None:
    shop.do("products.save", {"sku": "TEA-SET", "name": "Tea set"})
    parts = [{"sku": "MUG-BLUE", "per_kit": 2, "list_price": "5.00"}, {"sku": "BOWL-L", "list_price": "10.00"}]
    shop.do("kits.save", {"sku": "TEA-SET", "components": parts})
    more = [{"sku": sku, "location": "HAM", "quantity": 9, "reason": "opening"} for sku in ("MUG-BLUE", "BOWL-L")]
    shop.do("stock.receive", *more)
    number = shop.do("orders.place", order(90, ("TEA-SET", 3), ("MUG-BLUE", 1)))[0]["number"]
    page.goto(f"/orders/{number}")
    lines = page.get_by_role("region", name="Lines")
    expect(lines.get_by_role("row").nth(1)).to_contain_text("TEA-SET kit")
    expect(lines.get_by_role("row").nth(2)).to_contain_text("MUG-BLUE part of the kit")
    picture(page, "order-with-kit")
    page.goto(f"/orders/{number}/do/lines.cancel")
    expect(page.get_by_label("Units of TEA-SET")).to_have_value("3")
    expect(page.get_by_label("Units of BOWL-L")).to_have_count(0)
    picture(page, "form-cancel-kit")


def test_units_with_serial_numbers_are_named_when_they_are_picked(page: Page, shop: Any, picture: Picture) -> None:
    shop.do("products.save", {"sku": "RADIO", "name": "Ship's radio", "tracking": "serial"})
    names = {"quantity": 3, "serials": ["R-1", "R-2", "R-3"]}
    shop.do("stock.receive", {"sku": "RADIO", "location": "HAM", "reason": "opening", **names})
    number = shop.do("orders.place", order(95, ("RADIO", 2), ("PLATE-26", 1)))[0]["number"]
    shop.do("orders.release", {"order": number})
    page.goto(f"/orders/{number}")
    page.get_by_role("link", name="Pick").first.click()
    sheet = page.locator("#sheet")
    sheet.get_by_role("button", name="Pick").click()
    expect(sheet.locator(".notice-bad")).to_contain_text("name 2 of its units")
    sheet.get_by_label("Serial numbers of RADIO", exact=True).fill("R-3\nR-1")
    picture(page, "form-pick-serials")
    sheet.get_by_role("button", name="Pick").click()
    expect(page.locator(".flash")).to_contain_text("units picked")
    page.goto("/serials?sku=RADIO")
    for name, place in (("R-1", "picked"), ("R-2", "on the shelf"), ("R-3", "picked")):
        expect(page.locator("tr", has_text=name)).to_contain_text(place)


def test_a_part_of_a_kit_comes_back_alone(page: Page, shop: Any) -> None:
    shop.do("products.save", {"sku": "DUO", "name": "Two plates and a jug"})
    shop.do("kits.save", {"sku": "DUO", "components": [{"sku": "PLATE-26", "per_kit": 2}, {"sku": "JUG-1L"}]})
    number = shop.do("orders.place", order(96, ("DUO", 1)))[0]["number"]
    shop.do("orders.release", {"order": number})
    shop.do("fulfillment-orders.pick", {"fulfillment_order": f"{number}-F1"})
    shop.do("parcels.pack", {"fulfillment_order": f"{number}-F1"})
    shop.do("parcels.ship", {"parcel": f"{number}-P1", "carrier": "DHL"})
    page.goto(f"/orders/{number}/do/returns.request")
    page.get_by_label("Units of DUO").fill("0")
    page.get_by_label("Units of JUG-1L").fill("1")
    page.get_by_label("Why").select_option(index=1)
    page.get_by_role("button", name="Return", exact=True).click()
    expect(page.locator(".flash")).to_contain_text("a return is announced")
    expect(page.get_by_role("region", name="Lines").locator("tr", has_text="JUG-1L")).to_contain_text(
        "1 return requested"
    )
