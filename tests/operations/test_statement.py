"""The penny trail of an order, and the ledger by day."""

from __future__ import annotations

from datetime import date
from typing import Any

from lading.entrypoints.worker import ledger
from lading.views import ledger_days, statement
from lading.views.ledger_days import DayOfAccount, LedgerDaysQuery
from lading.views.statement import Statement, StatementQuery
from tests.operations.conftest import Shop

EUR = "EUR"


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": EUR}


async def trail(shop: Shop, number: str) -> Statement:
    async with shop.database.read(shop.merchant_id) as tx:
        return await statement.statement(tx, StatementQuery(number))


async def days(shop: Shop, **query: Any) -> list[DayOfAccount]:
    async with shop.database.read(shop.merchant_id) as tx:
        return (await ledger_days.ledger_days(tx, LedgerDaysQuery(**query))).items


async def summed(shop: Shop) -> None:
    """The worker comes up to the head."""
    async with shop.database.write(shop.merchant_id) as tx:
        await tx.execute("INSERT INTO consumer VALUES ($1, 'ledger_days', 0) ON CONFLICT DO NOTHING")
    going = True
    while going:
        async with shop.database.write(shop.merchant_id) as tx:
            going = await ledger.read_on(tx)


async def a_life(shop: Shop) -> str:
    await shop.stock_up(MUG_HAM=10)
    charges = [
        {"kind": "discount", "code": "SPRING", "amount": eur("-3.00")},
        {"kind": "tax", "code": "VAT", "amount": eur("5.13")},
        {"kind": "shipping", "code": "standard", "amount": eur("4.90")},
    ]
    number = await shop.place({"MUG": 3}, charges=charges, placed_at="2026-03-01T22:30:00Z")
    paid = {"order": number, "amount": eur("37.03"), "kind": "cash", "occurred_at": "2026-03-01T23:30:00Z"}
    await shop.do("payments.record", **paid)
    await shop.do("lines.cancel", order=number, reason="late", lines=[{"line": 1, "quantity": 1}])
    await shop.do("payments.refund", order=number)
    return number


async def test_every_cent_has_its_line_and_the_balance_runs_to_what_is_due(shop: Shop) -> None:
    told = await trail(shop, await a_life(shop))
    assert [(line.what, line.owed.amount, line.balance.amount) for line in told.lines] == [
        ("goods charged", "30.00", "30.00"),
        ("discount given", "-3.00", "27.00"),
        ("tax charged", "5.13", "32.13"),
        ("shipping charged", "4.90", "37.03"),
        ("paid: cash (1)", "-37.03", "0.00"),
        ("goods credited", "-10.00", "-10.00"),
        ("discount taken back", "1.00", "-9.00"),
        ("tax credited", "-1.71", "-10.71"),
        ("shipping credited", "-1.64", "-12.35"),
        ("given back: cash (1)", "12.35", "0.00"),
    ]
    assert (told.due.amount, told.unexplained.amount) == ("0.00", "0.00")
    assert sum(account.balance.minor for account in told.accounts) == 0
    assert told.lines[-1].sentence == "12.35 EUR given back to the customer."


async def test_an_order_without_money_has_a_statement_too(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=1)
    free = {"sku": "MUG", "quantity": 1, "unit_price": eur("0")}
    told = await trail(shop, str((await shop.do("orders.place", **shop.order({}, lines=[free])))["number"]))
    assert (told.lines, told.due.amount, told.unexplained.amount) == ([], "0.00", "0.00")


async def test_days_are_the_merchants_and_the_same_before_and_after_they_are_summed(shop: Shop) -> None:
    await a_life(shop)
    fresh = await days(shop)
    await summed(shop)
    assert await days(shop) == fresh
    first = [each for each in fresh if each.day == date(2026, 3, 1)]
    assert {each.account: each.balance.amount for each in first} == {
        "discounts": "3.00", "receivable": "37.03", "sales": "-30.00", "shipping_income": "-4.90", "tax": "-5.13",
    }  # fmt: skip
    (paid,) = [each for each in fresh if each.day == date(2026, 3, 2) and each.account == "tender:cash"]
    assert paid.debit.amount == "37.03"
    assert sum(each.balance.minor for each in fresh) == 0
    await shop.place({"MUG": 1})
    grown = await days(shop)
    assert sum(each.debit.minor for each in grown) == sum(each.debit.minor for each in fresh) + 1000
    await summed(shop)
    assert await days(shop) == grown
    assert {each.day for each in await days(shop, since=date(2026, 3, 2), until=date(2026, 3, 2))} == {date(2026, 3, 2)}
    await shop.check_books()


async def test_days_come_in_pages_without_a_seam(shop: Shop) -> None:
    await a_life(shop)
    for _ in range(2):
        whole, pages, after = await days(shop), [], None
        while True:
            async with shop.database.read(shop.merchant_id) as tx:
                page = await ledger_days.ledger_days(tx, LedgerDaysQuery(limit=2, after=after))
            pages += page.items
            after = page.next
            if after is None:
                break
        assert pages == whole
        await summed(shop)


async def test_days_read_no_posting_twice_and_no_table_whole(shop: Shop) -> None:
    await a_life(shop)
    await summed(shop)
    async with shop.database.read(shop.merchant_id) as tx:
        await tx.stage("SET LOCAL enable_seqscan = off")
        plan = "\n".join(
            row[0]
            for row in await tx.fetch(
                "EXPLAIN " + ledger_days.sql.ledger_days, date(2026, 3, 1), date(2026, 3, 2), date(1, 1, 1), "", "", 51
            )
        )
    assert not [table for table in ("ledger_day", "event", "money_posting") if f"Seq Scan on {table}" in plan], plan
