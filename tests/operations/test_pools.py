"""Pools of channels: units kept for some, or how many they may have; nothing moves, every promise looks."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest


@pytest.fixture
async def shop(shop: Any) -> Any:
    """Ten mugs in HAM; a second channel beside the web shop."""
    await shop.do("channels.save", code="pos", name="Shops")
    await shop.stock_up(MUG_HAM=10)
    return shop


async def pool(shop: Any, kind: str, quantity: int, **more: Any) -> dict[str, Any]:
    fields = {"sku": "MUG", "pool": "launch", "kind": kind, "channels": ["web"], "quantity": quantity, **more}
    return await shop.do("pools.set", **fields)


async def can_sell(shop: Any, channel: str) -> int:
    """How many mugs an order of the channel could have, at most."""
    most = 0
    for units in range(1, 12):
        fields = shop.order({"MUG": units}, channel=channel)
        (outcome,) = await shop.preview("orders.place", [shop.envelope("orders.place", fields)])
        most = units if "refused" not in outcome else most
    return most


@pytest.mark.parametrize(("kind", "web", "pos"), [("exclusive", 4, 6), ("shared", 10, 6), ("capped", 4, 10)])
async def test_what_each_kind_leaves_whom(shop: Any, kind: str, web: int, pos: int) -> None:
    await pool(shop, kind, 4)
    assert (await can_sell(shop, "web"), await can_sell(shop, "pos")) == (web, pos)


async def test_a_pool_is_used_up_by_its_channel_and_given_back_by_a_cancellation(shop: Any) -> None:
    await pool(shop, "exclusive", 4)
    number = await shop.place({"MUG": 3})
    assert await can_sell(shop, "web") == 1
    assert await can_sell(shop, "pos") == 6
    await shop.do("lines.cancel", order=number, reason="late", lines=[{"line": 1, "quantity": 2}])
    assert await can_sell(shop, "web") == 3
    assert (await pool(shop, "exclusive", 6))["taken"] == 1
    assert await can_sell(shop, "web") == 5
    await shop.check_books()


async def test_a_removed_pool_limits_nobody(shop: Any) -> None:
    await pool(shop, "exclusive", 4)
    await shop.do("pools.remove", sku="MUG", pool="launch")
    await shop.do("pools.remove", sku="MUG", pool="launch")
    assert await can_sell(shop, "web") == await can_sell(shop, "pos") == 10
    await shop.check_books()


async def test_the_orders_of_one_batch_see_what_the_earlier_ones_took_of_a_pool(shop: Any) -> None:
    await pool(shop, "capped", 5)
    orders = [shop.order({"MUG": 2}) for _ in range(4)] + [shop.order({"MUG": 5}, channel="pos")]
    outcomes = await shop.batch("orders.place", *orders)
    assert [each.get("name", "placed") for each in outcomes] == [
        "placed", "placed", "insufficient_stock", "insufficient_stock", "placed",
    ]  # fmt: skip
    await shop.check_books()


async def test_a_pool_of_a_group_concerns_its_locations_only(shop: Any) -> None:
    await shop.stock_up(MUG_MUC=10)
    await group(shop, "NORTH", "HAM")
    await pool(shop, "exclusive", 4, group="NORTH", channels=["pos"])
    outcome = await shop.do("orders.place", **shop.order({"MUG": 16}))
    assert outcome["sourcing"] == "two_locations"
    assert (await shop.refusal("orders.place", **shop.order({"MUG": 1})))["name"] == "insufficient_stock"
    await shop.do("orders.place", **shop.order({"MUG": 4}, channel="pos"))
    await shop.check_books()


async def group(shop: Any, code: str, *locations: str) -> None:
    """A group of locations."""
    await shop.do("location-groups.save", code=code, name=code)
    place = {"kind": "warehouse", "time_zone": "Europe/Berlin", "country": "DE", "group": code}
    await shop.batch("locations.save", *({"code": each, "name": each, **place} for each in locations))


async def test_units_that_were_short_count_once_when_they_are_found_again(shop: Any) -> None:
    """A pick short by one, sourced again: the pool counts what the order holds, not how often it looked."""
    await pool(shop, "capped", 4)
    number = await shop.place({"MUG": 4})
    made = (await shop.do("orders.release", order=number))["fulfillment_orders"][0]
    await shop.do(
        "fulfillment-orders.pick", fulfillment_order=made, short=[{"line": 1, "quantity": 1, "reason": "gone"}]
    )
    await shop.do("orders.source", order=number)
    assert (await shop.units(number))["picked"] == 3 and (await shop.units(number))["allocated"] == 1
    assert (await pool(shop, "capped", 4))["taken"] == 4
    await shop.check_books()


async def test_safety_stock_is_kept_beside_a_pool(shop: Any) -> None:
    await shop.do("policies.set", name="safety_stock", value="2", sku="MUG")
    await pool(shop, "shared", 4)
    assert (await can_sell(shop, "web"), await can_sell(shop, "pos")) == (8, 4)


async def test_who_may_not_be_pooled(shop: Any) -> None:
    await pool(shop, "shared", 4)
    fields = {"sku": "MUG", "pool": "other", "kind": "capped", "channels": ["pos", "web"], "quantity": 1}
    refusal = await shop.refusal("pools.set", **fields)
    assert refusal["name"] == "channel_pooled" and refusal["pointer"] == "/channels/1"
    for change, name in (
        ({"sku": "NONE"}, "unknown_sku"), ({"channels": ["none"]}, "unknown_channel"), ({"group": "NONE"}, "unknown_group"),
    ):  # fmt: skip
        assert (await shop.refusal("pools.set", **fields | change))["name"] == name
    assert (await shop.refusal("pools.remove", sku="MUG", pool="none"))["name"] == "unknown_pool"
    assert (await shop.refusal("pools.remove", sku="NONE", pool="none"))["name"] == "unknown_sku"


async def test_placing_without_limits_runs_no_statement_more(shop: Any) -> None:
    await shop.stock_up(TEE_HAM=10)
    await shop.place({"TEE": 1})
    before = await shop.statements("orders.place", shop.order({"TEE": 1}))
    await pool(shop, "shared", 4)
    assert await shop.statements("orders.place", shop.order({"TEE": 1})) == before


async def test_32_clients_never_pass_the_cap_of_a_pool(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=90)
    await pool(shop, "capped", 10)
    outcomes = await asyncio.gather(
        *(shop.batch("orders.place", shop.order({"MUG": 1}, channel=channel)) for channel in ["web", "pos"] * 16)
    )
    told = [(("web", "pos")[index % 2], "refused" not in each[0]) for index, each in enumerate(outcomes)]
    assert (told.count(("web", True)), told.count(("pos", True))) == (10, 16)
    await shop.check_books()


async def test_who_did_not_know_of_the_first_pool_learns_of_it_from_the_row_that_it_locks(shop: Any) -> None:
    """A buyer read before the pool was set, and locks after: it must not sell past it."""
    from lading.inventory import store as inventory

    async with shop.database.write(shop.merchant_id) as tx:
        (sku,) = await tx.fetch("SELECT id FROM sku WHERE merchant_id = $1 AND code = 'MUG'")
        limited: set[Any] = set()
        await inventory.read_supplies(tx, {sku["id"]: 1}, datetime.now(UTC), limited=limited)
        assert limited == set()
        setting = asyncio.create_task(pool(shop, "exclusive", 10, channels=["pos"]))
        await asyncio.wait_for(setting, 5)
        rows = await tx.fetch("SELECT sku_id, location_id, lot FROM stock WHERE merchant_id = $1")
        await inventory.lock_supplies(tx, [tuple(row) for row in rows], limited=limited)
        assert limited == {sku["id"]}
    assert (await shop.refusal("orders.place", **shop.order({"MUG": 1})))["name"] == "insufficient_stock"


async def test_pools_are_listed_with_what_is_left_of_them(shop: Any) -> None:
    from lading.views.pools import PoolsQuery, pools

    await pool(shop, "shared", 4)
    await shop.place({"MUG": 3})
    await shop.do("pools.set", sku="MUG", pool="till", kind="capped", channels=["pos"], quantity=2)
    async with shop.database.read(shop.merchant_id) as tx:
        first = await pools(tx, PoolsQuery(sku="MUG", limit=1))
        rest = await pools(tx, PoolsQuery(sku="MUG", limit=1, after=first.next))
    (launch,), (till,) = first.items, rest.items
    assert (launch.pool, launch.channels, launch.taken, launch.left) == ("launch", ["web"], 3, 1)
    assert (till.pool, till.kind, till.left, rest.next) == ("till", "capped", 2, None)
