"""Money that a provider moves: asked first, answered later, in parts and in any order."""

from __future__ import annotations

from typing import Any

import pytest

from lading.views import order as order_view
from lading.views.payments import PaymentRequestsQuery, payment_requests


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


async def placed(shop: Any, units: int = 4, **more: Any) -> str:
    """An order of so many units at 10.00; its number."""
    await shop.stock_up(MUG_HAM=units)
    return str(await shop.place({"MUG": units}, **more))


async def authorised(shop: Any, number: str, amount: str | None = None, **answer: Any) -> int:
    """A card that promised what is due; the number of its tender."""
    more = {"amount": eur(amount)} if amount else {}
    asked = await shop.do("payments.authorise", order=number, provider="acme", method="pm_1", **more)
    (request,) = asked["asked"]
    told = {"outcome": "succeeded", "reference": f"pi_{request['tender']}", **answer}
    await shop.do("payments.answer", order=number, tender=request["tender"], request=request["request"], **told)
    return int(request["tender"])


async def answer(
    shop: Any, number: str, state: dict[str, Any], outcome: str = "succeeded", **more: Any
) -> dict[str, Any]:
    """The provider's answer to all that was asked; the last state."""
    for each in state["asked"]:
        told = {"tender": each["tender"], "request": each["request"], "outcome": outcome, **more}
        state = await shop.do("payments.answer", order=number, **told)
    return state


async def tenders(shop: Any) -> list[tuple[int, int, int]]:
    rows = await shop.fetch(
        "SELECT authorised_minor AS a, captured_minor AS c, refunded_minor AS r FROM tender WHERE merchant_id = $1 ORDER BY number"
    )
    return [(row["a"], row["c"], row["r"]) for row in rows]


async def test_a_card_promises_is_captured_in_parts_and_gives_back(shop: Any) -> None:
    number = await placed(shop)
    await authorised(shop, number)
    assert (await shop.do("payments.follow", order=number))["payment_status"] == "authorised"
    first = await shop.do("payments.capture", order=number, amount=eur("15.00"))
    assert (first["captured"], [each["amount"] for each in first["asked"]]) == (eur("0.00"), [eur("15.00")])
    assert (await answer(shop, number, first))["payment_status"] == "partially_paid"
    rest = await shop.do("payments.capture", order=number)
    assert (await answer(shop, number, rest))["payment_status"] == "paid"
    await shop.do("lines.cancel", order=number, reason="other", lines=[{"line": 1, "quantity": 1}])
    back = await shop.do("payments.refund", order=number)
    assert (back["refunded"], back["asked"], back["due"]) == (eur("0.00"), eur("10.00"), eur("-10.00"))
    assert (await shop.refusal("payments.refund", order=number))["name"] == "nothing_owed"
    request = {"tender": 1, "request": 4}
    done = await shop.do("payments.answer", order=number, **request, outcome="succeeded", reference="re_1")
    assert (done["due"], done["payment_status"]) == (eur("0.00"), "partially_refunded")
    assert await tenders(shop) == [(4000, 4000, 1000)]
    await shop.check_books()
    returned = await shop.do("payments.answer", order=number, **request, outcome="failed", code="lost_or_stolen_card")
    assert (returned["due"], await tenders(shop)) == (eur("-10.00"), [(4000, 4000, 0)])
    again = await shop.do("payments.answer", order=number, **request, outcome="succeeded")
    assert again["version"] == returned["version"]
    await shop.check_books()


async def test_what_is_not_needed_is_given_up(shop: Any) -> None:
    number = await placed(shop)
    await authorised(shop, number)
    await shop.do("lines.cancel", order=number, reason="other")
    state = await shop.do("payments.follow", order=number)
    assert [each["kind"] for each in state["asked"]] == ["void"]
    assert (await shop.do("payments.follow", order=number))["version"] == state["version"]
    assert (await answer(shop, number, state))["authorised"] == eur("0.00")
    assert await tenders(shop) == [(0, 0, 0)]
    await shop.check_books()


async def test_a_declined_card_leaves_the_order_unpaid_and_another_may_try(shop: Any) -> None:
    number = await placed(shop)
    await authorised(shop, number, outcome="failed", code="insufficient_funds")
    await authorised(shop, number, amount="40.00")
    assert await tenders(shop) == [(0, 0, 0), (4000, 0, 0)]
    refusal = await shop.refusal("payments.authorise", order=number, provider="acme", method="pm_2")
    assert refusal["name"] == "nothing_due"
    await shop.check_books()


async def test_one_capture_gives_up_the_rest_where_the_card_allows_no_more(shop: Any) -> None:
    number = await placed(shop)
    await authorised(shop, number, once=True)
    await answer(shop, number, await shop.do("payments.capture", order=number, amount=eur("15.00")))
    assert await tenders(shop) == [(1500, 1500, 0)]
    assert (await shop.refusal("payments.capture", order=number))["name"] == "nothing_to_capture"
    await shop.check_books()


@pytest.mark.parametrize(
    ("verb", "fields", "name"),
    [
        ("capture", {"amount": eur("40.01")}, "more_than_due"),
        ("capture", {"tender": 2}, "unknown_tender"),
        ("capture", {"amount": eur("30.01")}, "more_than_authorised"),
        ("authorise", {"method": "pm_1"}, "no_provider"),
        ("authorise", {"method": "pm_1", "provider": "acme", "amount": eur("10.01")}, "more_than_due"),
        ("answer", {"tender": 1, "request": 9, "outcome": "failed"}, "unknown_request"),
    ],
)
async def test_what_is_refused(shop: Any, verb: str, fields: dict[str, Any], name: str) -> None:
    number = await placed(shop)
    await authorised(shop, number, amount="30.00")
    assert (await shop.refusal(f"payments.{verb}", order=number, **fields))["name"] == name


async def test_what_a_provider_refuses_is_left_to_people_and_spills_to_the_next_tender(shop: Any) -> None:
    number = await placed(shop)
    await shop.do("policies.set", name="refund_at_once", value=True)
    for amount in ("30.00", "10.00"):
        await authorised(shop, number, amount=amount)
    await answer(shop, number, await shop.do("payments.capture", order=number))
    await shop.do("lines.cancel", order=number, reason="other", lines=[{"line": 1, "quantity": 1}])
    first = await shop.do("payments.follow", order=number)
    assert [each["tender"] for each in first["asked"]] == [2]
    await answer(shop, number, first, "failed", code="expired_or_canceled_card")
    second = await shop.do("payments.follow", order=number)
    assert [each["tender"] for each in second["asked"]] == [1]
    await answer(shop, number, second, "failed", code="lost_or_stolen_card")
    assert (await shop.do("payments.follow", order=number))["asked"] == []
    by_hand = await shop.do("payments.refund", order=number)
    assert by_hand["asked"] == eur("10.00")
    await shop.check_books()


async def test_an_authorisation_that_lapsed_is_asked_for_again_once(shop: Any) -> None:
    number = await placed(shop)
    card = {"order": number, "provider": "acme", "method": "pm_1", "payer": "cus_1"}
    asked = await shop.do("payments.authorise", **card)
    await answer(shop, number, asked, reference="pi_1")
    await shop.do("payments.lapse", order=number, tender=1)
    again = await shop.do("payments.follow", order=number)
    assert [(each["tender"], each["kind"], each["amount"]) for each in again["asked"]] == [
        (2, "authorise", eur("40.00"))
    ]
    await answer(shop, number, again, "failed", code="insufficient_funds")
    assert (await shop.do("payments.follow", order=number))["asked"] == []
    assert await tenders(shop) == [(0, 0, 0), (0, 0, 0)]
    await shop.check_books()


async def test_each_parcel_brings_its_part_and_the_last_one_the_remainder(shop: Any) -> None:
    """Four units at 10.00 and shipping of 5.00: 11.25 each; the unit that is cancelled meanwhile is given up."""
    await shop.stock_up(MUG_HAM=4)
    shipping = {"kind": "shipping", "code": "std", "amount": eur("5.00")}
    number = str(await shop.place({"MUG": 4}, charges=[shipping]))
    await authorised(shop, number)
    work = (await shop.do("orders.release", order=number))["fulfillment_orders"][0]
    await shop.do("orders.hold", order=number, kind="fraud", stops=["capture"])
    taken = []
    for step in range(3):
        one = [{"line": 1, "quantity": 1}]
        await shop.do("fulfillment-orders.pick", fulfillment_order=work, lines=one)
        parcel = (await shop.do("parcels.pack", fulfillment_order=work, lines=one))["parcel"]
        await shop.do("parcels.ship", parcel=parcel, carrier="DHL")
        if step == 0:
            assert (await shop.do("payments.follow", order=number))["asked"] == []
            assert (await shop.refusal("payments.capture", order=number))["name"] == "on_hold"
            await shop.do("holds.release", order=number, kind="fraud")
        if step == 2:
            await shop.do("lines.cancel", order=number, reason="other", lines=one)
        state = await shop.do("payments.follow", order=number)
        taken.append([(each["kind"], each["amount"]["amount"]) for each in state["asked"]])
        after = await answer(shop, number, state)
    assert taken == [[("capture", "11.25")], [("capture", "11.25")], [("capture", "11.25")]]
    state = await shop.do("payments.follow", order=number)
    assert [(each["kind"], each["amount"]["amount"]) for each in state["asked"]] == [("void", "11.25")]
    assert (await answer(shop, number, state))["payment_status"] == after["payment_status"] == "paid"
    assert await tenders(shop) == [(3375, 3375, 0)]
    await shop.check_books()


async def test_what_a_provider_refused_and_what_it_has_not_answered_can_be_asked(shop: Any) -> None:
    number = await placed(shop)
    await authorised(shop, number, outcome="failed", code="insufficient_funds")
    await authorised(shop, number)
    await shop.do("payments.capture", order=number, amount=eur("15.00"))
    async with shop.database.read(shop.merchant_id) as tx:
        failed = await payment_requests(tx, PaymentRequestsQuery())
        pending = await payment_requests(tx, PaymentRequestsQuery(status="pending"))
        detail = await order_view.order(tx, number)
    assert [(each.kind, each.code) for each in failed.items] == [("authorise", "insufficient_funds")]
    assert [(each.kind, each.amount.minor, each.tender) for each in pending.items] == [("capture", 1500, 2)]
    assert detail.tenders[1].awaited["capture"].minor == 1500
    possible = {each.verb: each.possible for each in detail.possible}
    assert possible["payments.capture"] and possible["payments.void"]
