"""Kits: what they are made of, and the work orders that make them ahead or take them apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

Picture = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def bench(shop: Any) -> Any:
    """Parts in a workshop; a lamp has a serial number, jam is kept by lot."""
    place = {"kind": "warehouse", "time_zone": "Europe/Berlin", "country": "DE", "priority": 850}
    shop.do("locations.save", {"code": "SHOP", "name": "Workshop", **place})
    shop.do(
        "products.save",
        {"sku": "PART-A", "name": "Board"}, {"sku": "PART-B", "name": "Screw"}, {"sku": "SHELF-3", "name": "Shelf, three boards"},
        {"sku": "PART-C", "name": "Motor", "tracking": "serial"}, {"sku": "JAM-BOX", "name": "Jam box", "tracking": "lot"},
    )  # fmt: skip
    shop.do(
        "stock.receive",
        {"sku": "PART-A", "location": "SHOP", "quantity": 20, "reason": "opening"},
        {"sku": "PART-B", "location": "SHOP", "quantity": 100, "reason": "opening"},
        {"sku": "PART-C", "location": "SHOP", "quantity": 2, "reason": "opening", "serials": ["M-1", "M-2"]},
    )
    return shop


def test_a_kit_is_made_of_parts(page: Page, bench: Any, watched: Any, picture: Picture) -> None:
    watched[1].expected = ("409",)
    page.goto("/kits")
    page.keyboard.press("n")
    page.get_by_label("Product that is the kit").fill("SHELF-3")
    page.get_by_label("Product it is made of").fill("SHELF-3")
    page.get_by_role("button", name="Save kit").click()
    expect(page.locator(".notice-bad")).to_contain_text("cannot be made of itself")
    page.get_by_label("Product it is made of").fill("PART-A")
    page.get_by_label("Units in one kit").fill("3")
    page.get_by_label("List price of one unit").fill("12,50")
    page.get_by_role("button", name="Another line").click()
    page.get_by_label("Product it is made of").last.fill("PART-B")
    page.get_by_label("Units in one kit").last.fill("8")
    picture(page, "kit-edit")
    page.get_by_role("button", name="Save kit").click()
    expect(page.locator(".flash")).to_contain_text("SHELF-3 is a kit")
    expect(page.get_by_role("heading", name="Made of")).to_be_visible()
    page.goto("/kits")
    row = page.locator("tr", has_text="SHELF-3")
    expect(row.locator(".at-2")).to_have_text("6")
    expect(row.locator("li", has_text="PART-A")).to_contain_text("runs out first")
    picture(page, "kits")
    row.get_by_role("link", name="Change").click()
    expect(page.get_by_label("List price of one unit").first).to_have_value("12.5")
    page.get_by_label("Made ahead").check()
    page.get_by_role("button", name="Save kit").click()
    expect(page.locator(".flash")).to_contain_text("SHELF-3 is a kit")


def test_kits_are_made_ahead_in_parts_and_the_rest_is_called_off(page: Page, bench: Any, picture: Picture) -> None:
    parts = [{"sku": "PART-A", "per_kit": 3}, {"sku": "PART-B", "per_kit": 8}]
    bench.do("kits.save", {"sku": "SHELF-3", "components": parts, "stocked": True})
    page.goto("/work-orders")
    page.keyboard.press("n")
    sheet = page.locator("#sheet")
    sheet.get_by_label("Kit", exact=True).select_option("SHELF-3")
    sheet.get_by_label("How many kits").fill("7")
    sheet.get_by_label("Location").select_option("SHOP")
    sheet.get_by_role("button", name="Open work order").click()
    expect(sheet.locator(".notice-bad")).to_contain_text("1 of 21 PART-A is missing in SHOP")
    sheet.get_by_label("How many kits").fill("5")
    picture(page, "work-order-new")
    sheet.get_by_role("button", name="Open work order").click()
    expect(page.locator(".tags-line")).to_contain_text("5 to do")
    expect(page.locator("tr", has_text="PART-A")).to_contain_text("15 set aside")
    assert bench.available("PART-A", "SHOP") == 5
    page.get_by_role("link", name="Complete").click()
    sheet.get_by_label("How many kits").fill("3")
    picture(page, "work-order-complete")
    sheet.get_by_role("button", name="Complete").click()
    expect(page.locator("tr", has_text="PART-A")).to_contain_text("9 used up")
    expect(page.locator("tr", has_text="SHELF-3")).to_contain_text("3 on the shelf")
    picture(page, "work-order")
    page.get_by_role("link", name="Call off").click()
    sheet.get_by_label("Reason").fill("no_demand")
    sheet.get_by_role("button", name="Show what will happen").click()
    expect(sheet.locator(".preview")).to_contain_text("6 × PART-A")
    sheet.get_by_role("button", name="Call off").click()
    expect(page.locator(".tags-line")).to_contain_text("2 not done")
    expect(page.locator(".story")).to_contain_text("no demand")
    assert bench.available("PART-A", "SHOP") == 11
    assert bench.available("SHELF-3", "SHOP") == 3
    page.goto("/work-orders")
    picture(page, "work-orders")


def test_units_that_are_told_apart_are_asked_for(page: Page, bench: Any) -> None:
    bench.do("kits.save", {"sku": "JAM-BOX", "components": [{"sku": "PART-C"}], "stocked": True})
    opened = bench.do("work-orders.open", {"sku": "JAM-BOX", "location": "SHOP", "quantity": 2})[0]["work_order"]
    page.goto(f"/work-orders/{opened}")
    page.get_by_role("link", name="Complete").click()
    sheet = page.locator("#sheet")
    sheet.get_by_label("How many kits").fill("1")
    sheet.get_by_label("Lot of JAM-BOX").fill("J-7")
    sheet.get_by_role("button", name="Complete").click()
    expect(sheet.locator(".notice-bad")).to_contain_text("PART-C")
    sheet.get_by_label("Serial numbers of PART-C").fill("M-2")
    sheet.get_by_role("button", name="Complete").click()
    expect(page.locator("tr", has_text="JAM-BOX")).to_contain_text("1 on the shelf")


def test_a_kit_is_taken_apart(page: Page, bench: Any) -> None:
    bench.do("kits.save", {"sku": "SHELF-3", "components": [{"sku": "PART-A", "per_kit": 3}], "stocked": True})
    bench.do("stock.receive", {"sku": "SHELF-3", "location": "SHOP", "quantity": 1, "reason": "opening"})
    before = bench.available("PART-A", "SHOP")
    opened = bench.do(
        "work-orders.open", {"sku": "SHELF-3", "location": "SHOP", "quantity": 1, "kind": "disassemble"}
    )[0]["work_order"]  # fmt: skip
    page.goto(f"/work-orders/{opened}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Take apart: 1 × SHELF-3")
    page.get_by_role("link", name="Complete").click()
    page.locator("#sheet").get_by_role("button", name="Complete").click()
    expect(page.locator("tr", has_text="PART-A")).to_contain_text("3 on the shelf")
    assert bench.available("PART-A", "SHOP") == before + 3
