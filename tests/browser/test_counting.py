"""A count, from its opening over the shelf with a scanner in hand to its approval."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import CHROMIUM, FLAGS, SHAPES, photograph

Picture = Callable[[Page, str], None]

GTIN = "4006381333931"


@pytest.fixture(scope="module")
def counted(shop: Any) -> str:
    """An open count of three products and one with lots, in a location of its own."""
    place = {"kind": "store", "time_zone": "Europe/Berlin", "country": "DE", "priority": 900}
    shop.do("locations.save", {"code": "KIEL", "name": "Kiel", **place})
    shop.do("products.save", {"sku": "GLASS-RED", "name": "Wine glass, red", "gtin": GTIN})
    shop.do("products.save", {"sku": "HONEY", "name": "Honey, 500 g", "tracking": "lot"})
    rows = [("GLASS-RED", 12, ""), ("BOWL-L", 4, ""), ("CUP-ESP", 6, ""), ("HONEY", 5, "L-1"), ("HONEY", 7, "L-2")]
    shop.do(
        "stock.receive",
        *(
            {"sku": sku, "location": "KIEL", "quantity": units, "reason": "opening", **({"lot": lot} if lot else {})}
            for sku, units, lot in rows
        ),
    )
    return str(shop.do("counts.open", {"location": "KIEL", "blind": True})[0]["count"])


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


def now(page: Page) -> Any:
    """The units of the product that was scanned last."""
    return page.locator(".step-units")


def so_far(page: Page, sku: str) -> int:
    """What was counted of it before."""
    found = page.get_by_role("link", name=sku).locator(".num")
    return int(found.inner_text()) if found.count() else 0


def test_a_count_is_opened_for_products_of_a_place(page: Page, picture: Picture) -> None:
    page.goto("/counts")
    page.keyboard.press("n")
    page.locator("#sheet").get_by_label("Location").select_option("MUC")
    page.get_by_label("Products").fill("MUG-SAND\nNO-SUCH")
    page.locator("#sheet").get_by_role("button", name="Open count").click()
    expect(page.locator("#sheet .notice-bad")).to_contain_text("NO-SUCH")
    page.get_by_label("Products").fill("MUG-SAND\nMUG-BLUE")
    picture(page, "count-open")
    page.locator("#sheet").get_by_role("button", name="Open count").click()
    expect(page.locator(".flash")).to_contain_text("is open")
    expect(page.get_by_role("heading", name="0 of 2 counted")).to_be_visible()
    page.goto("/counts")
    picture(page, "counts")


def test_the_same_code_scanned_twice_is_two_and_a_reload_loses_nothing(phone: Page, counted: str) -> None:
    page = phone
    page.goto(f"/counts/{counted}/scan")
    expect(page.locator("#scan-code")).to_be_focused()
    wedge(page, GTIN)
    wedge(page, GTIN)
    expect(now(page)).to_have_value("2")
    expect(page.locator(".scan-card")).to_contain_text("Wine glass, red")
    expect(page.locator(".scan-card")).not_to_contain_text("The book says")
    page.get_by_role("button", name="One more").tap()
    page.get_by_role("button", name="One more").tap()
    expect(page.locator(".scan-list").first.locator(".num").first).to_have_text("4")
    expect(page.locator("#scan-code")).to_be_focused()
    wedge(page, "BOWL-L")
    expect(now(page)).to_have_value("1")
    page.reload()
    expect(page.locator(".scan-progress")).to_contain_text("2 of 5")
    expect(page.locator(".scan-list").first).to_contain_text("GLASS-RED")
    photograph(page, "counting-phone")


def test_what_nobody_knows_says_so_and_stays_until_it_was_read(phone: Page, counted: str) -> None:
    page = phone
    page.goto(f"/counts/{counted}/scan")
    wedge(page, "0000000000000")
    wedge(page, "CUP-ESP")
    expect(page.locator("[data-scan-wrong]")).to_contain_text("0000000000000")
    expect(now(page)).to_have_value("1")
    photograph(page, "counting-wrong-phone")
    page.locator("[data-scan-wrong] .btn-close").tap()
    expect(page.locator("[data-scan-wrong] .notice")).to_have_count(0)


def test_a_scanner_that_types_into_the_number_is_understood(phone: Page, counted: str) -> None:
    page = phone
    page.goto(f"/counts/{counted}/scan")
    wedge(page, "CUP-ESP")
    before = int(now(page).input_value())
    now(page).tap()
    wedge(page, "CUP-ESP")
    expect(now(page)).to_have_value(str(before + 1))
    now(page).fill("6")
    now(page).press("Enter")
    expect(page.locator("#scan-code")).to_be_focused()
    expect(page.locator(".scan-list").first.locator(".num").first).to_have_text("6")


def test_lots_are_asked_for_once(phone: Page, counted: str) -> None:
    page = phone
    page.goto(f"/counts/{counted}/scan")
    wedge(page, "HONEY")
    expect(page.get_by_role("heading", name="Which lot of HONEY?")).to_be_visible()
    photograph(page, "counting-lot-phone")
    page.get_by_role("button", name="L-1").tap()
    expect(now(page)).to_have_value("1")
    wedge(page, "HONEY")
    expect(now(page)).to_have_value("2")
    expect(page.locator(".scan-card")).to_contain_text("L-1")


@pytest.mark.usefixtures("counted")
def test_units_with_serial_numbers_are_scanned_by_name(phone: Page, shop: Any, picture: Picture) -> None:
    page = phone
    shop.do("products.save", {"sku": "COMPASS", "name": "Compass", "gtin": "4012345000023", "tracking": "serial"})
    names = {"quantity": 3, "serials": ["N-1", "N-2", "N-3"]}
    shop.do("stock.receive", {"sku": "COMPASS", "location": "KIEL", "reason": "opening", **names})
    count = shop.do("counts.open", {"location": "KIEL", "skus": ["COMPASS", "BOWL-L"]})[0]["count"]
    page.goto(f"/counts/{count}/scan")
    wedge(page, "N-2")
    expect(page.locator(".scan-names")).to_contain_text("N-2")
    wedge(page, "N-2")
    expect(page.locator("[data-scan-wrong]")).to_contain_text("N-2")
    wedge(page, "BOWL-L")
    expect(now(page)).to_have_value("1")
    wedge(page, "4012345000023")
    expect(page.locator(".scan-card")).to_contain_text("Scan the serial number of each piece")
    expect(page.locator(".scan-names .num")).to_have_text("1")
    wedge(page, "N-9")
    expect(page.locator(".scan-names .num")).to_have_text("2")
    photograph(page, "counting-serials-phone")
    page.goto(f"/counts/{count}")
    row = page.locator("tr", has_text="COMPASS")
    expect(row).to_contain_text("missing: N-1, N-3")
    expect(row).to_contain_text("not in the book: N-9")
    page.goto(f"/counts/{count}/scan")
    page.get_by_role("link", name="COMPASS").tap()
    page.get_by_role("button", name="Start over").tap()
    expect(page.locator(".scan-names .num")).to_have_text("0")
    shop.do("bins.save", {"location": "KIEL", "code": "K-1"})
    shop.do("stock.put-away", {"sku": "COMPASS", "location": "KIEL", "bin": "K-1", "quantity": 2})
    zone = shop.do("counts.open", {"location": "KIEL", "zone": "K"})[0]["count"]
    page.goto(f"/counts/{zone}/scan")
    wedge(page, "N-1")
    expect(page.locator(".scan-names")).to_contain_text("N-1")
    page.goto(f"/counts/{zone}")
    expect(page.locator("tr", has_text="COMPASS")).to_contain_text("not seen in the zone: N-2, N-3")
    page.goto(f"/counts/{zone}/approve")
    page.get_by_label("N-3").check()
    photograph(page, "counting-gone-phone")
    page.get_by_role("button", name="Show what will happen").tap()
    expect(page.locator(".preview")).to_contain_text("COMPASS: 1 lost")


def test_a_hole_in_the_radio_loses_nothing(phone: Page, counted: str) -> None:
    page = phone
    page.goto(f"/counts/{counted}/scan")
    expect(page.locator("#scan-code")).to_be_focused()
    before = so_far(page, "BOWL-L")
    page.context.set_offline(True)
    for _ in range(3):
        wedge(page, "BOWL-L")
    expect(page.locator("[data-scan-waiting]")).to_contain_text("3 not sent yet")
    photograph(page, "counting-offline-phone")
    page.context.set_offline(False)
    page.reload()
    expect(now(page)).to_have_value(str(before + 3))
    expect(page.locator("[data-scan-waiting]")).to_be_hidden()


def picture_of(text: str, format_: zxingcpp.BarcodeFormat, turned: float = 2) -> Image.Image:
    """A bar code on a table, a little turned, blurred and badly lit."""
    table = Image.new("L", (800, 420), 150)
    bars = Image.fromarray(zxingcpp.create_barcode(text, format_).to_image(scale=3)).convert("L")
    table.paste(bars.point(lambda value: 30 + value * 0.8), (120, 160))
    return table.rotate(turned, fillcolor=150, resample=Image.Resampling.BILINEAR).filter(ImageFilter.GaussianBlur(0.8))


def test_the_camera_reads_bar_codes_where_the_browser_reads_none(
    browser: Browser, address: str, login: Any, counted: str, tmp_path: Path
) -> None:
    frame = io.BytesIO()
    picture_of("BOWL-L", zxingcpp.BarcodeFormat.Code128).save(frame, "JPEG")
    (tmp_path / "table.mjpeg").write_bytes(frame.getvalue() * 2)
    camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    camera.append(f"--use-file-for-fake-video-capture={tmp_path / 'table.mjpeg'}")
    other = browser.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, *camera])
    page = other.new_page(storage_state=login, base_url=address, viewport=SHAPES["390"])
    page.goto(f"/counts/{counted}/scan")
    expect(page.locator("#scan-code")).to_be_focused()
    before = so_far(page, "BOWL-L")
    button = page.get_by_role("button", name="Scan with the camera")
    button.click()
    expect(now(page)).to_have_value(str(before + 1), timeout=30_000)
    page.wait_for_timeout(500)
    expect(now(page)).to_have_value(str(before + 1))
    button.click()
    page.wait_for_timeout(800)
    button.click()
    expect(now(page)).to_have_value(str(before + 2), timeout=30_000)
    kinds = zxingcpp.BarcodeFormat
    codes = [
        ("1042-F1", kinds.Code128), ("00340434161094015902", kinds.Code128), ("Ab9~x", kinds.Code128), (GTIN, kinds.EAN13),
        ("0036000291452", kinds.EAN13), ("96385074", kinds.EAN8), ("12345A\tB", kinds.Code128),
    ]  # fmt: skip
    seen = []
    for turned in (0, 3, 180):
        for code in codes:
            png = io.BytesIO()
            picture_of(*code, turned).save(png, "PNG")
            seen.append((page.evaluate(READ, base64.b64encode(png.getvalue()).decode()), code[0]))
    assert [found for found, _ in seen] == [code for _, code in seen]
    other.close()


READ = """async (png) => {
  const { read } = await import(document.querySelector("[data-camera]").dataset.reader), image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
  const paper = canvas.getContext("2d");
  paper.drawImage(image, 0, 0);
  return read(paper.getImageData(0, 0, image.width, image.height));
}"""
"""What the reader of the page finds in a picture."""


def test_what_was_counted_is_approved_after_a_second_pass(
    page: Page, shop: Any, counted: str, picture: Picture
) -> None:
    found = {"GLASS-RED": 10, "BOWL-L": 5, "CUP-ESP": 6}
    lines = [{"sku": sku, "quantity": units} for sku, units in found.items()]
    shop.do("counts.record", {"count": counted, "lines": lines})
    page.goto(f"/counts/{counted}")
    picture(page, "count")
    page.get_by_label("Count GLASS-RED again").check()
    page.get_by_role("button", name="Count again").click()
    expect(page.locator("tr", has_text="GLASS-RED")).to_contain_text("pass 2")
    shop.do("counts.record", {"count": counted, "lines": [{"sku": "GLASS-RED", "quantity": 11}]})
    page.get_by_role("link", name="Approve").click()
    page.locator("#sheet").get_by_role("button", name="Show what will happen").click()
    expect(page.locator("#sheet .preview")).to_contain_text("was not counted")
    page.get_by_label("Leave as they are: lines that nobody counted").check()
    page.locator("#sheet").get_by_role("button", name="Show what will happen").click()
    expect(page.locator("#sheet .preview")).to_contain_text("GLASS-RED: 1 lost")
    picture(page, "count-approve")
    page.locator("#sheet").get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator(".flash")).to_contain_text("is approved")
    picture(page, "count-approved")
    assert shop.available("GLASS-RED", "KIEL") == 11


def test_a_large_difference_says_who_must_approve(page: Page, shop: Any, counted: str, picture: Picture) -> None:
    shop.do("policies.set", {"name": "count_approval_limit", "value": 3, "sku": "LINEN-TT"})
    shop.do("stock.receive", {"sku": "LINEN-TT", "location": "KIEL", "quantity": 9, "reason": "opening"})
    count = shop.do("counts.open", {"location": "KIEL", "skus": ["LINEN-TT"]})[0]["count"]
    page.goto(f"/counts/{count}/scan")
    wedge(page, "LINEN-TT")
    expect(now(page)).to_have_value("1")
    page.goto(f"/counts/{count}")
    expect(page.locator(".notice-warn")).to_contain_text("up to 3")
    picture(page, "count-limit")
    page.get_by_role("link", name="Cancel").click()
    page.locator("#sheet").get_by_role("button", name="Cancel the count").click()
    expect(page.locator(".tags-line")).to_contain_text("cancelled")


def test_counting_works_without_javascript(browser: Browser, address: str, login: Any, shop: Any) -> None:
    count = shop.do("counts.open", {"location": "MUC", "skus": ["TRAY-OAK"]})[0]["count"]
    context: BrowserContext = browser.new_context(base_url=address, storage_state=login, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/counts/{count}/scan")
    page.get_by_label("Barcode or product code").fill("TRAY-OAK")
    page.get_by_role("button", name="Count it").click()
    expect(now(page)).to_have_value("1")
    now(page).fill("7")
    page.get_by_role("button", name="That many").click()
    expect(page.locator(".scan-list").first.locator(".num")).to_have_text("7")
    context.close()
