"""Money that is owed back is given back: through the latest tender first, never above what is owed or was taken."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lading.views import order as order_view
from lading.views.sentences import SENTENCES


def eur(amount: str, currency: str = "EUR") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


async def owed_twenty(shop: Any) -> str:
    """An order of four units at 10.00, paid with 15.00 and 25.00; two of them were cancelled. Its number."""
    await shop.stock_up(MUG_HAM=4)
    number = await shop.place({"MUG": 4}, tenders=[{"amount": eur("15.00")}, {"amount": eur("25.00")}])
    lines = [{"line": 1, "quantity": 2}]
    cancelled = await shop.do("lines.cancel", order=number, reason="customer_request", lines=lines)
    assert cancelled["due"]["amount"] == "-20.00"
    return str(number)


async def refunded(shop: Any) -> list[int]:
    rows = await shop.fetch("SELECT refunded_minor FROM tender WHERE merchant_id = $1 ORDER BY number")
    return [row["refunded_minor"] for row in rows]


async def possible(shop: Any, number: str) -> str | None:
    """The empty text where it is possible, else why not."""
    async with shop.database.read(shop.merchant_id) as tx:
        detail = await order_view.order(tx, number)
    (step,) = (each for each in detail.possible if each.verb == "payments.refund")
    return "" if step.possible else step.why_not


async def test_all_that_is_owed_goes_back_and_then_nothing_is_owed(shop: Any) -> None:
    number = await owed_twenty(shop)
    assert await possible(shop, number) == ""
    got = await shop.do("payments.refund", order=number)
    assert (got["refunded"], got["due"], got["payment_status"]) == (eur("20.00"), eur("0.00"), "partially_refunded")
    assert await refunded(shop) == [0, 2000]
    assert await possible(shop, number) == "Nothing is owed to the customer."
    refusal = await shop.refusal("payments.refund", order=number)
    assert refusal["name"] == "nothing_owed"
    await shop.check_books()


async def test_parts_spill_from_the_latest_tender_to_the_one_before_it(shop: Any) -> None:
    number = await owed_twenty(shop)
    await shop.do("lines.cancel", order=number, reason="other")
    first = await shop.do("payments.refund", order=number, amount=eur("24.00"))
    second, over = await shop.batch(
        "payments.refund", {"order": number, "amount": eur("3.00")}, {"order": number, "amount": eur("13.01")}
    )
    assert (first["due"], second["due"]) == (eur("-16.00"), eur("-13.00"))
    assert (over["name"], over["facts"]["owed"]) == ("more_than_owed", "13.00 EUR")
    assert await refunded(shop) == [200, 2500]
    assert (await shop.do("payments.refund", order=number))["payment_status"] == "refunded"
    events = await shop.fetch(
        "SELECT data FROM event WHERE merchant_id = $1 AND kind = 'payment_refunded' ORDER BY position"
    )
    told = [msgspec.json.decode(each["data"]) for each in events]
    assert told[1]["refunds"] == [{"tender": 2, "amount_minor": 100}, {"tender": 1, "amount_minor": 200}]
    assert "payment_refunded" in SENTENCES
    await shop.check_books()


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"order": "9999"}, "unknown_order"),
        ({"expected_version": 1}, "version_conflict"),
        ({"amount": eur("1.00", "USD")}, "other_currency"),
        ({"amount": eur("20.01")}, "more_than_owed"),
    ],
)
async def test_what_is_refused(shop: Any, fields: dict[str, Any], name: str) -> None:
    number = await owed_twenty(shop)
    refusal = await shop.refusal("payments.refund", **{"order": number, **fields})
    assert refusal["name"] == name
    await shop.check_books()


async def test_what_is_still_to_be_paid_is_not_owed_back(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=2)
    number = await shop.place({"MUG": 2}, tenders=[{"amount": eur("5.00")}])
    await shop.do("lines.cancel", order=number, reason="other", lines=[{"line": 1, "quantity": 1}])
    refusal = await shop.refusal("payments.refund", order=number, amount=eur("1.00"))
    assert refusal["name"] == "nothing_owed"


@pytest.mark.parametrize("amount", ["0.00", "-1.00"])
async def test_nothing_or_less_is_no_refund(shop: Any, amount: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        await shop.do("payments.refund", order="1001", amount=eur(amount))


async def test_an_order_that_was_cancelled_before_anybody_paid_is_voided(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=2)
    number = await shop.place({"MUG": 2})
    await shop.do("lines.cancel", order=number, reason="changed_mind")
    (order,) = await shop.fetch("SELECT payment_status FROM orders WHERE merchant_id = $1")
    assert order["payment_status"] == "voided"
    await shop.check_books()
