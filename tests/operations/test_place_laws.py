"""The same random commands through SQL come to what the pure rules decide; afterwards the audit finds nothing."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest

from lading.journal.types import Answer
from lading.operations.registry import verbs
from tests.races.random_life import Crowd, life
from tests.races.shop import Payload, Shop, envelope, open_shop, order

BALANCES = {
    "stock": """
        SELECT k.code AS sku, l.code AS location, s.lot, available, allocated, picked, packed, damaged, quality_hold
          FROM stock AS s
          JOIN sku AS k ON k.merchant_id = $1 AND k.id = s.sku_id
          JOIN location AS l ON l.merchant_id = $1 AND l.id = s.location_id
         WHERE s.merchant_id = $1 ORDER BY 1, 2, 3""",
    "orders": """
        SELECT number, version, active_holds, open, backordered, allocated, released, picked, packed, in_transit,
               delivered, sent_back, lost, cancelled, return_requested, returned, charged_minor, adjusted_minor,
               captured_minor, refunded_minor, lifecycle, fulfillment_status, payment_status, stage
          FROM orders WHERE merchant_id = $1 ORDER BY 1""",
    "money": """
        SELECT o.number, m.debit, m.credit, sum(m.amount_minor)
          FROM money_posting AS m JOIN orders AS o ON o.merchant_id = $1 AND o.id = m.order_id
         WHERE m.merchant_id = $1 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
}


def bare(body: bytes) -> dict[str, Any]:
    """An outcome without the ids that are drawn for it."""
    fields = msgspec.json.decode(body)
    return {name: value for name, value in fields.items() if not name.endswith("_id") and name != "id"}


encoded = msgspec.json.Encoder(decimal_format="string").encode


async def decided_and_written(shop: Shop, verb: str, payloads: list[Payload]) -> tuple[list[bytes], list[Answer]]:
    """What the pure rule decides on a snapshot (the dry run), and what the batch then comes to."""
    batch = [envelope(verbs()[verb], payload) for payload in payloads]
    decisions = await shop.executor.preview(shop.merchant_id, verbs()[verb], batch)
    return [encoded(decision.outcome) for decision in decisions], await shop.run(verb, batch)


@pytest.mark.parametrize("seed", range(4))
async def test_random_commands_come_to_what_the_rules_decide(seed: int, shared_dsn: str) -> None:
    crowd, seen = Crowd(seed), Counter[str]()
    async with open_shop(shared_dsn) as shop:
        await shop.stock_up(12)
        for verb, payloads in life(crowd, 90, 9):
            decided, answers = await decided_and_written(shop, verb, payloads)
            for outcome, answer in zip(decided, answers, strict=True):
                assert not answer.failed, verb
                assert bare(outcome) == bare(answer.body)
                seen[verb] += answer.accepted
        assert [each.sentence for each in await shop.audit()] == []
    assert len(seen) > 14, f"too little happened: {seen}"


@pytest.mark.parametrize("seed", range(3))
async def test_a_batch_equals_its_commands_one_by_one(seed: int, shared_dsn: str) -> None:
    batches = life(Crowd(100 + seed), 50, 8)
    async with open_shop(shared_dsn) as whole, open_shop(shared_dsn) as single:
        for shop in (whole, single):
            await shop.stock_up(10)
        for verb, payloads in batches:
            together = await whole.answers(verb, payloads)
            alone = [(await single.answers(verb, [payload]))[0] for payload in payloads]
            assert [bare(answer.body) for answer in together] == [bare(answer.body) for answer in alone], verb
        for statement in BALANCES.values():
            assert await whole.fetch(statement) == await single.fetch(statement)
        assert await whole.audit() == [] == await single.audit()


async def test_a_reference_twice_in_a_batch_takes_no_stock_from_the_orders_after_it(shared_dsn: str) -> None:
    twice, other = order(("A", 1), external_reference="R"), order(("A", 1), external_reference="S")
    async with open_shop(shared_dsn) as shop:
        await shop.stock_up(1)
        answers = await shop.answers("orders.place", [twice, twice, order(("A", 2), external_reference="R"), other])
        assert [answer.accepted for answer in answers] == [True, True, False, True]
        assert answers[0].body == answers[1].body
        assert b"external_reference_taken" in answers[2].body
        assert await shop.audit() == []


async def test_the_same_batch_again_changes_nothing(shared_dsn: str) -> None:
    async with open_shop(shared_dsn) as shop:
        await shop.stock_up(3)
        batch = [envelope(verbs()["orders.place"], order(("A", quantity))) for quantity in (2, 9, 4, 1)]
        first = await shop.run("orders.place", batch)
        before = [await shop.fetch(statement) for statement in BALANCES.values()]
        again = await shop.run("orders.place", batch)
        assert [(answer.accepted, answer.body) for answer in again] == [
            (answer.accepted, answer.body) for answer in first
        ]
        assert all(answer.replayed for answer in again)
        assert [await shop.fetch(statement) for statement in BALANCES.values()] == before


async def test_a_dry_run_writes_nothing(shared_dsn: str) -> None:
    async with open_shop(shared_dsn) as shop:
        await shop.stock_up(3)
        before = await shop.fetch("SELECT position FROM journal_head WHERE merchant_id = $1")
        batch = [envelope(verbs()["orders.place"], order(("A", 2)))]
        decisions = await shop.executor.preview(shop.merchant_id, verbs()["orders.place"], batch)
        assert decisions[0].accepted and decisions[0].postings
        assert await shop.fetch("SELECT position FROM journal_head WHERE merchant_id = $1") == before
        assert await shop.fetch("SELECT 1 FROM orders WHERE merchant_id = $1") == []
