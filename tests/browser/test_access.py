"""Whoever cannot see well or cannot use a mouse: axe finds no serious fault on any page, light or dark."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser

pytest.importorskip("axe_playwright_python", reason="axe-playwright-python brings axe-core; pip install it")

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = {
    "light": "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'], resultTypes: ['violations']}",
    "dark": "{runOnly: ['color-contrast'], resultTypes: ['violations']}",
}
"""Only the colours differ in the dark."""
PAGES = (
    "/",
    "/orders",
    "/orders/new",
    "/orders/{plain}",
    "/orders/{delivered}",
    "/orders/{plain}/do/lines.cancel",
    "/queues",
    "/queues/held",
    "/sourcing",
    "/print-jobs",
    "/capacity",
    "/queues/to_pick/HAM",
    "/queues/coming_back",
    "/stock",
    "/stock/of/CANDLE",
    "/stock/of/MILK-1L",
    "/stock/of/LAMP-01",
    "/stock/of/GIFT-SET",
    "/serials?sku=LAMP-01",
    "/serials/of?sku=LAMP-01&serial=S-001",
    "/lots",
    "/lots/of?sku=MILK-1L&lot=L-2611",
    "/lots/do/recall?sku=MILK-1L&lot=L-2611",
    "/reservations",
    "/reservations/new",
    "/stock/pools/edit?sku=CANDLE&pool=fair",
    "/stock/move?sku=MILK-1L",
    "/stock/set",
    "/stock/transfer",
    "/purchase-orders",
    "/purchase-orders/new",
    "/purchase-orders/{purchase}",
    "/purchase-orders/{purchase}/receive",
    "/purchase-orders/{purchase}/do/purchase-orders.change",
    "/replenishment",
    "/stock-feeds",
    "/stock-feeds/new",
    "/stock/receive",
    "/waves",
    "/waves/new",
    "/counts",
    "/counts/open",
    "/counts/{count}",
    "/counts/{count}/scan",
    "/counts/{count}/scan?line=1",
    "/counts/{count}/approve",
    "/transfers",
    "/transfers/new",
    "/transfers/{transfer}",
    "/transfers/{transfer}/do/ready",
    "/transfers/{on_its_way}/do/receive",
    "/transfers/{on_its_way}/do/cancel",
    "/work-orders",
    "/work-orders/new",
    "/work-orders/{work_order}",
    "/work-orders/{work_order}/complete",
    "/work-orders/{work_order}/cancel",
    "/kits",
    "/kits/edit?sku=TABLE-SET",
    "/shortages",
    "/shortages/plan",
    "/payments",
    "/orders/{delivered}/payments",
    "/disputes?status=won",
    "/credits",
    "/credits/new",
    "/invoices",
    "/ledger",
    "/settlement",
    "/products",
    "/products/edit?sku=MUG-BLUE",
    "/products/import",
    "/locations",
    "/locations/new",
    "/locations/of/HAM",
    "/location-groups/edit",
    "/channels",
    "/docs",
    "/policies?name=may_split",
    "/events",
    "/keys",
    "/keys/new",
)
IN_THE_DARK = (
    "/",
    "/orders",
    "/orders/{delivered}",
    "/orders/{plain}/do/lines.cancel",
    "/stock",
    "/stock/of/CANDLE",
    "/purchase-orders/{purchase}/receive",
    "/locations/of/HAM",
    "/lots/of?sku=MILK-1L&lot=L-2611",
    "/reservations",
    "/serials/of?sku=LAMP-01&serial=S-001",
    "/policies?name=may_split",
    "/counts/{count}/scan?line=1",
    "/transfers/{on_its_way}",
    "/transfers/{on_its_way}/do/receive",
    "/work-orders/{work_order}",
    "/kits",
)


@pytest.mark.parametrize("colors", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(browser: Browser, address: str, login: Any, store: Any, colors: Any) -> None:
    context = browser.new_context(storage_state=login, base_url=address, color_scheme=colors)
    page = context.new_page()
    found: list[str] = []
    for path in PAGES if colors == "light" else IN_THE_DARK:
        page.goto(path.format(**store.numbers))
        page.evaluate(AXE)
        for fault in page.evaluate(f"axe.run(document, {RULES[colors]}).then(found => found.violations)"):
            where = [node["html"][:160] for node in fault["nodes"][:3]]
            found.append(f"{path}: {fault['id']}: {fault['help']}: {where}")
    context.close()
    assert not found, "\n".join(found)
