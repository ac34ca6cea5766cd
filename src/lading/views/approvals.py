"""What waits for an approval: orders and drafts that cost more than may go without one, the longest waiting first."""

from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.money import Money
from lading.views.moments import Moment
from lading.views.pages import FIRST_ID, PageQuery, key_of, page_of

sql = queries.load(__file__)

_EARLIEST = datetime(1, 1, 2, tzinfo=UTC)


class ApprovalsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that waits."""

    def __post_init__(self) -> None:
        key_of(self.after, tuple[Moment, UUID], (_EARLIEST, FIRST_ID))


class ToApprove(Struct, frozen=True):
    """An order, or a draft, that waits for an approval."""

    document: str
    """Number of the order, or D1042 for a draft."""
    kind: str
    """order or draft"""
    version: int
    since: datetime
    customer: str | None
    company: str | None
    total: Money


class ApprovalsPage(Struct, frozen=True):
    """A page of what waits."""

    items: list[ToApprove]
    next: str | None


async def approvals(tx: Transaction, query: ApprovalsQuery) -> ApprovalsPage:
    """A page of what waits for an approval."""
    key = key_of(query.after, tuple[Moment, UUID], (_EARLIEST, FIRST_ID))
    rows = await tx.fetch(sql.to_approve, *key, query.limit + 1)
    shown, following = page_of(rows, query.limit, "since", "id")
    items = [
        ToApprove(
            f"D{row['number']}" if row["kind"] == "draft" else str(row["number"]), row["kind"], row["version"], row["since"],
            row["customer"], row["company"], Money.of_minor(row["total_minor"], row["currency"]),
        )
        for row in shown
    ]  # fmt: skip
    return ApprovalsPage(items, following)
