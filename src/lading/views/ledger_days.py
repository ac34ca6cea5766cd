"""The money ledger by day: sums by account, which the worker keeps (and whatever happened since it looked), and every entry of a day."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.fields import Code
from lading.terms.money import Money
from lading.views.pages import PageQuery, key_of, page_of
from lading.views.statement import what

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
    shown, following = page_of(rows, query.limit, "day", "currency", "account")
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
        for row in shown
    ]
    return LedgerDaysPage(items, following)


class LedgerEntry(Struct, frozen=True):
    """One posting: so much, from the credited to the debited account."""

    position: int
    """Of the event in the journal."""
    at: datetime
    """When it occurred."""
    event: str
    """The kind of the event."""
    order: str | None
    credit_id: UUID | None
    """The gift card or store credit that it is about, where it is about no order."""
    what: str
    """In a few words."""
    debit: str
    credit: str
    amount: Money


class LedgerEntriesQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which day, and which of its entries."""

    day: Annotated[date, Meta(description="In the merchant's time zone, of when it occurred")]
    account: Annotated[Code, Meta(description="Those that debit or credit it")] | None = None
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}(?![\s\S])", description="Those in this currency")] | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[int, int], (0, -1))


class LedgerEntriesPage(Struct, frozen=True):
    """A page of entries, in the order of the journal."""

    items: list[LedgerEntry]
    next: str | None


async def ledger_entries(tx: Transaction, query: LedgerEntriesQuery) -> LedgerEntriesPage:
    """The penny trail of a day: every posting with its event."""
    key = key_of(query.after, tuple[int, int], (0, -1))
    if not FIRST_DAY < query.day < LAST_DAY:
        return LedgerEntriesPage([], None)
    bounds = await tx.fetchrow(sql.bounds_of_day, query.day)
    assert bounds is not None
    rows = await tx.fetch(sql.ledger_entries, *bounds, *key, query.account, query.currency, query.limit + 1)
    shown, following = page_of(rows, query.limit, "position", "number")
    items = [
        LedgerEntry(
            row["position"], row["occurred_at"], row["kind"], str(row["order_number"]) if row["order_number"] else None, row["credit_id"],
            what(row["debit"], row["credit"], row["tender_number"]), row["debit"], row["credit"],
            Money.of_minor(row["amount_minor"], row["currency"]),
        )
        for row in shown
    ]  # fmt: skip
    return LedgerEntriesPage(items, following)
