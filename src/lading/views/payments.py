"""What providers of payments were asked and have not done: what failed, and what is awaited."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.kernel.ids import ZERO
from lading.terms.money import Money
from lading.views.pages import PageQuery, cursor, key_of

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
    items = [
        AskedOfProvider(
            str(row["order_number"]), row["tender_number"], row["number"], row["kind"],
            Money.of_minor(row["amount_minor"], row["currency"]), row["provider"], row["status"], row["asked_at"], row["attempts"],
            row["due_at"], row["code"], row["reference"],
        )
        for row in rows[: query.limit]
    ]  # fmt: skip
    last = rows[query.limit - 1] if len(rows) > query.limit else None
    names = ("asked_at", "order_id", "tender_number", "number")
    return PaymentRequestsPage(items, cursor(*(last[name] for name in names)) if last else None)


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
        rows = await tx.fetch(sql.credits, before, query.limit + 1)
    items = [
        CreditView(
            row["id"], row["kind"], row["ends_in"], row["customer_id"], Money.of_minor(row["issued_minor"], row["currency"]),
            Money.of_minor(row["balance_minor"], row["currency"]), row["issued_at"], row["expires_at"],
        )
        for row in rows[: query.limit]
    ]  # fmt: skip
    return CreditsPage(items, cursor(items[-1].credit) if len(rows) > query.limit else None)
