"""The money ledger for accountants: a table, and a journal that bean-check accepts."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lading.adapters.accounting.beancount import Balance, Journal
from lading.entrypoints.exporting import Format, NoJournal, stream
from lading.views.exports import find_export
from tests.operations.conftest import Shop


def cash(amount: str, currency: str = "EUR") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


async def written(shop: Shop, format_: Format, name: str = "money") -> str:
    return b"".join(
        [piece async for piece in stream(shop.database, shop.merchant_id, find_export(name), format_)]
    ).decode()


def bean_check(journal: str, folder: Path) -> tuple[int, str]:
    """The exit code of bean-check, and what it says."""
    file = folder / "books.beancount"
    file.write_text(journal)
    program = shutil.which("bean-check") or str(Path(sys.executable).with_name("bean-check"))
    done = subprocess.run([program, "--no-cache", str(file)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
async def busy(shop: Shop) -> Shop:
    """Orders in three currencies, with taxes beside and inside prices; paid, cancelled, refunded."""
    await shop.stock_up(MUG_HAM=99)
    charges = [
        {"kind": "discount", "code": "SPRING", "amount": cash("-3.00")},
        {"kind": "tax", "code": "VAT", "amount": cash("5.13"), "rate": "19"},
        {"kind": "tax", "code": "LEVY", "amount": cash("0.31"), "included": True, "applies_to": "shipping"},
        {"kind": "shipping", "code": "standard", "amount": cash("4.90")},
    ]
    number = await shop.place(
        {"MUG": 3}, charges=charges, tenders=[{"amount": cash("20.00")}], placed_at="2025-03-01T22:30:00Z"
    )
    await shop.do("payments.record", order=number, amount=cash("17.03"), kind="cash")
    await shop.do("lines.cancel", order=number, reason='a "late" one', lines=[{"line": 1, "quantity": 1}])
    await shop.do("payments.refund", order=number)
    gift = await shop.do("credits.issue", code="GIFT-0001", amount=cash("30.00"), reason="sold")
    paid = await shop.place({"MUG": 2}, customer={"name": "Ada Meyer"})
    await shop.do("credits.spend", order=paid, code="GIFT-0001")
    await shop.do("lines.cancel", order=paid, reason="late", lines=[{"line": 1, "quantity": 1}])
    await shop.do("payments.refund", order=paid, to="store_credit")
    await shop.do("credits.expire", credit=gift["credit"], reason="lost")
    card = await shop.place({"MUG": 1})
    await shop.do("payments.authorise", order=card, provider="acme", method="pm_1")
    for request in (1, 2):
        await shop.do("payments.answer", order=card, tender=1, request=request, outcome="succeeded", reference="pi_1")
        if request == 1:
            await shop.do("payments.capture", order=card)
    fee = {"provider": "acme", "payment": "pi_1", "movement": "txn_1", "fee": cash("0.33")}
    await shop.do("provider-fees.post", **fee)
    taken = {"order": card, "tender": 1, "reason": "fraudulent"}
    for reference, amount in (("dp_1", "4.00"), ("dp_2", "3.00")):
        await shop.do("payments.dispute", **taken, reference=reference, amount=cash(amount))
    await shop.do("payments.dispute", **taken, reference="dp_2", amount=cash("3.00"), status="lost")
    for currency, price in (("JPY", "1205"), ("KWD", "0.3335")):
        line: dict[str, Any] = {"sku": "MUG", "quantity": 3, "unit_price": cash(price, currency)}
        await shop.do("orders.place", **shop.order({}, currency=currency, lines=[line]))
    return shop


async def test_bean_check_accepts_the_journal_with_its_balances(busy: Shop, tmp_path: Path) -> None:
    journal = await written(busy, "beancount")
    assert bean_check(journal, tmp_path) == (0, "")
    assert '\n2025-03-01 * "Order 1001" "order placed"\n  position: ' in journal
    assert "balance Assets:Tender:Cash  4.68 ~ 0 EUR" in journal
    for account, amount in {
        "Equity:CreditsIssued": "30.00", "Income:CreditsExpired": "-20.00",
        "Assets:Disputed": "4.00", "Expenses:Chargebacks": "3.00", "Expenses:ProviderFees": "0.33", "Assets:Tender:Card": "2.67",
    }.items():  # fmt: skip
        assert f"balance {account}  {amount} ~ 0 EUR" in journal
    assert '* "Gift card or store credit" "credit issued"' in journal and "GIFT" not in journal
    assert "balance Assets:Receivable  3615 ~ 0 JPY" in journal and "balance Income:Sales  -1.001 ~ 0 KWD" in journal


async def test_bean_check_sees_a_cent_that_was_moved(busy: Shop, tmp_path: Path) -> None:
    journal = await written(busy, "beancount")
    code, said = bean_check(journal.replace("  Liabilities:Tax  -5.13 EUR", "  Liabilities:Tax  -5.12 EUR"), tmp_path)
    assert code == 1 and "does not balance" in said
    both = journal.replace("  Liabilities:Tax  -5.13 EUR", "  Liabilities:Tax  -5.12 EUR\n  Income:Fees  -0.01 EUR")
    code, said = bean_check(both.replace('option "title"', '1900-01-01 open Income:Fees\noption "title"'), tmp_path)
    assert code == 1 and "Balance failed" in said, "the balances are read apart from the entries"


async def test_pieces_of_the_journal_join_without_a_seam(busy: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = await written(busy, "beancount")
    monkeypatch.setattr("lading.views.exports.PIECE_ROWS", 1)
    assert await written(busy, "beancount") == whole


async def test_the_table_says_the_same(busy: Shop) -> None:
    rows = list(csv.DictReader(io.StringIO(await written(busy, "csv"))))
    assert {row["amount"] for row in rows if row["currency"] == "JPY"} == {"3615"}
    assert {row["amount"] for row in rows if row["currency"] == "KWD"} == {"1.001"}
    assert rows[0]["day"] == "2025-03-01" and rows[0]["order"] == "1001"
    for currency in ("EUR", "JPY", "KWD"):
        own = [row for row in rows if row["currency"] == currency]
        held: dict[str, Decimal] = {}
        for row in own:
            held[row["debit"]] = held.get(row["debit"], Decimal()) + Decimal(row["amount"])
            held[row["credit"]] = held.get(row["credit"], Decimal()) - Decimal(row["amount"])
        assert sum(held.values()) == 0
    assert [row["tender"] for row in rows if row["kind"] == "payment_recorded"] == ["2"]


async def test_only_money_is_a_journal(busy: Shop) -> None:
    with pytest.raises(NoJournal):
        await written(busy, "beancount", "stock")


async def test_a_merchant_without_money_has_an_empty_journal(shop: Shop, tmp_path: Path) -> None:
    assert bean_check(await written(shop, "beancount"), tmp_path) == (0, "")


def test_accounts_have_names_that_beancount_takes() -> None:
    names = {
        name: Journal("x").account(name) for name in ("tender:gift_card", "tender:klarna pay!", "chargebacks", "x:9")
    }
    assert list(names.values()) == [
        "Liabilities:GiftCards", "Assets:Tender:Klarna-pay", "Expenses:Chargebacks", "Equity:Other:X-9",
    ]  # fmt: skip
    assert Journal("x").tail([Balance("sales", "EUR", 1)]) == ""
