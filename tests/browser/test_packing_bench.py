"""The packing bench: the picture of the carton, and a scanner that knows what belongs in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

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
    (placed,) = shop.do("orders.place", order(93, ("PK-MUG", 6), ("PK-BOOK", 3), ("PK-LAMP", 2)))
    shop.do("orders.release", {"order": placed["number"]})
    shop.do("fulfillment-orders.pick", {"fulfillment_order": f"{placed['number']}-F1"})
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
