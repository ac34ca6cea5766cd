"""Changing an order in the console: edits with their preview, prepared edits, many holds at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import SHAPES, order
from tests.browser.test_order import finish

Picture = Callable[[Page, str], None]


def choose(page: Page, name: str) -> None:
    """Something that stands in the menu of what else can be done."""
    page.get_by_label("More that can be done").click()
    page.locator(".menu-box").get_by_role("link", name=name, exact=True).click()
    expect(page.locator("#sheet")).to_be_visible()


def look_first(page: Page) -> None:
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.locator(".preview")).to_be_visible()


def test_an_order_is_edited_as_its_preview_said(page: Page, shop: Any, picture: Picture) -> None:
    number = shop.do("orders.place", order(70, ("MUG-BLUE", 3), ("BOWL-L", 1)))[0]["number"]
    page.goto(f"/orders/{number}")
    choose(page, "Edit")
    picture(page, "form-edit")
    page.get_by_label("Units of MUG-BLUE").fill("1")
    sheet = page.locator("#sheet")
    sheet.get_by_text("Add a product", exact=True).first.click()
    sheet.get_by_label("Product").fill("JUG-1L")
    sheet.get_by_label("Units of it").fill("2")
    sheet.get_by_label("Price of one").fill("4.50")
    sheet.get_by_text("Ship to", exact=True).click()
    sheet.get_by_label("City").fill("Bremen")
    sheet.get_by_text("When and how", exact=True).click()
    sheet.get_by_label("Priority").fill("7")
    look_first(page)
    preview = page.locator(".preview")
    for said in (
        "MUG-BLUE: 3 → 1 unit",
        "JUG-1L: 0 → 2 units",
        "54.90\xa0EUR → 36.44\xa0EUR",
        "Changes as well: Address, Priority",
    ):
        expect(preview).to_contain_text(said)
    picture(page, "form-edit-preview")
    finish(page, "Edit")
    expect(page.get_by_role("region", name="Lines")).to_contain_text("JUG-1L added")
    expect(page.get_by_role("region", name="Customer")).to_contain_text("Bremen")
    expect(page.get_by_role("region", name="Timeline")).to_contain_text("Edited. Added 2 × JUG-1L.")
    picture(page, "order-edited")


def test_a_prepared_edit_waits_until_somebody_confirms_or_drops_it(page: Page, shop: Any, picture: Picture) -> None:
    number = shop.do("orders.place", order(71, ("MUG-SAND", 3)))[0]["number"]
    page.goto(f"/orders/{number}")
    for units in ("2", "1"):
        choose(page, "Prepare an edit")
        page.get_by_label("Units of MUG-SAND").fill(units)
        look_first(page)
        finish(page, "Prepare an edit")
    expect(page.get_by_text(f"An edit is prepared: {number}-E1")).to_be_visible()
    picture(page, "order-prepared")
    page.goto("/edits")
    expect(page.locator("#edits tbody tr")).to_have_count(2)
    picture(page, "edits")
    page.goto(f"/orders/{number}")
    page.get_by_role("link", name="Confirm edit").first.click()
    look_first(page)
    expect(page.locator(".preview")).to_contain_text("MUG-SAND: 3 → 2 units")
    finish(page, "Confirm edit")
    expect(page.get_by_text("The order changed since: drop it, and prepare it anew.")).to_be_visible()
    page.get_by_role("link", name="Drop edit").first.click()
    finish(page, "Drop edit")
    expect(page.get_by_text("An edit is prepared")).to_have_count(0)


def test_many_holds_are_lifted_at_once(page: Page, shop: Any, picture: Picture) -> None:
    numbers = [each["number"] for each in shop.do("orders.place", *(order(72 + i, ("JUG-1L", 1)) for i in range(3)))]
    shop.do("orders.hold", *({"order": number, "kind": "quay_check"} for number in numbers))
    page.goto("/queues/held?kind=quay_check")
    picture(page, "holds")
    page.set_viewport_size(SHAPES["390"])
    for number in numbers[:2]:
        page.get_by_label(f"Select the hold of order {number}").check()
    expect(page.locator("[data-picked]")).to_have_text("2")
    picture(page, "holds-picked")
    with page.expect_navigation():
        page.get_by_role("button", name="Lift holds").click()
    expect(page.locator(".flash")).to_contain_text("Holds lifted: 2 of 2.")
    page.set_viewport_size(SHAPES["1440"])
    expect(page.locator("#holds tbody tr")).to_have_count(1)
    page.get_by_label("Select all").check()
    shop.do("holds.release", {"order": numbers[2]})
    with page.expect_navigation():
        page.get_by_role("button", name="Lift holds").click()
    expect(page.locator(".flash")).to_contain_text("Holds lifted: 1 of 1.")
    expect(page.get_by_text("Nothing is held")).to_be_visible()


def test_notes_and_tags_are_written_filtered_by_and_blanked(page: Page, shop: Any, picture: Picture) -> None:
    numbers = [each["number"] for each in shop.do("orders.place", *(order(80 + i, ("CUP-ESP", 1)) for i in range(2)))]
    page.goto(f"/orders/{numbers[0]}")
    choose(page, "Write a note")
    page.get_by_label("Note").fill("Rings at the back door.\nNever before ten.")
    finish(page, "Write a note")
    choose(page, "Tags")
    page.get_by_label("Tags").fill("VIP, trade  fair")
    finish(page, "Tags")
    expect(page.get_by_role("region", name="Notes")).to_contain_text("Never before ten.")
    picture(page, "order-notes")
    page.get_by_role("link", name="trade fair").click()
    expect(page.locator("#orders tbody tr")).to_have_count(1)
    page.goto("/orders?q=ada@example.com")
    page.get_by_label(f"Select order {numbers[0]}").check()
    page.get_by_label("Tag for them").fill("harbour day")
    picture(page, "orders-tagging")
    with page.expect_navigation():
        page.get_by_role("button", name="Tag them").click()
    page.goto("/orders?tag=harbour+day")
    expect(page.locator("#orders tbody tr")).to_have_count(1)
    picture(page, "orders-tagged")
    page.goto(f"/orders/{numbers[0]}")
    page.get_by_role("link", name="Blank note").click()
    finish(page, "Blank note")
    expect(page.get_by_role("region", name="Notes")).to_contain_text("blanked")
    expect(page.get_by_text("Never before ten.")).to_have_count(0)


def test_an_attribute_is_defined_and_shown(page: Page, shop: Any, picture: Picture) -> None:
    page.goto("/attributes")
    page.get_by_role("link", name="New attribute").first.click()
    sheet = page.locator("#sheet")
    sheet.get_by_label("Code").fill("cost_centre")
    sheet.get_by_label("Name").fill("Cost centre")
    sheet.get_by_label("What is said").select_option("choice")
    sheet.get_by_label("The list").fill("4711\n4712")
    sheet.get_by_label("Lists are filtered by it").check()
    picture(page, "form-attribute")
    with page.expect_navigation():
        sheet.get_by_role("button", name="Save").click()
    expect(page.locator("tbody tr")).to_contain_text("4711, 4712")
    picture(page, "attributes")
    placed = order(85, ("CUP-ESP", 1), attributes={"cost_centre": "4712"})
    page.goto(f"/orders/{shop.do('orders.place', placed)[0]['number']}")
    facts = page.get_by_role("region", name="Facts")
    expect(facts).to_contain_text("Cost centre")
    choose(page, "Edit")
    page.locator("#sheet").get_by_text("Attributes", exact=True).click()
    page.get_by_label("Cost centre").select_option("4711")
    look_first(page)
    expect(page.locator(".preview")).to_contain_text("Changes as well: Attributes")
    finish(page, "Edit")
    expect(facts).to_contain_text("4711")
    page.goto("/orders/new")
    expect(page.get_by_label("Cost centre")).to_be_visible()
    picture(page, "new-order-attributes")


def test_an_order_is_split_and_put_together_again(page: Page, shop: Any, picture: Picture) -> None:
    number = shop.do("orders.place", order(86, ("MUG-SAND", 3), ("BOWL-L", 1)))[0]["number"]
    page.goto(f"/orders/{number}")
    choose(page, "Split order")
    page.get_by_label("Units of MUG-SAND").fill("2")
    look_first(page)
    expect(page.locator(".preview")).to_contain_text("2 units become an order of their own.")
    picture(page, "form-split")
    finish(page, "Split order")
    facts = page.get_by_role("region", name="Facts")
    expect(facts).to_contain_text("A part went to")
    picture(page, "order-split")
    other = facts.locator("a.key").inner_text()
    page.goto(f"/orders/{number}")
    choose(page, "Merge orders")
    page.get_by_label("Which orders come to it").fill(other)
    look_first(page)
    finish(page, "Merge orders")
    expect(page.get_by_role("region", name="Timeline")).to_contain_text(f"came from order {other}")
    page.goto(f"/orders/{other}")
    expect(page.get_by_role("region", name="Facts")).to_contain_text("Went to")
