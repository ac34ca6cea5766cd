"""Where things are kept and for whom: locations with their days, lots and recalls, units by name, pools, reservations."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

Picture = Callable[[Page, str], None]


@pytest.fixture
def office(store: Any) -> str:
    """A location of this test's own, with a date that is over and one group to choose."""
    over = {"date": "2020-05-04", "open": True, "name": "Moved in"}
    place = {"name": "Leipzig office", "kind": "store", "time_zone": "Europe/Berlin", "country": "DE", "priority": 900}
    store.do("location-groups.save", {"code": "EAST", "name": "East of Germany"})
    store.do("locations.save", {"code": "LEJ-9", **place, "active": False, "schedule": {"special_days": [over]}})
    return "LEJ-9"


def test_a_location_says_where_it_is_what_it_can_do_and_when(
    page: Page, store: Any, office: str, picture: Picture
) -> None:
    page.goto("/locations")
    page.get_by_role("link", name=office).click()
    page.get_by_label("Street").fill("Katharinenstraße 1")
    page.get_by_label("City", exact=True).fill("Leipzig")
    page.get_by_label("Group", exact=True).select_option("EAST")
    page.get_by_label("hands them to customers").check()
    page.get_by_label("takes returns back").uncheck()
    for day in ("Saturday", "Sunday"):
        page.get_by_label(day, exact=True).uncheck()
    page.get_by_label("Friday, Cut-off").fill("12:00")
    page.get_by_label("Monday, Capacity").fill("80")
    page.locator("#l-cut_off").fill("14:00")
    page.get_by_label("Capacity of a day").fill("40")
    page.get_by_label("Public holidays of").fill("DE-SN")
    page.get_by_role("button", name="Another date").click()
    closed = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    page.get_by_label("Date", exact=True).fill(closed)
    page.get_by_label("Why").fill("Stocktaking")
    picture(page, "location")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".flash")).to_contain_text("is saved")
    expect(page.locator("aside")).to_contain_text("Stocktaking")
    picture(page, "location-saved")
    found = store.location(office)
    assert (found.address.line1, found.address.city, found.group) == ("Katharinenstraße 1", "Leipzig", "EAST")
    assert sorted(found.capabilities) == ["pickup", "ship"]
    schedule = found.schedule
    week = {each.weekday: (each.cut_off, each.capacity) for each in schedule.week}
    assert week == {"monday": (None, 80), "tuesday": (None, None), "wednesday": (None, None), "thursday": (None, None),
                    "friday": ("12:00", None)}  # fmt: skip
    assert (schedule.cut_off, schedule.capacity.per_day, schedule.holidays) == ("14:00", 40, "DE-SN")
    assert [(each.date.isoformat(), each.name) for each in schedule.special_days] == [
        ("2020-05-04", "Moved in"), (closed, "Stocktaking"),
    ]  # fmt: skip


def test_a_location_that_is_saved_as_it_stands_stays_as_it_is(page: Page, store: Any) -> None:
    before = store.location("HAM")
    page.goto("/locations/of/HAM")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".flash")).to_contain_text("is saved")
    after = store.location("HAM")
    assert {name: getattr(after, name) for name in after.__struct_fields__ if name != "version"} == {
        name: getattr(before, name) for name in before.__struct_fields__ if name != "version"
    }


def test_what_is_wrong_with_a_location_is_said_and_what_was_typed_stays(page: Page, watched: Any, office: str) -> None:
    watched[1].expected = ("409",)
    page.goto(f"/locations/of/{office}")
    page.get_by_label("City", exact=True).fill("Dresden")
    page.get_by_label("Tuesday, Opens").fill("17:00")
    page.get_by_label("Tuesday, Closes").fill("08:00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("before it opens at 17:00")
    expect(page.get_by_label("City", exact=True)).to_have_value("Dresden")
    expect(page.get_by_label("Tuesday, Closes")).to_have_value("08:00")
    page.get_by_label("Tuesday, Closes").fill("")
    page.get_by_label("Time zone").fill("Europe/Nowhere")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("no such time zone")


def test_groups_of_locations_form_a_tree(page: Page, office: str, picture: Picture) -> None:
    page.goto("/locations")
    page.get_by_role("link", name="New group").click()
    sheet = page.locator("#sheet")
    sheet.get_by_label("Code").fill("SAXONY")
    sheet.get_by_label("Name").fill("Saxony")
    sheet.get_by_label("Stands in").select_option("EAST")
    sheet.get_by_role("button", name="Save").click()
    expect(page.locator("tr", has=page.get_by_role("link", name="SAXONY"))).to_contain_text("EAST")
    picture(page, "locations-groups")


def test_a_lot_is_recalled_and_its_page_says_who_got_some(page: Page, store: Any, picture: Picture) -> None:
    store.do("products.save", {"sku": "JUICE", "name": "Apple juice", "tracking": "lot"})
    last = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    received = {
        "sku": "JUICE",
        "location": "HAM",
        "quantity": 20,
        "reason": "purchase",
        "lot": "J-1",
        "expires_on": last,
    }
    store.do("stock.receive", received)
    line = {"sku": "JUICE", "quantity": 3, "unit_price": {"amount": "2.00", "currency": "EUR"}}
    placed = store.do(
        "orders.place",
        {"channel": "web", "currency": "EUR", "customer": {"name": "Rosa Recall", "email": "rosa@example.com"},
         "lines": [line], "ship_to": {"name": "Rosa Recall", "city": "Kiel", "country": "DE"}},
    )[0]  # fmt: skip
    page.goto("/lots?expires=30")
    expect(page.locator("#lots")).not_to_contain_text("L-2611")
    picture(page, "lots")
    page.get_by_role("link", name="J-1").click()
    holder = page.locator("tr", has_text="Rosa Recall")
    expect(holder).to_contain_text("rosa@example.com")
    expect(holder.get_by_role("link", name=placed["number"])).to_be_visible()
    page.get_by_role("link", name="Recall").click()
    sheet = page.locator("#sheet")
    sheet.get_by_label("Reason").fill("glass")
    sheet.get_by_role("button", name="Recall").click()
    expect(page.locator(".flash")).to_contain_text("J-1 is recalled")
    expect(page.locator(".tags-line")).to_contain_text("recalled")
    picture(page, "lot-recalled")
    assert store.available("JUICE", "HAM") == 0
    store.do("stock.receive", {**received, "lot": "J-2"})
    holder.get_by_role("link", name="Another lot").click()
    sheet.get_by_label("Lot").select_option("J-2")
    sheet.get_by_label("Reason").fill("glass")
    sheet.get_by_role("button", name="Swap").click()
    expect(page.locator(".flash")).to_contain_text("The lot is swapped")
    expect(page.locator("#lot")).to_contain_text("Nobody got any of it")
    page.get_by_role("link", name="Release").click()
    sheet.get_by_label("Reason").fill("cleared")
    sheet.get_by_role("button", name="Release").click()
    expect(page.locator(".tags-line")).to_contain_text("good")
    assert store.available("JUICE", "HAM") == 37


def test_a_unit_in_the_hand_is_found_by_its_name_alone(page: Page, store: Any, picture: Picture) -> None:
    page.goto("/serials")
    box = page.get_by_role("searchbox", name="Serial number")
    expect(box).to_be_focused()
    box.fill("S-002")
    box.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("S-002")
    expect(page.locator(".tags-line")).to_contain_text("on the shelf")
    expect(page.locator("tbody tr")).to_contain_text("stock received")
    picture(page, "serial")
    page.goto("/serials?sku=LAMP-01&place=on_shelf")
    expect(page.get_by_role("link", name="S-003")).to_be_visible()
    picture(page, "serials")
    page.goto("/serials?serial=NOBODY")
    expect(page.get_by_text("No such unit")).to_be_visible()
    page.goto("/serials?sku=MUG-BLUE")
    expect(page.get_by_text("Units of MUG-BLUE have no names")).to_be_visible()


def test_a_channel_gets_a_pool_and_loses_it(page: Page, store: Any, picture: Picture) -> None:
    store.do("products.save", {"sku": "VASE", "name": "Vase"})
    store.do("stock.receive", {"sku": "VASE", "location": "HAM", "quantity": 10, "reason": "opening"})
    page.goto("/stock/of/VASE")
    page.get_by_role("link", name="Pool").click()
    sheet = page.locator("#sheet")
    sheet.get_by_label("Code of the pool").fill("launch")
    sheet.get_by_label("What it does").select_option("exclusive")
    sheet.get_by_label("Units").fill("4")
    sheet.get_by_role("button", name="Save").click()
    expect(sheet.get_by_role("group", name="Channels")).to_contain_text(re.compile("required|missing"))
    sheet.get_by_role("checkbox").first.check()
    picture(page, "form-pool")
    sheet.get_by_role("button", name="Save").click()
    pool = page.locator(".pool-row")
    expect(pool).to_contain_text("launch")
    expect(pool).to_contain_text("4 of 4 left")
    expect(page.locator(".figures")).to_contain_text("6")
    pool.get_by_role("link", name="Change").click()
    sheet.get_by_label("Units").fill("3")
    sheet.get_by_role("button", name="Save").click()
    expect(pool).to_contain_text("3 of 3 left")
    pool.get_by_role("link", name="Remove").click()
    sheet.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No channel has a pool of it.")).to_be_visible()
    assert store.available("VASE", "HAM") == 10


def test_a_claim_gets_its_place_is_kept_longer_and_let_go(page: Page, store: Any, picture: Picture) -> None:
    store.do("products.save", {"sku": "LADDER", "name": "Ladder"}, {"sku": "ROPE", "name": "Rope"})
    store.do("stock.receive", {"sku": "LADDER", "location": "HAM", "quantity": 5, "reason": "opening"},
             {"sku": "LADDER", "location": "MUC", "quantity": 5, "reason": "opening"},
             {"sku": "ROPE", "location": "MUC", "quantity": 1, "reason": "opening"})  # fmt: skip
    page.goto("/reservations")
    page.get_by_role("link", name="Reserve units").click()
    sheet = page.locator("#sheet")
    sheet.get_by_label("SKU").fill("LADDER")
    sheet.get_by_label("Units").fill("40")
    sheet.get_by_role("button", name="Another line").click()
    sheet.get_by_label("SKU").nth(1).fill("ROPE")
    sheet.get_by_label("Units").nth(1).fill("1")
    sheet.get_by_label("Location").select_option("anywhere, without a place")
    sheet.get_by_label("Reference").fill("quote 12")
    sheet.get_by_role("button", name="Reserve").click()
    expect(sheet.get_by_role("alert")).to_contain_text("LADDER cannot be kept")
    picture(page, "form-reserve")
    sheet.get_by_label("Units").first.fill("4")
    sheet.get_by_role("button", name="Reserve").click()
    expect(page.locator(".flash")).to_contain_text("The units are kept")
    page.goto("/reservations?sku=LADDER")
    row = page.locator("tr", has_text="quote 12")
    expect(row).to_contain_text("anywhere")
    expect(row).to_contain_text("ROPE")
    picture(page, "reservations")
    row.get_by_role("link", name="Give it a place").click()
    sheet.get_by_label("Location").select_option("MUC")
    picture(page, "form-pin")
    sheet.get_by_role("button", name="Give it a place").click()
    expect(page.locator(".flash")).to_contain_text("have their place")
    page.goto("/reservations?sku=LADDER")
    expect(row).to_contain_text("MUC")
    expect(row.get_by_role("link", name="Give it a place")).to_have_count(0)
    row.get_by_role("link", name="Keep longer").click()
    sheet.get_by_label("Until").select_option("604800")
    sheet.get_by_role("button", name="Keep longer").click()
    expect(page.locator(".flash")).to_contain_text("kept longer")
    page.goto("/reservations?sku=LADDER")
    expect(row).to_contain_text("day")
    row.get_by_role("link", name="Release").click()
    sheet.get_by_role("button", name="Release").click()
    expect(page.locator(".flash")).to_contain_text("free again")
    page.goto("/reservations?sku=LADDER")
    expect(page.get_by_text("No reservation keeps LADDER")).to_be_visible()
    assert store.available("LADDER", "MUC") == 5
