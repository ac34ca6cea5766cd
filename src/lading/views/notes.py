"""Notes on orders, and the tags that orders have."""

from datetime import datetime
from typing import Annotated

import asyncpg
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.fields import Text
from lading.views.pages import LIMIT_MAX

sql = queries.load(__file__)


class Note(Struct, frozen=True):
    """What somebody wrote on an order."""

    note: str
    audience: str
    """internal, or customer: for the customer to read"""
    text: str | None
    """None: it was blanked."""
    noted_at: datetime
    noted_by: str
    blanked_at: datetime | None


def note_of(order: str, row: asyncpg.Record) -> Note:
    """A row as it is told, with the number of its order."""
    return Note(
        f"{order}-N{row['number']}", row["audience"], row["text"], row["noted_at"], row["noted_by"], row["blanked_at"]
    )


class TagsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which tags: those that come after one, in alphabetical order."""

    after: Text = ""
    limit: Annotated[int, Meta(ge=1, le=LIMIT_MAX)] = LIMIT_MAX


class Tags(Struct, frozen=True):
    """Tags that orders have."""

    items: list[str]
    next: str | None
    """`after` of the next page; None at the end."""


async def tags(tx: Transaction, query: TagsQuery) -> Tags:
    """The tags in use."""
    found = [row["tag"] for row in await tx.fetch(sql.tags_in_use, query.after, query.limit + 1)]
    shown = found[: query.limit]
    return Tags(shown, shown[-1] if len(found) > query.limit else None)
