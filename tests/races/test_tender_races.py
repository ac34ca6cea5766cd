"""Money that meets money, goods or death: webhooks and answers, cancel and ship, capture and void, lapse and ship, a worker that dies."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from lading.database import failpoints
from tests.races.shop import Shop, money, open_shop, order
from tests.races.test_payment_races import authorised, sums
from tests.races.test_races import two_processes
from tests.twins import paid

CARD = {"kind": "card", "provider": "acme", "method": "pm_card_visa", "amount": money("40.00")}
POINTS = ("before_provider", "before_postings", "after_commit", "after_provider")


async def by_card(shop: Shop, count: int) -> list[str]:
    """Orders of 40.00 whose card is asked with the order; nobody has called yet."""
    await shop.stock_up(100)
    placed = await shop.do("orders.place", *[order(("A", 4), price="10.00", tenders=[CARD])] * count)
    return [each["number"] for each in placed]


async def packed(shop: Shop, numbers: Sequence[str]) -> None:
    works = [{"fulfillment_order": f"{number}-F1"} for number in numbers]
    await shop.do("orders.release", *({"order": number} for number in numbers))
    await shop.do("fulfillment-orders.pick", *works)
    await shop.do("parcels.pack", *works)


async def accepted(shop: Shop, verb: str, fields: dict[str, Any]) -> bool:
    (answer,) = await shop.answers(verb, [fields])
    assert not answer.failed
    return answer.accepted


async def test_field_32_the_webhook_and_the_answer_meet_and_no_order_is_lost_or_paid_twice(shared_dsn: str) -> None:
    """medusa#13301, PR#14770: a webhook that raced with the answer lost orders, or made two payments of one.

    Whoever is first lifts the hold, once; the order goes on.
    """
    async with open_shop(shared_dsn) as shop, paid(shop) as there:
        there.account.dials.webhooks_twice = there.account.dials.webhooks_backwards = True
        await by_card(shop, 12)
        working = [asyncio.ensure_future(there.work()) for _ in range(2)]
        while not all(task.done() for task in working):
            await there.deliver()
            await asyncio.sleep(0)
        await asyncio.gather(*working, there.deliver(), there.deliver())
        assert await sums(shop) == [(4000, 0, 0, 0)] * 12
        rows = await shop.fetch(
            "SELECT count(*) FILTER (WHERE data ? 'holds_lifted') AS lifted, count(*) AS told FROM event"
            " WHERE merchant_id = $1 AND kind = 'payment_answered'"
        )
        assert tuple(rows[0]) == (12, 12)
        assert {row["stage"] for row in await shop.fetch("SELECT stage FROM orders WHERE merchant_id = $1")} == {
            "to_release"
        }
        assert await shop.audit() == []


async def test_what_is_cancelled_while_it_leaves_is_captured_or_not_but_never_both(shared_dsn: str) -> None:
    """Cancel against ship, with policy at work in between: in the end each order has paid for what left, and for nothing else."""
    async with two_processes(shared_dsn) as (one, other), paid(one) as there:
        numbers = await authorised(one, there, 12)
        await packed(one, numbers)
        unit = [{"line": 1, "quantity": 1}]

        async def leave(number: str) -> None:
            await asyncio.gather(
                accepted(one, "parcels.ship", {"parcel": f"{number}-P1", "carrier": "DHL"}),
                accepted(other, "lines.cancel", {"order": number, "reason": "late", "lines": unit, "unpack": True}),
                accepted(one, "payments.follow", {"order": number}),
                there.work(),
            )

        await asyncio.gather(*(leave(number) for number in numbers))
        rest = await one.fetch("SELECT number, picked FROM orders WHERE merchant_id = $1 AND picked > 0")
        for row in rest:
            name = str(row["number"])
            await one.do("parcels.pack", {"fulfillment_order": f"{name}-F1"})
            await one.do("parcels.ship", {"parcel": f"{name}-P2", "carrier": "DHL"})
        for _ in range(2):
            await one.do("payments.follow", *({"order": number} for number in numbers))
            await there.work_later()
            await there.deliver()
        rows = await one.fetch(
            "SELECT captured_minor - refunded_minor = 1000 * in_transit AS paid, in_transit, cancelled,"
            " authorised_minor = captured_minor AS nothing_left FROM orders WHERE merchant_id = $1"
        )
        assert {tuple(row) for row in rows} <= {(True, 4, 0, True), (True, 3, 1, True)}
        taken = sum(each["amount_received"] for each in there.account.intents.values())
        assert taken == 1000 * sum(row["in_transit"] for row in rows)
        assert await one.audit() == []


async def test_a_capture_and_a_void_of_one_authorisation_never_both_take_it(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as (one, other), paid(one) as there:
        numbers = await authorised(one, there, 12)
        for number in numbers:
            first = {"order": number, "amount": money("15.00")}
            await asyncio.gather(
                accepted(one, "payments.capture", first),
                accepted(other, "payments.void", {"order": number}),
                accepted(one, "payments.capture", {"order": number}),
                there.work(),
            )
        for _ in range(3):
            await there.work_later()
            await there.deliver()
        ours = sorted((captured, given_up) for _, captured, _, given_up in await sums(one))
        assert all(awaited == 0 and captured in (0, 1500, 4000) for captured, awaited in ours)
        theirs = sorted(each["amount_received"] for each in there.account.intents.values())
        assert [captured for captured, _ in ours] == theirs
        assert await one.audit() == []


async def test_nothing_leaves_after_its_authorisation_lapsed(shared_dsn: str) -> None:
    """Lapse against ship: either the parcel left before, or it is refused."""
    async with two_processes(shared_dsn) as (one, other), paid(one) as there:
        numbers = await authorised(one, there, 20)
        await packed(one, numbers)
        for number in numbers:
            await asyncio.gather(
                accepted(one, "parcels.ship", {"parcel": f"{number}-P1", "carrier": "DHL"}),
                accepted(other, "payments.lapse", {"order": number, "tender": 1}),
            )
        rows = await one.fetch(
            "SELECT kind, subject_id, position FROM event WHERE merchant_id = $1"
            " AND kind IN ('parcel_shipped', 'payment_lapsed') ORDER BY position"
        )
        lapsed = set()
        for row in rows:
            if row["kind"] == "payment_lapsed":
                lapsed.add(row["subject_id"])
            assert row["kind"] == "payment_lapsed" or row["subject_id"] not in lapsed
        assert len(lapsed) == 20
        assert await one.audit() == []


async def test_of_many_refunds_at_once_none_passes_what_was_taken(shared_dsn: str) -> None:
    """To the card and to store credit, from two processes: in all what was owed, and every cent of it somewhere."""
    async with two_processes(shared_dsn) as (one, other):
        await one.stock_up(100)
        person = {"name": "Ada", "email": "ada@example.com"}
        tenders = [{"amount": money("30.00")}, {"amount": money("10.00")}]
        (placed,) = await one.do("orders.place", order(("A", 4), price="10.00", tenders=tenders, customer=person))
        number = placed["number"]
        await one.do("lines.cancel", {"order": number, "reason": "late"})
        ways = [{"to": "store_credit"}, {"to": "tenders"}, {"tender": 1}, {}]
        done = await asyncio.gather(
            *(
                accepted(
                    (one, other)[at % 2], "payments.refund", {"order": number, "amount": money("7.00"), **ways[at % 4]}
                )
                for at in range(16)
            )
        )
        assert sum(done) == 5, "35.00 of 40.00"
        (row,) = await one.fetch("SELECT refunded_minor FROM orders WHERE merchant_id = $1")
        credits = await one.fetch("SELECT balance_minor FROM credit WHERE merchant_id = $1")
        assert (row["refunded_minor"], sum(each["balance_minor"] for each in credits) % 700) == (3500, 0)
        assert await one.audit() == []


@pytest.mark.parametrize("point", POINTS)
async def test_a_worker_that_dies_between_intent_and_answer_at_each_step_has_each_done_once(
    shared_dsn: str, point: str
) -> None:
    """Authorise with the order, capture, refund, void: at each step the worker dies at the point, and another goes on later."""

    class Died(BaseException):
        """The process is gone."""

    async def die() -> None:
        raise Died

    async with open_shop(shared_dsn) as shop, paid(shop) as there:

        async def survive() -> None:
            failpoints.arm(point, die)
            try:
                with pytest.raises(Died):
                    await there.work()
            finally:
                failpoints.disarm(point)
            await there.work_later()

        (number,) = await by_card(shop, 1)
        await survive()
        assert await sums(shop) == [(4000, 0, 0, 0)]
        await shop.do("payments.capture", {"order": number, "amount": money("15.00")})
        await survive()
        await shop.do("lines.cancel", {"order": number, "reason": "late"})
        await shop.do("payments.refund", {"order": number})
        await survive()
        await shop.do("payments.void", {"order": number})
        await survive()
        assert await sums(shop) == [(1500, 1500, 1500, 0)]
        (intent,), (charge,) = there.account.intents.values(), there.account.charges.values()
        assert (intent["amount_received"], charge["amount_refunded"], intent["amount_capturable"]) == (1500, 1500, 0)
        assert (len(there.account.refunds), await there.deliver() > 0) == (1, True)
        assert await sums(shop) == [(1500, 1500, 1500, 0)]
        assert await shop.audit() == []


async def test_one_gift_card_pays_one_of_many_orders_that_name_it_at_once(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as (one, other):
        await one.stock_up(100)
        await one.do("credits.issue", {"code": "GIFT-0001", "amount": money("25.00"), "reason": "sold"})
        given = {"kind": "gift_card", "code": "GIFT-0001", "amount": money("10.00")}
        wanted = order(("A", 1), price="10.00", tenders=[given])
        done = await asyncio.gather(*(accepted(shop, "orders.place", wanted) for shop in [one, other] * 6))
        assert sum(done) == 2
        (row,) = await one.fetch("SELECT balance_minor FROM credit WHERE merchant_id = $1")
        assert row["balance_minor"] == 500
        assert await one.audit() == []
