"""Captures and refunds that a provider said were done, to be compared with its report."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.payments.settlement import Done, Moved, compare
from lading.terms.fields import Code, Moment, Reference
from lading.terms.money import Money

sql = queries.load(__file__)


async def done_through(tx: Transaction, provider: str, moved: Sequence[Moved]) -> list[Done]:
    """Those of the payments in a report, and all in its time; each once."""
    if not moved:
        return []
    payments = sorted({line.payment for line in moved})
    first, last = min(line.at for line in moved), max(line.at for line in moved)
    rows = [
        *await tx.fetch(sql.done_for_payments, provider, payments),
        *await tx.fetch(sql.done_in_time, provider, first, last),
    ]
    found = {
        (row["order_id"], row["tender_number"], row["number"]): Done(
            row["payment"], row["kind"], row["amount_minor"], row["currency"], str(row["order_number"]), row["tender_number"],
            row["settled_at"],
        )
        for row in rows
    }  # fmt: skip
    return list(found.values())


class ReportLine(Struct, frozen=True, forbid_unknown_fields=True):
    """One movement of money, as a provider's report has it."""

    payment: Annotated[Reference, Meta(description="The provider's id of the payment")]
    kind: Literal["capture", "refund"]
    amount: Money
    at: Moment
    fee: Annotated[Money, Meta(description="What the provider keeps of it")] | None = None

    def __post_init__(self) -> None:
        if self.amount.minor <= 0:
            raise ValueError("what was moved is above zero")
        if self.fee is not None and self.fee.currency != self.amount.currency:
            raise ValueError("a fee is in the currency of what was moved")


class ReportQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A report of a provider, line by line."""

    provider: Annotated[Code, Meta(description="The account, as it is called in lading.toml")]
    lines: Annotated[list[ReportLine], Meta(max_length=10_000)] = []


class KnownToOneSide(Struct, frozen=True):
    """A movement that only one side knows of."""

    side: str
    """here or there: who knows of it, Lading or the provider"""
    payment: str
    kind: str
    amount: Money
    at: datetime
    order: str | None


class ReportCompared(Struct, frozen=True):
    """How a report compares with what was asked of the provider."""

    matched: int
    """Movements that both sides know of."""
    captured: list[Money]
    """What the report says was taken, by currency."""
    refunded: list[Money]
    fees: list[Money]
    unmatched: list[KnownToOneSide]


async def compare_report(tx: Transaction, query: ReportQuery) -> ReportCompared:
    """Every capture and refund is looked for on both sides. Nothing is changed."""
    moved = [
        Moved(
            line.payment, line.kind, line.amount.minor, line.fee.minor if line.fee else 0, line.amount.currency, line.at
        )
        for line in query.lines
    ]
    found = compare(moved, await done_through(tx, query.provider, moved))
    unmatched = [
        KnownToOneSide(
            each.side, each.payment, each.kind, Money.of_minor(each.amount_minor, each.currency), each.at, each.order
        )
        for each in found.unmatched
    ]
    return ReportCompared(found.matched, _sums(found.captured), _sums(found.refunded), _sums(found.fees), unmatched)


def _sums(by_currency: Mapping[str, int]) -> list[Money]:
    return [Money.of_minor(minor, currency) for currency, minor in sorted(by_currency.items())]
