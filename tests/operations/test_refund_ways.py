"""Through which tender money goes back, and when it becomes store credit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from lading.views.statement import StatementQuery, statement
from tests.operations.test_credits import balances, owed
from tests.operations.test_payments import answer, authorised, eur

ADA = {"name": "Ada Meyer", "email": "ada@example.com"}


async def paid_three_ways(shop: Any, code: str = "GIFT-0001") -> str:
    """An order of 40.00: 10.00 in cash, 10.00 by gift card, 20.00 by card."""
    await shop.stock_up(MUG_HAM=4)
    await shop.do("credits.issue", code=code, amount=eur("10.00"), reason="sold")
    number = str(await shop.place({"MUG": 4}, customer=ADA))
    await shop.do("payments.record", order=number, kind="cash", amount=eur("10.00"))
    await shop.do("credits.spend", order=number, code=code)
    await authorised(shop, number)
    await answer(shop, number, await shop.do("payments.capture", order=number))
    return number


async def gone_back(shop: Any) -> list[int]:
    rows = await shop.fetch(
        "SELECT refunded_minor + refunding_minor AS back FROM tender WHERE merchant_id = $1 ORDER BY order_id, number"
    )
    return [row["back"] for row in rows]


async def test_money_goes_back_in_the_order_of_the_policy_and_spills_to_the_next(shop: Any) -> None:
    for at, (first, back) in enumerate(
        {
            "latest": [0, 500, 2000],
            "earliest": [1000, 1000, 500],
            "credits": [0, 1000, 1500],
            "providers": [0, 500, 2000],
        }.items()
    ):
        await shop.do("policies.set", name="refund_first", value=first)
        number = await paid_three_ways(shop, f"GIFT-000{at}")
        await shop.do("lines.cancel", order=number, reason="other")
        await shop.do("payments.refund", order=number, amount=eur("25.00"))
        assert (await gone_back(shop))[-3:] == back, first
        await answer(shop, number, {"asked": [{"tender": 3, "request": 3}]})
        await shop.do("payments.refund", order=number)
        assert sum((await gone_back(shop))[-3:]) == 4000
    await shop.check_books()


async def test_one_tender_is_named_and_gives_no_more_than_it_took(shop: Any) -> None:
    number = await paid_three_ways(shop)
    await shop.do("lines.cancel", order=number, reason="other")
    refusal = await shop.refusal("payments.refund", order=number, tender=1)
    assert (refusal["name"], refusal["pointer"]) == ("more_than_captured", "/amount")
    await shop.do("payments.refund", order=number, tender=1, amount=eur("10.00"))
    assert await gone_back(shop) == [1000, 0, 0]


async def test_a_refund_becomes_store_credit_and_the_gift_card_gets_its_own_back(shop: Any) -> None:
    await shop.do("policies.set", name="store_credit_days", value=365)
    number = await paid_three_ways(shop)
    await shop.do("lines.cancel", order=number, reason="other")
    done = await shop.do("payments.refund", order=number, to="store_credit")
    assert (done["refunded"], done["asked"], done["due"]) == (eur("40.00"), eur("0.00"), eur("0.00"))
    assert (await balances(shop), await owed(shop)) == ([1000, 3000], 4000)
    (new,) = await shop.fetch("SELECT * FROM credit WHERE merchant_id = $1 AND kind = 'store_credit'")
    assert (str(new["id"]), new["issued_minor"]) == (done["credit"], 3000)
    assert timedelta(days=364) < new["expires_at"] - datetime.now(UTC) <= timedelta(days=365)
    async with shop.database.read(shop.merchant_id) as tx:
        trail = await statement(tx, StatementQuery(number))
    assert [each.what for each in trail.lines[-3:]] == [
        "given back: store credit (3)", "given back: gift card (2)", "given back: store credit (1)",
    ]  # fmt: skip
    assert trail.unexplained.minor == 0
    again = await shop.place({"MUG": 2}, customer=ADA)
    spent = await shop.do("credits.spend", order=again, credit=done["credit"])
    assert spent["payment_status"] == "paid"
    await shop.check_books()


async def test_returned_units_become_store_credit_by_policy_and_never_more_than_was_taken(shop: Any) -> None:
    await shop.do("policies.set", name="refund_to", value="store_credit")
    number = await paid_three_ways(shop)
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.ship", parcel=f"{number}-P1", carrier="dhl")
    for document in range(1, 5):
        units = [{"line": 1, "quantity": 1}]
        await shop.do("returns.request", order=number, reason="unwanted", lines=units)
        await shop.do("returns.receive", document=f"{number}-R{document}", location="HAM", lines=units)
        to = {"to": "tenders"} if document == 1 else {}
        await shop.do("returns.refund", document=f"{number}-R{document}", **to)
    assert await gone_back(shop) == [1000, 1000, 2000]
    assert (await balances(shop), await owed(shop)) == ([1000, 1000, 1000], 3000), "10.00 went back to the card"
    await shop.check_books()


async def test_who_has_no_customer_gets_it_back_as_it_was_paid(shop: Any) -> None:
    await shop.do("policies.set", name="refund_to", value="store_credit")
    await shop.stock_up(MUG_HAM=1)
    number = await shop.place({"MUG": 1}, tenders=[{"amount": eur("10.00")}])
    await shop.do("lines.cancel", order=number, reason="other")
    assert (await shop.refusal("payments.refund", order=number, to="store_credit"))["name"] == "no_customer"
    assert (await shop.do("payments.refund", order=number))["credit"] is None
    assert await owed(shop) == 0
    await shop.check_books()


async def test_by_policy_what_is_owed_becomes_store_credit_without_anybody_asking(shop: Any) -> None:
    for name, value in (("refund_at_once", True), ("refund_to", "store_credit")):
        await shop.do("policies.set", name=name, value=value)
    number = await paid_three_ways(shop)
    await shop.do("lines.cancel", order=number, reason="other", lines=[{"line": 1, "quantity": 1}])
    state = await shop.do("payments.follow", order=number)
    assert (state["due"], await gone_back(shop), await owed(shop)) == (eur("0.00"), [0, 0, 1000], 1000)
    assert (await shop.do("payments.follow", order=number))["version"] == state["version"]
    await shop.check_books()
