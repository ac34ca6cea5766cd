"""Stock: finding it, one product from all sides, buying, receiving with a scanner, feeds, and where things are kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from lading.entrypoints.feeding import queue
from lading.entrypoints.files import Files
from lading.entrypoints.worker import replenishment
from tests.browser.conftest import order

Picture = Callable[[Page, str], None]


def test_stock_is_found_by_code_number_and_name(page: Page, store: Any, picture: Picture) -> None:
    page.goto("/stock")
    picture(page, "stock")
    search = page.get_by_role("searchbox", name="SKU, GTIN or name")
    search.press_sequentially("cand")
    expect(page.locator("#stock tbody tr")).to_have_count(1)
    expect(page.locator("#stock tbody tr")).to_contain_text("150")
    search.fill("4000417025005")
    search.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("CANDLE")


def test_stock_goes_out_as_a_file(page: Page, store: Any) -> None:
    page.goto("/stock")
    page.get_by_text("Export").click()
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV").first.click()
    lines = started.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("sku,name,location,lot,on_hand")
    assert any(line.startswith("MILK-1L,") and ",L-2610,12," in line for line in lines)


def test_one_product_from_all_sides(page: Page, store: Any, picture: Picture) -> None:
    page.goto("/stock/of/CANDLE")
    # 65 came, of which 3 are damaged, 5 safety at each of two locations, 4 reserved and 6 of the pool for stores alone.
    expect(page.locator(".curve")).to_have_attribute("aria-label", re.compile("42 now, 102 from .*, 192 from"))
    picture(page, "stock-one")


def test_lots_stand_under_their_location(page: Page, store: Any, picture: Picture) -> None:
    page.goto("/stock/of/MILK-1L")
    expect(page.locator(".sub-row")).to_have_count(3)
    picture(page, "stock-lots")
    page.goto("/stock/of/LAMP-01")
    picture(page, "stock-serials")
    page.goto("/stock/of/GIFT-SET")
    picture(page, "stock-kit")


def test_what_was_bought_is_listed_with_the_late_first(page: Page, watched: Any, store: Any, picture: Picture) -> None:
    watched[1].expected = ("409",)
    page.goto("/purchase-orders")
    first = page.locator("#purchases tbody tr").first
    expect(first).to_contain_text("Töpferei Kaufmann")
    expect(first).to_contain_text("late")
    picture(page, "purchases")
    page.keyboard.press("n")
    page.get_by_label("SKU").first.fill("CUP-ESP")
    page.get_by_label("Units").first.fill("24")
    page.get_by_role("button", name="Another line").click()
    page.get_by_label("SKU", exact=True).last.fill("NO-SUCH")
    page.get_by_label("Units").last.fill("3")
    page.get_by_label("Supplier").fill("Porzellan Nord")
    page.get_by_role("button", name="Place purchase order").click()
    expect(page.get_by_role("alert")).to_contain_text("NO-SUCH")
    picture(page, "purchase-new")
    page.get_by_role("button", name="Remove this line").last.click()
    page.get_by_role("button", name="Place purchase order").click()
    expect(page.locator(".flash")).to_contain_text("was placed")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Porzellan Nord")


def test_a_delivery_is_received_with_a_scanner(page: Page, store: Any, picture: Picture) -> None:
    page.goto(f"/purchase-orders/{store.numbers['purchase']}")
    picture(page, "purchase")
    page.get_by_role("link", name="Receive").click()
    scan = page.get_by_label("Bar code, SKU or serial number")
    expect(scan).to_be_focused()

    def read(code: str) -> None:
        scan.fill(code)
        scan.press("Enter")

    said = page.locator("[data-scan-said]")
    for _ in range(3):
        read("4000417025005")
    expect(said).to_have_text("CANDLE: 3 of 60")
    read("0000")
    expect(said).to_contain_text("Nothing here has the code 0000")
    for code in ("LAMP-01", "S-101", "S-101", "S-102"):
        read(code)
    candle, milk, lamp = (page.locator(f"[data-sku='{sku}']") for sku in ("CANDLE", "MILK-1L", "LAMP-01"))
    expect(lamp.get_by_label("Good")).to_have_value("2")
    candle.get_by_label("Damaged").fill("1")
    read("MILK-1L")
    milk.get_by_label("Lot").fill("L-2612")
    milk.get_by_label("Good").fill("20")
    milk.get_by_role("button", name="Another lot").click()
    milk.last.get_by_label("Lot").fill("L-2613")
    milk.last.get_by_label("Good").fill("5")
    page.get_by_label("Delivery note").fill("DN-5000")
    picture(page, "receive")
    page.get_by_role("button", name="Receive").click()
    expect(page.locator(".flash")).to_contain_text("31 units")
    expect(page.locator("tr", has_text="CANDLE")).to_contain_text("1 damaged")
    expect(page.locator(".tags-line")).to_contain_text("partly received")
    assert store.available("MILK-1L", "HAM") == 48 + 12 + 25
    picture(page, "purchase-received")


def test_a_receipt_that_cannot_be_keeps_what_was_typed(page: Page, watched: Any, store: Any) -> None:
    watched[1].expected = ("409",)
    page.goto(f"/purchase-orders/{store.numbers['late_purchase']}/receive?fill=all")
    box = page.get_by_label("Good")
    expect(box).to_have_value("60")
    box.fill("99999")
    page.get_by_role("button", name="Receive").click()
    expect(page.get_by_role("alert")).to_contain_text("may come, not 99999")
    expect(box).to_have_value("99999")


def test_a_shipment_is_announced_and_a_rest_is_called_off(page: Page, store: Any, picture: Picture) -> None:
    page.goto(f"/purchase-orders/{store.numbers['late_purchase']}")
    sheet = page.locator("#sheet")
    page.get_by_role("link", name="Announce").click()
    sheet.get_by_label("Number of the shipment").fill("SH-9")
    sheet.get_by_label("MUG-BLUE").fill("40")
    picture(page, "form-announce")
    sheet.get_by_role("button", name="Announce a shipment").click()
    expect(page.locator(".flash")).to_contain_text("announced")
    expect(page.get_by_text("40 to come")).to_be_visible()
    page.get_by_label("More that can be done").click()
    page.get_by_role("link", name="Close").click()
    sheet.get_by_label("Reason").fill("supplier is out of it")
    sheet.get_by_role("button", name="Close", exact=True).last.click()
    expect(page.locator(".tags-line")).to_contain_text("closed")


def test_what_to_order_becomes_a_purchase_order(page: Page, store: Any, picture: Picture) -> None:
    store.do("products.save", {"sku": "ROPE", "name": "Rope, ten metres"})
    store.do("stock.receive", {"sku": "ROPE", "location": "HAM", "quantity": 12, "reason": "opening"})
    store.do("orders.place", order(712, ("ROPE", 10)))
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    store.with_database(lambda database: replenishment.count_all(database, store.merchant_id, tomorrow))
    for state in ("stock_out", "overstock", "reorder"):
        page.goto(f"/replenishment?state={state}")
        picture(page, f"replenishment-{state}")
    page.locator("[data-pick]").first.check()
    page.get_by_role("button", name="Make a purchase order").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("New purchase order")
    expect(page.get_by_label("SKU").first).not_to_have_value("")


async def good_units(database: Any, merchant_id: int) -> int:
    """Those of PLATE-26 at MUC that can be sold, or are."""
    async with database.read(merchant_id) as tx:
        return int(
            await tx.fetchval(
                "SELECT s.available + s.reserved + s.allocated + s.picked + s.packed - s.short FROM stock AS s"
                " JOIN sku ON sku.merchant_id = $1 AND sku.id = s.sku_id AND sku.code = 'PLATE-26'"
                " JOIN location AS l ON l.merchant_id = $1 AND l.id = s.location_id AND l.code = 'MUC' WHERE s.merchant_id = $1"
            )
        )


def test_a_stock_feed_is_loaded_and_reported(page: Page, store: Any, home: Path, picture: Picture) -> None:
    page.goto("/stock-feeds")
    page.keyboard.press("n")
    sheet = page.locator("#sheet")
    lines = "sku,location,quantity\nPLATE-26,MUC,100\nNO-SUCH,MUC,3\nJUG-1L,NOWHERE,1\nTRAY-OAK,MUC,120\n"
    sheet.get_by_label("File").set_input_files({"name": "stock.csv", "mimeType": "text/csv", "buffer": lines.encode()})
    sheet.get_by_label("Reference").fill("WMS-1")
    picture(page, "form-feed")
    sheet.get_by_role("button", name="Load").click()
    expect(page.locator(".tags-line")).to_contain_text("waiting")
    picture(page, "feed-waiting")
    store.with_database(lambda database: queue.run_one(database, Files(home / "files", database), store.merchant_id))
    expect(page.locator(".tags-line")).to_contain_text("done")
    expect(page.locator("table")).to_contain_text("no product has this code")
    picture(page, "feed")
    page.goto("/stock-feeds")
    picture(page, "feeds")
    assert store.with_database(lambda database: good_units(database, store.merchant_id)) == 100
