"""What to order, counted from real orders, receipts and what is on its way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lading.database.pool import Transaction
from lading.entrypoints.worker import demand_days
from lading.entrypoints.worker.replenishment import count, count_all
from lading.kernel.ids import ZERO
from lading.views.replenishment import HintView, ReplenishmentQuery, replenishment
from tests.operations.conftest import Shop

NOW = datetime.now(UTC).replace(hour=10, minute=0)
"""In the middle of a day: near midnight two sales a day apart fall on one local day where summer time ends between them."""


async def sold(shop: Shop, sku: str, daily: dict[int, int]) -> None:
    """Orders of the past: so many units so many days ago."""
    await shop.batch(
        "orders.record",
        *(
            {**shop.order({sku: units}), "location": "HAM", "placed_at": (NOW - timedelta(days=ago)).isoformat(),
             "delivered_at": (NOW - timedelta(days=ago)).isoformat()}
            for ago, units in daily.items()
        ),
    )  # fmt: skip


async def listed(shop: Shop, **query: object) -> list[HintView]:
    await count_all(shop.database, shop.merchant_id, NOW)
    async with shop.database.read(shop.merchant_id) as tx:
        return (await replenishment(tx, ReplenishmentQuery(**query))).items


async def test_what_sells_and_is_nearly_gone_is_ordered(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=200, TEE_HAM=50)
    await sold(shop, "MUG", dict.fromkeys(range(1, 96), 2))
    (mug,) = await listed(shop)
    assert (mug.sku, mug.location, mug.free, mug.state, mug.pattern) == ("MUG", "HAM", 10, "reorder", "smooth")
    assert (mug.reorder_point, mug.order, mug.rate_per_day) == (28, 78, 2.0)
    assert "190 asked for in 95 days" in mug.why and "10 free" in mug.why
    (tee,) = await listed(shop, state="overstock")
    assert (tee.sku, tee.cover_days) == ("TEE", None) and "Nobody asked" in tee.why
    await shop.check_books()


async def test_the_product_that_sells_most_stands_first_among_those_that_ran_out(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=30, TEE_HAM=90, CUP_HAM=60)
    for sku, units in (("MUG", 1), ("TEE", 3), ("CUP", 2)):
        await sold(shop, sku, dict.fromkeys(range(1, 31), units))
    assert [each.sku for each in await listed(shop, state="stock_out")] == ["TEE", "CUP", "MUG"]
    assert [each.sku for each in await listed(shop, state="stock_out", location="MUC")] == []


async def test_what_is_on_its_way_counts(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=200, MUG_MUC=100)
    await sold(shop, "MUG", dict.fromkeys(range(1, 96), 2))
    line = {"sku": "MUG", "quantity": 80}
    made = await shop.do(
        "transfers.create", from_location="MUC", to_location="HAM", lines=[line], due_at=NOW.isoformat()
    )
    await shop.do("transfers.ready", transfer=made["transfer"])
    await shop.do("transfers.ship", transfer=made["transfer"])
    assert await listed(shop) == []
    (ham,) = [each for each in await listed(shop, sku="MUG") if each.location == "HAM"]
    assert (ham.state, ham.inbound) == ("enough", 80)


async def test_policies_say_how_long_it_must_last(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=230)
    await sold(shop, "MUG", dict.fromkeys(range(1, 96), 2))
    assert await listed(shop) == []
    await shop.do("policies.set", name="lead_time_days", value=21, sku="MUG")
    await shop.do("policies.set", name="order_multiple", value=50, sku="MUG")
    (mug,) = await listed(shop)
    assert (mug.reorder_point, mug.order) == (56, 100)


async def test_one_good_day_is_no_daily_demand(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=100)
    await shop.do("policies.set", name="lead_time_days", value=1, sku="MUG")
    await shop.do("policies.set", name="review_days", value=0)
    await sold(shop, "MUG", {1: 70})
    (mug,) = await listed(shop, sku="MUG")
    assert mug.rate_per_day < 12 and "70 asked for in 7 days" in mug.why and "stretches of 1 day no" in mug.why


async def test_a_cancelled_order_asked_for_nothing(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    number = await shop.place({"MUG": 5}, placed_at=(NOW - timedelta(days=3)).isoformat())
    await shop.do("lines.cancel", order=number, reason="mistake")
    (mug,) = await listed(shop, sku="MUG")
    assert mug.rate_per_day < 1.7, "what was given back today is not yesterday's demand, but no more than that"


async def test_days_are_summed_once_however_often_somebody_is_stopped(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demand_days, "EVENTS_MAX", 4)
    await shop.stock_up(MUG_HAM=50, MUG_MUC=50)
    await sold(shop, "MUG", {3: 2, 2: 7, 1: 1})
    number = await shop.place({"MUG": 5}, placed_at=(NOW - timedelta(days=2)).isoformat())
    with pytest.raises(ZeroDivisionError):
        async with shop.database.write(shop.merchant_id) as tx:
            while await demand_days.read_on(tx):
                pass
            raise ZeroDivisionError
    async with shop.database.write(shop.merchant_id) as tx:
        assert await demand_days.read_on(tx)
    await demand_days.catch_up(shop.database, shop.merchant_id)
    await shop.do("lines.cancel", order=number, reason="mistake")
    await demand_days.catch_up(shop.database, shop.merchant_id)
    days = await shop.fetch("SELECT units FROM demand_day WHERE merchant_id = $1 ORDER BY day")
    assert [day["units"] for day in days] == [2, 12, 1, -5]
    await shop.check_books()


async def test_it_is_counted_piece_by_piece(shop: Shop) -> None:
    await shop.batch("products.save", *({"sku": f"P{number}", "name": "P"} for number in range(450)))
    seen, after, pieces = set(), ZERO, 0
    while True:
        async with shop.database.write(shop.merchant_id) as tx:
            after = await count(tx, after, NOW)
            assert isinstance(tx, Transaction) and tx.statements <= 8
        pieces += 1
        if after == ZERO:
            break
        seen.add(after)
    assert pieces == 3
