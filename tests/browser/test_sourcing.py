"""Sourcing: rules with what looks wrong, why an order comes from where it does, what if, and sourcing again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import order

Picture = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def lamp(shop: Any) -> Iterator[str]:
    """An order of lamps that lie in both places; it came from Hamburg."""
    shop.do("products.save", {"sku": "LAMP-DESK", "name": "Desk lamp", "weight_grams": 900})
    received = {"sku": "LAMP-DESK", "quantity": 9, "reason": "opening"}
    shop.do("stock.receive", *({**received, "location": place} for place in ("HAM", "MUC")))
    yield shop.do("orders.place", order(300, ("LAMP-DESK", 2)))[0]["number"]
    shop.do("sourcing-rules.save", {})


def put(page: Page, kind: str, **fields: str) -> None:
    """A new line of the rules, taken over into the draft."""
    page.get_by_role("button", name=f"New {kind}").click()
    line = page.get_by_role("group", name="Change")
    for name, value in fields.items():
        field = line.locator(f"[name={name}]")
        field.select_option(value) if name in ("by", "take") else field.fill(value)
    line.get_by_role("button", name="Take over").click()


def zone(page: Page, name: str, amount: str, *, place: str = "", country: str = "", codes: str = "") -> None:
    """A new zone of the costs with one rate, taken over into the draft."""
    page.get_by_role("button", name="New zone").click()
    line = page.get_by_role("group", name="Change")
    line.locator("[name=zone]").fill(name)
    if place:
        line.get_by_role("checkbox", name=place).check()
    if country:
        line.get_by_label("Country").first.select_option(country)
        line.get_by_label("postal codes").first.fill(codes)
    line.get_by_role("button", name="Another line").last.click()
    line.get_by_label("Up to, grams").last.fill("31500")
    line.get_by_label("Costs", exact=True).last.fill(amount)
    line.get_by_role("button", name="Take over").click()


def test_rules_are_checked_saved_and_followed(page: Page, shop: Any, lamp: str, watched: Any, picture: Picture) -> None:
    page.goto("/sourcing")
    expect(page.locator("#main")).to_contain_text("None: the priority of locations decides.")
    put(page, "rule", name="list again", by="listed", locations="HAM MUC", products="LAMP-DESK")
    put(page, "rule", name="list", by="listed", locations="HAM\nMUC")
    watched[1].expected = ("422",)
    put(page, "filter", name="not too far", by="distance")
    expect(page.get_by_role("alert")).to_contain_text("says km")
    page.get_by_role("group", name="Change").get_by_label("km").fill("900")
    page.get_by_role("button", name="Take over").click()
    put(page, "strategy", name="least cost", take="cheapest")
    expect(page.locator(".notice-bad")).to_contain_text("say in costs")
    page.get_by_role("button", name="Say what it costs").click()
    for name, value in {"per_order": "0.80", "per_split": "1.00"}.items():
        page.get_by_role("group", name="Change").locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="Take over").click()
    zone(page, "south", "3.90", place="MUC", country="DE", codes="80-83 8")
    expect(page.get_by_role("group", name="Change").get_by_role("alert")).to_contain_text(
        "DE: 80 begins with 8, which stands there too."
    )
    page.get_by_role("group", name="Change").get_by_label("postal codes").first.fill("")
    picture(page, "sourcing-zone")
    page.get_by_role("button", name="Take over").click()
    zone(page, "north", "5.90")
    expect(page.get_by_role("region", name="Costs")).to_contain_text("31,500: 3.90")
    expect(page.get_by_role("region", name="What looks wrong")).not_to_contain_text("says what was said before")
    page.get_by_role("button", name="list again down").click()
    expect(page.get_by_role("region", name="What looks wrong")).to_contain_text("says what was said before")
    page.get_by_role("button", name="Change not too far").click()
    picture(page, "sourcing-rules-draft")
    page.get_by_role("button", name="Not now").click()
    page.get_by_role("button", name="Remove not too far").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".flash")).to_contain_text("The rules are saved")
    expect(page.locator("#main")).to_contain_text("in this order: HAM › MUC")
    picture(page, "sourcing-rules")
    page.get_by_text("As JSON").click()
    page.get_by_label("Rules", exact=True).fill(json.dumps({"strategies": [{"name": "x", "take": "best"}]}))
    page.get_by_role("button", name="Check").last.click()
    expect(page.locator(".notice-bad")).to_contain_text("best")

    page.goto(f"/orders/{lamp}")
    expect(page.locator(".why-here")).to_contain_text("All from one location.")
    page.get_by_role("link", name="Why here?").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Why here?")
    page.locator("select[name=take]").select_option("cheapest")
    page.get_by_role("button", name="Try").click()
    expect(page.locator("#main [role=status]")).to_contain_text("That would save 2.00 EUR.")
    picture(page, "sourcing-of-an-order")

    page.goto("/sourcing")
    page.get_by_role("button", name="What would sourcing again save?").click()
    expect(page.locator("tr", has_text=lamp)).to_contain_text("2.00")
    picture(page, "sourcing-again")
    page.get_by_role("button", name="again").click()
    expect(page.locator(".flash")).to_contain_text("sourced again")
    expect(page.locator("tr", has_text=lamp)).to_contain_text("done")
    page.goto(f"/orders/{lamp}/sourcing")
    expect(page.locator("#main")).to_contain_text("When it was sourced again")


def test_the_queue_to_source_says_why(page: Page, shop: Any, lamp: str, picture: Picture) -> None:
    never = {
        "name": "no lamps from the south",
        "by": "never",
        "locations": ["MUC"],
        "when": {"products": ["LAMP-DESK"]},
    }
    shop.do("sourcing-rules.save", {"filters": [never]})
    shop.do("policies.set", {"name": "may_backorder", "value": True, "sku": "LAMP-DESK"})
    number = shop.do("orders.place", order(301, ("LAMP-DESK", 12)))[0]["number"]
    page.goto("/orders?stage=backordered")
    row = page.locator("tr", has_text=number)
    expect(row).to_contain_text("Not all of it was there.")
    expect(row).to_contain_text("Left out: MUC")
    picture(page, "orders-and-why-they-wait")
