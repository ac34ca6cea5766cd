"""What bad input gets from the operations: a refusal with its name, never a half-done thing and never a failure."""

from __future__ import annotations

import msgspec
import pytest

from tests.races.shop import Payload, open_shop, order

RECEIPT = {"sku": "A", "location": "HAM", "quantity": 100_000_000, "reason": "purchase"}

REFUSED: list[tuple[str, str, Payload]] = [
    ("unknown_channel", "orders.place", {**order(("A", 1)), "channel": "nowhere"}),
    ("unknown_sku", "orders.place", order(("A", 1), ("NOTHING", 1))),
    ("insufficient_stock", "orders.place", order(("A", 6))),
    ("unknown_sku", "stock.receive", {**RECEIPT, "sku": "NOTHING"}),
    ("unknown_location", "stock.receive", {**RECEIPT, "location": "NOWHERE"}),
    ("not_there", "stock.adjust", {**RECEIPT, "quantity": 9, "kind": "lost"}),
    ("unknown_order", "orders.release", {"order": "99"}),
    ("unknown_order", "orders.release", {"order": "9" * 30}),
    ("unknown_parcel", "parcels.ship", {"parcel": "1001-P1", "carrier": "DHL"}),
]


@pytest.mark.parametrize(("name", "verb", "payload"), REFUSED, ids=[f"{verb}-{name}" for name, verb, _ in REFUSED])
async def test_a_refusal_has_a_name_and_writes_nothing(name: str, verb: str, payload: Payload, shared_dsn: str) -> None:
    async with open_shop(shared_dsn) as shop:
        await shop.stock_up(5, ["A"], ["HAM"])
        head = "SELECT position FROM journal_head WHERE merchant_id = $1"
        before = await shop.fetch(head)
        answer = (await shop.answers(verb, [payload]))[0]
        assert not answer.accepted and not answer.failed
        assert msgspec.json.decode(answer.body)["name"] == name
        assert await shop.fetch(head) == before
        assert await shop.audit() == []


async def test_a_shelf_holds_no_more_than_can_be_counted(shared_dsn: str) -> None:
    async with open_shop(shared_dsn) as shop:
        await shop.stock_up(0, ["A"], ["HAM"])
        answers = await shop.answers("stock.receive", [RECEIPT] * 25)
        assert [answer.accepted for answer in answers] == [True] * 20 + [False] * 5
        assert all(b"too_many" in answer.body for answer in answers[20:])
        assert await shop.audit() == []
