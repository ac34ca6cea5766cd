"""What somebody has to look at about payments: failed, lapsed, unanswered, late and disputed; and all that was asked about one order."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.kernel.ids import ZERO
from lading.terms.fields import EARLIEST, LATEST
from lading.terms.money import Money
from lading.views.order import find_order
from lading.views.pages import LAST_ID, PageQuery, cursor, key_of, page_of
from lading.views.payments import AskedOfProvider, asked_of_provider

sql = queries.load(__file__)

Trouble = Literal["failed", "lapsed", "unanswered", "late", "disputed"]
FAILED_DAYS = 90
"""What failed is listed so long."""
UNANSWERED_MINUTES = 15
LATE_DAYS = 7

_FIRST = (LATEST, LAST_ID, 2**15 - 1, 2**15 - 1)
_Key = tuple[datetime, UUID, int, int]


class PaymentTrouble(Struct, frozen=True):
    """Something about a payment that waits for a person."""

    trouble: str
    """failed, lapsed, unanswered, late or disputed"""
    order: str
    stage: str
    """Where the order stands."""
    tender: int
    request: int | None
    """The request that failed or was not answered."""
    what: str
    """authorise, capture, void, refund, dispute; or how the money was to come."""
    amount: Money
    provider: str | None
    since: datetime
    due_at: datetime | None
    """When it is asked again; of a dispute: until when evidence is taken."""
    attempts: int
    why: str | None
    """In the provider's word."""
    reference: str | None


class PaymentTroublesQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of them."""

    trouble: Trouble | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[datetime, UUID, int, int], _FIRST)


class PaymentTroubles(Struct, frozen=True):
    """A page of them, the newest first."""

    items: list[PaymentTrouble]
    next: str | None


def _limits(now: datetime) -> Mapping[Trouble, datetime]:
    """What each list is bounded by."""
    return {
        "failed": now - timedelta(days=FAILED_DAYS),
        "lapsed": now,
        "unanswered": now - timedelta(minutes=UNANSWERED_MINUTES),
        "late": now - timedelta(days=LATE_DAYS),
        "disputed": now,
    }


_SQL: Mapping[Trouble, str] = {
    "failed": sql.payments_failed,
    "lapsed": sql.payments_lapsed,
    "unanswered": sql.payments_unanswered,
    "late": sql.payments_late,
    "disputed": sql.payments_disputed,
}


async def payment_troubles(tx: Transaction, query: PaymentTroublesQuery) -> PaymentTroubles:
    """What waits for a person; what something else made up for is not listed."""
    key = key_of(query.after, tuple[datetime, UUID, int, int], _FIRST)
    found: list[tuple[_Key, PaymentTrouble]] = []
    for trouble, limit in _limits(datetime.now(UTC)).items():
        if query.trouble in (None, trouble):
            rows = await tx.fetch(_SQL[trouble], *key, limit, query.limit + 1)
            found += [(_key(row), _trouble(trouble, row)) for row in rows]
    found.sort(key=lambda each: each[0], reverse=True)
    last = found[query.limit - 1][0] if len(found) > query.limit else None
    return PaymentTroubles([each for _, each in found[: query.limit]], cursor(*last) if last else None)


def _key(row: asyncpg.Record) -> _Key:
    return row["since"], row["order_id"], row["tender_number"], row["number"]


def _trouble(trouble: Trouble, row: asyncpg.Record) -> PaymentTrouble:
    return PaymentTrouble(
        trouble, str(row["order_number"]), row["stage"], row["tender_number"], row["number"] or None, row["kind"],
        Money.of_minor(row["amount_minor"], row["currency"]), row["provider"], row["since"], row["due_at"], row["attempts"],
        row["why"], row["reference"],
    )  # fmt: skip


class DisputeView(Struct, frozen=True):
    """Money that a customer's bank took back."""

    order: str
    tender: int
    reference: str
    """The provider's id."""
    provider: str | None
    amount: Money
    reason: str
    """The provider's word."""
    status: str
    """open, won or lost"""
    answer_by: datetime | None
    """Evidence is taken until then."""
    told_at: datetime
    closed_at: datetime | None
    answer: str | None
    """The last one: evidence or accept; None: nobody said anything."""
    answer_status: str | None
    """Whether the provider passed it on: pending, succeeded or failed."""
    answer_code: str | None
    """Why it did not, in its word."""


class DisputesQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of them."""

    status: Annotated[
        Literal["open", "unanswered", "won", "lost"],
        Meta(
            description="How they stand; unanswered: open, and no evidence was passed on yet, the earliest deadline first"
        ),
    ] = "open"

    def __post_init__(self) -> None:
        key_of(self.after, tuple[datetime, UUID, int, str], _LAST)


_LAST, _EARLIEST = (LATEST, LAST_ID, 2**15 - 1, ""), (EARLIEST, ZERO, 0, "")


class DisputesPage(Struct, frozen=True):
    """A page of disputes, the newest first; unanswered ones by their deadline."""

    items: list[DisputeView]
    next: str | None


async def disputes(tx: Transaction, query: DisputesQuery) -> DisputesPage:
    """Disputes of one status, the newest first; those to be answered by their deadline."""
    unanswered = query.status == "unanswered"
    key = key_of(query.after, tuple[datetime, UUID, int, str], _EARLIEST if unanswered else _LAST)
    asked = (sql.disputes_unanswered,) if unanswered else (sql.disputes, query.status)
    rows = await tx.fetch(*asked, *key, query.limit + 1)
    shown, following = page_of(
        rows, query.limit, "answer_at" if unanswered else "told_at", "order_id", "tender_number", "reference"
    )
    return DisputesPage(_disputes(shown), following)


def _disputes(rows: Iterable[asyncpg.Record]) -> list[DisputeView]:
    return [
        DisputeView(
            str(row["order_number"]), row["tender_number"], row["reference"], row["provider"],
            Money.of_minor(row["amount_minor"], row["currency"]), row["reason"], row["status"], row["answer_by"], row["told_at"],
            row["closed_at"], row["answer"], row["answer_status"], row["answer_code"],
        )
        for row in rows
    ]  # fmt: skip


class OrderPaymentsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose payments."""

    order: str


class OrderPayments(Struct, frozen=True):
    """What providers were asked about an order, and what banks took back, the newest first."""

    order: str
    requests: list[AskedOfProvider]
    disputes: list[DisputeView]


async def order_payments(tx: Transaction, query: OrderPaymentsQuery) -> OrderPayments:
    """All that was asked, answered or not. Raises NotFound."""
    order_id = await find_order(tx, query.order)
    head = await tx.fetchrow(sql.order_money_head, order_id)
    assert head is not None
    asked = await tx.fetch(sql.requests_of_order, order_id)
    taken = await tx.fetch(sql.disputes_of_order, order_id)
    return OrderPayments(str(head["number"]), [asked_of_provider(row) for row in asked], _disputes(taken))
