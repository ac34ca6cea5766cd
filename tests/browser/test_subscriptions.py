"""A draft is ordered again and again, until somebody skips, pauses or ends it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import order


def test_a_subscription_is_made_skipped_paused_and_resumed(
    page: Page, shop: Any, picture: Callable[[Page, str], None]
) -> None:
    wanted = {
        name: value
        for name, value in order(93, ("MUG-BLUE", 2)).items() if name not in ("external_reference", "tenders")
    }  # fmt: skip
    (draft,) = shop.do("drafts.create", wanted)
    page.goto("/subscriptions/new")
    page.get_by_label("Draft").fill(draft["draft"])
    page.get_by_label("First order").fill((datetime.now(UTC) + timedelta(days=20)).strftime("%Y-%m-%dT08:00:00"))
    page.get_by_role("button", name="Make it").click()
    expect(page.locator("main")).to_contain_text(draft["draft"])
    expect(page.locator("main")).to_contain_text("runs")
    picture(page, "subscriptions")
    page.locator("td a.key").first.click()
    for link, button in (("Skip the next order", "Skip the next order"), ("Pause", "Pause"), ("Resume", "Resume")):
        page.get_by_role("link", name=link).click()
        page.locator("#sheet").get_by_role("button", name=button).click()
        expect(page.locator("main")).to_contain_text("Done.")
    picture(page, "subscription")
