"""Payments that somebody has to look at, and the holds that wait for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from lading.views import order as order_view
from lading.views.payment_troubles import (
    DisputesQuery,
    OrderPaymentsQuery,
    PaymentTroublesQuery,
    disputes,
    order_payments,
    payment_troubles,
)
from tests.operations.test_payments import answer, authorised, eur, placed
from tests.operations.test_tenders_at_placement import tender

CARD = {"provider": "acme", "method": "pm_1", "payer": "cus_1"}


async def troubles(shop: Any, **query: Any) -> list[tuple[str, str, str]]:
    async with shop.database.read(shop.merchant_id) as tx:
        page = await payment_troubles(tx, PaymentTroublesQuery(**query))
    return [(each.trouble, each.order, each.what) for each in page.items]


async def holds(shop: Any, number: str) -> list[str]:
    async with shop.database.read(shop.merchant_id) as tx:
        return [hold.kind for hold in (await order_view.order(tx, number)).holds if hold.released_at is None]


async def send_one(shop: Any, number: str, work: str) -> None:
    one = [{"line": 1, "quantity": 1}]
    await shop.do("fulfillment-orders.pick", fulfillment_order=work, lines=one)
    parcel = (await shop.do("parcels.pack", fulfillment_order=work, lines=one))["parcel"]
    await shop.do("parcels.ship", parcel=parcel, carrier="DHL")


async def test_what_lapses_between_two_parcels_is_asked_again_and_the_last_parcel_brings_the_remainder(
    shop: Any,
) -> None:
    """Three units and 10.00 of shipping: 13.33 with the first; the rest on the new authorisation."""
    await shop.stock_up(MUG_HAM=3)
    shipping = {"kind": "shipping", "code": "std", "amount": eur("10.00")}
    number = str(await shop.place({"MUG": 3}, charges=[shipping]))
    await answer(shop, number, await shop.do("payments.authorise", order=number, **CARD), reference="pi_1")
    work = (await shop.do("orders.release", order=number))["fulfillment_orders"][0]
    await send_one(shop, number, work)
    await answer(shop, number, await shop.do("payments.follow", order=number))
    lapsed = await shop.do("payments.lapse", order=number, tender=1)
    assert (lapsed["authorised"], lapsed["captured"]) == (eur("13.33"), eur("13.33"))
    assert await holds(shop, number) == ["payment_lapsed"]
    refusal = await shop.refusal("fulfillment-orders.pick", fulfillment_order=work)
    assert refusal["name"] == "on_hold", "nothing leaves that nobody promised to pay"
    assert await troubles(shop) == [("lapsed", number, "authorise")]
    again = await shop.do("payments.follow", order=number)
    assert [(each["tender"], each["amount"]) for each in again["asked"]] == [(2, eur("26.67"))]
    await answer(shop, number, again, reference="pi_2")
    assert (await holds(shop, number), await troubles(shop)) == ([], [])
    taken = []
    for _ in range(2):
        await send_one(shop, number, work)
        state = await shop.do("payments.follow", order=number)
        taken += [(each["tender"], each["amount"]["amount"]) for each in state["asked"]]
        done = await answer(shop, number, state)
    assert taken == [(2, "13.33"), (2, "13.34")]
    assert (done["due"], done["payment_status"]) == (eur("0.00"), "paid")
    await shop.check_books()


async def test_a_renewal_that_fails_holds_the_order_and_stands_among_the_troubles(shop: Any) -> None:
    number = await placed(shop)
    await answer(shop, number, await shop.do("payments.authorise", order=number, **CARD), reference="pi_1")
    await shop.do("payments.lapse", order=number, tender=1)
    again = await shop.do("payments.follow", order=number)
    await answer(shop, number, again, "failed", code="card_declined")
    assert await holds(shop, number) == ["payment_failed"]
    assert await troubles(shop) == [("failed", number, "authorise")]
    await shop.do("payments.record", order=number, kind="cash", amount=eur("40.00"))
    assert (await holds(shop, number), await troubles(shop)) == ([], [])
    await shop.check_books()


async def test_by_policy_nothing_is_held_and_it_is_among_the_troubles_all_the_same(shop: Any) -> None:
    await shop.do("policies.set", name="hold_unpaid", value=False)
    number = await placed(shop)
    await authorised(shop, number, outcome="failed", code="card_declined")
    assert (await holds(shop, number), await troubles(shop)) == ([], [("failed", number, "authorise")])
    await shop.do("lines.cancel", order=number, reason="other")
    assert await troubles(shop) == [], "nothing is to be paid any more"


async def test_a_dispute_holds_the_order_until_it_is_won(shop: Any) -> None:
    number = await placed(shop)
    await authorised(shop, number)
    await answer(shop, number, await shop.do("payments.capture", order=number))
    by = datetime.now(UTC) + timedelta(days=7)
    taken = {"order": number, "tender": 1, "reason": "fraudulent", "answer_by": by.isoformat()}
    for reference, amount in (("dp_1", "40.00"), ("dp_2", "10.00")):
        await shop.do("payments.dispute", **taken, reference=reference, amount=eur(amount))
    assert await holds(shop, number) == ["dispute"]
    assert (await shop.refusal("orders.release", order=number))["name"] == "on_hold"
    assert [each[:2] for each in await troubles(shop)] == [("disputed", number)] * 2
    async with shop.database.read(shop.merchant_id) as tx:
        first = (await disputes(tx, DisputesQuery())).items[-1]
    assert (first.reference, first.answer_by) == ("dp_1", by)
    later = taken | {"reference": "dp_1", "amount": eur("40.00"), "answer_by": (by + timedelta(days=7)).isoformat()}
    await shop.do("payments.dispute", **later)
    for reference, amount in (("dp_2", "10.00"), ("dp_1", "40.00")):
        assert await holds(shop, number) == ["dispute"]
        await shop.do("payments.dispute", **taken, reference=reference, amount=eur(amount), status="won")
    assert (await holds(shop, number), await troubles(shop)) == ([], [])
    async with shop.database.read(shop.merchant_id) as tx:
        found = await order_payments(tx, OrderPaymentsQuery(number))
        closed = (await disputes(tx, DisputesQuery(status="won"))).items
    assert [each.kind for each in found.requests] == ["capture", "authorise"]
    assert {each.reference: each.answer_by for each in closed} == {"dp_2": by, "dp_1": by + timedelta(days=7)}
    await shop.check_books()


async def test_a_dispute_that_is_lost_leaves_the_decision_to_people(shop: Any) -> None:
    number = await placed(shop)
    await authorised(shop, number)
    await answer(shop, number, await shop.do("payments.capture", order=number))
    taken = {"order": number, "tender": 1, "reason": "fraudulent", "reference": "dp_1", "amount": eur("40.00")}
    await shop.do("payments.dispute", **taken)
    lost = await shop.do("payments.dispute", **taken, status="lost")
    assert (await holds(shop, number), lost["due"]) == (["dispute"], eur("0.00"))
    rows = await shop.fetch(
        "SELECT debit, credit FROM money_posting WHERE merchant_id = $1 AND 'disputed' IN (debit, credit)"
        " ORDER BY debit DESC"
    )
    assert [(row["debit"], row["credit"]) for row in rows] == [("disputed", "tender:card"), ("chargebacks", "disputed")]
    await shop.do("lines.cancel", order=number, reason="fraud")
    assert (await shop.refusal("payments.refund", order=number))["name"] == "more_than_captured", "the bank has it"
    await shop.check_books()


async def test_what_is_late_or_not_answered_is_listed_page_by_page(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=20)
    for kind, days in (("cash_on_delivery", 9), ("bank_transfer", 8), ("bank_transfer", 0)):
        more = {"placed_at": (datetime.now(UTC) - timedelta(days=days)).isoformat()}
        await shop.place({"MUG": 1}, tenders=[tender(kind, "10.00")], **more)
    number = await shop.place({"MUG": 1})
    await shop.do("payments.authorise", order=number, provider="acme", method="pm_1")
    assert await troubles(shop) == [("late", "1002", "bank_transfer"), ("late", "1001", "cash_on_delivery")]
    async with shop.database.write(shop.merchant_id) as tx:
        await tx.execute("UPDATE payment_request SET asked_at = asked_at - interval '1 hour' WHERE merchant_id = $1")
    seen, after = [], None
    for _ in range(3):
        async with shop.database.read(shop.merchant_id) as tx:
            page = await payment_troubles(tx, PaymentTroublesQuery(limit=1, after=after))
        seen += [(each.trouble, each.order) for each in page.items]
        after = page.next
    assert (seen, after) == ([("unanswered", number), ("late", "1002"), ("late", "1001")], None)
    assert await troubles(shop, trouble="unanswered") == [("unanswered", number, "authorise")]


async def test_a_capture_that_fails_holds_what_is_not_sent_yet_though_the_promise_stands(shop: Any) -> None:
    number = await placed(shop)
    await authorised(shop, number)
    await answer(shop, number, await shop.do("payments.capture", order=number), "failed", code="processing_error")
    assert (await holds(shop, number), await troubles(shop)) == (["payment_failed"], [("failed", number, "capture")])
    await shop.do("payments.follow", order=number)
    assert await holds(shop, number) == ["payment_failed"], "a promise that was refused once covers nothing"
    await answer(shop, number, await shop.do("payments.capture", order=number))
    assert (await holds(shop, number), await troubles(shop)) == ([], [])
    await shop.check_books()
