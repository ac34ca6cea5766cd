"""A provider's report beside what it was asked: every movement has its other side, or is named."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from lading.adapters.payments import stripe_report
from lading.adapters.payments.stripe_report import NotAReport
from lading.entrypoints.paying import fees, not_posted
from lading.payments.settlement import Unmatched, compare
from lading.views.history import OrderAsOfQuery, order_as_of
from lading.views.settlement import ReportQuery, compare_report, done_through
from lading.views.statement import StatementQuery, statement
from tests.operations.test_payments import answer, authorised, eur, placed

HEADER = "balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,payment_intent_id"


def report(*rows: tuple[str, str, str, str]) -> list[str]:
    """Category, payment, gross and fee of each line; all of now."""
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
    return [HEADER, *(f"txn,{now},eur,{gross},{fee},0,{kind},{payment}" for kind, payment, gross, fee in rows)]


async def compared(shop: Any, lines: list[str]) -> Any:
    moved = stripe_report.read(lines)
    async with shop.database.read(shop.merchant_id) as tx:
        return compare(moved, await done_through(tx, "acme", moved))


async def test_captures_and_refunds_have_their_lines_and_what_only_one_side_knows_is_named(shop: Any) -> None:
    start = report(("payout", "", "-1.00", "0"), ("charge", "pi_8", "0.01", "0"))
    number = await placed(shop)
    await authorised(shop, number)
    for amount in ("15.00", "15.00", "10.00"):
        await answer(shop, number, await shop.do("payments.capture", order=number, amount=eur(amount)))
    await shop.do("lines.cancel", order=number, reason="other", lines=[{"line": 1, "quantity": 1}])
    request = (await shop.fetch("SELECT count(*) AS n FROM payment_request WHERE merchant_id = $1"))[0]["n"] + 1
    await shop.do("payments.refund", order=number)
    await shop.do("payments.answer", order=number, tender=1, request=request, outcome="succeeded")
    lines = [*start, *report(("charge", "pi_1", "15.00", "0.50"), ("charge", "pi_1", "15.00", "0.50"),
                             ("refund", "pi_1", "-10.00", "0"), ("charge", "pi_9", "7.00", "0.30"))[1:]]  # fmt: skip
    found = await compared(shop, lines)
    assert (found.matched, found.captured, found.refunded, found.fees) == (
        3,
        {"EUR": 3701},
        {"EUR": 1000},
        {"EUR": 130},
    )
    told = sorted((each.side, each.payment, each.amount_minor, each.order) for each in found.unmatched)
    assert told == [("here", "pi_1", 1000, number), ("there", "pi_8", 1, None), ("there", "pi_9", 700, None)]
    assert all(isinstance(each, Unmatched) for each in found.unmatched)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["a,b", "1,2"], "The report lacks the columns reporting_category"),
        (report(("charge", "pi_1", "1.001", "0")), "Line 2 of the report cannot be read"),
        (report(("charge", "pi_1", "one", "0")), "Line 2 of the report cannot be read"),
    ],
)
def test_a_file_that_is_no_report_is_told_so(lines: list[str], sentence: str) -> None:
    with pytest.raises(NotAReport, match=sentence):
        stripe_report.read(lines)


async def test_any_providers_report_can_be_compared_line_by_line(shop: Any) -> None:
    number = await placed(shop)
    await authorised(shop, number)
    await answer(shop, number, await shop.do("payments.capture", order=number, amount=eur("15.00")))
    now = datetime.now(UTC).isoformat()
    lines = [
        {"payment": "pi_1", "kind": "capture", "amount": eur("15.00"), "fee": eur("0.30"), "at": now},
        {"payment": "pi_9", "kind": "refund", "amount": eur("1.00"), "at": now},
    ]
    async with shop.database.read(shop.merchant_id) as tx:
        query = msgspec.convert({"provider": "acme", "lines": lines}, ReportQuery)
        found = await compare_report(tx, query)
        nothing = await compare_report(tx, ReportQuery("acme"))
    assert (found.matched, [each.amount for each in found.fees]) == (1, ["0.30"])
    assert [(each.side, each.payment, each.amount.amount) for each in found.unmatched] == [("there", "pi_9", "1.00")]
    assert (nothing.matched, nothing.unmatched) == (0, [])


async def test_what_the_provider_kept_is_an_expense_once_however_often_the_report_is_read(shop: Any) -> None:
    number = await placed(shop)
    await authorised(shop, number)
    await answer(shop, number, await shop.do("payments.capture", order=number))
    begun = await shop.do("edits.begin", order=number, reason="x", method="bike")
    moved = stripe_report.read(
        [line.replace("txn,", f"txn_{at},") for at, line in enumerate(
            report(("charge", "pi_1", "40.00", "1.10"), ("refund", "pi_1", "-5.00", "-0.10"), ("charge", "pi_9", "7.00", "0.30")))]
    )  # fmt: skip
    for _ in range(2):
        answers = await shop.run("provider-fees.post", fees(shop.merchant_id, "acme", moved))
        assert [each.accepted for each in answers] == [True, True, False]
        assert not_posted([each.movement for each in moved], answers) == [
            "txn_3: acme moved nothing here that it calls pi_9."
        ]
    again = {"provider": "acme", "payment": "pi_1", "movement": "txn_1", "fee": eur("1.10")}
    assert (await shop.do("provider-fees.post", **again))["again"]
    assert (await shop.refusal("provider-fees.post", **again | {"fee": eur("1.20")}))["name"] == "other_fee"
    assert (await shop.refusal("provider-fees.post", **again | {"payment": "pi_9"}))["name"] == "unknown_payment"
    rows = await shop.fetch(
        "SELECT sum(CASE debit WHEN 'provider_fees' THEN amount_minor ELSE -amount_minor END)::int AS kept FROM money_posting"
        " WHERE merchant_id = $1 AND 'provider_fees' IN (debit, credit)"
    )
    assert rows == [{"kept": 100}]
    assert (await shop.do("edits.confirm", edit=begun["edit"]))["version"], "nothing of the order changed"
    async with shop.database.read(shop.merchant_id) as tx:
        then = await order_as_of(tx, OrderAsOfQuery(order=number))
        told = await statement(tx, StatementQuery(number))
    assert (then.captured.amount, then.refunded.amount) == ("40.00", "0.00"), "nothing of it went back to the customer"
    assert [each.what for each in told.lines if "provider_fees" in (each.debit, each.credit)] == [
        "kept by the provider (1)", "fee that came back (1)",
    ]  # fmt: skip
    await shop.check_books()
