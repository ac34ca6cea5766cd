"""Tenders, credits and fees of providers."""

from __future__ import annotations

from tests.operations.batches.building import builds
from tests.operations.batches.orders import placed
from tests.races.shop import DAY, Payload, Shop, money


@builds("payments.record", many=1_000)
async def record_payment(shop: Shop, count: int) -> list[Payload]:
    return [{"order": number, "amount": money("9.99"), "kind": "cash"} for number in await placed(shop, count)]


async def asked(shop: Shop, count: int) -> list[str]:
    """Orders whose card is to promise 29.97; their numbers."""
    numbers = await placed(shop, count)
    await shop.do("payments.authorise", *({"order": each, "provider": "acme", "method": "pm_1"} for each in numbers))
    return numbers


async def promised(shop: Shop, count: int) -> list[str]:
    """Orders whose card promised 29.97; their numbers."""
    told = {"tender": 1, "request": 1, "outcome": "succeeded", "reference": "pi_1"}
    numbers = await asked(shop, count)
    await shop.do("payments.answer", *({"order": each, **told} for each in numbers))
    return numbers


@builds("payments.authorise")
async def authorise(shop: Shop, count: int) -> list[Payload]:
    return [{"order": each, "provider": "acme", "method": "pm_1"} for each in await placed(shop, count)]


@builds("payments.answer", many=1_000)
async def answer(shop: Shop, count: int) -> list[Payload]:
    told = {"tender": 1, "request": 1, "outcome": "succeeded", "reference": "pi_1"}
    return [{"order": each, **told} for each in await asked(shop, count)]


@builds("payments.capture")
async def capture(shop: Shop, count: int) -> list[Payload]:
    return [{"order": each} for each in await promised(shop, count)]


@builds("payments.void")
async def void(shop: Shop, count: int) -> list[Payload]:
    return [{"order": each} for each in await promised(shop, count)]


@builds("payments.lapse")
async def lapse(shop: Shop, count: int) -> list[Payload]:
    return [{"order": each, "tender": 1} for each in await promised(shop, count)]


@builds("provider-fees.post")
async def post_fee(shop: Shop, count: int) -> list[Payload]:
    await promised(shop, count)
    told = {"provider": "acme", "payment": "pi_1", "fee": money("0.33")}
    return [{**told, "movement": f"txn_{number:06}"} for number in range(count)]


@builds("credits.issue")
async def issue_credit(shop: Shop, count: int) -> list[Payload]:
    return [{"code": f"GIFT-{number:06}", "amount": money("9.00"), "reason": "sold"} for number in range(count)]


@builds("credits.spend")
async def spend_credit(shop: Shop, count: int) -> list[Payload]:
    cards = await issue_credit(shop, count)
    await shop.do("credits.issue", *cards)
    numbers = await placed(shop, count)
    return [{"order": number, "code": card["code"]} for number, card in zip(numbers, cards, strict=True)]


@builds("credits.expire")
async def expire_credit(shop: Shop, count: int) -> list[Payload]:
    issued = await shop.do("credits.issue", *({**card, "expires_at": DAY} for card in await issue_credit(shop, count)))
    return [{"credit": each["credit"]} for each in issued]


@builds("payments.follow")
async def follow(shop: Shop, count: int) -> list[Payload]:
    numbers = await promised(shop, count)
    await shop.do("lines.cancel", *({"order": each, "reason": "late"} for each in numbers))
    return [{"order": each} for each in numbers]


@builds("payments.refund", many=1_000)
async def refund_payment(shop: Shop, count: int) -> list[Payload]:
    numbers = await placed(shop, count, tenders=[{"amount": money("30.00")}])
    await shop.do("lines.cancel", *({"order": number, "reason": "x"} for number in numbers))
    return [{"order": number} for number in numbers]
