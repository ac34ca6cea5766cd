"""A draft becomes one order, whoever asks for it and however often."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from tests.races.shop import Payload, Shop, order
from tests.races.test_races import two_processes


async def asked(shop: Shop, verb: str, payload: Payload) -> dict[str, Any]:
    """The outcome, refused or not."""
    (answer,) = await shop.answers(verb, [payload])
    outcome: dict[str, Any] = msgspec.json.decode(answer.body)
    return outcome


async def test_a_draft_that_many_convert_at_once_becomes_one_order(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as (one, other):
        await one.stock_up(50)
        made = await one.do("drafts.create", *[order(("A", 2))] * 4)
        answers = await asyncio.gather(
            *(
                asked(shop, "drafts.convert", {"draft": each["draft"]})
                for each in made for shop in (one, other, one, other)
            )
        )  # fmt: skip
        refused = [outcome["name"] for outcome in answers if "refused" in outcome]
        assert refused == ["wrong_status"] * 12
        rows = await one.fetch("SELECT count(*) AS orders, sum(allocated) AS units FROM orders WHERE merchant_id = $1")
        assert [dict(row) for row in rows] == [{"orders": 4, "units": 8}]
        assert await one.audit() == []


async def test_of_revising_and_converting_at_once_the_order_is_what_the_draft_was(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as (one, other):
        await one.stock_up(50)
        line = {"sku": "A", "quantity": 5, "unit_price": {"amount": "1.00", "currency": "EUR"}}
        made = await one.do("drafts.create", *[order(("A", 2))] * 6)
        await asyncio.gather(
            *(asked(one, "drafts.convert", {"draft": each["draft"]}) for each in made),
            *(asked(other, "drafts.revise", {"draft": each["draft"], "lines": [line]}) for each in made),
        )
        rows = await one.fetch(
            "SELECT d.number FROM draft AS d JOIN orders AS o ON o.merchant_id = $1 AND o.id = d.order_id"
            " WHERE d.merchant_id = $1 AND o.charged_minor <> d.total_minor"
        )
        assert list(rows) == []
        assert await one.audit() == []
