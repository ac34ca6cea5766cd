"""The print queue."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.fields import LATEST, Code
from lading.views.moments import Moment
from lading.views.pages import PageQuery, key_of, page_of

sql = queries.load(__file__)

LAST = (LATEST, UUID(int=2**128 - 1))


class PrintJob(Struct, frozen=True):
    """A paper that is to be printed, or was."""

    job: UUID
    station: str
    kind: str
    of: str
    format: str
    copies: int
    asked_at: datetime
    status: str
    """waiting, claimed, printed, failed or dropped."""
    attempts: int
    trouble: str | None
    """What the printer said, where it failed."""


class PrintJobsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which print jobs."""

    station: Annotated[Code, Meta(description="Of one station")] | None = None
    status: Literal["waiting", "claimed", "printed", "failed", "dropped"] | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[Moment, UUID], LAST)


class PrintJobsPage(Struct, frozen=True):
    """A page of print jobs, the newest first."""

    items: list[PrintJob]
    next: str | None


async def print_jobs(tx: Transaction, query: PrintJobsQuery) -> PrintJobsPage:
    """A page of them."""
    key = key_of(query.after, tuple[Moment, UUID], LAST)
    rows = await tx.fetch(sql.print_jobs, *key, query.station, query.status, query.limit + 1)
    shown, following = page_of(rows, query.limit, "asked_at", "id")
    items = [PrintJob(*row) for row in shown]
    return PrintJobsPage(items, following)
