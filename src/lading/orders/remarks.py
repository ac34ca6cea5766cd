"""What is said of orders beside what they are: notes, and tags."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from lading.database import queries
from lading.database.pool import Transaction

sql = queries.load(__file__)


@dataclass(slots=True)
class Note:
    """What somebody wrote on an order."""

    order_id: UUID
    number: int
    audience: str
    """internal; customer: for the customer to read; recipient: what a gift says to whoever gets it"""
    text: str | None
    """None: it was blanked."""
    noted_at: datetime
    noted_by: str
    blanked_at: datetime | None = None
    stored: bool = True


@dataclass(slots=True, frozen=True)
class Tagging:
    """Tags that an order gets and loses."""

    order_id: UUID
    added: Sequence[str]
    removed: Sequence[str]


@dataclass(slots=True, frozen=True)
class Said:
    """What is said of an order (line 0) or of a line of it, by the merchant's own attribute; None: it is not said any more."""

    order_id: UUID
    line_number: int
    code: str
    value: str | None
    is_text: bool


def told(note: Note) -> dict[str, Any]:
    """As the journal keeps it: without what it says."""
    return {"note": note.number, "audience": note.audience}


def tags_of(words: Iterable[str]) -> set[str]:
    """Tags as they are kept: in lower case, with single spaces."""
    return {" ".join(word.lower().split()) for word in words}


async def read_notes(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, list[Note]]:
    """The notes of these orders; the orders' rows guard them."""
    found: dict[UUID, list[Note]] = {}
    for row in await tx.fetch(sql.read_notes, sorted(ids)):
        found.setdefault(row[0], []).append(Note(*row))
    return found


async def save_notes(tx: Transaction, rows: Sequence[Note]) -> None:
    """Insert new notes, blank others."""
    if new := [row for row in rows if not row.stored]:
        await tx.execute(sql.insert_notes, *queries.columns(new, "order_id number audience text noted_at noted_by"))
    if blanked := [row for row in rows if row.blanked_at]:
        await tx.execute(sql.blank_notes, *queries.columns(blanked, "order_id number blanked_at"))


async def read_tags(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, set[str]]:
    """The tags of these orders; the orders' rows guard them."""
    found: dict[UUID, set[str]] = {}
    for order_id, tag in await tx.fetch(sql.read_tags, sorted(ids)):
        found.setdefault(order_id, set()).add(tag)
    return found


async def save_tags(tx: Transaction, rows: Sequence[Tagging]) -> None:
    """In the order in which they came: the last word counts."""
    last: dict[tuple[str, UUID], bool] = {}
    for row in rows:
        last |= {(tag, row.order_id): True for tag in row.added} | {(tag, row.order_id): False for tag in row.removed}
    if gone := [key for key in sorted(last) if not last[key]]:
        await tx.execute(sql.remove_tags, *queries.transposed(gone, 2))
    if there := [key for key in sorted(last) if last[key]]:
        await tx.execute(sql.add_tags, *queries.transposed(there, 2))


async def read_said(tx: Transaction, ids: Iterable[UUID]) -> dict[tuple[UUID, int], dict[str, str]]:
    """What is said of these orders and their lines; the orders' rows guard it."""
    found: dict[tuple[UUID, int], dict[str, str]] = {}
    for order_id, line_number, code, value in await tx.fetch(sql.read_said, sorted(ids)):
        found.setdefault((order_id, line_number), {})[code] = value
    return found


async def save_said(tx: Transaction, rows: Sequence[Said]) -> None:
    """The last word counts."""
    last = {(row.order_id, row.line_number, row.code): row.value for row in rows}
    if gone := [key for key in sorted(last) if last[key] is None]:
        await tx.execute(sql.remove_said, *queries.transposed(gone, 3))
    if there := [(*key, value) for key, value in sorted(last.items()) if value is not None]:
        await tx.execute(sql.save_said, *queries.transposed(there, 4))
