"""A substitute: another product in place of units that are missing, on a line that the order gets later, at the very same cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from lading.views import history, timeline
from lading.views.kits import SubstitutesQuery, substitutes
from lading.views.order import OrderDetail
from lading.views.order import order as read_order
from lading.views.shortage_plan import ShortagePlan, ShortagePlanQuery, shortage_plan
from tests.operations.conftest import Shop

CHARGES = [
    {"kind": "shipping", "code": "standard", "amount": {"amount": "4.99", "currency": "EUR"}},
    {"kind": "discount", "code": "SPRING", "amount": {"amount": "-1.01", "currency": "EUR"}},
    {"kind": "tax", "code": "VAT19", "amount": {"amount": "17.86", "currency": "EUR"}, "rate": "19"},
    {"kind": "tax", "code": "ECO", "amount": {"amount": "1.01", "currency": "EUR"}, "included": True, "rate": "1.5"},
]


async def detail(shop: Shop, number: str) -> OrderDetail:
    async with shop.database.read(shop.merchant_id) as tx:
        return await read_order(tx, number)


async def plan(shop: Shop) -> ShortagePlan:
    async with shop.database.read(shop.merchant_id) as tx:
        return await shortage_plan(tx, ShortagePlanQuery())


async def carry_out(shop: Shop, wanted: ShortagePlan) -> None:
    for verb, commands in (("shortages.settle", wanted.settle), ("orders.source", wanted.source)):
        if commands:
            outcomes = await shop.batch(verb, *msgspec.json.decode(msgspec.json.encode(commands)))
            assert not any("refused" in each for each in outcomes), outcomes


async def lose(shop: Shop, quantity: int, sku: str = "MUG") -> None:
    await shop.do("stock.adjust", sku=sku, location="HAM", quantity=quantity, kind="lost", reason="gone", held_too=True)


async def send(shop: Shop, number: str) -> None:
    """All that is allocated, to the doorstep."""
    for made in (await shop.do("orders.release", order=number))["fulfillment_orders"]:
        await shop.do("fulfillment-orders.pick", fulfillment_order=made)
        parcel = (await shop.do("parcels.pack", fulfillment_order=made))["parcel"]
        now = datetime.now(UTC).isoformat()
        await shop.do("parcels.ship", parcel=parcel, carrier="dhl", occurred_at=now)
        await shop.do("parcels.track", parcel=parcel, status="delivered", occurred_at=now)


def replace(quantity: int, sku: str = "CUP", **more: Any) -> dict[str, Any]:
    return {"line": 1, "quantity": quantity, "location": "HAM", "instead": "substitute", "sku": sku, **more}


@pytest.fixture
async def missing(shop: Shop) -> tuple[Shop, str]:
    """An order of 7 MUG and 2 TEE with charges, of which 3 MUG are gone; a CUP or a TEA may go in their place."""
    await shop.stock_up(MUG_HAM=7, TEE_HAM=2, CUP_HAM=9, CUP_MUC=9, TEA_MUC=9)
    await shop.do("substitutes.save", sku="MUG", substitutes=["CUP", "TEA"])
    number = await shop.place({"MUG": 7, "TEE": 2}, charges=CHARGES)
    await lose(shop, 3)
    return shop, number


async def test_the_order_gets_a_line_that_costs_the_same_to_the_cent(missing: tuple[Shop, str]) -> None:
    shop, number = missing
    before = await detail(shop, number)
    told = await shop.do("shortages.settle", order=number, lines=[replace(3)])
    assert (told["substituted"], told["cancelled"], told["stage"]) == (3, 0, "to_source")
    after = await detail(shop, number)
    assert (after.money, after.charges) == (before.money, before.charges)
    mug, tee, cup = after.lines
    assert (mug.units, cup.sku, cup.units, cup.instead_of, cup.ordered) == (
        {"cancelled": 3, "allocated": 4}, "CUP", {"open": 3}, 1, 3,
    )  # fmt: skip
    # 7 of 7 units less 4 of 7: goods 3 x 10.00, and of what the line bears of each charge the last three sevenths
    shares = {charge.code: charge.amount.minor for charge in mug.charges}
    for charge in cup.charges:
        sign = 1 if shares[charge.code] > 0 else -1
        whole = abs(shares[charge.code])
        assert charge.amount.minor == sign * (whole - whole * 4 // 7)
    assert tee == before.lines[1]
    await shop.do("orders.source", order=number)
    assert await shop.units(number) == {"cancelled": 3, "allocated": 9}
    await shop.check_books()


async def test_it_is_sent_returned_and_refunded_like_any_line(missing: tuple[Shop, str]) -> None:
    shop, number = missing
    await shop.do("shortages.settle", order=number, lines=[replace(2), replace(1, "TEA")])
    await shop.do("orders.source", order=number)
    due = (await detail(shop, number)).money.due
    await shop.do("payments.record", order=number, amount={"amount": due.amount, "currency": "EUR"})
    await send(shop, number)
    assert (await detail(shop, number)).fulfillment_status == "delivered"
    lines = [{"line": line, "quantity": units} for line, units in ((1, 4), (2, 2), (3, 2), (4, 1))]
    back = (await shop.do("returns.request", order=number, reason="test", lines=lines))["document"]
    await shop.do("returns.receive", document=back, location="HAM", lines=lines)
    await shop.do("returns.refund", document=back)
    whole = await detail(shop, number)
    assert (whole.fulfillment_status, whole.payment_status) == ("returned", "refunded")
    assert (whole.money.total.minor, whole.money.due.minor, whole.money.refunded) == (0, 0, whole.money.original)
    await shop.check_books()


async def test_a_substitute_can_be_cancelled_and_replaced_in_turn(missing: tuple[Shop, str]) -> None:
    shop, number = missing
    await shop.do("shortages.settle", order=number, lines=[replace(3)])
    await shop.do("orders.source", order=number)
    await shop.do("substitutes.save", sku="CUP", substitutes=["TEA"])
    at = (await detail(shop, number)).allocations[-1].location
    lost = {"sku": "CUP", "location": at, "kind": "lost", "reason": "gone", "held_too": True}
    await shop.do("stock.adjust", **lost, quantity=9)
    before = (await detail(shop, number)).money
    again = {**replace(2, "TEA"), "line": 3, "location": at}
    await shop.do(
        "shortages.settle", order=number, lines=[again, {**again, "quantity": 1, "instead": "wait", "sku": None}]
    )
    whole = await detail(shop, number)
    assert (whole.money, whole.lines[3].instead_of, whole.lines[3].sku) == (before, 3, "TEA")
    await shop.do("lines.cancel", order=number, reason="late")
    whole = await detail(shop, number)
    assert (whole.lifecycle, whole.money.total.minor) == ("cancelled", 0)
    await shop.check_books()


async def test_each_account_is_owed_the_same_as_before(missing: tuple[Shop, str]) -> None:
    """Goods, shipping, discount and tax, each to the cent; in pieces of one unit as at once."""
    shop, number = missing

    async def accounts() -> dict[str, int]:
        rows = await shop.fetch(
            "SELECT account, sum(minor)::bigint AS minor FROM (SELECT debit AS account, amount_minor AS minor FROM money_posting"
            " WHERE merchant_id = $1 UNION ALL SELECT credit, -amount_minor FROM money_posting WHERE merchant_id = $1) AS ends"
            " GROUP BY account"
        )
        return {row["account"]: row["minor"] for row in rows}

    before = await accounts()
    assert before.keys() == {"receivable", "sales", "shipping_income", "discounts", "tax"}
    for _ in range(3):
        await shop.do("shortages.settle", order=number, lines=[replace(1)])
    assert await accounts() == before
    whole = await detail(shop, number)
    mug, _, *cups = whole.lines
    born = [(charge.code, charge.amount.minor) for charge in mug.charges]
    share = [(code, minor - int(minor * 4 / 7)) for code, minor in born]
    assert [(code, sum(cup.charges[at].amount.minor for cup in cups)) for at, (code, _) in enumerate(born)] == share
    await shop.do("lines.cancel", order=number, reason="late")
    assert set((await accounts()).values()) == {0}
    await shop.check_books()


async def test_it_comes_back_in_parts_and_each_part_is_refunded(missing: tuple[Shop, str]) -> None:
    """One of three units of the substitute is cancelled, one returned, one kept: what is left to pay is what the kept one bears."""
    shop, number = missing
    await shop.do("shortages.settle", order=number, lines=[replace(3)])
    await shop.do("orders.source", order=number)
    rest = [{"line": 1, "quantity": 4}, {"line": 2, "quantity": 2}]
    await shop.do("lines.cancel", order=number, reason="late", lines=[*rest, {"line": 3, "quantity": 1}])
    due = (await detail(shop, number)).money.due
    await shop.do("payments.record", order=number, amount={"amount": due.amount, "currency": "EUR"})
    await send(shop, number)
    back = (await shop.do("returns.request", order=number, reason="test", lines=[{"line": 3, "quantity": 1}]))[
        "document"
    ]
    await shop.do("returns.receive", document=back, location="HAM", lines=[{"line": 3, "quantity": 1}])
    await shop.do("returns.refund", document=back)
    whole = await detail(shop, number)
    cup = whole.lines[2]
    assert (cup.units["cancelled"], cup.units["delivered"], cup.units["returned"]) == (1, 2, 1)
    assert whole.money.refunded.minor == due.minor - whole.money.total.minor
    parts = [cup.goods.minor, *(charge.amount.minor for charge in cup.charges if not charge.included)]
    assert abs(whole.money.total.minor - sum(parts) / 3) <= 1
    assert whole.money.due.minor == 0
    await shop.check_books()


async def test_the_past_and_the_timeline_tell_it(missing: tuple[Shop, str]) -> None:
    shop, number = missing
    await shop.do(
        "shortages.settle", order=number, lines=[replace(1), {**replace(2), "instead": "cancel", "sku": None}]
    )
    await shop.do("orders.source", order=number)
    async with shop.database.read(shop.merchant_id) as tx:
        position = await tx.fetchval("SELECT position FROM journal_head WHERE merchant_id = $1")
        now = await history.order_as_of(tx, history.OrderAsOfQuery(order=number, position=position))
        then = await history.order_as_of(tx, history.OrderAsOfQuery(order=number, position=position - 2))
        told = await timeline.timeline(tx, timeline.TimelineQuery(order=number))
    whole = await detail(shop, number)
    assert [(each.number, each.units, each.instead_of) for each in now.lines] == [
        (each.number, each.units, each.instead_of) for each in whole.lines
    ]
    assert (now.original, now.adjusted, now.due, now.units) == (
        whole.money.original, whole.money.adjusted, whole.money.due, whole.units,
    )  # fmt: skip
    assert [each.number for each in then.lines] == [1, 2]
    assert "1 × MUG held in HAM and not there: CUP is sent in their place, at the same price." in told.items[1].sentence
    await shop.check_books()


async def test_only_what_was_named_stands_in(missing: tuple[Shop, str]) -> None:
    shop, number = missing

    async def refused(sku: str) -> str:
        return str((await shop.refusal("shortages.settle", order=number, lines=[replace(1, sku)]))["name"])

    assert await refused("TEE") == "no_substitute"
    assert await refused("GONE") == "no_substitute"
    await shop.do("products.save", sku="CUP", name="CUP", active=False)
    assert await refused("CUP") == "inactive_sku"
    await shop.do("products.save", sku="SET", name="Set")
    await shop.do("kits.save", sku="SET", components=[{"sku": "TEE"}])
    assert (await shop.refusal("substitutes.save", sku="MUG", substitutes=["SET"]))["name"] == "put_together"
    assert (await shop.refusal("substitutes.save", sku="MUG", substitutes=["NONE"]))["name"] == "unknown_sku"
    for wrong in (["MUG"], ["CUP", "CUP"]):
        with pytest.raises(msgspec.ValidationError):
            await shop.do("substitutes.save", sku="MUG", substitutes=wrong)
    for line in (replace(1, sku=None), {**replace(1), "instead": "wait"}):
        with pytest.raises(msgspec.ValidationError):
            await shop.do("shortages.settle", order=number, lines=[line])


async def test_what_may_go_instead_is_told_and_forgotten(missing: tuple[Shop, str]) -> None:
    shop, _ = missing

    async def told() -> list[tuple[str, list[str]]]:
        async with shop.database.read(shop.merchant_id) as tx:
            page = await substitutes(tx, SubstitutesQuery(sku="MUG"))
        return [(each.sku, each.substitutes) for each in page.items]

    assert await told() == [("MUG", ["CUP", "TEA"])]
    await shop.do("substitutes.save", sku="MUG", substitutes=["TEA"])
    assert await told() == [("MUG", ["TEA"])]
    await shop.do("substitutes.save", sku="MUG", substitutes=[])
    assert await told() == []
    await shop.check_books()


async def test_the_plan_sends_a_substitute_where_policy_lets_it(missing: tuple[Shop, str]) -> None:
    shop, number = missing
    await shop.allow_backorders()
    assert {each.instead for each in (await plan(shop)).shelves[0].orders} == {"keep", "wait"}
    await shop.do("policies.set", name="may_substitute", value=True, sku="MUG")
    told = await plan(shop)
    assert [(each.quantity, each.instead, each.sku) for each in told.shelves[0].orders] == [
        (4, "keep", None), (3, "substitute", "CUP"),
    ]  # fmt: skip
    assert (told.shelves[0].orders[1].regret, told.regret) == (3 * 1300, 3 * 1300)
    assert told.shelves[0].orders[1].why == "CUP can go in its place, and sooner than it comes."
    await carry_out(shop, told)
    assert await shop.units(number) == {"cancelled": 3, "allocated": 9}
    assert (await plan(shop)).shelves == []
    await shop.check_books()


async def test_another_place_and_what_comes_in_time_are_better(missing: tuple[Shop, str]) -> None:
    shop, _ = missing
    await shop.do("policies.set", name="may_substitute", value=True)
    await shop.do("stock.receive", sku="MUG", location="MUC", quantity=1, reason="purchase")
    week = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    line = {"sku": "MUG", "quantity": 9, "location": "HAM", "due_at": week}
    await shop.do("purchase-orders.place", supplier="Mugs Ltd", lines=[line])
    found = [(each.quantity, each.instead) for each in (await plan(shop)).shelves[0].orders]
    assert found == [(4, "keep"), (1, "elsewhere"), (2, "substitute")], "a week late is worse than another product"


async def test_two_shelves_do_not_give_the_same_substitute_twice(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=4, POT_HAM=4, CUP_HAM=5)
    await shop.allow_backorders()
    await shop.do("policies.set", name="may_substitute", value=True)
    for sku in ("MUG", "POT"):
        await shop.do("substitutes.save", sku=sku, substitutes=["CUP"])
        await shop.place({sku: 4})
        await lose(shop, 4, sku)
    told = await plan(shop)
    units = [(each.instead, each.quantity) for shelf in told.shelves for each in shelf.orders]
    assert sorted(units) == [("substitute", 1), ("substitute", 4), ("wait", 3)]
    await carry_out(shop, told)
    await shop.check_books()


async def test_a_part_of_a_kit_is_not_replaced(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5, TEA_HAM=5, CUP_HAM=9)
    await shop.do("substitutes.save", sku="MUG", substitutes=["CUP"])
    await shop.do("policies.set", name="may_substitute", value=True)
    await shop.do("products.save", sku="SET", name="Set")
    await shop.do("kits.save", sku="SET", components=[{"sku": "MUG"}, {"sku": "TEA"}])
    number = await shop.place({"SET": 5})
    await lose(shop, 2)
    refusal = await shop.refusal("shortages.settle", order=number, lines=[{**replace(2), "line": 2}])
    assert refusal["name"] == "part_of_kit"
    assert "substitute" not in {each.instead for each in (await plan(shop)).shelves[0].orders}


async def test_what_the_line_took_of_a_pool_is_given_back(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, CUP_HAM=9)
    await shop.do("substitutes.save", sku="MUG", substitutes=["CUP"])
    await shop.do("pools.set", sku="MUG", pool="launch", kind="shared", channels=["web"], quantity=5)
    number = await shop.place({"MUG": 5})
    await lose(shop, 9)
    await shop.do(
        "shortages.settle", order=number, lines=[replace(3), {**replace(2), "instead": "cancel", "sku": None}]
    )
    await shop.check_books()
