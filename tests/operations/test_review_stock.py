"""Which stock is taken and locked, and what a row of it can hold."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest


@pytest.mark.parametrize("plans", ["on", "off"])
async def test_supplies_come_in_the_order_of_location_and_receipt_whatever_the_plan(shop: Any, plans: str) -> None:
    """A heap that is read as it lies would take lots in the order of their last change."""
    from lading.inventory import store as inventory

    await shop.batch("products.save", {"sku": "MUG", "name": "Mug"})
    for lot in ("C", "A", "B", "A"):
        await shop.do("stock.receive", sku="MUG", location="HAM", quantity=2, reason="opening", lot=lot)
    (sku,) = await shop.fetch("SELECT id FROM sku WHERE merchant_id = $1")
    async with shop.database.write(shop.merchant_id) as tx:
        for setting in ("enable_indexscan", "enable_indexonlyscan"):
            await tx.fetchval(f"SELECT set_config('{setting}', $2, true) WHERE $1::int IS NOT NULL", plans)
        supplies = await inventory.read_supplies(tx, {sku["id"]: 0}, datetime.now(UTC))
    assert [shelf.lot for shelf in supplies[sku["id"]]] == ["C", "A", "B"]


async def test_a_release_waits_for_no_stock(shop: Any) -> None:
    """Released units stay in their bucket: whoever holds the row of a hot product does not hold up a release."""
    await shop.stock_up(MUG_HAM=5)
    number = await shop.place({"MUG": 1})
    async with shop.database.write(shop.merchant_id) as tx:
        await tx.fetch("SELECT 1 FROM stock WHERE merchant_id = $1 FOR UPDATE")
        await asyncio.wait_for(shop.do("orders.release", order=number), 5)


async def test_more_units_than_a_row_can_hold_are_refused(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=1)
    units = {"sku": "MUG", "location": "HAM", "quantity": 100_000_000, "reason": "opening"}
    outcomes = await shop.batch("stock.receive", *[units] * 22)
    assert [outcome.get("name") for outcome in outcomes] == [None] * 19 + ["too_many_units"] * 3
    await shop.check_books()
