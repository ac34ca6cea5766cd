"""How an order is paid, said when it is placed: a card, cash on delivery, a bank transfer."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from lading.adapters.payments.twin import SEVERAL
from lading.views import order as order_view
from lading.views.history import OrderAsOfQuery, order_as_of
from lading.views.timeline import TimelineQuery, timeline
from tests.operations.conftest import Shop
from tests.operations.test_payments import eur
from tests.twins import Paid
from tests.twins import paid as at_the_twin

DECLINED = "pm_card_chargeDeclinedInsufficientFunds"


@pytest.fixture
async def paid(shop: Any) -> AsyncIterator[Paid]:
    async with at_the_twin(shop) as paid:
        yield paid


def tender(kind: str, amount: str = "40.00", **more: Any) -> dict[str, Any]:
    card = {"provider": "acme", "method": SEVERAL} if kind == "card" else {}
    return {"kind": kind, "amount": eur(amount), **card, **more}


async def place(shop: Any, *tenders: dict[str, Any]) -> dict[str, Any]:
    """An order of four units at 10.00."""
    await shop.stock_up(MUG_HAM=4)
    placed: dict[str, Any] = await shop.do("orders.place", **shop.order({"MUG": 4}, tenders=list(tenders)))
    return placed


async def look(shop: Any, number: str) -> order_view.OrderDetail:
    async with shop.database.read(shop.merchant_id) as tx:
        return await order_view.order(tx, number)


async def test_a_card_is_asked_with_the_order_and_the_order_goes_on_when_it_promised(paid: Paid) -> None:
    shop, placed = paid.shop, await place(paid.shop, tender("card"))
    assert (placed["stage"], placed["holds"]) == ("held", ["awaiting_payment"])
    assert paid.account.calls == [], "nobody is called inside the transaction"
    seen = await look(shop, placed["number"])
    assert {kind: each.amount for kind, each in seen.tenders[0].awaited.items()} == {"authorise": "40.00"}
    assert await paid.work() == 1
    seen = await look(shop, placed["number"])
    assert (seen.stage, seen.payment_status, seen.tenders[0].authorised.amount) == ("to_release", "authorised", "40.00")
    assert [hold.released_at is not None for hold in seen.holds] == [True]
    (born,) = await shop.fetch("SELECT position FROM event WHERE merchant_id = $1 AND kind = 'order_placed'")
    async with shop.database.read(shop.merchant_id) as tx:
        told = [each.sentence for each in (await timeline(tx, TimelineQuery(order=placed["number"]))).items]
        before = await order_as_of(tx, OrderAsOfQuery(order=placed["number"], position=born["position"]))
        after = await order_as_of(tx, OrderAsOfQuery(order=placed["number"]))
    assert told[0] == "40.00 EUR authorised (tender 1). Hold lifted: awaiting payment."
    assert (before.stage, after.stage) == ("held", "to_release")
    await shop.check_books()


async def test_a_declined_card_holds_the_order_until_something_else_covers_it(paid: Paid) -> None:
    shop, placed = paid.shop, await place(paid.shop, tender("card", method=DECLINED))
    number = placed["number"]
    await paid.work()
    seen = await look(shop, number)
    assert [hold.kind for hold in seen.holds if hold.released_at is None] == ["payment_failed"]
    assert seen.holds[-1].reason == "insufficient_funds"
    assert (await shop.refusal("orders.release", order=number))["name"] == "on_hold"
    await shop.do("payments.authorise", order=number, provider="acme", method=SEVERAL)
    await paid.work()
    assert (await look(shop, number)).stage == "to_release"
    await shop.check_books()


async def test_a_bank_transfer_is_waited_for_and_may_come_in_parts(shop: Any) -> None:
    placed = await place(shop, tender("bank_transfer", reference="RF18 5390"))
    number = placed["number"]
    assert (placed["stage"], placed["holds"]) == ("held", ["awaiting_payment"])
    first = await shop.do("payments.record", order=number, kind="bank_transfer", amount=eur("15.00"), reference="TX-1")
    assert (first["tender"], first["due"], (await look(shop, number)).stage) == (1, eur("25.00"), "held")
    rest = await shop.do("payments.record", order=number, kind="bank_transfer", tender=1, amount=eur("25.00"))
    seen = await look(shop, number)
    assert (rest["payment_status"], seen.stage, seen.tenders[0].expected) == ("paid", "to_release", None)
    assert (len(seen.tenders), seen.tenders[0].captured.amount) == (1, "40.00")
    assert (await shop.refusal("payments.record", order=number, tender=1, amount=eur("1.00")))["name"] == "not_awaited"
    await shop.check_books()


async def test_cash_on_delivery_holds_nothing_up_and_is_recorded_when_the_carrier_brings_it(shop: Any) -> None:
    placed = await place(shop, tender("cash_on_delivery"))
    number = placed["number"]
    assert (placed["stage"], placed["holds"]) == ("to_release", [])
    refusal = await shop.refusal("payments.authorise", order=number, provider="acme", method="pm_1")
    assert refusal["name"] == "nothing_due", "the carrier brings it"
    done = await shop.do("payments.record", order=number, kind="cash_on_delivery", amount=eur("40.00"))
    assert (done["tender"], done["payment_status"]) == (1, "paid")
    await shop.check_books()


async def test_what_was_said_to_come_can_be_given_up_for_a_card(shop: Any) -> None:
    number = (await place(shop, tender("bank_transfer")))["number"]
    await shop.do("payments.void", order=number)
    assert (await look(shop, number)).tenders[0].expected is None
    assert (await shop.refusal("payments.void", order=number))["name"] == "nothing_to_void"
    await shop.do("payments.authorise", order=number, provider="acme", method="pm_1")
    await shop.do("payments.answer", order=number, tender=2, request=1, outcome="succeeded", reference="pi_1")
    assert (await look(shop, number)).stage == "to_release"
    await shop.check_books()


async def test_several_ways_to_pay_and_the_policy_that_holds_nothing(shop: Any) -> None:
    await shop.do("policies.set", name="hold_unpaid", value=False)
    await shop.do("policies.set", name="payment_provider", value="acme")
    card = {"kind": "card", "amount": eur("25.00"), "method": "pm_1", "payer": "cus_1"}
    placed = await place(shop, {"amount": eur("5.00")}, card, tender("cash_on_delivery", "10.00"))
    assert placed["holds"] == []
    seen = await look(shop, placed["number"])
    assert [(each.kind, each.captured.amount, each.provider) for each in seen.tenders] == [
        ("paid_elsewhere", "5.00", None), ("card", "0.00", "acme"), ("cash_on_delivery", "0.00", None),
    ]  # fmt: skip
    await shop.do("payments.answer", order=placed["number"], tender=2, request=1, outcome="failed", code="expired_card")
    assert (await look(shop, placed["number"])).stage == "to_release"
    await shop.check_books()


async def test_a_card_needs_a_provider_and_is_asked_once_for_the_same_command(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=4)
    payload = shop.order({"MUG": 4}, tenders=[{"kind": "card", "amount": eur("40.00"), "method": "pm_1"}])
    refusal = await shop.refusal("orders.place", **payload)
    assert (refusal["name"], refusal["pointer"]) == ("no_provider", "/tenders/0/provider")
    payload["tenders"][0]["provider"] = "acme"
    same = shop.envelope("orders.place", payload, uuid.uuid4())
    for _ in range(2):
        await shop.run("orders.place", [same])
    assert len(await shop.fetch("SELECT FROM payment_request WHERE merchant_id = $1")) == 1
    (told,) = await shop.fetch("SELECT data::text FROM event WHERE merchant_id = $1 AND kind = 'order_placed'")
    assert "pm_1" not in told["data"]


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "card"},
        {"kind": "card", "method": "pm_1", "reference": "pi_1"},
        {"kind": "cash_on_delivery", "method": "pm_1"},
        {"provider": "acme"},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_at_the_door(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="method"):
        Shop.envelope("orders.place", Shop.order({"MUG": 1}, tenders=[{"amount": eur("10.00"), **bad}]))


async def test_many_orders_by_card_cost_as_many_statements_as_one(shop: Any) -> None:
    """Cards, transfers and refunds as store credit: a batch of many runs what a batch of one runs."""
    await shop.stock_up(MUG_HAM=999)
    person = {"customer": {"name": "Ada Meyer", "email": "ada@example.com"}}
    ways = [tender("card", "5.00"), tender("bank_transfer", "2.00"), {"amount": eur("3.00")}]
    payload = shop.order({"MUG": 1}, tenders=ways, **person)
    await shop.batch("orders.place", payload)
    one, many = [await shop.statements("orders.place", *[payload] * count) for count in (1, 60)]
    assert one == many
    rows = await shop.fetch("SELECT number FROM orders WHERE merchant_id = $1 ORDER BY number")
    numbers = [str(row["number"]) for row in rows]
    await shop.batch("lines.cancel", *({"order": number, "reason": "other"} for number in numbers))
    back = [{"order": number, "to": "store_credit"} for number in numbers]
    counted = [await shop.statements("payments.refund", *part) for part in (back[:1], back[1:])]
    assert counted[0] == counted[1]
    told = [
        {"order": number, "tender": 1, "request": 1, "outcome": "succeeded", "reference": "x"} for number in numbers
    ]
    counted = [await shop.statements("payments.answer", *part) for part in (told[:1], told[1:])]
    assert counted[0] == counted[1], "holds are lifted with it"
    await shop.check_books()
