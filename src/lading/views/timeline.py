"""What happened to an order, told in sentences, the newest first."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.views.names import Names, read_actors, read_names
from lading.views.order import find_order
from lading.views.pages import PageQuery, cursor, key_of
from lading.views.sentences import sentence

sql = queries.load(__file__)

_LATEST = 2**62


class EventView(Struct, frozen=True):
    """One event of the journal, as it was written."""

    position: int
    """Dense, from 1, in the order of commits."""
    event_id: UUID
    kind: str
    version: int
    """Of the shape of `data`."""
    subject_kind: str
    subject_id: UUID
    occurred_at: datetime
    """In the world; may be earlier than recorded."""
    recorded_at: datetime
    actor: str
    command_id: UUID | None
    data: msgspec.Raw


class Entry(Struct, frozen=True):
    """One line of a timeline."""

    sentence: str
    who: str
    at: datetime
    """When it occurred."""
    event: EventView


class Timeline(Struct, frozen=True):
    """A page of a timeline."""

    items: list[Entry]
    next: str | None


class StoryQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which page of a story."""

    def __post_init__(self) -> None:
        before(self)


class TimelineQuery(StoryQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose timeline."""

    order: str


def before(query: PageQuery) -> int:
    """The position that its page lies before. Raises ValueError."""
    (position,) = key_of(query.after, tuple[int], (_LATEST,))
    return position


def event_view(row: asyncpg.Record) -> EventView:
    """A row of the journal."""
    *values, data = row.values()
    return EventView(*[*values, msgspec.Raw(data.encode())])


async def timeline(tx: Transaction, query: TimelineQuery) -> Timeline:
    """What happened to the order, the newest first. Raises NotFound."""
    order_id = await find_order(tx, query.order)
    return await story(tx, order_id, query, await order_names(tx, order_id))


async def story(tx: Transaction, subject_id: UUID, page: PageQuery, names: Names | None = None) -> Timeline:
    """A page of what happened to one thing; the names are those of the products that its events name, where none are given."""
    rows = await tx.fetch(sql.timeline, subject_id, before(page), page.limit + 1)
    events = [event_view(row) for row in rows[: page.limit]]
    named = {id_ for event in events for id_ in skus_named(decoded(event))} if names is None else ()
    entries = await tell(tx, events, names or await read_names(tx, named))
    return Timeline(entries, cursor(events[-1].position) if len(rows) > page.limit else None)


async def latest_of(tx: Transaction, subject_id: UUID, count: int) -> list[Entry]:
    """The last so many events of what is no order (a purchase order, a transfer ...), the newest first."""
    return (await story(tx, subject_id, PageQuery(limit=count))).items


async def birth_of(tx: Transaction, order: str) -> list[Entry]:
    """The event with which an order began, as its timeline tells it. Raises NotFound."""
    order_id = await find_order(tx, order)
    rows = await tx.fetch(sql.order_born, order_id)
    return await tell(tx, [event_view(row) for row in rows], await order_names(tx, order_id))


async def order_names(tx: Transaction, order_id: UUID) -> Names:
    """The codes that the events of one order need."""
    lines = await tx.fetch(sql.sku_of_lines, order_id)
    names = await read_names(tx, [row["sku_id"] for row in lines])
    names.lines = {row["number"]: names.sku(row["sku_id"]) for row in lines}
    names.currency = lines[0]["currency"] if lines else None
    return names


async def tell(tx: Transaction, events: Sequence[EventView], names: Names) -> list[Entry]:
    """The sentences of events, with who and when."""
    who = await read_actors(tx, {event.actor for event in events})
    return [
        Entry(sentence(event.kind, decoded(event), names), who[event.actor], event.occurred_at, event)
        for event in events
    ]


def decoded(event: EventView) -> Mapping[str, Any]:
    """The data of an event."""
    data: Mapping[str, Any] = msgspec.json.decode(event.data)
    return data


LINES_NAMED_MAX = 50
"""A sentence names a handful of products and counts the rest; a snapshot's event has a thousand."""


def skus_named(data: Mapping[str, Any]) -> list[UUID]:
    """The products that the first lines of an event are of."""
    written = data.get("draft") or {}
    lines = (data.get("lines") or (), written.get("lines") or (), data.get("items") or ())
    return [UUID(line["sku_id"]) for some in lines for line in some[:LINES_NAMED_MAX] if "sku_id" in line]
