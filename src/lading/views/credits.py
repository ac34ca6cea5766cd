"""Gift cards and store credit: what is owed to their holders, and the ledger of each."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.money import Money
from lading.views.pages import NotFound, PageQuery, key_of, page_of

sql = queries.load(__file__)

_NEWEST = UUID(int=2**128 - 1)


class CreditView(Struct, frozen=True):
    """A gift card or store credit."""

    credit: UUID
    kind: str
    ends_in: str | None
    """The last four characters of a gift card's code."""
    customer: UUID | None
    """Whose store credit it is."""
    issued: Money
    balance: Money
    issued_at: datetime
    expires_at: datetime | None


class CreditsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of them."""

    code: Annotated[str, Meta(min_length=8, max_length=64, description="The whole code of a gift card")] | None = None
    kind: Literal["gift_card", "store_credit"] | None = None
    customer: Annotated[UUID, Meta(description="Store credit of this customer")] | None = None
    left: Annotated[bool, Meta(description="Only those of which something is left")] = False

    def __post_init__(self) -> None:
        key_of(self.after, tuple[UUID], (_NEWEST,))


class CreditsPage(Struct, frozen=True):
    """A page of gift cards and store credit, the newest first."""

    items: list[CreditView]
    next: str | None


async def credits(tx: Transaction, query: CreditsQuery) -> CreditsPage:
    """All, the newest first; or the gift card of a code."""
    if query.code is not None:
        rows = await tx.fetch(sql.credit_of_code, query.code)
    else:
        (before,) = key_of(query.after, tuple[UUID], (_NEWEST,))
        rows = await tx.fetch(sql.credits, before, query.kind, query.customer, query.left, query.limit + 1)
    shown, following = page_of(rows, query.limit, "id")
    items = [_credit(row) for row in shown]
    return CreditsPage(items, following)


def _credit(row: asyncpg.Record) -> CreditView:
    return CreditView(
        row["id"], row["kind"], row["ends_in"], row["customer_id"], Money.of_minor(row["issued_minor"], row["currency"]),
        Money.of_minor(row["balance_minor"], row["currency"]), row["issued_at"], row["expires_at"],
    )  # fmt: skip


class CreditMove(Struct, frozen=True):
    """What it was issued for, spent on, given back or over."""

    position: int | None
    """Of the event; None for what a refund brought at first."""
    at: datetime
    what: str
    """issued, spent, given_back, over"""
    amount: Money
    """Above zero where it adds."""
    balance: Money
    """What was left after it."""
    order: str | None


class CreditDetail(Struct, frozen=True):
    """A gift card or store credit with its ledger, the oldest first."""

    head: CreditView
    refund_of: str | None
    """The order whose refund it is."""
    moves: list[CreditMove]
    unexplained: Money
    """What is left less the sum of the moves: always nothing, or the books are broken."""


class CreditQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which one."""

    credit: UUID


_WHAT = {"credit_issued": "issued", "credit_spent": "spent", "credit_expired": "over"}


async def credit(tx: Transaction, query: CreditQuery) -> CreditDetail:
    """One with its ledger. Raises NotFound."""
    row = await tx.fetchrow(sql.credit_by_id, query.credit)
    if row is None:
        raise NotFound("There is no such gift card or store credit.")
    refund_of = str(row["order_number"]) if row["order_number"] else None
    moved = [
        (each["position"], each["occurred_at"], _WHAT.get(each["kind"], "given_back"), each["amount_minor"] * (1 if each["adds"] else -1),
         each["order_number"])
        for each in await tx.fetch(sql.credit_moves, query.credit)
    ]  # fmt: skip
    if refund_of:
        moved.insert(0, (None, row["issued_at"], "issued", row["issued_minor"], row["order_number"]))
    moves, balance = [], 0
    for position, at, what, minor, order in moved:
        balance += minor
        amount, left = (Money.of_minor(each, row["currency"]) for each in (minor, balance))
        moves.append(CreditMove(position, at, what, amount, left, str(order) if order else None))
    unexplained = Money.of_minor(row["balance_minor"] - balance, row["currency"])
    return CreditDetail(_credit(row), refund_of, moves, unexplained)
