"""Transfers: from the draft over the truck to what arrived, was damaged, came home or is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SHAPES

Picture = Callable[[Page, str], None]
GTIN = "4012345000016"


@pytest.fixture(scope="module")
def depot(shop: Any) -> Any:
    """Two places, and products of each kind to send between them."""
    place = {"kind": "warehouse", "time_zone": "Europe/Berlin", "country": "DE", "priority": 800}
    shop.do("locations.save", {"code": "LUB", "name": "Lübeck", **place}, {"code": "ROS", "name": "Rostock", **place})
    shop.do(
        "products.save",
        {"sku": "ROPE-10", "name": "Rope, ten metres", "gtin": GTIN},
        {"sku": "CLOCK-S", "name": "Ship's clock", "tracking": "serial"},
    )
    shop.do(
        "stock.receive",
        {"sku": "ROPE-10", "location": "LUB", "quantity": 40, "reason": "opening"},
        {"sku": "PLATE-26", "location": "LUB", "quantity": 12, "reason": "opening"},
        {"sku": "CLOCK-S", "location": "LUB", "quantity": 3, "reason": "opening", "serials": ["C-1", "C-2", "C-3"]},
    )
    return shop


def draft(shop: Any, *lines: dict[str, Any], then: tuple[str, ...] = ()) -> str:
    """A transfer from Lübeck to Rostock, as far as it is told."""
    way = {"from_location": "LUB", "to_location": "ROS", "due_at": "2026-12-24T12:00:00+01:00"}
    name = str(shop.do("transfers.create", {**way, "lines": list(lines)})[0]["transfer"])
    for verb in then:
        shop.do(f"transfers.{verb}", {"transfer": name})
    return name


def wedge(page: Page, code: str) -> None:
    """What a scanner that poses as a keyboard does."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def test_a_transfer_is_drafted_set_aside_and_shipped(page: Page, depot: Any, watched: Any, picture: Picture) -> None:
    watched[1].expected = ("409",)
    page.goto("/transfers")
    page.keyboard.press("n")
    page.get_by_label("From", exact=True).select_option("LUB")
    page.get_by_label("To", exact=True).select_option("LUB")
    page.get_by_label("SKU", exact=True).fill("ROPE-10")
    page.get_by_label("Units").fill("15")
    page.get_by_role("button", name="Another line").click()
    page.get_by_label("SKU", exact=True).last.fill("PLATE-26")
    page.get_by_label("Units").last.fill("5")
    page.get_by_role("button", name="Make a draft").click()
    expect(page.locator(".notice-bad")).to_contain_text("name two locations")
    page.get_by_label("To", exact=True).select_option("ROS")
    picture(page, "transfer-new")
    page.get_by_role("button", name="Make a draft").click()
    expect(page.locator(".flash")).to_contain_text("is drafted")
    expect(page.locator(".tags-line")).to_contain_text("draft")
    before = depot.available("ROPE-10", "LUB")
    page.get_by_role("link", name="Set aside").click()
    page.get_by_label("Set aside, PLATE-26").fill("4")
    picture(page, "transfer-ready")
    page.locator("#sheet").get_by_role("button", name="Set aside").click()
    expect(page.locator(".tags-line")).to_contain_text("set aside")
    assert depot.available("ROPE-10", "LUB") == before - 15
    picture(page, "transfer")
    page.get_by_role("link", name="Ship").click()
    page.get_by_label("Leave, ROPE-10").fill("14")
    picture(page, "transfer-ship")
    page.get_by_role("button", name="Ship").click()
    expect(page.locator(".tags-line")).to_contain_text("on its way")
    expect(page.locator("tr", has_text="ROPE-10")).to_contain_text("14 on their way")
    expect(page.locator("tr", has_text="ROPE-10")).to_contain_text("1 not sent")
    expect(page.locator("tr", has_text="PLATE-26")).to_contain_text("4 on their way")
    name = page.get_by_role("heading", level=1).locator("button").inner_text()
    page.goto("/transfers")
    picture(page, "transfers")
    page.keyboard.press("Control+k")
    page.locator("#palette-input").fill(name.lower())
    expect(page.locator("#palette-list [aria-selected=true]")).to_contain_text(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def test_what_arrived_is_scanned_and_the_damaged_told(page: Page, depot: Any, picture: Picture) -> None:
    name = draft(depot, {"sku": "ROPE-10", "quantity": 4}, {"sku": "PLATE-26", "quantity": 3}, then=("ready", "ship"))
    before = depot.available("ROPE-10", "ROS")
    page.set_viewport_size(SHAPES["390"])
    page.goto(f"/transfers/{name}/do/receive")
    expect(page.locator("#scan-code")).to_be_focused()
    wedge(page, GTIN)
    wedge(page, "ROPE-10")
    wedge(page, "PLATE-26")
    wedge(page, "NO-SUCH")
    expect(page.get_by_label("Good, ROPE-10")).to_have_value("2")
    expect(page.get_by_label("Good, PLATE-26")).to_have_value("1")
    expect(page.locator("[data-scan-wrong]")).to_contain_text("NO-SUCH: not on this list")
    page.reload()
    expect(page.get_by_label("Good, ROPE-10")).to_have_value("2")
    page.get_by_label("Damaged, ROPE-10").fill("1")
    picture(page, "transfer-receive")
    page.get_by_role("button", name="Receive", exact=True).click()
    expect(page.locator(".tags-line")).to_contain_text("partly received")
    expect(page.locator("tr", has_text="ROPE-10")).to_contain_text("1 damaged")
    assert depot.available("ROPE-10", "ROS") == before + 2
    page.get_by_role("link", name="Receive").click()
    page.get_by_role("button", name="All arrived well").click()
    expect(page.get_by_label("Good, PLATE-26")).to_have_value("2")
    expect(page.get_by_label("Good, ROPE-10")).to_have_value("1")
    page.get_by_role("button", name="Receive", exact=True).click()
    expect(page.locator(".tags-line")).to_contain_text("received")
    assert depot.available("ROPE-10", "ROS") == before + 3


def test_a_form_that_says_nothing_is_refused_in_place(page: Page, depot: Any, watched: Any) -> None:
    watched[1].expected = ("409",)
    name = draft(depot, {"sku": "ROPE-10", "quantity": 2}, then=("ready", "ship"))
    page.goto(f"/transfers/{name}/do/receive")
    page.get_by_role("button", name="Receive", exact=True).click()
    expect(page.locator(".notice-bad")).to_contain_text("all are zero")


def test_what_is_on_its_way_came_home_or_is_lost(page: Page, depot: Any, picture: Picture) -> None:
    name = draft(depot, {"sku": "ROPE-10", "quantity": 5}, then=("ready", "ship"))
    before = depot.available("ROPE-10", "LUB")
    page.goto(f"/transfers/{name}")
    page.get_by_role("link", name="Cancel").click()
    page.get_by_label("Came home, ROPE-10").fill("3")
    page.get_by_label("Reason").fill("truck_broke_down")
    page.locator("#sheet").get_by_role("button", name="Show what will happen").click()
    expect(page.locator("#sheet .preview")).to_contain_text("say of each whether it came home or is lost")
    page.get_by_label("Lost, ROPE-10").fill("2")
    page.locator("#sheet").get_by_role("button", name="Show what will happen").click()
    expect(page.locator("#sheet .preview")).to_contain_text("3 × ROPE-10")
    picture(page, "transfer-cancel")
    page.locator("#sheet").get_by_role("button", name="Cancel the transfer").click()
    expect(page.locator(".tags-line")).to_contain_text("cancelled")
    expect(page.locator(".story")).to_contain_text("truck broke down")
    assert depot.available("ROPE-10", "LUB") == before + 3


def test_the_rest_of_a_transfer_is_closed_as_lost(page: Page, depot: Any) -> None:
    name = draft(depot, {"sku": "ROPE-10", "quantity": 5}, then=("ready", "ship"))
    depot.do("transfers.receive", {"transfer": name, "lines": [{"line": 1, "quantity": 2}]})
    page.goto(f"/transfers/{name}")
    page.get_by_role("link", name="Close").click()
    page.get_by_label("Reason").fill("lost_on_the_way")
    page.locator("#sheet").get_by_role("button", name="Show what will happen").click()
    expect(page.locator("#sheet .preview")).to_be_visible()
    page.locator("#sheet .sheet-foot").get_by_role("button", name="Close the transfer").click()
    expect(page.locator("#sheet")).to_be_hidden()
    expect(page.locator("tr", has_text="ROPE-10")).to_contain_text("3 lost")


def test_units_with_serial_numbers_are_ticked_or_scanned(page: Page, depot: Any, picture: Picture) -> None:
    name = draft(depot, {"sku": "CLOCK-S", "quantity": 2}, then=("ready",))
    page.goto(f"/transfers/{name}/do/ship")
    wedge(page, "C-3")
    wedge(page, "C-1")
    expect(page.get_by_label("Leave, CLOCK-S C-1")).to_have_value("1")
    picture(page, "transfer-serials")
    page.get_by_role("button", name="Ship", exact=True).click()
    expect(page.locator("tr", has_text="CLOCK-S")).to_contain_text("C-1, C-3")
    page.get_by_role("link", name="Receive").click()
    expect(page.locator("#scan-code")).to_be_focused()
    wedge(page, "C-1")
    expect(page.get_by_label("Good, CLOCK-S C-1")).to_have_value("1")
    page.get_by_label("Damaged, CLOCK-S C-3").fill("1")
    page.get_by_role("button", name="Receive", exact=True).click()
    expect(page.locator("tr", has_text="CLOCK-S")).to_contain_text("1 damaged")
    assert depot.available("CLOCK-S", "ROS") == 1
    page.goto("/serials?sku=CLOCK-S")
    for serial, place in (("C-1", "on the shelf"), ("C-2", "on the shelf"), ("C-3", "damaged")):
        expect(page.locator("tr", has_text=serial)).to_contain_text(place)


def test_scanning_works_without_javascript(browser: Any, address: str, login: Any, depot: Any) -> None:
    name = draft(depot, {"sku": "ROPE-10", "quantity": 2}, then=("ready", "ship"))
    context = browser.new_context(base_url=address, storage_state=login, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/transfers/{name}/do/receive")
    for code in (GTIN, "ROPE-10", "ROPE-10"):
        page.get_by_label("Barcode or product code").fill(code)
        page.get_by_label("Barcode or product code").press("Enter")
    expect(page.locator(".notice-bad")).to_contain_text("ROPE-10: no more of it is expected")
    expect(page.get_by_label("Good, ROPE-10")).to_have_value("2")
    page.get_by_role("button", name="Receive", exact=True).click()
    expect(page.locator(".tags-line")).to_contain_text("received")
    context.close()


def test_nobody_who_only_reads_moves_anything(browser: Any, address: str, enter: Any, depot: Any) -> None:
    name = draft(depot, {"sku": "ROPE-10", "quantity": 1})
    context = browser.new_context(base_url=address)
    page = context.new_page()
    enter(page, address, "reader@example.com", "a long enough password")
    page.goto(f"/transfers/{name}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    expect(page.get_by_role("link", name="Set aside")).to_have_count(0)
    assert page.goto(f"/transfers/{name}/do/ready").status == 403
    context.close()
