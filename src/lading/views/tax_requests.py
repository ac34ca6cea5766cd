"""What tax services were asked and have not done: orders that wait for their taxes, documents that are not recorded."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.invoices.types import name_of
from lading.kernel.ids import ZERO
from lading.terms.fields import EARLIEST
from lading.views.pages import PageQuery, key_of, page_of

sql = queries.load(__file__)

_FIRST = (EARLIEST, ZERO, "", 0)


class TaxRequestView(Struct, frozen=True):
    """One thing that a tax service is asked."""

    order: str
    task: str
    """calculate: what the order is taxed; record: a document as it was issued."""
    document: int | None
    """Number of the invoice in its order."""
    invoice: str | None
    """What it is called: INV-000017."""
    service: str
    status: str
    """pending or failed"""
    asked_at: datetime
    attempts: int
    """Calls begun."""
    due_at: datetime | None
    """When it is asked (again)."""
    code: str | None
    """Why it failed, in the service's word."""


class TaxRequestsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of them."""

    status: Annotated[Literal["failed", "pending"], Meta(description="Refused, or not answered yet")] | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[datetime, UUID, str, int], _FIRST)


class TaxRequests(Struct, frozen=True):
    """A page of them, the oldest first."""

    items: list[TaxRequestView]
    next: str | None


async def tax_requests(tx: Transaction, query: TaxRequestsQuery) -> TaxRequests:
    """What no service has done yet, and what one refused."""
    key = key_of(query.after, tuple[datetime, UUID, str, int], _FIRST)
    rows = await tx.fetch(sql.tax_requests, query.status, *key, query.limit + 1)
    shown, following = page_of(rows, query.limit, "asked_at", "order_id", "task", "document")
    items = [
        TaxRequestView(
            str(row["order_number"]), row["task"], row["document"] or None,
            name_of(row["legal_entity"], row["series"], row["serial"]) if row["serial"] else None, row["service"], row["status"],
            row["asked_at"], row["attempts"], row["due_at"], row["code"],
        )
        for row in shown
    ]  # fmt: skip
    return TaxRequests(items, following)
