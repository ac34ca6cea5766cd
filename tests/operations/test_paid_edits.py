"""Edits of orders that somebody promised or paid: more is asked for or waited for, less is given up or given back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from lading.adapters.payments.twin import GROWS
from lading.terms.money import Money
from lading.views.timeline import TimelineQuery, timeline
from tests.operations.test_editing import edit
from tests.operations.test_payments import eur
from tests.operations.test_tenders_at_placement import DECLINED, look, tender
from tests.twins import Paid
from tests.twins import paid as at_the_twin


@pytest.fixture
async def paid(shop: Any) -> AsyncIterator[Paid]:
    async with at_the_twin(shop) as paid:
        yield paid


async def place(shop: Any, *tenders: dict[str, Any]) -> str:
    """Four mugs at 10.00, of twenty that are there."""
    await shop.stock_up(MUG_HAM=20)
    placed = await shop.do("orders.place", **shop.order({"MUG": 4}, tenders=list(tenders)))
    return str(placed["number"])


async def mugs(shop: Any, number: str, line: int, units: int) -> Any:
    """The order has so many units of a line from now on; what that does to its money."""
    return (await edit(shop, number, quantities=[{"line": line, "quantity": units}]))["payment"]


async def stands(shop: Any, number: str) -> tuple[str, list[str], list[tuple[int, int]]]:
    """The queue, the holds that stand, and what each tender authorised and captured."""
    seen = await look(shop, number)
    sums = [(each.authorised.minor, each.captured.minor) for each in seen.tenders]
    return seen.stage, [hold.kind for hold in seen.holds if hold.released_at is None], sums


async def test_the_provider_promises_more_on_what_it_promised(paid: Paid) -> None:
    """One payment at the provider, raised twice: before it answered the first, too. The order waits meanwhile."""
    shop, number = paid.shop, await place(paid.shop, tender("card", method=GROWS))
    await paid.work()
    told = await mugs(shop, number, 1, 6)
    assert [(each["tender"], each["kind"], each["amount"]) for each in told["asked"]] == [
        (1, "authorise", eur("20.00"))
    ]
    assert (told["waits"], told["not_needed"], told["owed_back"]) == ("awaiting_payment", eur("0.00"), eur("0.00"))
    told = await mugs(shop, number, 1, 5)
    assert [each["amount"] for each in told["asked"]] == [eur("10.00")], "only what nobody was asked for yet"
    assert await stands(shop, number) == ("held", ["awaiting_payment"], [(4000, 0)])
    for _ in range(2):
        await paid.work()
        await paid.deliver()
    assert await stands(shop, number) == ("to_release", [], [(7000, 0)])
    (intent,) = paid.account.intents.values()
    assert (intent["amount"], intent["amount_capturable"]) == (7000, 7000)
    await shop.do("payments.capture", order=number)
    await paid.work()
    assert (await look(shop, number)).payment_status == "paid"
    async with shop.database.read(shop.merchant_id) as tx:
        sentences = [each.sentence for each in (await timeline(tx, TimelineQuery(order=number))).items]
    assert any("asked to promise 20.00 EUR more. On hold: awaiting payment." in each for each in sentences)
    await shop.check_books()


@pytest.mark.parametrize("fault", ["lost", "decline"])
async def test_a_raise_whose_answer_is_lost_is_done_once_and_one_that_is_declined_holds(shop: Any, fault: str) -> None:
    async with at_the_twin(shop, timeout_seconds=0.3) as paid:
        number = await place(shop, tender("card", method=GROWS))
        await paid.work()
        await mugs(shop, number, 1, 6)
        paid.account.dials.answers = [fault]
        await paid.work()
        await paid.work_later()
        (intent,) = paid.account.intents.values()
        if fault == "decline":
            assert await stands(shop, number) == ("held", ["payment_failed"], [(4000, 0)])
            assert (await mugs(shop, number, 2, 0))["goes_on"] == ["payment_failed"], "the first promise stands"
            assert (await stands(shop, number))[:2] == ("to_release", [])
        else:
            assert (await stands(shop, number), intent["amount"]) == (("to_release", [], [(6000, 0)]), 6000)
        await shop.check_books()


async def test_a_raise_that_the_provider_forgot_the_key_of_is_found_again(paid: Paid, monkeypatch: Any) -> None:
    shop, number = paid.shop, await place(paid.shop, tender("card", method=GROWS))
    await paid.work()
    await mugs(shop, number, 1, 6)
    paid.account.dials.answers = ["lost"]
    await paid.work()
    monkeypatch.setattr("lading.adapters.payments.stripe.KEYS_KEPT", -paid.ahead)
    paid.account.answered.clear()
    await paid.work_later()
    assert (await stands(shop, number))[2] == [(6000, 0)]
    await shop.check_books()


async def test_no_part_is_asked_of_a_card_that_did_not_promise_the_rest(paid: Paid) -> None:
    """The edit came before the provider answered, which then declined: what the edit added is not asked of it alone."""
    shop, number = paid.shop, await place(paid.shop, tender("card", method=DECLINED))
    assert [each["request"] for each in (await mugs(shop, number, 1, 6))["asked"]] == [2]
    for _ in range(2):
        await paid.work()
    assert await stands(shop, number) == ("held", ["payment_failed"], [(0, 0)])
    assert len([call for call in paid.account.calls if call[0] == "POST"]) == 1
    await shop.check_books()


async def test_the_same_card_is_asked_once_more_and_given_up_when_it_is_not_needed(paid: Paid) -> None:
    """A card that may be used again, whose promise cannot be raised: a second promise, for what was added; dropped with it."""
    shop, number = paid.shop, await place(paid.shop, tender("card", payer="cus_1"))
    await paid.work()
    assert [each["tender"] for each in (await mugs(shop, number, 1, 7))["asked"]] == [2]
    await paid.work()
    assert await stands(shop, number) == ("to_release", [], [(4000, 0), (3000, 0)])
    asked = [form for _, path, form in paid.account.calls if path == "/v1/payment_intents"]
    assert [(each["customer"], each.get("off_session")) for each in asked] == [("cus_1", None), ("cus_1", "true")]
    told = await mugs(shop, number, 2, 0)
    assert (told["asked"], told["not_needed"]) == ([], eur("30.00"))
    await shop.do("payments.follow", order=number)
    await paid.work()
    assert await stands(shop, number) == ("to_release", [], [(4000, 0), (0, 0)])
    told = await mugs(shop, number, 1, 3)
    assert told["not_needed"] == eur("10.00")
    assert (await shop.do("payments.follow", order=number))["asked"] == [], "a part goes with the last capture"
    told = await mugs(shop, number, 1, 4)
    assert (told["asked"], told["waits"]) == ([], None), "what was promised already is asked for once"
    await shop.check_books()


async def test_an_order_that_nobody_can_be_asked_for_waits_until_it_is_covered(shop: Any) -> None:
    """Paid elsewhere, or by a card that may be used once: held for what is due; a payment lifts it, and so does an edit back."""
    for kind in ("paid_elsewhere", "card"):
        number = await place(shop, tender(kind))
        if kind == "card":
            await shop.do("payments.answer", order=number, tender=1, request=1, outcome="succeeded", reference="pi_1")
        told = await mugs(shop, number, 1, 6)
        assert (told["asked"], told["waits"]) == ([], "payment_due")
        assert (await stands(shop, number))[:2] == ("held", ["payment_due"])
        assert (await shop.refusal("orders.release", order=number))["name"] == "on_hold"
        assert (await mugs(shop, number, 2, 0))["goes_on"] == ["payment_due"]
        assert (await mugs(shop, number, 1, 5))["waits"] == "payment_due"
        paid = await shop.do("payments.record", order=number, kind="bank_transfer", amount=eur("10.00"))
        assert (paid["due"].get("amount"), (await stands(shop, number))[:2]) == (
            "0.00" if kind == "paid_elsewhere" else "40.00", ("to_release", []),
        )  # fmt: skip
    await shop.do("policies.set", name="hold_unpaid", value=False)
    assert (await mugs(shop, number, 1, 6))["waits"] is None
    await shop.check_books()


async def test_nothing_more_is_promised_on_what_was_captured_and_what_was_open_before_stays_open(paid: Paid) -> None:
    """A raise is for payments of which nothing was taken. An order that was paid in part only, and not held for it, is not held now."""
    shop, number = paid.shop, await place(paid.shop, tender("card", method=GROWS))
    await paid.work()
    await shop.do("payments.capture", order=number, amount=eur("10.00"))
    await paid.work()
    told = await mugs(shop, number, 1, 5)
    assert (told["asked"], told["waits"]) == ([], "payment_due")
    part = await place(shop, tender("paid_elsewhere", "10.00"))
    told = await mugs(shop, part, 1, 5)
    assert (told["asked"], told["waits"], (await stands(shop, part))[:2]) == ([], None, ("to_release", []))
    await shop.check_books()


async def test_what_the_carrier_collects_is_what_is_due(shop: Any) -> None:
    number = await place(shop, tender("cash_on_delivery"))
    assert (await mugs(shop, number, 1, 6))["at_the_door"] == eur("20.00")
    assert (await look(shop, number)).tenders[0].expected == Money("60.00", "EUR")
    assert (await mugs(shop, number, 1, 1))["at_the_door"] == eur("-30.00")
    assert (await stands(shop, number))[:2] == ("to_release", [])
    done = await shop.do("payments.record", order=number, kind="cash_on_delivery", amount=eur("30.00"))
    assert done["payment_status"] == "paid"
    await shop.check_books()


async def test_what_was_taken_goes_back_by_policy_and_the_preview_tells_it(shop: Any) -> None:
    """Also through a gift card: what is owed goes back on it by itself."""
    await shop.do("credits.issue", code="GIFT-7K2M-99QX", amount=eur("25.00"), reason="sold")
    number = await place(shop, tender("paid_elsewhere", "15.00"))
    await shop.do("credits.spend", order=number, code="GIFT-7K2M-99QX")
    told = await mugs(shop, number, 1, 3)
    assert (told["owed_back"], told["goes_back"]) == (eur("10.00"), "when_asked")
    await shop.do("policies.set", name="refund_at_once", value=True)
    told = await mugs(shop, number, 1, 2)
    assert (told["owed_back"], told["goes_back"]) == (eur("20.00"), "at_once")
    assert (await shop.do("payments.follow", order=number))["refunded"] == eur("20.00")
    (credit,) = await shop.fetch("SELECT balance_minor FROM credit WHERE merchant_id = $1")
    assert credit["balance_minor"] == 2000
    await shop.check_books()


async def test_an_order_of_which_nobody_said_how_it_is_paid_is_edited_as_before(shop: Any) -> None:
    number = await place(shop)
    assert await mugs(shop, number, 1, 6) is None
    assert (await stands(shop, number))[:2] == ("to_release", [])


async def test_a_prepared_edit_shows_what_is_asked_and_asks_when_it_is_confirmed(paid: Paid) -> None:
    shop, number = paid.shop, await place(paid.shop, tender("card", method=GROWS))
    await paid.work()
    more = [{"line": 1, "quantity": 6}]
    begun = await shop.do("edits.begin", order=number, reason="wish", quantities=more)
    assert begun["preview"]["payment"]["asked"][0]["amount"] == eur("20.00")
    assert await paid.work() == 0
    assert (await shop.do("edits.confirm", edit=begun["edit"])) == begun["preview"]
    assert await paid.work() == 1
    assert (await stands(shop, number))[2] == [(6000, 0)]
    await shop.check_books()
