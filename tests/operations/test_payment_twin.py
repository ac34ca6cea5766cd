"""Stripe's library against the twin, over HTTP: what is asked, what is answered, and everything that goes wrong in between."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from lading.adapters.payments.twin import (
    ASKS_THE_PERSON,
    ONE,
    REFUND_FAILS,
    REFUND_PENDING,
    SEVERAL,
    Account,
    close_dispute,
    confirm,
    create_twin,
    end_refund,
    open_dispute,
)
from lading.database import failpoints
from lading.payments.port import NotGenuine
from tests.operations.test_payments import eur, placed, tenders
from tests.twins import Paid
from tests.twins import paid as at_the_twin


@pytest.fixture
async def paid(shop: Any) -> AsyncIterator[Paid]:
    async with at_the_twin(shop) as paid:
        yield paid


async def authorise(paid: Paid, method: str = SEVERAL) -> str:
    """An order of four units at 10.00 whose card was asked; its number."""
    number = await placed(paid.shop)
    await paid.shop.do("payments.authorise", order=number, provider="acme", method=method)
    return number


async def requests(paid: Paid) -> list[tuple[str, str, str | None]]:
    rows = await paid.shop.fetch(
        "SELECT kind, status, code FROM payment_request WHERE merchant_id = $1 ORDER BY tender_number, number"
    )
    return [(row["kind"], row["status"], row["code"]) for row in rows]


async def test_a_card_is_authorised_captured_twice_and_refunded(paid: Paid) -> None:
    number, shop = await authorise(paid), paid.shop
    assert await paid.work() == 1
    for amount in ("15.00", "25.00"):
        await shop.do("payments.capture", order=number, amount=eur(amount))
        assert await paid.work() == 1
    await shop.do("lines.cancel", order=number, reason="other", lines=[{"line": 1, "quantity": 1}])
    await shop.do("payments.refund", order=number)
    assert await paid.work() == 1
    assert await tenders(shop) == [(4000, 4000, 1000)]
    (intent,), (charge,) = paid.account.intents.values(), paid.account.charges.values()
    assert (intent["amount_received"], charge["amount_refunded"]) == (4000, 1000)
    assert await paid.deliver() > 0
    assert await tenders(shop) == [(4000, 4000, 1000)]
    assert await paid.work_later() == 0
    await shop.check_books()


async def test_what_the_twin_does_not_understand_is_refused_in_the_shape_of_stripe() -> None:
    app = create_twin(account := Account("whsec"))
    asked: list[tuple[str, str, str]] = [
        ("/v1/payment_intents", '{"amount": 100}', "parameter_missing"),
        ("/v1/payment_intents", "amount=1.5&currency=eur", "parameter_invalid_integer"),
        ("/v1/payment_intents", "amount=100&currency=eur&metadata=x", "parameter_invalid"),
        ("/v1/payment_intents", "metadata=x&metadata[a]=b", "parameter_invalid"),
        ("/v1/refunds", "amount=100", "parameter_missing"),
        ("/v1/refunds", "\xff", "parameter_missing"),
        ("/v1/files", "file=x&purpose=y", "parameter_invalid"),
        ("/v1/nothing", "", "resource_missing"),
        ("/twin/dials", "{", "parameter_unknown"),
        ("/twin/disputes", "{}", "parameter_unknown"),
    ]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://twin") as client:
        for path, body, code in asked:
            reply = await client.post(path, content=body.encode("latin-1"))
            assert (reply.status_code, reply.json()["error"]["code"]) == (404 if path == "/v1/nothing" else 400, code)
    assert not account.intents


async def test_a_declined_card_says_why(paid: Paid) -> None:
    await authorise(paid, "pm_card_chargeDeclinedInsufficientFunds")
    await paid.work()
    assert await requests(paid) == [("authorise", "failed", "insufficient_funds")]
    await paid.shop.check_books()


@pytest.mark.parametrize("fault", ["late", "lost", "down", "busy"])
async def test_an_answer_that_does_not_come_is_asked_for_again_and_done_once(shop: Any, fault: str) -> None:
    async with at_the_twin(shop, timeout_seconds=0.3) as paid:
        number = await authorise(paid)
        paid.account.dials.late_seconds = 0.6
        paid.account.dials.answers = [fault]
        await paid.work()
        assert await requests(paid) == [("authorise", "pending", None)]
        await paid.work_later()
        paid.account.dials.answers = [fault]
        await shop.do("payments.capture", order=number)
        await paid.work()
        assert [each[1] for each in await requests(paid)] == ["succeeded", "pending"]
        await paid.work_later()
        await shop.do("lines.cancel", order=number, reason="other")
        paid.account.dials.answers = [fault]
        await shop.do("payments.refund", order=number)
        await paid.work()
        await paid.work_later()
        assert [each[1] for each in await requests(paid)] == ["succeeded"] * 3
        assert (len(paid.account.intents), len(paid.account.refunds)) == (1, 1)
        await shop.check_books()


@pytest.mark.parametrize(("twice", "backwards"), list(itertools.product((False, True), repeat=2)))
async def test_webhooks_settle_what_no_answer_came_for(shop: Any, twice: bool, backwards: bool) -> None:
    """The calls are done, and every answer is lost: what the provider tells unasked is enough, in any order."""
    async with at_the_twin(shop) as paid:
        paid.account.dials.webhooks_twice, paid.account.dials.webhooks_backwards = twice, backwards
        number = await authorise(paid)
        await paid.work()
        for amount in ("15.00", "5.00"):
            paid.account.dials.answers = ["lost"]
            await shop.do("payments.capture", order=number, amount=eur(amount))
            await paid.work()
            await paid.deliver()
        await shop.do("lines.cancel", order=number, reason="other")
        paid.account.dials.answers = ["lost"]
        await shop.do("payments.refund", order=number)
        await paid.work()
        await paid.deliver()
        assert [each[1] for each in await requests(paid)] == ["succeeded"] * 4
        assert await tenders(shop) == [(4000, 2000, 2000)]
        await shop.check_books()


async def test_a_worker_that_dies_after_the_call_asks_again_with_the_same_key(paid: Paid) -> None:
    class Died(BaseException):
        """The process is gone."""

    async def die() -> None:
        raise Died

    number = await authorise(paid)
    failpoints.arm("after_provider", die)
    try:
        with pytest.raises(Died):
            await paid.work()
    finally:
        failpoints.disarm("after_provider")
    assert await tenders(paid.shop) == [(0, 0, 0)]
    await paid.work_later()
    keys = [path for method, path, _ in paid.account.calls if method == "POST"]
    assert (keys, len(paid.account.intents)) == (["/v1/payment_intents"] * 2, 1)
    assert (await paid.shop.do("payments.follow", order=number))["payment_status"] == "authorised"
    await paid.shop.check_books()


async def test_a_key_that_was_forgotten_is_looked_for_before_it_is_asked_again(paid: Paid, monkeypatch: Any) -> None:
    number, shop = await authorise(paid), paid.shop
    paid.account.dials.answers = ["lost"]
    await paid.work()
    monkeypatch.setattr("lading.adapters.payments.stripe.KEYS_KEPT", -paid.ahead)
    paid.account.answered.clear()
    await paid.work_later()
    for _ in range(2):
        await shop.do("payments.capture", order=number, amount=eur("20.00"))
        paid.account.dials.answers = ["lost"]
        await paid.work()
        paid.account.answered.clear()
        await paid.work_later()
    await shop.do("lines.cancel", order=number, reason="other")
    await shop.do("payments.refund", order=number)
    paid.account.dials.answers = ["lost"]
    await paid.work()
    paid.account.answered.clear()
    await paid.work_later()
    assert (len(paid.account.intents), len(paid.account.refunds)) == (1, 1)
    assert await tenders(shop) == [(4000, 4000, 4000)]
    await shop.check_books()


async def test_a_person_is_asked_and_the_answer_comes_when_the_webhook_says_so(paid: Paid) -> None:
    await authorise(paid, ASKS_THE_PERSON)
    await paid.work()
    assert await requests(paid) == [("authorise", "pending", None)]
    (intent,) = paid.account.intents.values()
    confirm(paid.account, intent, authenticated=True)
    await paid.deliver()
    await paid.work()
    assert await tenders(paid.shop) == [(4000, 0, 0)]
    await paid.shop.check_books()


async def test_a_refund_that_a_bank_sends_back_is_owed_again(paid: Paid) -> None:
    number, shop = await authorise(paid, REFUND_FAILS), paid.shop
    await paid.work()
    await shop.do("payments.capture", order=number)
    await paid.work()
    await shop.do("lines.cancel", order=number, reason="other")
    await shop.do("payments.refund", order=number)
    await paid.work()
    paid.account.dials.webhooks_backwards = True
    await paid.deliver()
    assert await tenders(shop) == [(4000, 4000, 0)]
    assert (await shop.do("payments.follow", order=number))["due"] == eur("-40.00")
    await shop.check_books()


async def test_a_refund_that_takes_its_time(paid: Paid) -> None:
    number, shop = await authorise(paid, REFUND_PENDING), paid.shop
    await paid.work()
    await shop.do("payments.capture", order=number)
    await paid.work()
    await shop.do("lines.cancel", order=number, reason="other")
    await shop.do("payments.refund", order=number)
    await paid.work()
    assert (await requests(paid))[-1] == ("refund", "pending", None)
    (refund,) = paid.account.refunds
    end_refund(paid.account, refund, "succeeded")
    await paid.work_later()
    assert await tenders(shop) == [(4000, 4000, 4000)]
    await shop.check_books()


async def test_what_is_left_is_given_up_and_one_capture_gives_up_the_rest(paid: Paid) -> None:
    for method, calls in ((SEVERAL, "/cancel"), (ONE, "/capture")):
        number, shop = await authorise(paid, method), paid.shop
        await paid.work()
        await shop.do("payments.capture", order=number, amount=eur("12.00"))
        await paid.work()
        if method == SEVERAL:
            await shop.do("payments.void", order=number)
            await paid.work()
        assert paid.account.calls[-1][1].endswith(calls)
        assert [*paid.account.intents.values()][-1]["amount_capturable"] == 0
    assert await tenders(shop) == [(1200, 1200, 0), (1200, 1200, 0)]
    await shop.check_books()


async def test_an_authorisation_that_the_provider_ends_is_over_here_too(paid: Paid) -> None:
    number = await authorise(paid)
    await paid.work()
    (intent,) = paid.account.intents.values()
    intent |= {"status": "canceled", "amount_capturable": 0}
    paid.account.tell("payment_intent.canceled", intent)
    await paid.deliver()
    assert await tenders(paid.shop) == [(0, 0, 0)]
    assert (await paid.shop.refusal("payments.capture", order=number))["name"] == "nothing_to_capture"
    await paid.shop.check_books()


async def test_what_a_bank_takes_back_is_not_refunded_as_well(paid: Paid) -> None:
    number, shop = await authorise(paid), paid.shop
    await paid.work()
    await shop.do("payments.capture", order=number)
    await paid.work()
    await paid.deliver()
    (intent,) = paid.account.intents
    lost, won = open_dispute(paid.account, intent, 1500), open_dispute(paid.account, intent, 1000)
    await paid.deliver()
    await shop.do("lines.cancel", order=number, reason="other")
    refusal = await shop.refusal("payments.refund", order=number)
    assert (refusal["name"], refusal["facts"]["refundable"]) == ("more_than_captured", "15.00 EUR")
    close_dispute(paid.account, lost, "lost")
    close_dispute(paid.account, won, "won")
    paid.account.dials.webhooks_twice = paid.account.dials.webhooks_backwards = True
    await paid.deliver()
    rows = await shop.fetch("SELECT reference, status FROM dispute WHERE merchant_id = $1 ORDER BY reference")
    assert [row["status"] for row in rows] == ["lost", "won"]
    assert (await shop.do("payments.refund", order=number, amount=eur("25.00")))["asked"] == eur("25.00")
    days = await shop.fetch(
        "SELECT sum(amount_minor)::int AS lost FROM money_posting WHERE merchant_id = $1 AND debit = 'chargebacks'"
    )
    assert days[0]["lost"] == 1500
    await shop.check_books()


async def test_a_webhook_that_is_not_signed_is_not_believed(paid: Paid) -> None:
    with pytest.raises(NotGenuine):
        paid.stripe.hear(b"{}", {"stripe-signature": "t=1,v1=00"})
    with pytest.raises(NotGenuine):
        paid.stripe.hear(b"{}", {})


async def test_an_account_that_the_settings_do_not_know_fails_and_says_so(paid: Paid) -> None:
    number = await placed(paid.shop)
    await paid.shop.do("payments.authorise", order=number, provider="nobody", method="pm_1")
    await paid.work()
    assert await requests(paid) == [("authorise", "failed", "unknown_account")]
