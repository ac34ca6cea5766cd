"""The feed: events after a position, in order, without a gap."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.views.names import read_names
from lading.views.pages import NotFound
from lading.views.timeline import Entry, EventView, decoded, event_view, order_names, skus_named, tell

sql = queries.load(__file__)

FEED_MAX = 1_000
FEED_BYTES_MAX = 1_000_000
"""Of the data of the events of a piece; one event alone may have more."""
WAIT_SECONDS_MAX = 30

Position = Annotated[
    int, Meta(ge=0, le=2**62, description="Position of the last event that is known already; 0 for all")
]


class FeedQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From where on, and how patiently."""

    after: Position = 0
    limit: Annotated[int, Meta(ge=1, le=FEED_MAX)] = 100
    wait: Annotated[
        int, Meta(ge=0, le=WAIT_SECONDS_MAX, description="Seconds to wait for the first event; 0: answer at once")
    ] = 0


class Feed(Struct, frozen=True):
    """A piece of the feed."""

    events: list[EventView]
    position: int
    """`after` of the next piece."""
    head: int
    """The last position there is; the piece ends there where nothing is left to read."""


class EventQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """One event."""

    position: Annotated[int, Meta(ge=1, le=2**62)]


async def feed(tx: Transaction, after: int, limit: int) -> Feed:
    """The events after a position, the oldest first; fewer than the limit where they are large. Positions are dense and in the
    order of commits."""
    head = await head_position(tx)
    if head <= after:
        return Feed([], after, head)
    events = _as_many_as_fit([event_view(row) for row in await tx.fetch(sql.feed, after, limit, FEED_BYTES_MAX)])
    return Feed(events, events[-1].position if events else after, head)


def _as_many_as_fit(events: list[EventView]) -> list[EventView]:
    """Data are larger than they are stored."""
    size = 0
    for count, each in enumerate(events):
        size += len(bytes(each.data))
        if count and size > FEED_BYTES_MAX:
            return events[:count]
    return events


async def head_position(tx: Transaction) -> int:
    """The position of the last event; 0 before the first."""
    return int(await tx.fetchval(sql.head_position))


async def event(tx: Transaction, query: EventQuery) -> Entry:
    """One event with its sentence. Raises NotFound."""
    rows = await tx.fetch(sql.feed, query.position - 1, 1, FEED_BYTES_MAX)
    if not rows or rows[0]["position"] != query.position:
        raise NotFound(f"There is no event {query.position} yet.")
    found = event_view(rows[0])
    names = await (order_names(tx, found.subject_id) if found.subject_kind == "order" else read_names(tx, _skus(found)))
    return (await tell(tx, [found], names))[0]


def _skus(found: EventView) -> list[UUID]:
    """The products that the sentence may name."""
    data = decoded(found)
    if found.subject_kind == "sku":
        return [found.subject_id, *(UUID(each["sku_id"]) for each in data.get("components") or ())]
    return [UUID(data["scope_id"])] if data.get("scope_kind") == "sku" else skus_named(data)
