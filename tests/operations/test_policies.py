"""Policies: typed, versioned, the narrowest scope wins, an order keeps the version that it was placed under."""

from __future__ import annotations

from typing import Any

import pytest

from tests.operations.conftest import Shop

ORDER: dict[str, Any] = {
    "channel": "web",
    "currency": "EUR",
    "lines": [{"sku": "MUG", "quantity": 3, "unit_price": {"amount": "100.00", "currency": "EUR"}}],
    "ship_to": {"country": "DE"},
}


@pytest.fixture
async def mugs(shop: Shop) -> Shop:
    """One product, no stock."""
    await shop.do("products.save", sku="MUG", name="Mug")
    return shop


async def test_the_narrowest_scope_wins(mugs: Shop) -> None:
    await mugs.do("policies.set", name="may_backorder", value=False)
    await mugs.do("policies.set", name="may_backorder", value=True, channel="web")
    assert (await mugs.do("orders.place", **ORDER))["stage"] == "backordered"
    await mugs.do("policies.set", name="may_backorder", value=False, sku="MUG")
    (refused,) = await mugs.batch("orders.place", ORDER)
    assert refused["name"] == "insufficient_stock"


async def test_what_is_withdrawn_leaves_the_wider_scope(mugs: Shop) -> None:
    await mugs.do("policies.set", name="may_backorder", value=True)
    await mugs.do("policies.set", name="may_backorder", value=False, sku="MUG")
    await mugs.do("policies.set", name="may_backorder", value=None, sku="MUG")
    assert (await mugs.do("orders.place", **ORDER))["stage"] == "backordered"


async def test_an_order_keeps_the_version_that_it_was_placed_under(mugs: Shop) -> None:
    version = (await mugs.do("policies.set", name="may_backorder", value=True))["version"]
    placed = await mugs.do("orders.place", **ORDER)
    await mugs.do("policies.set", name="may_backorder", value=False)
    async with mugs.database.read(mugs.merchant_id) as tx:
        kept = await tx.fetchval(
            "SELECT policy_version FROM orders WHERE merchant_id = $1 AND id = $2", placed["order_id"]
        )
    assert kept == version


async def test_versions_count_through_a_batch_and_nothing_is_overwritten(mugs: Shop) -> None:
    outcomes = await mugs.batch(
        "policies.set",
        *({"name": "order_priority", "value": value, "channel": "web"} for value in (1, 2, 3)),
    )
    assert [outcome["version"] for outcome in outcomes] == [1, 2, 3]
    async with mugs.database.read(mugs.merchant_id) as tx:
        rows = await tx.fetch(
            "SELECT version, value, superseded_by FROM policy WHERE merchant_id = $1 ORDER BY version"
        )
    assert [tuple(row) for row in rows] == [(1, "1", 2), (2, "2", 3), (3, "3", None)]


@pytest.mark.parametrize(
    ("limit", "holds"),
    [("300.00", []), ("299.99", ["high_value"]), (None, [])],
    ids=["at_the_limit", "above_it", "no_limit"],
)
async def test_orders_above_a_limit_are_held(mugs: Shop, limit: str | None, holds: list[str]) -> None:
    await mugs.batch(
        "policies.set", {"name": "may_backorder", "value": True}, {"name": "hold_over_amount", "value": limit}
    )
    assert (await mugs.do("orders.place", **ORDER))["holds"] == holds


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        ({"name": "may_fly", "value": True}, "unknown_policy"),
        ({"name": "may_split", "value": "yes"}, "wrong_value"),
        ({"name": "hold_over_amount", "value": "much"}, "wrong_value"),
        ({"name": "order_priority", "value": 1, "sku": "MUG"}, "wrong_scope"),
        ({"name": "may_split", "value": True, "channel": "moon"}, "unknown_scope"),
        ({"name": "may_backorder", "value": True, "channel": "web", "sku": "MUG"}, "one_scope"),
    ],
)
async def test_what_does_not_fit_is_refused(mugs: Shop, command: dict[str, Any], refusal: str) -> None:
    (answer,) = await mugs.batch("policies.set", command)
    assert answer["name"] == refusal
