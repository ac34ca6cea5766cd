"""The list of orders: newest first, by queue, by due date, or by what was searched.

Every way walks an index. A filter that has no index of its own is applied to a bounded walk: a page looks at no more
than WALK_MAX orders and may then be short, with a cursor that goes on where it stopped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.orders.remarks import tags_of
from lading.orders.status import STAGES
from lading.terms.fields import Code, Tag
from lading.terms.ledger import LINE_STAGES, RETURN_STAGES
from lading.terms.money import Money
from lading.views import search
from lading.views.moments import EVER, Moment
from lading.views.names import Names, read_names
from lading.views.pages import FIRST_ID, LAST_ID, NotFound, PageQuery, cursor, key_of
from lading.views.words import progress

sql = queries.load(__file__)

WALK_MAX = 2_000
_STEP = 500

Stage = Literal[
    "held",
    "backordered",
    "to_source",
    "to_release",
    "to_pick",
    "to_pack",
    "to_hand_over",
    "with_carrier",
    "coming_back",
    "done",
]
assert set(Stage.__args__) == set(STAGES)  # type: ignore[attr-defined]


class OrdersQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which orders. With a stage the longest waiting first, with `due_before` the most urgent, else the newest."""

    q: (
        Annotated[
            str,
            Meta(
                max_length=200,
                description="Number, reference (or its beginning), e-mail, phone, name, SKU, tracking number",
            ),
        ]
        | None
    ) = None
    stage: Stage | None = None
    channel: Code | None = None
    location: Code | None = None
    lifecycle: Literal["open", "on_hold", "completed", "cancelled"] | None = None
    payment_status: (
        Literal["unpaid", "authorised", "partially_paid", "paid", "partially_refunded", "refunded", "voided"] | None
    ) = None
    queued_before: Annotated[Moment, Meta(description="Has stood where it stands since before")] | None = None
    due_before: Annotated[Moment, Meta(description="Open, and should have left before")] | None = None
    customer: UUID | None = None
    tag: Tag | None = None
    lost: Annotated[bool, Meta(description="A carrier lost units of it that nobody has written off")] = False
    attribute: (
        Annotated[
            str,
            Meta(max_length=600, pattern="^[a-z][a-z0-9_]{0,39}:", description="code:value of a filterable attribute"),
        ]
        | None
    ) = None

    def __post_init__(self) -> None:
        _walk(self)


class OrderRow(Struct, frozen=True):
    """An order in a list."""

    id: UUID
    number: str
    placed_at: datetime
    channel: str
    external_reference: str | None
    customer: str | None
    """The name, where there is one."""
    country: str | None
    """Where it goes, ISO 3166-1 alpha-2."""
    total: Money
    """What was charged at placement."""
    stage: str
    lifecycle: str
    fulfillment_status: str
    payment_status: str
    units: dict[str, int]
    """Units of all lines by stage; stages without any are left out."""
    progress: str
    """Such as "1 of 3 packed"."""
    queued_at: datetime
    """Since when it stands where it stands."""
    ship_by: datetime | None
    holds: list[str]
    """Kinds of the active holds."""
    version: int
    tags: list[str]


class OrdersPage(Struct, frozen=True):
    """A page of orders."""

    items: list[OrderRow]
    next: str | None
    """`after` of the next page; None at the end. A page may be shorter than its limit and still have a next one."""


@dataclass(slots=True, frozen=True)
class _Walk:
    """Along which index, and after which key."""

    statement: str
    arguments: tuple[Any, ...]
    key: tuple[str, ...]
    """The columns that a cursor of this walk holds."""


def _walk(query: OrdersQuery) -> _Walk:
    """The index that serves the query best. Raises ValueError for a cursor of another list."""
    if query.q is not None or query.customer is not None:
        (before,) = key_of(query.after, tuple[UUID], (LAST_ID,))
        return _Walk("", (before,), ("id",))
    if query.stage is not None and query.stage != "done":
        since, id_ = key_of(query.after, tuple[Moment, UUID], (EVER, FIRST_ID))
        return _Walk("walk_queue", (query.stage, since, id_), ("queued_at", "id"))
    if query.due_before is not None:
        due, id_ = key_of(query.after, tuple[Moment, UUID], (EVER, FIRST_ID))
        return _Walk("walk_due", (due, id_), ("ship_by", "id"))
    (before,) = key_of(query.after, tuple[UUID], (LAST_ID,))
    if query.lost:
        return _Walk("walk_lost", (None, before), ("id",))
    if tag := _tag_of(query):
        return _Walk("walk_tag", (tag, before), ("id",))
    if query.attribute:
        return _Walk("walk_attribute", (*_attribute_of(query.attribute), before), ("id",))
    return _Walk("walk_newest", (before,), ("id",))


def _attribute_of(text: str) -> tuple[str, str]:
    code, _, value = text.partition(":")
    return code, value


def _tag_of(query: OrdersQuery) -> str | None:
    """The tag as it is kept."""
    return min(tags_of([query.tag])) if query.tag else None


async def orders(tx: Transaction, query: OrdersQuery) -> OrdersPage:
    """One page of orders. Raises NotFound for a channel or a location that does not exist."""
    walk = _walk(query)
    names = await read_names(tx) if query.channel or query.location or query.q else Names()
    channel_id = _id_of(names.channels, query.channel, "channel")
    location_id = _id_of(names.locations, query.location, "location")
    if query.attribute and not await tx.fetchval(sql.filterable, _attribute_of(query.attribute)[0]):
        raise NotFound(f"Lists are not filtered by {_attribute_of(query.attribute)[0]}.")
    found: list[asyncpg.Record] = []
    walked, step = 0, query.limit + 1 if _unfiltered(query) else _STEP
    end: asyncpg.Record | None = None
    while len(found) <= query.limit and walked < WALK_MAX:
        rows = await _step(tx, query, walk, names, step)
        fitting = [row for row in rows if _fits(row, query, channel_id)]
        if (tag := _tag_of(query)) and walk.statement != "walk_tag":
            fitting = await _with(tx, fitting, sql.orders_with_tag, tag)
        if query.attribute and walk.statement != "walk_attribute":
            fitting = await _with(tx, fitting, sql.orders_with_attribute, *_attribute_of(query.attribute))
        if query.lost and walk.statement != "walk_lost":
            fitting = await _with(tx, fitting, sql.walk_lost, LAST_ID, len(fitting))
        found += await _at_location(tx, fitting, location_id)
        walked += len(rows)
        if len(rows) < step or _past(rows[-1], query):
            end = None
            break
        end = rows[-1]
        walk = _Walk(walk.statement, (*walk.arguments[: -len(walk.key)], *(end[name] for name in walk.key)), walk.key)
    last = found[query.limit - 1] if len(found) > query.limit else end
    items = await order_rows(tx, [row["id"] for row in found[: query.limit]])
    return OrdersPage(items, cursor(*(last[name] for name in walk.key)) if last else None)


def _id_of(codes: Mapping[UUID, tuple[str, str]], code: str | None, what: str) -> UUID | None:
    if code is None:
        return None
    for id_, (known, _) in codes.items():
        if known == code:
            return id_
    raise NotFound(f"There is no {what} {code}.")


def _unfiltered(query: OrdersQuery) -> bool:
    """Nothing but what the walk itself sees to."""
    filters: list[object] = [query.channel, query.location, query.lifecycle, query.payment_status]
    if query.q is not None or query.customer is not None:
        filters += [query.stage, query.queued_before, query.due_before, query.tag, query.attribute, query.lost]
    elif query.stage is not None:
        filters += [query.tag, query.attribute, query.lost, query.due_before, "done" if query.stage == "done" else None]
    elif query.due_before is None:
        filters += [
            query.queued_before,
            query.tag if query.lost else None,
            query.attribute if query.tag or query.lost else None,
        ]
    else:
        filters += [query.tag, query.attribute, query.lost]
    return not any(filters)


async def _step(tx: Transaction, query: OrdersQuery, walk: _Walk, names: Names, size: int) -> list[asyncpg.Record]:
    """The next orders of the walk, with what filters look at."""
    if walk.statement:
        return await tx.fetch(getattr(sql, walk.statement), *walk.arguments, size)
    (before,) = walk.arguments
    if query.q is not None:
        ids = await search.candidates(tx, query.q, list(names.channels), before, size)
    else:
        ids = [row["id"] for row in await tx.fetch(sql.orders_of_customers, [query.customer], before, size)]
    return await tx.fetch(sql.order_facts, ids) if ids else []


def _fits(row: asyncpg.Record, query: OrdersQuery, channel_id: UUID | None) -> bool:
    return (
        (query.stage is None or row["stage"] == query.stage)
        and (channel_id is None or row["channel_id"] == channel_id)
        and (query.lifecycle is None or row["lifecycle"] == query.lifecycle)
        and (query.payment_status is None or row["payment_status"] == query.payment_status)
        and (query.queued_before is None or row["queued_at"] < query.queued_before)
        and (query.due_before is None or _due(row, query.due_before))
        and (query.customer is None or row["customer_id"] == query.customer)
    )


def _due(row: asyncpg.Record, before: datetime) -> bool:
    return row["ship_by"] is not None and row["ship_by"] < before and row["lifecycle"] in ("open", "on_hold")


def _past(row: asyncpg.Record, query: OrdersQuery) -> bool:
    """Whether nothing that comes later in the walk can fit any more."""
    if query.q is not None or query.customer is not None:
        return False
    if query.stage is not None and query.stage != "done":
        return query.queued_before is not None and row["queued_at"] >= query.queued_before
    return query.due_before is not None and row["ship_by"] is not None and row["ship_by"] >= query.due_before


async def _with(tx: Transaction, rows: Sequence[asyncpg.Record], statement: str, *what: object) -> list[asyncpg.Record]:
    """Those that have it."""
    if not rows:
        return []
    having = {row["id"] for row in await tx.fetch(statement, [row["id"] for row in rows], *what)}
    return [row for row in rows if row["id"] in having]


async def _at_location(
    tx: Transaction, rows: Sequence[asyncpg.Record], location_id: UUID | None
) -> list[asyncpg.Record]:
    """Those of which the location gives, or gave, something."""
    if location_id is None or not rows:
        return list(rows)
    there = {row["id"] for row in await tx.fetch(sql.orders_at_location, [row["id"] for row in rows], location_id)}
    return [row for row in rows if row["id"] in there]


async def order_rows(tx: Transaction, ids: Sequence[UUID]) -> list[OrderRow]:
    """The orders of those ids as lists show them, in the order given."""
    if not ids:
        return []
    rows = {row["id"]: row for row in await tx.fetch(sql.order_rows, ids)}
    held = [id_ for id_, row in rows.items() if row["active_holds"]]
    holds: dict[UUID, list[str]] = {}
    if held:
        for order_id, kind in await tx.fetch(sql.active_holds, held):
            holds.setdefault(order_id, []).append(kind)
    return [_row(rows[id_], holds.get(id_, [])) for id_ in ids if id_ in rows]


def _row(row: asyncpg.Record, holds: list[str]) -> OrderRow:
    units = {stage: row[stage] for stage in ("ordered", *LINE_STAGES, *RETURN_STAGES)}
    return OrderRow(
        row["id"],
        str(row["number"]),
        row["placed_at"],
        row["channel"] or "?",
        row["external_reference"],
        row["customer"],
        row["country"],
        Money.of_minor(row["charged_minor"], row["currency"]),
        row["stage"],
        row["lifecycle"],
        row["fulfillment_status"],
        row["payment_status"],
        {stage: count for stage, count in units.items() if count},
        progress(row["stage"], row["lifecycle"], units),
        row["queued_at"],
        row["ship_by"],
        holds,
        row["version"],
        row["tags"],
    )
