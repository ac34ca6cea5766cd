"""The plan for a shortage: over all orders, what is regretted least; previewed, explained, and carried out by its own commands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from lading.views.shortage_plan import ShortagePlan, ShortagePlanQuery, shortage_plan
from tests.operations.conftest import Shop

NEXT_WEEK = (datetime.now(UTC) + timedelta(days=7)).isoformat()


async def planned(shop: Shop, **query: str) -> ShortagePlan:
    async with shop.database.read(shop.merchant_id) as tx:
        return await shortage_plan(tx, ShortagePlanQuery(**query))


async def carry_out(shop: Shop, plan: ShortagePlan) -> None:
    for verb, commands in (
        ("reservations.release", plan.release), ("shortages.cover", plan.cover), ("shortages.settle", plan.settle),
        ("orders.source", plan.source),
    ):  # fmt: skip
        if commands:
            raw = msgspec.json.decode(msgspec.json.encode(commands))
            outcomes = await shop.batch(verb, *raw)
            assert not any("refused" in each for each in outcomes), outcomes


async def lose(shop: Shop, quantity: int, sku: str = "MUG") -> None:
    await shop.do("stock.adjust", sku=sku, location="HAM", quantity=quantity, kind="lost", reason="gone", held_too=True)


def told(plan: ShortagePlan) -> list[tuple[str, int, str]]:
    return [(each.order, each.quantity, each.instead) for shelf in plan.shelves for each in shelf.orders]


@pytest.fixture
async def three(shop: Shop) -> tuple[Shop, list[str]]:
    """Three orders hold 4 each in Hamburg, the last one is urgent; 5 of the 12 are gone."""
    await shop.stock_up(MUG_HAM=12)
    await shop.allow_backorders()
    numbers = [await shop.place({"MUG": 4}, priority=priority) for priority in (0, 0, 50)]
    await lose(shop, 5)
    return shop, numbers


async def test_nothing_is_short(shop: Shop) -> None:
    plan = await planned(shop)
    assert (plan.shelves, plan.settle, plan.regret) == ([], [], 0)


async def test_whoever_came_last_gives_way_and_the_urgent_order_keeps(three: tuple[Shop, list[str]]) -> None:
    shop, (first, second, urgent) = three
    plan = await planned(shop)
    assert told(plan) == [(urgent, 4, "keep"), (first, 3, "keep"), (first, 1, "wait"), (second, 4, "wait")]
    assert all(each.why for each in plan.shelves[0].orders)
    await carry_out(shop, plan)
    assert await shop.units(urgent) == {"allocated": 4}
    assert await shop.units(second) == {"backordered": 4}
    assert (await planned(shop)).shelves == []
    await shop.check_books()


async def test_another_place_is_better_than_waiting(three: tuple[Shop, list[str]]) -> None:
    shop, (first, second, urgent) = three
    await shop.do("stock.receive", sku="MUG", location="MUC", quantity=4, reason="purchase")
    await shop.do(
        "purchase-orders.place", supplier="Mugs Ltd",
        lines=[{"sku": "MUG", "quantity": 50, "location": "HAM", "due_at": NEXT_WEEK}],
    )  # fmt: skip
    plan = await planned(shop)
    assert {(order, instead) for order, _, instead in told(plan)} >= {(urgent, "keep"), (second, "elsewhere")}
    assert sum(units for _, units, instead in told(plan) if instead == "elsewhere") == 4
    assert sum(units for _, units, instead in told(plan) if instead == "wait") == 1
    (waits,) = [each for each in plan.shelves[0].orders if each.instead == "wait"]
    assert waits.expected_at is not None and "late" in waits.why
    await carry_out(shop, plan)
    assert await shop.units(urgent) == {"allocated": 4}
    assert sum([(await shop.units(each)).get("allocated", 0) for each in (first, second, urgent)]) == 11
    await shop.check_books()


async def test_what_may_not_wait_is_cancelled_last_of_all(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=4)
    number = await shop.place({"MUG": 4})
    await lose(shop, 1)
    plan = await planned(shop)
    assert told(plan) == [(number, 3, "keep"), (number, 1, "wait")], "waiting is less than nothing at all"
    await shop.check_books()


async def test_free_units_and_carts_give_way_before_orders(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    number = await shop.place({"MUG": 4})
    cart = await shop.do("reservations.reserve", lines=[{"sku": "MUG", "quantity": 6}], location="HAM")
    await lose(shop, 5)
    await shop.do("stock.receive", sku="MUG", location="HAM", quantity=2, reason="purchase")
    plan = await planned(shop)
    (shelf,) = plan.shelves
    assert (shelf.short, shelf.covered, shelf.reserved) == (5, 2, 6)
    assert [str(each["reservation"]) for each in plan.release] == [cart["reservation"]]
    assert told(plan) == []
    await carry_out(shop, plan)
    assert await shop.units(number) == {"allocated": 4}
    assert (await planned(shop)).shelves == []
    await shop.check_books()


async def test_a_plan_that_is_out_of_date_is_refused_order_by_order(three: tuple[Shop, list[str]]) -> None:
    shop, (_, second, _) = three
    plan = await planned(shop)
    await shop.do("orders.hold", order=second)
    raw = msgspec.json.decode(msgspec.json.encode(plan.settle))
    outcomes = await shop.batch("shortages.settle", *raw)
    assert [each.get("name") for each in outcomes] == [None, "version_conflict"]
    again = await planned(shop)
    assert told(again)[-1] == (second, 4, "wait")
    await carry_out(shop, again)
    await shop.check_books()


async def test_a_plan_heeds_what_keeps_units_from_an_order(shop: Shop) -> None:
    """Munich has four: not for the marketplace, not for Austria, not for who collects in Hamburg, not where it refused before."""
    await shop.stock_up(MUG_MUC=5)
    await shop.do("channels.save", code="market", name="Market")
    await shop.allow_backorders()
    await shop.do(
        "locations.save", code="HAM", name="HAM", kind="store", country="DE", time_zone="Europe/Berlin", priority=1,
        capabilities=["ship", "pickup"],
    )  # fmt: skip
    back = await shop.place({"MUG": 1})
    (part,) = (await shop.do("orders.release", order=back))["fulfillment_orders"]
    await shop.do("stock.receive", sku="MUG", location="HAM", quantity=5, reason="purchase")
    await shop.do("fulfillment-orders.reject", fulfillment_order=part, reason="no_staff")
    await shop.do("sourcing-rules.save", filters=[
        {"name": "no market", "by": "never", "locations": ["MUC"], "when": {"channels": ["market"]}},
        {"name": "no Austria", "by": "never", "locations": ["MUC"], "when": {"regions": [{"country": "AT"}]}},
    ])  # fmt: skip
    market, home = await shop.place({"MUG": 1}, channel="market"), await shop.place({"MUG": 1})
    abroad = await shop.place({"MUG": 1}, ship_to={"name": "Ada", "city": "Wien", "country": "AT"})
    collected = shop.order({"MUG": 1})
    collected["lines"][0]["pickup"] = "HAM"
    counter = str((await shop.do("orders.place", **collected))["number"])
    await lose(shop, 5)
    plan = await planned(shop)
    (shelf,) = plan.shelves
    said = {
        each.order: (each.instead, [(*msgspec.structs.astuple(kept),) for kept in each.kept]) for each in shelf.orders
    }
    assert said == {
        home: ("elsewhere", []),
        market: ("wait", [("MUC", 5, "filter", "no market")]),
        abroad: ("wait", [("MUC", 5, "filter", "no Austria")]),
        counter: ("wait", [("MUC", 5, "collected", None)]),
        back: ("wait", [("MUC", 5, "gave_back", None)]),
    }
    (why,) = [each.why for each in shelf.orders if each.order == market]
    assert why.endswith("MUC has 5, but the filter no market keeps them there.")
    await carry_out(shop, plan)
    assert [await shop.units(each) for each in (home, market)] == [{"allocated": 1}, {"backordered": 1}]
    await shop.check_books()


async def test_an_order_that_may_not_be_split_stays_whole(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=4, TEE_HAM=4, MUG_MUC=9)
    await shop.allow_backorders()
    await shop.do("policies.set", name="may_split", value=False)
    number = await shop.place({"MUG": 4, "TEE": 1})
    await lose(shop, 2)
    plan = await planned(shop)
    assert told(plan) == [(number, 2, "keep"), (number, 2, "wait")]


async def test_a_hundred_orders_are_planned_in_a_constant_number_of_statements(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=300)
    await shop.allow_backorders()
    for _ in range(10):
        await shop.batch("orders.place", *(shop.order({"MUG": 3}) for _ in range(10)))
    await lose(shop, 150)
    async with shop.database.read(shop.merchant_id) as tx:
        plan = await shortage_plan(tx, ShortagePlanQuery())
        assert tx.statements <= 12
    assert sum(units for _, units, instead in told(plan) if instead == "wait") == 150
    assert len(plan.settle) == 50
    await carry_out(shop, plan)
    assert (await planned(shop)).shelves == []
    await shop.check_books()


async def test_units_with_names_are_told_of_and_left_to_the_pick_or_a_count(shop: Shop) -> None:
    """Nobody knows which of them is missing: who would give way is advice, and no command follows from it."""
    await shop.do("products.save", sku="CAM", name="Camera", tracking="serial")
    await shop.do("stock.receive", sku="CAM", location="HAM", quantity=2, reason="purchase", serials=["S1", "S2"])
    await shop.allow_backorders()
    for _ in range(2):
        await shop.place({"CAM": 1})
    count = (await shop.do("counts.open", location="HAM"))["count"]
    await shop.do("counts.record", count=count, lines=[{"sku": "CAM", "quantity": 1, "serials": ["S1"]}])
    await shop.do("counts.approve", count=count, reason="cycle")
    plan = await planned(shop)
    (shelf,) = plan.shelves
    assert (shelf.by_name, [each.instead for each in shelf.orders]) == (True, ["keep", "wait"])
    assert (plan.settle, plan.cover, plan.release, plan.source) == ([], [], [], [])
