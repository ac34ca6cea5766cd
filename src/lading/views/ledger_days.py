"""The money ledger by day and account: sums that the worker keeps, and whatever happened since it looked."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.money import Money
from lading.views.pages import PageQuery, cursor, key_of

sql = queries.load(__file__)

FIRST_DAY, LAST_DAY = date(1, 1, 1), date(9999, 12, 31)


class DayOfAccount(Struct, frozen=True):
    """What one account got and gave on one day."""

    day: date
    """In the merchant's time zone, of when it occurred."""
    currency: str
    account: str
    debit: Money
    credit: Money
    balance: Money
    """Debit less credit of that day; over the accounts of a day and currency these sum to zero."""


class LedgerDaysQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which days."""

    since: Annotated[date, Meta(description="The first day")] = FIRST_DAY
    until: Annotated[date, Meta(description="The last day")] = LAST_DAY

    def __post_init__(self) -> None:
        key_of(self.after, tuple[date, str, str], (FIRST_DAY, "", ""))


class LedgerDaysPage(Struct, frozen=True):
    """A page of days, the oldest first."""

    items: list[DayOfAccount]
    next: str | None


async def ledger_days(tx: Transaction, query: LedgerDaysQuery) -> LedgerDaysPage:
    """Sums by day, currency and account, the oldest first; exact up to the last event."""
    key = key_of(query.after, tuple[date, str, str], (FIRST_DAY, "", ""))
    rows = await tx.fetch(sql.ledger_days, query.since, query.until, *key, query.limit + 1)
    items = [
        DayOfAccount(
            row["day"],
            row["currency"],
            row["account"],
            *(
                Money.of_minor(minor, row["currency"])
                for minor in (row["debit_minor"], row["credit_minor"], row["debit_minor"] - row["credit_minor"])
            ),
        )
        for row in rows[: query.limit]
    ]
    last = items[-1] if len(rows) > query.limit else None
    return LedgerDaysPage(items, cursor(last.day, last.currency, last.account) if last else None)
