"""Each page does what its person does there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

Picture = Callable[[Page, str], None]


def submit(page: Page, name: str) -> None:
    """The sheet's own button; the page comes back with a sentence."""
    with page.expect_navigation():
        page.locator("#sheet").get_by_role("button", name=name, exact=True).click()
    expect(page.locator(".flash")).to_be_visible()


def test_home_shows_every_queue_and_what_happened_last(page: Page, picture: Picture) -> None:
    page.goto("/")
    expect(page.locator(".tile")).to_have_count(11)
    expect(page.locator(".story li").first).to_be_visible()
    picture(page, "home")


def test_queues_lead_to_the_work_of_a_location(page: Page, picture: Picture) -> None:
    page.goto("/queues")
    picture(page, "queues")
    page.locator("a[href^='/queues/to_pick/HAM']").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("To pick")
    picture(page, "work")


def test_stock_is_received_and_stands_in_the_ledger(page: Page) -> None:
    page.goto("/stock")
    page.keyboard.press("n")
    page.get_by_label("SKU", exact=True).fill("LINEN-TT")
    page.get_by_label("Units").fill("40")
    submit(page, "Receive")
    expect(page.locator("#ledger-rows")).to_contain_text("40")


def test_an_adjustment_that_cannot_be_says_so_in_place(page: Page, picture: Picture) -> None:
    page.goto("/stock/of/JUG-1L")
    page.get_by_role("link", name="Adjust").click()
    page.get_by_label("What happened").select_option("lost")
    page.locator("#sheet").get_by_label("Units").fill("99999")
    page.get_by_label("Reason").fill("count")
    page.locator("#sheet").get_by_role("button", name="Adjust").click()
    expect(page.locator("#sheet .notice-bad")).to_contain_text("not 99999")
    picture(page, "form-refused")


def test_a_product_is_made_and_renamed(page: Page, picture: Picture) -> None:
    page.goto("/products")
    picture(page, "products")
    page.keyboard.press("n")
    page.locator("#sheet").get_by_label("SKU").fill("VASE-S")
    page.locator("#sheet").get_by_label("Name").fill("Vase, small")
    page.locator("#sheet").get_by_label("GTIN").fill("4006381333932")
    page.locator("#sheet").get_by_role("button", name="Save").click()
    expect(page.locator("#sheet")).to_contain_text("check digit")
    picture(page, "form-product")
    page.locator("#sheet").get_by_label("GTIN").fill("4006381333931")
    submit(page, "Save")
    page.get_by_role("link", name="VASE-S", exact=True).click()
    page.locator("#sheet").get_by_label("SKU").fill("VASE-SMALL")
    submit(page, "Save")
    expect(page.locator("table")).to_contain_text("VASE-SMALL")


def test_a_csv_file_shows_what_it_would_do_before_it_does_it(page: Page, picture: Picture) -> None:
    page.goto("/products/import")
    picture(page, "import")
    lines = "sku;name;weight_grams\nMUG-BLUE;Mug, harbour blue;360\nPOT-1;Tea pot;900\nPOT-2;;1\nPOT-3;Pot;heavy\n"
    page.locator("input[type=file]").set_input_files(
        {"name": "products.csv", "mimeType": "text/csv", "buffer": lines.encode()}
    )
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.get_by_text("1 product is new")).to_be_visible()
    expect(page.get_by_text("1 product is changed")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(2)
    picture(page, "import-preview")
    page.get_by_role("button", name="Import 2 products").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 products were imported")


def test_locations_and_channels_are_kept(page: Page, picture: Picture) -> None:
    page.goto("/locations")
    picture(page, "locations")
    page.keyboard.press("n")
    page.get_by_label("Code").fill("BER")
    page.get_by_label("Name").fill("Berlin")
    page.get_by_label("Country").fill("DE")
    page.get_by_label("Time zone").fill("Europe/Nowhere")
    page.locator("#sheet").get_by_role("button", name="Save").click()
    expect(page.locator("#sheet")).to_contain_text("no such time zone")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    submit(page, "Save")
    expect(page.get_by_role("heading", level=1)).to_contain_text("BER")
    page.goto("/channels")
    picture(page, "channels")
    page.keyboard.press("n")
    page.get_by_label("Code").fill("fair")
    page.get_by_label("Name").fill("Trade fair")
    submit(page, "Save")


def test_policies_say_which_value_applies_and_why(page: Page, picture: Picture) -> None:
    page.goto("/policies")
    row = page.locator("tr", has_text="may backorder")
    row.get_by_role("link", name="Set").click()
    page.get_by_label("Channel").last.select_option("web")
    submit(page, "Set")
    page.get_by_label("Policy", exact=True).select_option("may_backorder")
    page.locator("main").get_by_label("Channel").select_option("web")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".answer")).to_have_text("may backorder: yes")
    expect(page.locator(".tag", has_text="applies")).to_be_visible()
    picture(page, "policies")


def test_events_tell_in_sentences(page: Page, picture: Picture) -> None:
    page.goto("/events")
    expect(page.locator(".story li").first).to_be_visible()
    picture(page, "events")


def test_a_key_is_made_shown_once_and_revoked(page: Page, picture: Picture) -> None:
    page.goto("/keys")
    page.keyboard.press("n")
    page.get_by_label("Name").fill("Scanner")
    page.locator("#sheet").get_by_role("button", name="Make key").click()
    expect(page.locator(".secret")).to_contain_text("lad_")
    picture(page, "key")
    page.get_by_role("link", name="I have it").click()
    picture(page, "keys")
    page.get_by_role("link", name="Revoke").first.click()
    submit(page, "Revoke")
    expect(page.locator("tbody tr").first).to_contain_text("revoked")


def test_an_order_is_placed_by_hand_after_a_look_at_what_would_happen(page: Page, picture: Picture) -> None:
    page.goto("/orders/new")
    page.locator("[name=sku]").fill("MUG-SAND")
    page.locator("[name=price]").fill("12,50")
    page.get_by_role("button", name="Another line").click()
    page.locator("[name=sku]").last.fill("NO-SUCH")
    page.locator("[name=price]").last.fill("3")
    page.get_by_label("Name").fill("Grete Lund")
    page.get_by_label("Street and number").fill("Kai 1")
    page.get_by_label("City").fill("Kiel")
    page.get_by_label("Country").fill("de")
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.locator(".notice-bad")).to_contain_text("NO-SUCH")
    page.get_by_role("button", name="Remove this line").last.click()
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.locator(".notice-info")).to_contain_text("12.50")
    picture(page, "new-order")
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Order")
    expect(page.locator(".flash")).to_contain_text("was placed")


def test_returns_go_round_until_the_money_is_back(page: Page, shop: Any, picture: Picture) -> None:
    number = shop.numbers["delivered"]
    page.goto(f"/orders/{number}")
    acts = page.locator(".page-acts")
    acts.get_by_role("link", name="Return", exact=True).click()
    submit(page, "Return")
    acts.get_by_role("link", name="Receive return", exact=True).click()
    submit(page, "Receive return")
    acts.get_by_role("link", name="Look through return", exact=True).click()
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.locator(".preview")).to_contain_text("quality hold")
    picture(page, "form-preview")
    submit(page, "Look through return")
    acts.get_by_role("link", name="Refund", exact=True).click()
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.locator(".preview")).to_contain_text("EUR")
    submit(page, "Refund")
    expect(page.locator(".tags-line")).to_contain_text("returned")
    picture(page, "order-returned")


def test_many_orders_are_held_at_once_by_keyboard(page: Page, shop: Any) -> None:
    page.goto("/orders?stage=held")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    held = page.locator("tbody tr").count()
    page.goto("/orders?stage=to_release")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("#bulk")).to_contain_text("2 selected")
    page.locator("#bulk").get_by_role("button", name="Hold", exact=True).click()
    expect(page.locator(".flash")).to_contain_text("2 of 2")
    page.goto("/orders?stage=held")
    expect(page.locator("tbody tr")).to_have_count(held + 2)
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    page.locator("#bulk").get_by_role("button", name="Release", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("0 of 2")
    expect(page.locator("tbody tr")).to_have_count(2)


def test_a_window_sees_what_somebody_else_does(page: Page, shop: Any) -> None:
    number = shop.numbers["other"]
    page.goto(f"/orders/{number}")
    expect(page.locator("[data-live-state]")).to_be_visible()
    shop.do("orders.hold", {"order": number, "kind": "address", "note": "door number missing"})
    expect(page.locator(".notice-warn", has_text="door number missing")).to_be_visible()


def test_the_palette_finds_pages_orders_and_products(page: Page, shop: Any, picture: Picture) -> None:
    page.goto("/")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]").first).to_be_visible()
    page.keyboard.type("tray")
    expect(page.locator("#palette [role=option]")).to_have_count(1)
    picture(page, "palette")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("TRAY-OAK")
    page.keyboard.press("g")
    page.keyboard.press("q")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Queues")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    picture(page, "help")


def test_the_reader_may_look_but_not_touch(browser: Browser, address: str, shop: Any, enter: Any) -> None:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    enter(page, address, "reader@example.com", "a long enough password")
    page.wait_for_url(f"{address}/")
    page.goto(f"/orders/{shop.numbers['plain']}")
    expect(page.locator(".page-acts .btn-primary")).to_have_count(0)
    answer = page.goto("/keys")
    assert answer is not None and answer.status == 403
    context.close()


@pytest.mark.parametrize(("email", "password"), [("ada@example.com", "wrong"), ("nobody@example.com", "wrong")])
def test_a_wrong_login_says_so_and_nothing_more(
    browser: Browser, address: str, picture: Picture, enter: Any, email: str, password: str
) -> None:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    enter(page, address, email, password)
    expect(page.get_by_role("alert")).to_contain_text("not right")
    picture(page, "login")
    context.close()


def test_dark_and_german_by_the_reader_s_wish(browser: Browser, address: str, login: Any, picture: Picture) -> None:
    context = browser.new_context(storage_state=login, base_url=address, color_scheme="dark", locale="de-DE")
    page = context.new_page()
    page.goto("/orders")
    expect(page.get_by_role("heading", level=1)).to_have_text("Aufträge")
    picture(page, "orders-dark-de")
    page.locator("a.key").first.click()
    expect(page.locator(".story")).to_contain_text("bestellt")
    context.close()
