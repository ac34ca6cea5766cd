"""An event tells when what can be promised crosses a level, once for each crossing; and days of cover follow what is asked for."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from lading.entrypoints.worker import demand, levels
from lading.kernel.ids import ZERO
from lading.operations.execute import Executor
from lading.views import events


async def told(shop: Any) -> list[tuple[int, list[int], list[int]]]:
    """(available, levels below which it fell, levels that it reached again) of each event, the oldest first."""
    rows = await shop.fetch(
        "SELECT (data ->> 'available')::int AS available, data ->> 'fell_below' AS fell, data ->> 'reached' AS reached"
        " FROM event WHERE merchant_id = $1 AND kind = 'availability_crossed' ORDER BY position"
    )
    return [(row["available"], numbers(row["fell"]), numbers(row["reached"])) for row in rows]


def numbers(text: str) -> list[int]:
    return [int(each) for each in text.strip("[]").split(",") if each.strip()]


async def watch(shop: Any) -> None:
    """The worker reads on to the head of the feed."""
    reader = levels.Levels(shop.executor)
    async with shop.database.write(shop.merchant_id) as tx:
        await tx.execute(levels.sql.open_consumer, levels.CONSUMER)
    while True:
        async with shop.database.write(shop.merchant_id) as tx:
            if not await reader.read_on(tx):
                return


async def test_a_level_is_told_when_it_is_crossed_and_only_then(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=10, MUG_MUC=5, CUP_HAM=1)
    await shop.do("policies.set", name="availability_levels", value=[1, 5], sku="MUG")
    number = await shop.place({"MUG": 10})
    await watch(shop)
    assert await told(shop) == []  # exactly 5 are left
    await shop.place({"MUG": 2})
    await watch(shop)
    await shop.place({"MUG": 1})
    await watch(shop)
    await watch(shop)
    assert await told(shop) == [(3, [5], [])]
    await shop.place({"MUG": 2})
    await watch(shop)
    assert await told(shop) == [(3, [5], []), (0, [1], [])]
    await shop.do("lines.cancel", order=number, reason="late")
    await watch(shop)
    assert (await told(shop))[2:] == [(10, [], [1, 5])]
    await shop.check_books()


async def test_what_is_kept_back_counts_as_not_there(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=10)
    await shop.do("policies.set", name="availability_levels", value=[5])
    await watch(shop)
    await shop.do("policies.set", name="safety_stock", value="6", sku="MUG")
    await watch(shop)
    assert await told(shop) == [(4, [5], [])]
    await shop.do("policies.set", name="safety_stock", value=None, sku="MUG")
    await watch(shop)
    assert (await told(shop))[1:] == [(10, [], [5])]


async def test_the_walk_finds_what_no_event_of_a_product_tells(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=10, CUP_HAM=10)
    await shop.do("policies.set", name="availability_levels", value=[5])
    await watch(shop)
    await shop.do("policies.set", name="safety_stock", value="70%")
    await watch(shop)
    assert await told(shop) == []
    async with shop.database.write(shop.merchant_id) as tx:
        assert await levels.Levels(shop.executor).walk_on(tx, ZERO) == ZERO
    assert await told(shop) == [(3, [5], []), (3, [5], [])]
    await shop.check_books()


async def test_of_many_who_look_one_tells(shop: Any) -> None:
    """At first, when there is no row to lock, and later, when there is one."""
    await shop.stock_up(MUG_HAM=10)
    await shop.do("policies.set", name="availability_levels", value=[5])
    await shop.place({"MUG": 6})
    await asyncio.gather(*(shop.do("availability.check", sku="MUG") for _ in range(16)))
    assert await told(shop) == [(4, [5], [])]
    await shop.stock_up(MUG_HAM=1)
    await asyncio.gather(*(shop.do("availability.check", sku="MUG") for _ in range(16)))
    assert await told(shop) == [(4, [5], []), (5, [], [5])]
    await shop.check_books()


async def test_a_merchant_who_wants_to_hear_nothing_pays_nothing(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=10)
    await shop.place({"MUG": 9})
    await watch(shop)
    rows = await shop.fetch(
        "SELECT c.position = h.position AS there FROM consumer AS c JOIN journal_head AS h ON h.merchant_id = c.merchant_id"
        " WHERE c.merchant_id = $1 AND c.name = 'availability'"
    )
    assert rows[0]["there"] and not await shop.fetch(
        "SELECT FROM command WHERE merchant_id = $1 AND verb = 'availability.check'"
    )


async def test_a_crossing_is_told_in_a_sentence(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=3)
    await shop.do("policies.set", name="availability_levels", value=[4, 9])
    outcome = await shop.do("availability.check", sku="MUG")
    assert (outcome["available"], outcome["fell_below"], outcome["reached"]) == (3, [4, 9], [])
    async with shop.database.read(shop.merchant_id) as tx:
        entry = await events.event(tx, events.EventQuery(position=await events.head_position(tx)))
    assert entry.sentence == "3 can be promised: fewer than 4 and fewer than 9."
    assert (await shop.refusal("availability.check", sku="NONE"))["name"] == "unknown_sku"


async def count(shop: Any, now: datetime | None = None) -> dict[tuple[str, str], int]:
    """The worker counts demand; units by product and location."""
    after = ZERO
    while True:
        async with shop.database.write(shop.merchant_id) as tx:
            after = await demand.count(tx, after, now or datetime.now(UTC))
        if after in (None, ZERO):
            break
    rows = await shop.fetch(
        "SELECT s.code AS sku, l.code AS location, d.units FROM demand_rate AS d"
        " JOIN sku AS s ON s.merchant_id = $1 AND s.id = d.sku_id"
        " JOIN location AS l ON l.merchant_id = $1 AND l.id = d.location_id WHERE d.merchant_id = $1"
    )
    return {(row["sku"], row["location"]): row["units"] for row in rows}


async def test_days_of_cover_are_taken_of_what_orders_took(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=100, MUG_MUC=10, CUP_HAM=5)
    number = await shop.place({"MUG": 60})
    await shop.do("lines.cancel", order=number, reason="late", lines=[{"line": 1, "quantity": 4}])
    assert await count(shop) == {}  # nobody keeps days of cover
    await shop.do("policies.set", name="safety_stock", value="3d")
    assert await count(shop) == {("MUG", "HAM"): 56}
    refusal = await shop.refusal("orders.place", **shop.order({"MUG": 49}))
    assert refusal["name"] == "insufficient_stock"
    await shop.place({"MUG": 48})  # 44 - 6 in Hamburg (2 a day), 10 in Munich, where nobody asked for any
    assert await count(shop, datetime.now(UTC) + timedelta(days=29)) == {}
    await shop.check_books()


async def test_demand_is_counted_piece_by_piece(shop: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(demand, "PIECE", 2)
    skus = [f"P{number}" for number in range(5)]
    await shop.stock_up(**{f"{sku}_HAM": 9 for sku in skus})
    await shop.do("policies.set", name="channel_buffer", value="1d", channel="web")
    await shop.place(dict.fromkeys(skus, 2))
    assert await count(shop) == {(sku, "HAM"): 2 for sku in skus}


async def test_a_kit_has_levels_of_what_its_components_give(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=4, MUG_MUC=6, CUP_HAM=8, CUP_MUC=2)
    await shop.batch("products.save", {"sku": "PAIR", "name": "Pair"}, {"sku": "BOX", "name": "Box"})
    made_of = [{"sku": "MUG"}, {"sku": "CUP", "per_kit": 2}]
    await shop.batch(
        "kits.save",
        {"sku": "PAIR", "components": made_of},
        {"sku": "BOX", "components": made_of, "stocked": True},
    )
    await shop.do("policies.set", name="availability_levels", value=[5], sku="PAIR")
    await watch(shop)  # 4 in Hamburg and 1 in Munich
    assert await told(shop) == []
    number = await shop.place({"CUP": 1})
    await watch(shop)
    assert await told(shop) == [(4, [5], [])]
    await shop.do("policies.set", name="kits_in_parts", value=True, sku="PAIR")
    await shop.do("lines.cancel", order=number, reason="late")
    await watch(shop)
    assert (await told(shop))[1:] == [(5, [], [5])]
    await shop.do("stock.receive", sku="BOX", location="HAM", quantity=2, reason="opening")
    assert (await shop.do("availability.check", sku="BOX"))["available"] == 2
    await shop.do("policies.set", name="assemble_when_short", value=True, sku="BOX")
    assert (await shop.do("availability.check", sku="BOX"))["available"] == 5
    await shop.check_books()


async def test_carts_that_are_over_count_as_free_beside_the_safety_stock(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=10)
    await shop.do("policies.set", name="safety_stock", value="4")
    clock = datetime.now(UTC) - timedelta(hours=1)
    shop.executor = Executor(shop.database, lambda: clock)
    await shop.do("reservations.reserve", lines=[{"sku": "MUG", "quantity": 6}], seconds=60)
    shop.executor = Executor(shop.database)
    assert (await shop.do("availability.check", sku="MUG"))["available"] == 6
    await shop.place({"MUG": 3})
    assert (await shop.do("availability.check", sku="MUG"))["available"] == 3
    await shop.place({"MUG": 3})
    assert (await shop.refusal("orders.place", **shop.order({"MUG": 1})))["name"] == "insufficient_stock"
    await shop.check_books()


async def test_what_is_claimed_without_a_place_counts_as_promised(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=4, MUG_MUC=6)
    await shop.do("policies.set", name="availability_levels", value=[8])
    await shop.do("reservations.reserve", lines=[{"sku": "MUG", "quantity": 3}], seconds=999, anywhere=True)
    await watch(shop)
    assert await told(shop) == [(7, [8], [])]
    await shop.do("pools.set", sku="MUG", pool="launch", kind="exclusive", channels=["web"], quantity=4)
    assert (await shop.do("availability.check", sku="MUG"))["available"] == 7, "whoever orders"
    await shop.check_books()
