"""Tenders, credits, disputes and fees."""

from __future__ import annotations

from tests.operations.books.spoiling import ORDER, Spoil
from tests.races.shop import DAY, Shop, money, order


async def pay(shop: Shop) -> None:
    """Cards: one declined, one captured in parts, given back and partly given up; one that lapsed, one that has not answered."""
    await shop.stock_up(0, ("PAID",))
    await shop.do("stock.receive", {"sku": "PAID", "location": "HAM", "quantity": 9, "reason": "opening"})
    first, second = [each["number"] for each in await shop.do("orders.place", *[order(("PAID", 4), price="10.00")] * 2)]
    card = {"provider": "acme", "method": "pm_1"}
    await shop.do("payments.authorise", {**card, "order": first})
    refused = {"order": first, "tender": 1, "request": 1, "outcome": "failed", "code": "expired_card"}
    await shop.do("payments.answer", refused)
    await shop.do("payments.authorise", {**card, "order": first})
    told = {"order": first, "tender": 2, "outcome": "succeeded"}
    promised = {"reference": "pi_2", "expires_at": "2990-01-01T00:00:00Z"}
    await shop.do("payments.answer", {**told, "request": 1, **promised})
    await shop.do("payments.capture", {"order": first, "amount": money("15.00")})
    await shop.do("payments.capture", {"order": first, "amount": money("5.00")})
    await shop.do("payments.answer", *({**told, "request": number, "reference": f"ch_{number}"} for number in (2, 3)))
    await shop.do("lines.cancel", {"order": first, "reason": "late", "lines": [{"line": 1, "quantity": 3}]})
    await shop.do("payments.refund", {"order": first, "amount": money("7.00")})
    await shop.do("payments.answer", {**told, "request": 4, "reference": "re_4"})
    await shop.do("payments.answer", {**told, "request": 4, "outcome": "failed", "code": "lost_or_stolen_card"})
    await shop.do("payments.refund", {"order": first, "amount": money("3.00")})
    await shop.do("payments.void", {"order": first})
    await shop.do("payments.answer", {**told, "request": 6})
    taken = {"order": first, "tender": 2, "amount": money("4.00"), "reason": "fraudulent"}
    fee = {"provider": "acme", "payment": "pi_2", "movement": "txn_1", "fee": money("0.33")}
    await shop.do("provider-fees.post", fee, {**fee, "movement": "txn_2", "fee": money("-0.03")})
    for reference, ends in (("dp_1", ["open"]), ("dp_2", ["open", "lost"]), ("dp_3", ["won", "open"])):
        for status in ends:
            await shop.do("payments.dispute", {**taken, "reference": reference, "status": status})
    answered = {"order": first, "tender": 2, "reference": "dp_1"}
    await shop.do("disputes.answer", {**answered, "words": "She signed for it."})
    await shop.do("dispute-answers.settle", {**answered, "number": 1, "code": "too_long"})
    await shop.do("disputes.accept", answered)
    await shop.do("payments.authorise", {**card, "order": second, "amount": money("25.00")})
    await shop.do("payments.answer", {**told, "order": second, "tender": 1, "request": 1, "reference": "pi_3"})
    await shop.do("payments.lapse", {"order": second, "tender": 1})
    await shop.do(
        "payments.authorise", {"provider": "acme", "reference": "pi_4", "order": second, "amount": money("5.00")}
    )
    await spend(shop)


async def promise(shop: Shop) -> None:
    """Cards and transfers said with the order: one that answered, one that failed, one transfer that came in part, one given up."""
    await shop.stock_up(0, ("LATER",))
    await shop.do("stock.receive", {"sku": "LATER", "location": "HAM", "quantity": 9, "reason": "opening"})
    card = {"kind": "card", "provider": "acme", "method": "pm_1", "amount": money("20.00")}
    transfer = {"kind": "bank_transfer", "amount": money("20.00")}
    wanted = [order(("LATER", 2), price="10.00", tenders=[each]) for each in (card, card, transfer, transfer)]
    numbers = [each["number"] for each in await shop.do("orders.place", *wanted)]
    told = {"tender": 1, "request": 1}
    await shop.do("payments.answer", {"order": numbers[0], **told, "outcome": "succeeded", "reference": "pi_7"})
    await shop.do("payments.answer", {"order": numbers[1], **told, "outcome": "failed", "code": "expired_card"})
    came = {"order": numbers[2], "amount": money("15.00"), "kind": "bank_transfer", "reference": "TX-15"}
    await shop.do("payments.record", came)
    await shop.do("payments.void", {"order": numbers[3]})
    person = {"name": "Ina Kreft", "email": "ina@example.com"}
    (paid,) = await shop.do(
        "orders.place", order(("LATER", 1), price="7.00", customer=person, tenders=[{"amount": money("7.00")}])
    )
    await shop.do("lines.cancel", {"order": paid["number"], "reason": "late"})
    await shop.do("payments.refund", {"order": paid["number"], "to": "store_credit"})


async def spend(shop: Shop) -> None:
    """A gift card and store credit, of which an order is paid; a part comes back; another card whose time is over."""
    person = {"name": "Ina Kreft", "email": "ina@example.com"}
    (placed,) = await shop.do("orders.place", order(("PAID", 1), price="40.00", customer=person))
    number = placed["number"]
    await shop.do("credits.issue", {"code": "GIFT-0001", "amount": money("25.00"), "reason": "sold"})
    (credit,) = await shop.do("credits.issue", {"order": number, "amount": money("30.00"), "reason": "goodwill"})
    await shop.do("credits.spend", {"order": number, "code": "GIFT-0001"})
    await shop.do("credits.spend", {"order": number, "credit": credit["credit"], "amount": money("9.00")})
    await shop.do("lines.cancel", {"order": number, "reason": "late"})
    await shop.do("payments.refund", {"order": number, "amount": money("12.00")})
    over = {"code": "GIFT-0002", "amount": money("5.00"), "reason": "sold", "expires_at": DAY}
    (gone,) = await shop.do("credits.issue", over)
    await shop.do("credits.expire", {"credit": gone["credit"]})


SPOILS = [
    Spoil(
        "tenders",
        "Tender 1 of order 1001: captured_minor is",
        f"UPDATE tender SET captured_minor = captured_minor - 1 WHERE order_id = {ORDER}",
    ),
    Spoil(
        "tenders",
        "Tender 2 of order ",
        "UPDATE tender SET authorised_minor = authorised_minor + 1 WHERE reference = 'pi_2'",
    ),
    Spoil("tenders", "Tender 1 of order ", "UPDATE tender SET voided_minor = 0 WHERE reference = 'pi_3'"),
    Spoil(
        "tenders_of_providers", "Tender 2 of order ", "UPDATE tender SET reference = 'pi_9' WHERE reference = 'pi_2'"
    ),
    Spoil("tenders_of_providers", "Tender 2 of order ", "UPDATE tender SET provider = 'else' WHERE reference = 'pi_2'"),
    Spoil(
        "tenders_of_providers", "Tender 2 of order ", "UPDATE tender SET expires_at = now() WHERE reference = 'pi_2'"
    ),
    Spoil("tenders_of_providers", "Tender 1 of order ", "UPDATE tender SET once = true WHERE reference = 'pi_3'"),
    Spoil("tenders_of_providers", "Tender 1 of order ", "UPDATE tender SET grows = true WHERE reference = 'pi_3'"),
    Spoil("tenders_of_providers", "Tender 1 of order ", "UPDATE tender SET kind = 'wallet' WHERE reference = 'pi_7'"),
    Spoil("tenders_to_come", "Tender 1 of order ", "UPDATE tender SET expected_minor = 7 WHERE expected_minor = 500"),
    Spoil(
        "tenders_to_come",
        "Tender 1 of order ",
        "UPDATE tender SET kind = 'cash_on_delivery' WHERE expected_minor = 500",
    ),
    Spoil("credits", "Credit ", "UPDATE credit SET balance_minor = balance_minor + 1 WHERE code = 'GIFT-0001'"),
    Spoil(
        "credits", "Credit ", "UPDATE credit SET balance_minor = 1 WHERE kind = 'store_credit' AND issued_minor = 700"
    ),
    Spoil("credits", "Credit ", "UPDATE credit SET expires_at = now() WHERE code = 'GIFT-0002'"),
    Spoil("credits", "Credit ", "UPDATE tender SET credit_id = NULL WHERE kind = 'store_credit'"),
    Spoil("credits", "Credit ", "DELETE FROM event WHERE kind = 'credit_expired'"),
    Spoil(
        "provider_fees",
        "The fee of movement txn_1",
        "UPDATE provider_fee SET amount_minor = 34 WHERE movement = 'txn_1'",
    ),
    Spoil(
        "dispute_answers",
        "Answer 1 to dispute dp_1 of order ",
        "UPDATE dispute_answer SET words = NULL WHERE number = 1",
    ),
    Spoil("dispute_answers", "Answer 2 to dispute dp_1 of order ", "DELETE FROM dispute_answer WHERE task = 'accept'"),
    Spoil("provider_fees", "The fee of movement txn_2", "DELETE FROM provider_fee WHERE movement = 'txn_2'"),
    Spoil("disputes", "Dispute dp_2 of tender 2", "UPDATE dispute SET status = 'won' WHERE reference = 'dp_2'"),
    Spoil("disputes", "Dispute dp_1 of tender 2", "DELETE FROM dispute WHERE reference = 'dp_1'"),
    Spoil("tenders", "Tender 2 of order ", "UPDATE tender SET disputed_minor = 0 WHERE reference = 'pi_2'"),
    Spoil("tenders_awaited", "Tender 2 of order ", "UPDATE tender SET refunding_minor = 0 WHERE reference = 'pi_2'"),
    Spoil("tenders_awaited", "Tender 2 of order ", "UPDATE tender SET requests = 7 WHERE reference = 'pi_2'"),
    Spoil(
        "payment_requests",
        "Request 1 of tender 1 of order ",
        "UPDATE payment_request SET code = 'no_money' WHERE code = 'expired_card'",
    ),
    Spoil(
        "payment_requests", "Request 3 of tender 2 of order ", "DELETE FROM payment_request WHERE reference = 'ch_3'"
    ),
    Spoil(
        "payment_requests",
        "Request 4 of tender 2 of order ",
        "UPDATE payment_request SET status = 'succeeded' WHERE reference = 're_4'",
    ),
    Spoil("tenders", "Tender 1 of order 1001 is missing", f"DELETE FROM tender WHERE order_id = {ORDER}"),
    Spoil("ledger_days", "The account sales in EUR of ", "UPDATE ledger_day SET credit_minor = credit_minor + 1"),
    Spoil("ledger_days", "The account sales in EUR of ", "DELETE FROM ledger_day WHERE account = 'sales'"),
    Spoil(
        "ledger_days",
        "The account receivable in EUR",
        "UPDATE ledger_day SET day = day + 1 WHERE account = 'receivable'",
    ),
]
