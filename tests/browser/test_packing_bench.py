"""The packing bench: the picture of the carton, and a scanner that knows what belongs in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lading.database.pool import Database
from lading.views.order import order as read_order
from tests.browser.conftest import order


def sides(length: int, width: int, height: int) -> dict[str, int]:
    return {"length_mm": length, "width_mm": width, "height_mm": height}


@pytest.fixture
def bench(shop: Any) -> str:
    """A picked fulfillment order over eleven units that want two cartons."""
    cost = {"amount": "0.80", "currency": "EUR"}
    shop.do(
        "cartons.save",
        {"code": "M", "name": "Carton M", "inner": sides(330, 250, 160), "cost": cost, "max_grams": 20_000, "tare_grams": 200},
        {"code": "S", "name": "Carton S", "inner": sides(250, 180, 120), "cost": cost, "max_grams": 20_000, "tare_grams": 120},
    )  # fmt: skip
    steps = [
        {"up_to_grams": grams, "price": {"amount": price, "currency": "EUR"}}
        for grams, price in ((2_000, "4.19"), (5_000, "5.49"), (31_500, "9.89"))
    ]
    shop.do("parcel-rates.save", {"code": "ALL", "steps": steps, "mm3_per_gram": 5_000})
    shop.do(
        "products.save",
        {"sku": "PK-MUG", "name": "Mug", **sides(120, 90, 100), "weight_grams": 380, "fragile": True},
        {"sku": "PK-BOOK", "name": "Travel book", "gtin": "2000000077772", **sides(240, 170, 40), "weight_grams": 900},
        {"sku": "PK-LAMP", "name": "Storm lantern", **sides(90, 90, 150), "weight_grams": 700, "upright": True},
    )  # fmt: skip
    here = {"location": "HAM", "quantity": 50, "reason": "opening"}
    shop.do("stock.receive", *({"sku": sku, **here} for sku in ("PK-MUG", "PK-BOOK", "PK-LAMP")))
    return picked(shop, 93, ("PK-MUG", 6), ("PK-BOOK", 3), ("PK-LAMP", 2))


def picked(shop: Any, index: int, *lines: tuple[str, int], **more: Any) -> str:
    """The fulfillment order of an order that was picked."""
    (placed,) = shop.do("orders.place", order(index, *lines))
    shop.do("orders.release", {"order": placed["number"]})
    shop.do("fulfillment-orders.pick", {"fulfillment_order": f"{placed['number']}-F1", **more})
    return f"{placed['number']}-F1"


def scan(page: Page, code: str) -> None:
    page.locator("[data-scan-code]").fill(code)
    page.locator("[data-scan-code]").press("Enter")


def test_a_carton_is_packed_by_scan_and_the_label_is_one_step_away(
    page: Page, shop: Any, bench: str, picture: Callable[[Page, str], None]
) -> None:
    page.goto("/pack")
    page.get_by_label("Scan the pick list").fill(bench.lower())
    page.get_by_label("Scan the pick list").press("Enter")
    expect(page.locator("h1")).to_contain_text(f"Pack {bench}")
    expect(page.locator(".bench-see svg.carton")).to_be_visible()
    picture(page, "packing-bench")
    scan(page, "PK-NOTHING")
    expect(page.locator("[data-scan-wrong]")).to_contain_text("does not belong into this carton")
    scan(page, "2000000077772")
    expect(page.get_by_label("Units of PK-BOOK")).to_have_value("1")
    page.get_by_role("button", name="All is in").click()
    page.get_by_label("Weight in grams").fill("4300")
    page.get_by_label("Print at station").fill("PACK-7")
    picture(page, "packing-bench-scanned")
    page.get_by_role("button", name="Pack", exact=True).click()
    done = page.locator(".notice-good", has_text="is packed")
    expect(done).to_contain_text("-P1")
    expect(done.get_by_role("link", name="Label")).to_have_attribute(
        "href", f"/documents/label/{bench.replace('-F1', '-P1')}"
    )
    picture(page, "packing-bench-packed")
    expect(page.get_by_label("Print at station")).to_have_value("PACK-7")
    (claimed,) = shop.do("print-jobs.claim", {"station": "PACK-7"})
    assert [job["kind"] for job in claimed["jobs"]] == ["label", "packing-slip"]

    shop.do("print-jobs.finish", {"job": claimed["jobs"][0]["job"]})
    page.goto("/print-jobs?station=PACK-7")
    expect(page.locator("tr", has_text="Packing slip")).to_contain_text("is being printed")
    page.get_by_role("button", name="Drop").click()
    expect(page.locator(".flash")).to_contain_text("not printed any more")
    page.goto("/print-jobs?station=PACK-7&status=printed")
    page.get_by_role("button", name="Print again").click()
    expect(page.locator(".flash")).to_contain_text("printed once more")
    page.goto("/print-jobs?station=PACK-7")
    expect(page.locator("tbody tr")).to_have_count(3)
    picture(page, "print-queue")

    page.goto("/cartons")
    page.get_by_role("link", name="S", exact=True).click()
    page.get_by_label("Costs").fill("0,65")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("tr", has_text="Carton S")).to_contain_text("0.65")
    picture(page, "cartons")
    page.goto("/parcel-rates")
    page.get_by_role("link", name="New rates").first.click()
    page.get_by_label("Code").fill("FR")
    page.get_by_label("To countries").fill("fr, mc")
    page.get_by_role("button", name="Another line").click()
    for row, (grams, price) in enumerate((("2000", "6.90"), ("1000", "9,90"))):
        page.get_by_label("Up to, grams").nth(row).fill(grams)
        page.get_by_label("EUR").nth(row).fill(price)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("each step goes further")
    page.get_by_label("Up to, grams").nth(1).fill("10000")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("tr", has_text="FR, MC")).to_contain_text("10,000: 9.90")
    picture(page, "parcel-rates")


def test_units_with_names_are_packed_by_name(page: Page, shop: Any, picture: Callable[[Page, str], None]) -> None:
    shop.do("products.save", {"sku": "PK-WATCH", "name": "Watch", "tracking": "serial"})
    names = ["W-01-A", "W-02-B", "W-03-C"]
    received = {"sku": "PK-WATCH", "location": "HAM", "reason": "opening"}
    shop.do("stock.receive", {**received, "quantity": 3, "serials": names})
    ref = picked(shop, 94, ("PK-WATCH", 2), lines=[{"line": 1, "quantity": 2, "serials": names[1:]}])
    page.goto(f"/pack/{ref}")
    expect(page.locator(".units-table tbody tr")).to_have_count(2)
    scan(page, "W-01-A")
    expect(page.locator("[data-scan-wrong]")).to_contain_text("does not belong into this carton")
    scan(page, "W-03-C")
    expect(page.get_by_label("W-03-C")).to_have_value("1")
    page.get_by_role("button", name="Pack", exact=True).click()
    expect(page.locator(".notice-good", has_text="is packed")).to_be_visible()
    expect(page.locator(".units-table tbody")).to_contain_text("W-02-B")
    expect(page.locator(".units-table tbody")).not_to_contain_text("W-03-C")


def test_how_full_the_days_are_is_told_everywhere_at_once(
    page: Page, shop: Any, picture: Callable[[Page, str], None]
) -> None:
    place = {
        "name": "Kiel",
        "kind": "store",
        "country": "DE",
        "time_zone": "Europe/Berlin",
        "capabilities": ["ship", "pickup"],
    }
    schedule = {"capacity": {"per_day": 3, "counts": "units"}}
    shop.do("locations.save", {**place, "code": "KIE", "schedule": schedule})
    shop.do("products.save", {"sku": "PK-BUOY", "name": "Buoy"})
    shop.do("stock.receive", {"sku": "PK-BUOY", "location": "KIE", "quantity": 5, "reason": "opening"})
    page.goto("/orders/new")
    page.get_by_label("SKU").first.fill("PK-BUOY")
    page.get_by_label("Units").first.fill("3")
    page.get_by_label("Price of one unit").first.fill("9.90")
    page.get_by_label("Name", exact=True).fill("Ada Meyer")
    page.get_by_label("Collected by the customer").select_option("KIE")
    page.get_by_role("button", name="Another line").click()
    for name, value in (("SKU", "MUG-BLUE"), ("Units", "1"), ("Price of one unit", "9.90")):
        page.get_by_label(name).nth(1).fill(value)
    page.get_by_role("button", name="Place order").click()
    expect(page.locator(".flash")).to_contain_text("was placed")
    expect(page.locator("#main")).to_contain_text("KIE")
    number = page.url.rpartition("/")[2]

    async def places(database: Database) -> list[str | None]:
        async with database.read(shop.merchant_id) as tx:
            return [line.pickup for line in (await read_order(tx, number)).lines]

    assert shop.with_database(places) == ["KIE", None], "a place for each line"
    page.goto("/capacity")
    expect(page.locator("tr", has_text="KIE")).to_contain_text("full")
    picture(page, "capacity")
    shop.do("locations.save", {**place, "code": "KIE", "active": False})
