"""Holds: what they stop, on what, until when; and the checks that place them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lading.customers.addresses import fault
from lading.entrypoints.worker import over
from lading.operations.execute import Executor
from lading.terms.people import AddressInput
from lading.views.holds import HoldsQuery
from lading.views.holds import holds as read_holds
from tests.operations.conftest import Shop

ADA = {"name": "Ada", "email": "ada@example.com"}
HOME = {"country": "DE", "line1": "Hafenstr. 1", "city": "Hamburg", "postal_code": "20457"}


async def allow(shop: Shop, name: str, value: Any) -> None:
    await shop.do("policies.set", name=name, value=value)


async def holds_of(shop: Shop, wanted: dict[str, int] | None = None, **fields: Any) -> list[str]:
    """The kinds of hold that an order of ADA's to HOME is placed with."""
    order = shop.order(wanted or {"MUG": 1}, **{"customer": ADA, "ship_to": HOME, **fields})
    return list((await shop.do("orders.place", **order))["holds"])


async def test_a_hold_stops_what_it_names_and_nothing_else(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    number = await shop.place({"MUG": 2})
    await shop.do("orders.hold", order=number, kind="wait", stops=["ship"])
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1")
    assert (await shop.refusal("parcels.ship", parcel=f"{number}-P1", carrier="DHL"))["name"] == "on_hold"
    released = await shop.do("holds.release", order=number, number=1)
    assert (released["released"], released["stage"]) == (["wait"], "to_hand_over")
    await shop.do("parcels.ship", parcel=f"{number}-P1", carrier="DHL")
    await shop.check_books()


async def test_a_hold_on_money_or_changes_keeps_no_unit_waiting(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    number = await shop.place({"MUG": 2})
    held = await shop.do("orders.hold", order=number, stops=["capture", "edit"])
    assert (held["stage"], held["holds"]) == ("to_release", ["manual"])
    await shop.do("orders.release", order=number)
    await shop.check_books()


async def test_a_line_waits_while_the_others_go(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, CAP_HAM=9)
    number = await shop.place({"MUG": 2, "CAP": 1})
    held = await shop.do("orders.hold", order=number, kind="engraving", lines=[1])
    assert held["stage"] == "held"
    assert (await shop.do("orders.release", order=number))["units"] == 1
    assert (await shop.refusal("orders.release", order=number))["name"] == "on_hold"
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.ship", parcel=f"{number}-P1", carrier="DHL")
    await shop.do("holds.release", order=number, kind="engraving")
    assert (await shop.do("orders.release", order=number))["units"] == 2
    await shop.check_books()


async def test_a_held_line_stays_on_the_shelf_when_the_rest_is_picked(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, CAP_HAM=9)
    number = await shop.place({"MUG": 2, "CAP": 1})
    await shop.do("orders.release", order=number)
    await shop.do("orders.hold", order=number, lines=[1])
    assert (await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1"))["picked"] == 1
    one = [{"line": 1, "quantity": 1}]
    refused = await shop.refusal("fulfillment-orders.pick", fulfillment_order=f"{number}-F1", lines=one)
    assert refused["name"] == "on_hold"
    await shop.check_books()


async def test_a_fulfillment_order_waits_while_the_other_goes(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=2, MUG_MUC=2)
    number = await shop.place({"MUG": 4})
    await shop.do("orders.release", order=number)
    await shop.do("orders.hold", order=number, kind="flood", fulfillment_orders=[f"{number}-F1"])
    refused = await shop.refusal("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    assert refused["facts"]["holds"] == "flood"
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F2")
    await shop.check_books()


async def test_what_is_held_is_not_sourced(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=0)
    await shop.allow_backorders()
    number = await shop.place({"MUG": 1})
    await shop.do("orders.hold", order=number, stops=["source"])
    await shop.do("stock.receive", sku="MUG", location="HAM", quantity=1, reason="purchase")
    assert (await shop.refusal("orders.source", order=number))["name"] == "on_hold"
    await shop.do("holds.release", order=number)
    assert (await shop.do("orders.source", order=number))["allocated"] == 1
    await shop.check_books()


async def test_a_hold_on_a_part_is_a_hold_on_its_kit(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, CAP_HAM=9, SET_HAM=0)
    await shop.do("kits.save", sku="SET", components=[{"sku": "MUG"}, {"sku": "CAP"}])
    number = await shop.place({"SET": 1, "CAP": 1})
    await shop.do("orders.hold", order=number, lines=[4])
    assert (await shop.fetch("SELECT lines FROM hold WHERE merchant_id = $1"))[0]["lines"] == [1]
    assert (await shop.do("orders.release", order=number))["units"] == 1
    await shop.check_books()


async def test_the_same_hold_again_changes_nothing_and_other_ones_stand_beside_it(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    number = await shop.place({"MUG": 2})
    first = await shop.do("orders.hold", order=number, kind="fraud")
    again = await shop.do("orders.hold", order=number, kind="fraud", reason="other")
    await shop.do("orders.hold", order=number, kind="fraud", lines=[1])
    await shop.do("orders.hold", order=number, kind="question")
    assert again["version"] == first["version"]
    lifted = await shop.do("holds.release", order=number, kind="fraud")
    assert (lifted["released"], lifted["holds"]) == (["fraud", "fraud"], ["question"])
    before = lifted["version"]
    nothing = await shop.do("holds.release", order=number, kind="fraud")
    assert (nothing["released"], nothing["version"]) == ([], before)
    assert (await shop.do("holds.release", order=number, number=77))["released"] == []
    await shop.check_books()


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"lines": [9]}, "unknown_line"),
        ({"fulfillment_orders": ["1001-F4"]}, "unknown_fulfillment_order"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "in_past"),
    ],
)
async def test_a_hold_that_cannot_be(shop: Shop, fields: dict[str, Any], name: str) -> None:
    await shop.stock_up(MUG_HAM=9)
    assert (await shop.refusal("orders.hold", order=await shop.place({"MUG": 2}), **fields))["name"] == name


async def test_remorse_ends_by_itself(shop: Shop) -> None:
    """Sixty minutes in which the customer may change their mind; then the worker lifts it, and nothing else."""
    await shop.stock_up(MUG_HAM=9)
    await allow(shop, "remorse_minutes", 60)
    assert await holds_of(shop) == ["remorse"]
    await shop.do("orders.hold", order="1001", kind="fraud")
    for minutes, left in ((59, 2), (61, 1)):
        later = datetime.now(UTC) + timedelta(minutes=minutes)
        executor = Executor(shop.database, lambda later=later: later)
        await over.HOLDS.end(shop.database, executor, shop.merchant_id, later)
        (order,) = await shop.fetch("SELECT active_holds FROM orders WHERE merchant_id = $1")
        assert order["active_holds"] == left
        assert await over.HOLDS.end(shop.database, executor, shop.merchant_id, later) == 0
    (hold, _) = await shop.fetch("SELECT kind, released_by FROM hold WHERE merchant_id = $1 ORDER BY number")
    assert hold == {"kind": "remorse", "released_by": "worker:holds"}
    await shop.check_books()


async def test_without_policies_nothing_is_held(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=99)
    for _ in range(3):
        nonsense = {"country": "DE", "postal_code": "x"}
        assert await holds_of(shop, ship_to=nonsense, bill_to=HOME, risk=100) == []


async def test_an_address_that_cannot_be_right(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=99)
    await allow(shop, "hold_bad_address", True)
    assert await holds_of(shop) == []
    assert await holds_of(shop, ship_to={**HOME, "postal_code": "2045"}) == ["bad_address"]
    (hold,) = await shop.fetch("SELECT reason, placed_by FROM hold WHERE merchant_id = $1")
    assert hold == {"reason": "postal_code", "placed_by": "rule:placement"}
    await shop.check_books()


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        (HOME, None),
        ({**HOME, "postal_code": None}, "postal_code"),
        ({**HOME, "line1": None}, "line1"),
        ({**HOME, "city": ""}, "city"),
        ({"country": "US", "line1": "1 Main St", "city": "Anytown", "region": "CA", "postal_code": "94043"}, None),
        ({"country": "US", "line1": "1 Main St", "city": "Anytown", "region": "California", "postal_code": "94043"}, None),
        ({"country": "US", "line1": "1 Main St", "city": "Anytown", "postal_code": "94043"}, "region"),
        ({"country": "GB", "line1": "1 High St", "city": "London", "postal_code": "sw1a 1aa"}, None),
        ({"country": "GB", "line1": "1 High St", "city": "London", "postal_code": "12345"}, "postal_code"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_address(address: dict[str, Any], wrong: str | None) -> None:
    assert fault(AddressInput(**address)) == wrong


async def test_billed_to_one_place_and_sent_to_another(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=99)
    await allow(shop, "hold_other_address", True)
    assert await holds_of(shop, bill_to={**HOME, "city": " HAMBURG", "name": "A. Meyer"}) == []
    assert await holds_of(shop, bill_to={**HOME, "country": "RO"}) == ["other_address"]
    assert await holds_of(shop, bill_to={"country": "DE"}) == []
    await shop.check_books()


async def test_the_same_order_twice_is_held(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=99, CAP_HAM=99)
    await allow(shop, "hold_duplicate_minutes", 30)
    assert await holds_of(shop) == []
    assert await holds_of(shop, {"MUG": 2}) == []
    assert await holds_of(shop, {"MUG": 1, "CAP": 1}) == []
    assert await holds_of(shop, customer={"email": "other@example.com"}) == []
    assert await holds_of(shop, {"CAP": 1, "MUG": 1}) == ["duplicate_order"]
    (hold,) = await shop.fetch("SELECT reason, stops FROM hold WHERE merchant_id = $1")
    assert hold == {"reason": "1003", "stops": ["release", "capture", "ship"]}
    await shop.do("lines.cancel", order="1001", reason="mine")
    assert await holds_of(shop) == []
    await shop.check_books()


async def test_the_same_order_long_after_is_no_duplicate(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=99)
    await allow(shop, "hold_duplicate_minutes", 30)
    for at, kinds in (
        ("09:00", []),
        ("09:29", ["duplicate_order"]),
        ("10:00", []),
        ("08:20", []),
        ("08:45", ["duplicate_order"]),
    ):
        assert await holds_of(shop, placed_at=f"2026-03-02T{at}:00Z") == kinds, at


async def test_more_orders_than_anybody_needs(shop: Shop) -> None:
    """Two an hour; in one batch as well as one after the other."""
    await shop.stock_up(MUG_HAM=99)
    await allow(shop, "hold_over_orders", 2)
    assert await holds_of(shop) == []
    order = shop.order({"MUG": 1}, customer=ADA, ship_to=HOME)
    placed = await shop.batch("orders.place", *[order] * 3)
    assert [each["holds"] for each in placed] == [[], ["many_orders"], ["many_orders"]]
    assert await holds_of(shop, customer={"email": "other@example.com"}) == []
    reasons = await shop.fetch("SELECT reason FROM hold WHERE merchant_id = $1 ORDER BY reason")
    assert [each["reason"] for each in reasons] == ["3", "4"]
    await shop.check_books()


async def test_a_payment_at_risk(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=99)
    await allow(shop, "hold_over_risk", 70)
    assert await holds_of(shop, risk=70) == []
    assert await holds_of(shop, risk=71) == ["payment_risk"]
    await shop.check_books()


async def test_credit_is_held_not_refused(shop: Shop) -> None:
    """At 10.00 each and a credit of 25.00: what is paid counts for nothing, what is cancelled neither."""
    await shop.stock_up(MUG_HAM=99)
    await allow(shop, "hold_over_credit", "25.00")
    paid = [{"amount": {"amount": "90.00", "currency": "EUR"}}]
    assert await holds_of(shop, {"MUG": 9}, tenders=paid) == []
    assert await holds_of(shop, {"MUG": 2}) == []
    assert await holds_of(shop, {"MUG": 1}) == ["credit_limit"]
    assert await holds_of(shop, {"MUG": 1}, customer={"email": "other@example.com"}) == []
    await shop.do("lines.cancel", order="1002", reason="mine")
    assert await holds_of(shop, {"MUG": 1}) == []
    await shop.check_books()


async def test_a_batch_is_checked_by_a_constant_number_of_statements(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=999)
    for each in range(40):
        await holds_of(shop, customer={"email": f"{each}@example.com"})
    orders = [shop.order({"MUG": 1}, customer={"email": f"{each}@example.com"}, ship_to=HOME) for each in range(40)]
    bare = await shop.statements("orders.place", *orders)
    assert bare == await shop.statements("orders.place", orders[0])
    await allow(shop, "hold_other_address", True)
    assert bare == await shop.statements("orders.place", *orders)
    for name, value in (("hold_duplicate_minutes", 5), ("hold_over_orders", 1), ("hold_over_credit", "1.00")):
        await allow(shop, name, value)
    assert (
        await shop.statements("orders.place", orders[0]) == await shop.statements("orders.place", *orders) == bare + 4
    )


async def test_the_queue_of_holds_is_read_page_by_page(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=99)
    await allow(shop, "hold_over_risk", 70)
    for _ in range(3):
        await holds_of(shop, risk=90)
    await shop.do("orders.hold", order="1002", kind="fraud", stops=["edit"], lines=[1], note="Call back.")
    await shop.do("holds.release", order="1003")

    async def page(**fields: Any) -> Any:
        async with shop.database.read(shop.merchant_id) as tx:
            return await read_holds(tx, HoldsQuery(**fields))

    first = await page(limit=2)
    rest = await page(limit=2, after=first.next)
    assert [(each.order, each.number, each.kind) for each in (*first.items, *rest.items)] == [
        ("1001", 1, "payment_risk"), ("1002", 1, "payment_risk"), ("1002", 2, "fraud"),
    ]  # fmt: skip
    assert rest.next is None
    (fraud,) = (await page(stops="edit")).items
    assert (fraud.kind, fraud.lines, fraud.note, fraud.customer) == ("fraud", [1], "Call back.", "Ada")
    assert len((await page(kind="payment_risk")).items) == 2
