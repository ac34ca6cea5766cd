"""Disputes."""

from __future__ import annotations

from typing import Any

from tests.operations.batches.building import builds
from tests.operations.batches.orders import placed
from tests.operations.batches.payments import promised
from tests.races.shop import Payload, Shop, money


@builds("payments.dispute")
async def dispute(shop: Shop, count: int) -> list[Payload]:
    numbers = await placed(shop, count, tenders=[{"amount": money("9.00")}])
    told = {"tender": 1, "amount": money("9.00"), "reason": "fraudulent", "reference": "dp_1"}
    return [{"order": each, **told} for each in numbers]


async def disputed(shop: Shop, count: int, **more: Any) -> list[Payload]:
    numbers = await promised(shop, count)
    await shop.do("payments.capture", *({"order": each} for each in numbers))
    told = {"tender": 1, "request": 2, "outcome": "succeeded"}
    await shop.do("payments.answer", *({"order": each, **told} for each in numbers))
    named = {"tender": 1, "reference": "dp_1"}
    taken = {**named, "amount": money("1.00"), "reason": "fraudulent"}
    await shop.do("payments.dispute", *({"order": each, **taken} for each in numbers))
    return [{"order": each, **named, **more} for each in numbers]


@builds("disputes.answer")
async def answer_dispute(shop: Shop, count: int) -> list[Payload]:
    return await disputed(shop, count, words="She signed for it.")


@builds("disputes.accept")
async def accept_dispute(shop: Shop, count: int) -> list[Payload]:
    return await disputed(shop, count)


@builds("dispute-answers.settle")
async def settle_dispute_answer(shop: Shop, count: int) -> list[Payload]:
    named = await disputed(shop, count)
    await shop.do("disputes.accept", *named)
    return [{**each, "number": 1} for each in named]
