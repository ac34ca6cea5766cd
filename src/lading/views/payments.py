"""What providers of payments were asked and have not done: what failed, and what is awaited."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.kernel.ids import ZERO
from lading.terms.money import Money
from lading.views.pages import PageQuery, key_of, page_of

sql = queries.load(__file__)

_LAST = (datetime(3000, 1, 1, tzinfo=UTC), ZERO, 0, 0)


class AskedOfProvider(Struct, frozen=True):
    """One request to a provider."""

    order: str
    tender: int
    request: int
    """Number of the request in its tender."""
    kind: str
    amount: Money
    provider: str
    status: str
    asked_at: datetime
    attempts: int
    """Calls begun."""
    due_at: datetime | None
    """When the provider is asked (again)."""
    code: str | None
    """Why it failed, in the provider's word."""
    reference: str | None
    """The provider's id of what it made."""


class PaymentRequestsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which requests."""

    status: Annotated[
        Literal["failed", "pending"], Meta(description="What a provider refused, or what it has not answered")
    ] = "failed"

    def __post_init__(self) -> None:
        key_of(self.after, tuple[datetime, UUID, int, int], _LAST)


class PaymentRequestsPage(Struct, frozen=True):
    """A page of requests, the newest first."""

    items: list[AskedOfProvider]
    next: str | None


async def payment_requests(tx: Transaction, query: PaymentRequestsQuery) -> PaymentRequestsPage:
    """What failed, or what is awaited, the newest first."""
    key = key_of(query.after, tuple[datetime, UUID, int, int], _LAST)
    rows = await tx.fetch(sql.payment_requests, query.status, *key, query.limit + 1)
    shown, following = page_of(rows, query.limit, "asked_at", "order_id", "tender_number", "number")
    items = [asked_of_provider(row) for row in shown]
    return PaymentRequestsPage(items, following)


def asked_of_provider(row: asyncpg.Record) -> AskedOfProvider:
    """One request."""
    return AskedOfProvider(
        str(row["order_number"]), row["tender_number"], row["number"], row["kind"], Money.of_minor(row["amount_minor"], row["currency"]),
        row["provider"], row["status"], row["asked_at"], row["attempts"], row["due_at"], row["code"], row["reference"],
    )  # fmt: skip
