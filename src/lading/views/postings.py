"""The postings of an order: where each unit and each penny went, event by event."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.money import Money
from lading.views.moments import Position, Then, one_of, position_of
from lading.views.names import Names, read_actors
from lading.views.order import find_order
from lading.views.pages import PageQuery, cursor, key_of
from lading.views.stock import LedgerEnd, ledger_end
from lading.views.timeline import order_names

sql = queries.load(__file__)


class UnitsPosted(Struct, frozen=True):
    """A quantity that moved: on the shelf, on the line, or both at once."""

    sku: str
    quantity: int
    source: LedgerEnd | None
    target: LedgerEnd | None
    line: int | None
    line_from: str | None
    line_to: str | None


class MoneyPosted(Struct, frozen=True):
    """An amount from the credited to the debited account."""

    debit: str
    credit: str
    amount: Money
    tender: int | None


class EventPosted(Struct, frozen=True):
    """What one event posted."""

    position: int
    kind: str
    occurred_at: datetime
    recorded_at: datetime
    who: str
    units: list[UnitsPosted]
    money: list[MoneyPosted]


class PostingsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose postings; with a position or a time: as of then."""

    order: Annotated[str, Meta(max_length=64, description="Number or id")]
    position: Position | None = None
    at: Then | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[int], (0,))
        one_of(self.position, self.at)


class PostingsPage(Struct, frozen=True):
    """A page of events with their postings, the oldest first."""

    items: list[EventPosted]
    next: str | None


async def postings(tx: Transaction, query: PostingsQuery) -> PostingsPage:
    """The postings of an order by event, the oldest first. Raises NotFound."""
    order_id = await find_order(tx, query.order)
    names = await order_names(tx, order_id)
    (after,) = key_of(query.after, tuple[int], (0,))
    until = await position_of(tx, query.position, query.at)
    events = [row for row in await tx.fetch(sql.events_until, order_id, until) if row["position"] > after]
    shown = events[: query.limit]
    units = await _units(tx, order_id, shown, names)
    money = await _money(tx, order_id, shown)
    who = await read_actors(tx, {row["actor"] for row in shown})
    items = [
        EventPosted(
            row["position"],
            row["kind"],
            row["occurred_at"],
            row["recorded_at"],
            who[row["actor"]],
            units.get(row["event_id"], []),
            money.get(row["event_id"], []),
        )
        for row in shown
    ]
    return PostingsPage(items, cursor(shown[-1]["position"]) if len(events) > query.limit else None)


async def _units(
    tx: Transaction, order_id: UUID, events: list[asyncpg.Record], names: Names
) -> dict[UUID, list[UnitsPosted]]:
    found: dict[UUID, list[UnitsPosted]] = {}
    ids = [row["event_id"] for row in events]
    for row in await tx.fetch(sql.postings_of_events, order_id, list(names.skus), ids):
        found.setdefault(row["event_id"], []).append(
            UnitsPosted(
                names.sku(row["sku_id"]),
                row["quantity"],
                ledger_end(row["from_bucket"], row["from_location_id"], row["from_lot"], names),
                ledger_end(row["to_bucket"], row["to_location_id"], row["to_lot"], names),
                row["line_number"],
                row["line_from"],
                row["line_to"],
            )
        )
    return found


async def _money(tx: Transaction, order_id: UUID, events: list[asyncpg.Record]) -> dict[UUID, list[MoneyPosted]]:
    found: dict[UUID, list[MoneyPosted]] = {}
    for row in await tx.fetch(sql.money_of_events, order_id, [row["event_id"] for row in events]):
        amount = Money.of_minor(row["amount_minor"], row["currency"])
        found.setdefault(row["event_id"], []).append(
            MoneyPosted(row["debit"], row["credit"], amount, row["tender_number"])
        )
    return found
