"""Stock feeds: what was handed in, how far it is, and what became of every row."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.fields import LATEST, Reference
from lading.views.names import read_names
from lading.views.pages import LAST_ID, NotFound, PageQuery, key_of, page_of

sql = queries.load(__file__)


class RowsNotTaken(Struct, frozen=True):
    """Rows that were not taken, for one reason, and the lines of the first of them (the header is line 1)."""

    reason: str
    sentence: str
    rows: int
    lines: list[int]


class StockFeed(Struct, frozen=True):
    """A file of stock."""

    reference: str
    kind: str
    complete: bool
    as_of: datetime
    location: str | None
    received_at: datetime
    finished_at: datetime | None
    doing: str
    """waiting, reading, comparing, applying, done or failed"""
    done: int
    """How much of it (bytes while reading, shelves while applying)."""
    total: int
    rows: int
    unchanged: int
    applied: int
    zeroed: int
    not_taken: int
    trouble: str | None
    """Why nothing of it could be taken."""
    why_not: list[RowsNotTaken]


class StockFeedsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which feeds."""

    def __post_init__(self) -> None:
        key_of(self.after, tuple[datetime, UUID], (LATEST, LAST_ID))


class StockFeedsPage(Struct, frozen=True):
    """Feeds, the newest first."""

    items: list[StockFeed]
    next: str | None


class StockFeedQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which feed."""

    reference: Annotated[Reference, Meta(description="The feed's reference")]


async def stock_feeds(tx: Transaction, query: StockFeedsQuery) -> StockFeedsPage:
    """A page of feeds, the newest first."""
    key = key_of(query.after, tuple[datetime, UUID], (LATEST, LAST_ID))
    rows = await tx.fetch(sql.stock_feeds, *key, query.limit + 1)
    locations = (await read_names(tx)).locations
    shown, following = page_of(rows, query.limit, "received_at", "id")
    items = [_told(row, locations) for row in shown]
    return StockFeedsPage(items, following)


async def stock_feed(tx: Transaction, query: StockFeedQuery) -> StockFeed:
    """One feed. Raises NotFound."""
    row = await tx.fetch(sql.stock_feed, query.reference)
    if not row:
        raise NotFound(f"There is no stock feed {query.reference}.")
    return _told(row[0], (await read_names(tx)).locations)


def _told(row: asyncpg.Record, locations: Any) -> StockFeed:
    location = locations.get(row["location_id"])
    finished = "failed" if row["trouble"] else "done" if row["finished_at"] else None
    return StockFeed(
        row["reference"], row["kind"], row["complete"], row["as_of"], location[0] if location else None, row["received_at"],
        row["finished_at"], finished or row["doing"] or "waiting", row["done"] or 0, row["total"] or 0, row["rows_read"],
        row["unchanged"], row["applied"], row["zeroed"], row["not_taken"], row["trouble"],
        msgspec.json.decode(row["report"] or b"[]", type=list[RowsNotTaken]),
    )  # fmt: skip
