"""A provider's webhook against its own answer, and many operators at one authorisation."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from lading.adapters.payments.twin import GROWS
from tests.races.shop import Shop, money, open_shop, order
from tests.twins import paid

CARD = {"provider": "acme", "method": "pm_card_visa"}


async def sums(shop: Shop) -> list[tuple[int, ...]]:
    """What the tenders hold, the earliest order first."""
    rows = await shop.fetch(
        "SELECT t.authorised_minor, t.captured_minor, t.refunded_minor, t.capturing_minor + t.refunding_minor + t.voiding_minor AS awaited"
        "  FROM tender AS t JOIN orders AS o ON o.merchant_id = $1 AND o.id = t.order_id"
        " WHERE t.merchant_id = $1 ORDER BY o.number, t.number"
    )
    return [tuple(row) for row in rows]


async def authorised(shop: Shop, there: Any, count: int) -> list[str]:
    """Orders of 40.00 whose card promised it."""
    await shop.stock_up(100)
    placed = await shop.do("orders.place", *[order(("A", 4), price="10.00")] * count)
    numbers = [each["number"] for each in placed]
    await shop.do("payments.authorise", *({"order": number, **CARD} for number in numbers))
    await there.work()
    await there.deliver()
    return numbers


async def test_the_webhook_and_the_answer_of_a_call_meet_and_it_counts_once(shared_dsn: str) -> None:
    async with open_shop(shared_dsn) as shop, paid(shop) as there:
        numbers = await authorised(shop, there, 8)
        there.account.dials.webhooks_twice = True
        for _ in range(3):
            await shop.do("payments.capture", *({"order": number, "amount": money("10.00")} for number in numbers))
            working = asyncio.ensure_future(there.work())
            while not working.done():
                await there.deliver()
                await asyncio.sleep(0)
            await asyncio.gather(working, there.deliver(), there.deliver())
        assert await sums(shop) == [(4000, 3000, 0, 0)] * 8
        assert sum(each["amount_received"] for each in there.account.intents.values()) == 8 * 3000
        events = await shop.fetch(
            "SELECT count(*) FROM event WHERE merchant_id = $1 AND kind = 'payment_answered' AND data->>'kind' = 'capture'"
        )
        assert events[0][0] == 24
        assert await shop.audit() == []


async def test_edits_meet_the_webhooks_and_answers_of_what_earlier_edits_asked_for(shared_dsn: str) -> None:
    """Each edit asks for what it added, once; in the end all that the orders cost is promised, at the provider too, and nothing waits."""
    async with open_shop(shared_dsn) as shop, paid(shop) as there:
        there.account.dials.webhooks_twice = there.account.dials.webhooks_backwards = True
        await shop.stock_up(100)
        card = {"kind": "card", "provider": "acme", "method": GROWS, "amount": money("40.00")}
        placed = await shop.do("orders.place", *[order(("A", 4), price="10.00", tenders=[card])] * 4)
        added = {"sku": "A", "quantity": 1, "unit_price": money("10.00")}
        more = [{"order": each["number"], "reason": "wish", "add": [added]} for each in placed]
        working = [asyncio.ensure_future(there.work()) for _ in range(2)]
        for edits in (more, more[:2], more):
            await asyncio.gather(shop.do("orders.edit", *edits), there.work(), there.deliver())
        await asyncio.gather(*working)
        for _ in range(4):
            await there.work_later()
            await there.deliver()
        assert await sums(shop) == [(7000, 0, 0, 0)] * 2 + [(6000, 0, 0, 0)] * 2
        assert sorted(each["amount_capturable"] for each in there.account.intents.values()) == [6000] * 2 + [7000] * 2
        stages = await shop.fetch("SELECT DISTINCT stage, active_holds FROM orders WHERE merchant_id = $1")
        assert [tuple(row) for row in stages] == [("to_release", 0)]
        assert await shop.audit() == []


async def test_sixteen_operators_capture_refund_and_void_and_nothing_passes_what_was_promised(
    shared_dsn: str,
) -> None:
    async with open_shop(shared_dsn) as shop, paid(shop) as there:
        (number,) = await authorised(shop, there, 1)
        lines = [{"line": 1, "quantity": 1}]

        async def operate(one: int) -> None:
            verbs: list[tuple[str, dict[str, Any]]] = [
                ("payments.capture", {"amount": money("7.00")}),
                ("payments.refund", {}),
                ("payments.void", {}),
                ("lines.cancel", {"reason": "late", "lines": lines}),
            ]
            verb, fields = verbs[one % 4]
            await shop.answers(verb, [{"order": number, **fields}])
            await asyncio.gather(there.work(), there.deliver())

        await asyncio.gather(*(operate(one) for one in range(16)))
        for _ in range(3):
            await there.work_later()
            await there.deliver()
        (intent,), (charge,) = there.account.intents.values(), there.account.charges.values()
        ((authorised_minor, captured, refunded, awaited),) = await sums(shop)
        assert (captured, refunded, awaited) == (intent["amount_received"], charge["amount_refunded"], 0)
        assert refunded <= captured <= authorised_minor <= 4000
        assert await shop.audit() == []


async def test_two_workers_ask_one_after_the_other_and_never_twice(shared_dsn: str) -> None:
    async with open_shop(shared_dsn) as shop, paid(shop) as there:
        numbers = await authorised(shop, there, 6)
        await shop.do("payments.capture", *({"order": number} for number in numbers))
        there.account.calls.clear()
        await asyncio.gather(*(there.work() for _ in range(6)))
        assert len([call for call in there.account.calls if call[0] == "POST"]) == 6
        assert msgspec.json.encode(await sums(shop)) == msgspec.json.encode([(4000, 4000, 0, 0)] * 6)
        assert await shop.audit() == []


async def test_two_people_post_the_fees_of_one_report_and_each_counts_once(database_dsn: str) -> None:
    """Command ids of their own, as two people have: the movement is the name of a fee."""
    async with open_shop(database_dsn) as shop, paid(shop) as there:
        await authorised(shop, there, 4)
        fees = [
            {"provider": "acme", "payment": intent, "movement": f"txn_{at}_{intent}", "fee": money("0.30")}
            for intent in there.account.intents
            for at in range(5)
        ]
        both = await asyncio.gather(*(shop.do("provider-fees.post", *fees) for _ in range(4)))
        assert sorted([each["again"] for each in told].count(False) for told in both)[-1] > 0
        assert sum(not each["again"] for told in both for each in told) == len(fees)
        rows = await shop.fetch(
            "SELECT sum(amount_minor)::int FROM money_posting WHERE merchant_id = $1 AND debit = 'provider_fees'"
        )
        assert rows[0][0] == 30 * len(fees)
        assert await shop.audit() == []
