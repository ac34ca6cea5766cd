"""Edits that were prepared: what they would do, and what became of them."""

from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.views.moments import Moment
from lading.views.pages import FIRST_ID, PageQuery, key_of, page_of

sql = queries.load(__file__)


class Edit(Struct, frozen=True):
    """An edit that somebody prepared."""

    edit: str
    order: str
    status: str
    """begun, confirmed or dropped"""
    begun_at: datetime
    begun_by: str
    closed_at: datetime | None
    reason: str
    expires_at: datetime | None
    """From then on it is not confirmed any more."""
    outdated: bool
    """Whether the order changed since: it will be refused, prepare it anew."""
    shown: dict[str, Any]
    """What it would do, as the preview told it."""


class EditsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Those that wait to be confirmed or dropped."""

    def __post_init__(self) -> None:
        key_of(self.after, EditKey, EDIT_FIRST)


class EditKey(NamedTuple):
    """After which edit a page begins."""

    begun_at: Moment
    order_id: UUID
    number: Annotated[int, Meta(ge=0, le=32_767)]


EDIT_FIRST = EditKey(datetime(1, 1, 2, tzinfo=UTC), FIRST_ID, 0)


class EditsPage(Struct, frozen=True):
    """A page of edits, the oldest first."""

    items: list[Edit]
    next: str | None


async def edits(tx: Transaction, query: EditsQuery) -> EditsPage:
    """The edits that wait."""
    rows = await tx.fetch(sql.walk_edits, *key_of(query.after, EditKey, EDIT_FIRST), query.limit + 1)
    shown, following = page_of(rows, query.limit, "begun_at", "order_id", "number")
    return EditsPage([edit_of(row, row["order_number"], row["order_version"]) for row in shown], following)


def edit_of(row: asyncpg.Record, order: int, version: int) -> Edit:
    """A row as it is told, with the number and the version of its order."""
    fields, shown = msgspec.json.decode(row["fields"]), msgspec.json.decode(row["shown"])
    return Edit(
        f"{order}-E{row['number']}", str(order), row["status"], row["begun_at"], row["begun_by"], row["closed_at"],
        fields["reason"], row["expires_at"], row["status"] == "begun" and row["version"] != version, shown,
    )  # fmt: skip
