"""Gift cards and store credit: owed to their holders to the cent, until they are spent or over."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from lading.entrypoints.paying import Accounts
from lading.entrypoints.worker.paying import Payments
from lading.views.credits import CreditQuery, CreditsQuery, credit, credits
from lading.views.ledger_days import LedgerDaysQuery, LedgerEntriesQuery, ledger_days, ledger_entries
from tests.operations.test_payments import authorised, eur, placed, tenders

CARD = {"code": "GIFT-0001", "reason": "sold"}


async def balances(shop: Any) -> list[int]:
    rows = await shop.fetch("SELECT balance_minor FROM credit WHERE merchant_id = $1 ORDER BY id")
    return [row["balance_minor"] for row in rows]


async def owed(shop: Any) -> int:
    """What the ledger owes to holders."""
    rows = await shop.fetch("SELECT debit, credit, amount_minor FROM money_posting WHERE merchant_id = $1")
    accounts = ("tender:gift_card", "tender:store_credit")
    return sum(row["amount_minor"] * ((row["credit"] in accounts) - (row["debit"] in accounts)) for row in rows)


async def test_a_gift_card_pays_as_far_as_it_reaches_and_a_card_the_rest(shop: Any) -> None:
    number = await placed(shop)
    await shop.do("credits.issue", **CARD, amount=eur("25.00"))
    spent = await shop.do("credits.spend", order=number, code="GIFT-0001")
    assert (spent["due"], spent["payment_status"]) == (eur("15.00"), "partially_paid")
    await authorised(shop, number)
    assert await tenders(shop) == [(2500, 2500, 0), (1500, 0, 0)]
    assert (await balances(shop), await owed(shop)) == ([0], 0)
    async with shop.database.read(shop.merchant_id) as tx:
        (found,) = (await credits(tx, CreditsQuery(code="GIFT-0001"))).items
    assert (found.ends_in, found.balance.minor, found.issued.minor) == ("0001", 0, 2500)
    await shop.check_books()


async def test_what_goes_back_to_a_card_that_is_over_can_be_spent_again(shop: Any) -> None:
    number = await placed(shop)
    soon = datetime.now(UTC) + timedelta(seconds=2)
    await shop.do("credits.issue", **CARD, amount=eur("50.00"), expires_at=soon.isoformat())
    await shop.do("credits.spend", order=number, code="GIFT-0001")
    await asyncio.sleep(2.1)
    worker = Payments(shop.database, shop.executor, Accounts())
    assert await worker.expire(shop.merchant_id, datetime.now(UTC)) == 1
    assert (await balances(shop), await owed(shop)) == ([0], 0)
    assert (await shop.refusal("credits.spend", order=number, code="GIFT-0001"))["name"] == "credit_over"
    await shop.do("lines.cancel", order=number, reason="other")
    refund = await shop.do("payments.refund", order=number)
    assert (refund["refunded"], await balances(shop), await owed(shop)) == (eur("40.00"), [4000], 4000)
    again = str(await shop.place({"MUG": 2}))
    assert (await shop.do("credits.spend", order=again, code="GIFT-0001"))["payment_status"] == "paid"
    assert (await balances(shop), await owed(shop)) == ([2000], 2000)
    await shop.check_books()


async def test_store_credit_belongs_to_the_customer_of_an_order(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=6)
    ada, bob = {"name": "Ada", "email": "ada@example.com"}, {"name": "Bob", "email": "bob@example.com"}
    first = str(await shop.place({"MUG": 2}, customer=ada))
    other = str(await shop.place({"MUG": 2}, customer=bob))
    given = await shop.do("credits.issue", order=first, amount=eur("5.00"), reason="goodwill")
    refusal = await shop.refusal("credits.spend", order=other, credit=given["credit"])
    assert refusal["name"] == "not_theirs"
    assert (await shop.do("credits.spend", order=first, credit=given["credit"]))["due"] == eur("15.00")
    await shop.check_books()


async def test_eight_orders_at_one_card_spend_what_is_there_and_no_more(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=40)
    numbers = [str(await shop.place({"MUG": 1})) for _ in range(8)]
    await shop.do("credits.issue", **CARD, amount=eur("35.00"))
    await asyncio.gather(*(shop.batch("credits.spend", {"order": each, "code": "GIFT-0001"}) for each in numbers))
    paid = sorted(captured for _, captured, _ in await tenders(shop))
    assert (paid, await balances(shop), await owed(shop)) == ([500, 1000, 1000, 1000], [0], 0)
    await shop.check_books()


async def test_two_who_issue_the_same_code_at_once_make_one_card(shop: Any) -> None:
    done = await asyncio.gather(*(shop.batch("credits.issue", {**CARD, "amount": eur("5.00")}) for _ in range(6)))
    names = sorted(each.get("name", "issued") for (each,) in done)
    assert names == ["code_taken"] * 5 + ["issued"]
    await shop.check_books()


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"code": "GIFT-0009"}, "unknown_credit"),
        ({"code": "GIFT-0001", "amount": eur("25.01")}, "more_than_balance"),
        ({"code": "GIFT-0001", "amount": eur("40.01")}, "more_than_due"),
        ({"code": "GIFT-USD1"}, "other_currency"),
    ],
)
async def test_what_is_refused(shop: Any, fields: dict[str, Any], name: str) -> None:
    number = await placed(shop)
    await shop.do("credits.issue", **CARD, amount=eur("25.00"))
    await shop.do("credits.issue", code="GIFT-USD1", reason="sold", amount={"amount": "9.00", "currency": "USD"})
    assert (await shop.refusal("credits.spend", order=number, **fields))["name"] == name


async def test_each_credit_has_its_ledger(shop: Any) -> None:
    number = await placed(shop, customer={"name": "Ada Meyer"})
    issued = await shop.do("credits.issue", **CARD, amount=eur("50.00"))
    await shop.do("credits.spend", order=number, code="GIFT-0001", amount=eur("30.00"))
    await shop.do("payments.record", order=number, kind="cash", amount=eur("10.00"))
    await shop.do("lines.cancel", order=number, reason="other", lines=[{"line": 1, "quantity": 3}])
    back = await shop.do("payments.refund", order=number, to="store_credit")
    await shop.do("credits.expire", credit=issued["credit"], reason="lost")
    told = {}
    for id_ in (issued["credit"], back["credit"]):
        async with shop.database.read(shop.merchant_id) as tx:
            found = await credit(tx, msgspec.convert({"credit": id_}, CreditQuery))
        assert found.unexplained.minor == 0
        told[found.head.kind] = [
            (each.what, each.amount.amount, each.balance.amount, each.order) for each in found.moves
        ]
    assert told == {
        "gift_card": [
            ("issued", "50.00", "50.00", None), ("spent", "-30.00", "20.00", number),
            ("given_back", "20.00", "40.00", number), ("over", "-40.00", "0.00", None),
        ],
        "store_credit": [("issued", "10.00", "10.00", number)],
    }  # fmt: skip
    assert await owed(shop) == 1000
    await shop.check_books()


async def test_a_card_ends_before_its_time_only_for_a_reason(shop: Any) -> None:
    issued = await shop.do("credits.issue", **CARD, amount=eur("50.00"))
    assert (await shop.do("credits.expire", credit=issued["credit"]))["balance"] == eur("50.00")
    ended = await shop.do("credits.expire", credit=issued["credit"], reason="lost")
    assert (ended["balance"], ended["expires_at"] is None) == (eur("0.00"), False)
    number = await placed(shop)
    assert (await shop.refusal("credits.spend", order=number, code="GIFT-0001"))["name"] == "credit_over"
    async with shop.database.read(shop.merchant_id) as tx:
        assert (await credits(tx, CreditsQuery(left=True))).items == []
        assert len((await credits(tx, CreditsQuery(kind="gift_card"))).items) == 1
    await shop.check_books()


async def test_a_day_has_its_penny_trail(shop: Any) -> None:
    """Every entry of a day in the merchant's time zone, page by page, and by account; together they are the day's sums."""
    await shop.stock_up(MUG_HAM=9)
    for at in ("2026-03-01T22:59:00Z", "2026-03-01T23:01:00Z", "2026-03-02T22:59:00Z", "2026-03-02T23:01:00Z"):
        await shop.place({"MUG": 1}, placed_at=at, tenders=[{"amount": eur("10.00")}])
    day = date(2026, 3, 2)
    seen, after = [], None
    for _ in range(3):
        async with shop.database.read(shop.merchant_id) as tx:
            page = await ledger_entries(tx, LedgerEntriesQuery(day=day, limit=3, after=after))
        seen += [(each.order, each.what, each.amount.amount) for each in page.items]
        if (after := page.next) is None:
            break
    assert seen == [
        ("1002", "goods charged", "10.00"), ("1002", "paid: paid elsewhere (1)", "10.00"),
        ("1003", "goods charged", "10.00"), ("1003", "paid: paid elsewhere (1)", "10.00"),
    ]  # fmt: skip
    async with shop.database.read(shop.merchant_id) as tx:
        sales = await ledger_entries(tx, LedgerEntriesQuery(day=day, account="sales", currency="EUR"))
        sums = (await ledger_days(tx, LedgerDaysQuery(since=day, until=day))).items
        assert (await ledger_entries(tx, LedgerEntriesQuery(day=day, currency="USD"))).items == []
    assert {each.account: each.debit.minor + each.credit.minor for each in sums}["sales"] == 2000
    assert sum(each.amount.minor for each in sales.items) == 2000


async def test_an_order_is_placed_with_a_gift_card_whose_code_is_known(shop: Any, twin: Any) -> None:
    """In a batch each order sees what the earlier ones left; a batch equals its orders one by one. The code is in no event."""
    half = {"kind": "gift_card", "code": "GIFT-0001"}
    wrong = {**half, "code": "GIFT-9999"}
    tenders_of = [[{**half, "amount": eur(amount)}] for amount in ("20.00", "10.01", "10.00")]
    tenders_of += [[{**half, "amount": eur("0.01")}], [{**wrong, "amount": eur("1.00")}]]
    for each in (shop, twin):
        await each.stock_up(MUG_HAM=20)
        await each.do("credits.issue", **CARD, amount=eur("30.00"))
    orders = [shop.order({"MUG": 2}, tenders=given) for given in tenders_of]
    together = await shop.batch("orders.place", *orders)
    apart = [(await twin.batch("orders.place", order))[0] for order in orders]
    assert [each.get("name", each.get("number")) for each in together] == [
        each.get("name", each.get("number")) for each in apart
    ]
    assert [each.get("name", "placed") for each in together] == [
        "placed", "more_than_balance", "placed", "more_than_balance", "unknown_credit",
    ]  # fmt: skip
    assert (await balances(shop), await owed(shop)) == ([0], 0)
    told = await shop.fetch("SELECT string_agg(data::text, ' ') AS told FROM event WHERE merchant_id = $1")
    assert "GIFT-0001" not in told[0]["told"]
    await shop.do("lines.cancel", order=together[0]["number"], reason="x")
    assert (await shop.do("payments.refund", order=together[0]["number"]))["refunded"] == eur("20.00")
    assert await balances(shop) == [2000]
    dollars = {
        **shop.order({"MUG": 1}),
        "currency": "USD",
        "tenders": [{**half, "amount": {"amount": "1.00", "currency": "USD"}}],
    }
    dollars["lines"][0]["unit_price"] = {"amount": "1.00", "currency": "USD"}
    assert (await shop.refusal("orders.place", **dollars))["name"] == "other_currency"
    draft = shop.order({"MUG": 1}, tenders=[{**half, "amount": eur("10.00")}])
    made = await shop.do("drafts.create", **draft)
    assert (await balances(shop)) == [2000], "a draft spends nothing"
    await shop.do("drafts.convert", draft=made["draft"])
    assert await balances(shop) == [1000]
    for each in (shop, twin):
        await each.check_books()
