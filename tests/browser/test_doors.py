"""What the console refuses, and what it answers without a session."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import APIRequestContext, BrowserContext, Page, expect


@pytest.fixture
def ask(watched: tuple[BrowserContext, Any]) -> APIRequestContext:
    """Requests with the session, and without a page."""
    return watched[0].request


def token(ask: APIRequestContext) -> str:
    """The token that forms of this session carry."""
    found = re.search(r'name="_token" value="([0-9a-f]+)"', ask.get("/orders").text())
    assert found
    return found[1]


def test_nothing_answers_without_a_session(browser: Any, address: str) -> None:
    context = browser.new_context(base_url=address)
    for path in ("/", "/orders", "/orders/1001", "/keys", "/events", "/palette", "/products/options", "/no/such/page"):
        answer = context.request.get(path, max_redirects=0)
        assert answer.status == 303, path
        assert answer.headers["location"].startswith("/login"), path
    assert context.request.get("/live", max_redirects=0).status == 401
    assert context.request.post("/orders/1001/do/orders.hold", max_redirects=0).status == 401
    assert context.request.get("/static/console.js").status == 200
    context.close()


def test_every_page_forbids_foreign_and_inline_code(ask: APIRequestContext) -> None:
    for path in ("/", "/orders", "/login", "/no/such/page"):
        answer = ask.get(path)
        assert "default-src 'self'" in answer.headers["content-security-policy"], path
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "DENY"
        assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son[a-z]+=", answer.text()), path


def test_a_form_without_its_token_changes_nothing(ask: APIRequestContext, shop: Any) -> None:
    path = f"/orders/{shop.numbers['plain']}/do/orders.hold"
    assert ask.post(path, form={"kind": "manual"}).status == 403
    assert ask.post(path, form={"kind": "manual", "_token": "0" * 64}).status == 403
    elsewhere = {"sec-fetch-site": "cross-site", "origin": "https://example.org"}
    assert ask.post(path, form={"kind": "manual", "_token": token(ask)}, headers=elsewhere).status == 403
    assert "manual" not in ask.get(f"/orders/{shop.numbers['plain']}").text()


def test_a_form_that_is_sent_twice_is_done_once(ask: APIRequestContext, shop: Any) -> None:
    path, form = (
        "/stock/adjust",
        {"_token": token(ask), "_id": "twice-1", "sku": "CUP-ESP", "location": "MUC", "quantity": "3"},
    )
    form |= {"kind": "found", "reason": "count"}
    before = shop.available("CUP-ESP", "MUC")
    assert ask.post(path, form=form).status == 200
    assert ask.post(path, form=form).status == 200
    assert shop.available("CUP-ESP", "MUC") == before + 3


def test_what_is_too_large_or_odd_is_refused_with_a_page(ask: APIRequestContext) -> None:
    large = {"_token": token(ask), "text": "x" * 6_500_000}
    assert ask.post("/products/import", form=large).status == 413
    for path in (
        "/orders?after=nonsense",
        "/orders?stage=nowhere",
        "/orders?q=%00%F0",
        "/stock?after=x",
        "/events?before=-1",
        "/orders?age=999999",
    ):
        assert ask.get(path).status == 200, path
    for path in (
        "/orders/0",
        "/orders/%00",
        "/orders/" + "9" * 40,
        "/stock/of/nothing",
        "/queues/to_pick/nowhere",
        "/keys/x/revoke/y",
    ):
        assert ask.get(path).status == 404, path
    answer = ask.post(
        "/orders/new", form={"_token": token(ask), "sku": "MUG-BLUE", "quantity": "1000000000000", "price": "1.234567"}
    )
    assert answer.status == 409
    assert "line 1" in answer.text()


def test_another_merchants_order_does_not_exist(ask: APIRequestContext, shop: Any) -> None:
    foreign = shop.foreign_order()
    assert ask.get(f"/orders/{foreign}").status == 404
    assert foreign not in ask.get(f"/orders?q={foreign}").text().replace(f"q={foreign}", "").replace(
        f"{foreign}", "", 3
    )


def test_after_many_wrong_passwords_nobody_is_heard_for_a_while(browser: Any, address: str, enter: Any) -> None:
    context = browser.new_context(base_url=address)
    page: Page = context.new_page()
    for _ in range(9):
        enter(page, address, "guess@example.com", "wrong")
    expect(page.get_by_role("alert")).to_contain_text("Too many attempts")
    context.close()


def test_logging_in_leads_only_to_pages_of_ours(browser: Any, address: str, login: Any) -> None:
    context = browser.new_context(base_url=address, storage_state=login)
    for after, lands in (
        ("//example.org/", "/"),
        ("/\\example.org", "/"),
        ("https://example.org/", "/"),
        ("/stock?q=a", "/stock?q=a"),
    ):
        answer = context.request.get("/login", params={"next": after}, max_redirects=0)
        assert answer.headers["location"] == lands
    context.close()


def test_it_works_without_javascript(browser: Any, address: str, login: Any, shop: Any) -> None:
    context = browser.new_context(base_url=address, storage_state=login, java_script_enabled=False)
    page: Page = context.new_page()
    number = shop.numbers["scriptless"]
    page.goto(f"/orders/{number}")
    page.get_by_role("link", name="Hold", exact=True).click()
    page.get_by_label("Note").fill("by hand")
    page.get_by_role("button", name="Hold", exact=True).click()
    expect(page.get_by_text("by hand")).to_be_visible()
    page.get_by_role("link", name="Release hold").click()
    page.get_by_role("button", name="Release hold").click()
    expect(page.locator(".flash")).to_contain_text("no longer held")
    context.close()


def test_a_database_that_is_away_is_a_page_that_says_so(ask: APIRequestContext, away: Any, server_app: Any) -> None:
    service = server_app.state.service
    database, service.database = service.database, away
    try:
        answer = ask.get("/orders")
    finally:
        service.database = database
    assert answer.status == 503
    assert "cannot be reached" in answer.text()


def test_a_new_location_takes_no_code_that_there_is(ask: APIRequestContext, shop: Any) -> None:
    place = {"code": "STORE-7", "name": "Store 7", "kind": "store", "country": "DE", "time_zone": "Europe/Berlin"}
    shop.do("location-groups.save", {"code": "REGION-7", "name": "Region"})
    hidden = {"group": "REGION-7", "address": {"city": "Kiel"}, "capabilities": ["pickup"]}
    shop.do("locations.save", place | hidden | {"schedule": {"capacity": {"per_day": 7}}})
    form = place | {"_token": token(ask), "name": "Renamed", "priority": "900"}
    answer = ask.post("/locations/new", form={name: str(value) for name, value in form.items()})
    assert "There is a location of this code" in answer.text()
    found = shop.location("STORE-7")
    assert (found.name, found.active, found.group) == ("Store 7", True, "REGION-7")
    assert found.address.city == "Kiel" and found.capabilities == ["pickup"] and found.schedule.capacity.per_day == 7
