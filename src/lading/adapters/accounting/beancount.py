"""The money ledger as plain text that beancount reads: one transaction for each event, and at the end what each account must hold."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from lading.kernel import money

OPENED_ON = "1900-01-01"
ACCOUNTS: Mapping[str, str] = {
    "receivable": "Assets:Receivable",
    "sales": "Income:Sales",
    "discounts": "Income:Discounts",
    "shipping_income": "Income:Shipping",
    "fees": "Income:Fees",
    "adjustments": "Income:Adjustments",
    "tax": "Liabilities:Tax",
    "tender:gift_card": "Liabilities:GiftCards",
    "tender:store_credit": "Liabilities:StoreCredit",
    "credits_issued": "Equity:CreditsIssued",
    "credits_expired": "Income:CreditsExpired",
    "disputed": "Assets:Disputed",
    "chargebacks": "Expenses:Chargebacks",
    "provider_fees": "Expenses:ProviderFees",
    "refunds_returned": "Assets:RefundsReturned",
}
"""Accounts of the ledger by what they are; other tenders are assets, what is not listed stands under Equity."""

_TENDER = "tender:"


class Entry(NamedTuple):
    """One posting: so much from the credited to the debited account."""

    position: int
    day: date
    kind: str
    order: str | None
    """None for a gift card or store credit."""
    debit: str
    credit: str
    amount_minor: int
    currency: str


class Balance(NamedTuple):
    """What an account holds in all, debit less credit."""

    account: str
    currency: str
    minor: int


class Journal:
    """Writes entries as they come; those of one event follow each other."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._opened: set[str] = set()
        self._last = date.min
        self._pending: list[Entry] = []

    def head(self) -> str:
        """What stands before all entries."""
        return f'option "title" {_quoted(self._title)}\n'

    def entries(self, entries: Iterable[Entry]) -> str:
        """The transactions of these, but for the last one, which may go on."""
        rows = [*self._pending, *entries]
        last = rows[-1].position if rows else 0
        self._pending = [row for row in rows if row.position == last]
        return "".join(self._transactions(row for row in rows if row.position != last))

    def tail(self, balances: Iterable[Balance]) -> str:
        """The last transaction, and what the accounts must hold after it."""
        rest, self._pending = self._pending, []
        text = "".join(self._transactions(rest))
        if self._last == date.min:
            return text
        day = self._last + timedelta(days=1)
        return (
            text
            + "\n"
            + "".join(
                f"{day} balance {self.account(each.account)}  {exactly(each.minor, each.currency)}\n"
                for each in balances
            )
        )

    def account(self, name: str) -> str:
        """The name that beancount knows it by."""
        if name in ACCOUNTS:
            return ACCOUNTS[name]
        if name.startswith(_TENDER):
            return f"Assets:Tender:{_component(name.removeprefix(_TENDER))}"
        return f"Equity:Other:{_component(name)}"

    def _transactions(self, entries: Iterable[Entry]) -> Iterator[str]:
        for position, group in groupby(entries, key=lambda entry: entry.position):
            rows = list(group)
            first = rows[0]
            self._last = max(self._last, first.day)
            for row in rows:
                for name in (row.debit, row.credit):
                    yield from self._open(self.account(name))
            who = f"Order {first.order}" if first.order else "Gift card or store credit"
            yield f"\n{first.day} * {_quoted(who)} {_quoted(first.kind.replace('_', ' '))}\n"
            yield f"  position: {position}\n"
            for row in rows:
                yield f"  {self.account(row.debit)}  {amount(row.amount_minor, row.currency)}\n"
                yield f"  {self.account(row.credit)}  {amount(-row.amount_minor, row.currency)}\n"

    def _open(self, account: str) -> Iterator[str]:
        if account not in self._opened:
            self._opened.add(account)
            yield f"\n{OPENED_ON} open {account}\n"


def amount(minor: int, currency: str) -> str:
    """12.34 EUR"""
    return f"{money.from_minor(minor, money.exponent(currency) or 0)} {currency}"


def exactly(minor: int, currency: str) -> str:
    """12.34 ~ 0 EUR: beancount would let a cent pass."""
    return amount(minor, currency).replace(" ", " ~ 0 ")


def _component(name: str) -> str:
    """Paid-elsewhere: a capital letter or digit first, then letters, digits and dashes."""
    text = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-") or "None"
    return text[0].upper() + text[1:]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
