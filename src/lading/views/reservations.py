"""Reservations: who keeps what, where and until when."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import asyncpg
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.fields import Code
from lading.views.names import Names, read_names
from lading.views.pages import FIRST_ID, NotFound, PageQuery, key_of, page_of
from lading.views.products import find_product

sql = queries.load(__file__)

_EARLIEST = datetime(1, 1, 2, tzinfo=UTC)


class ReservedAt(Struct, frozen=True):
    """Units of one product that are, or were, kept at one location, or claimed."""

    line: int
    sku: str
    location: str | None
    """None: claimed, without a place yet."""
    group: str | None
    """The group of locations that a claim names."""
    lot: str
    quantity: int
    status: str
    """kept; expired where its time is over (the units are free, given back or not); released, converted."""


class ReservationView(Struct, frozen=True):
    """A reservation and what became of it."""

    reservation: UUID
    status: str
    """kept, expired, released, converted"""
    expires_at: datetime
    channel: str | None
    reference: str | None
    order: str | None
    """Number of the order that it was converted into."""
    lines: list[ReservedAt]


class ReservationQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """One reservation."""

    reservation: UUID


class ReservationsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose reservations: those that have not ended, of all products or of one."""

    sku: Annotated[Code, Meta(description="Only those that keep this product")] | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[datetime, UUID], (_EARLIEST, FIRST_ID))


class ReservationsPage(Struct, frozen=True):
    """A page of reservations, whose time is over first comes first."""

    items: list[ReservationView]
    next: str | None


async def reservation(tx: Transaction, query: ReservationQuery) -> ReservationView:
    """One reservation. Raises NotFound."""
    found = await _views(tx, [query.reservation])
    if not found:
        raise NotFound(f"There is no reservation {query.reservation}.")
    return found[0]


async def reservations(tx: Transaction, query: ReservationsQuery) -> ReservationsPage:
    """A page of reservations that have not ended. Raises NotFound for a product that does not exist."""
    key = key_of(query.after, tuple[datetime, UUID], (_EARLIEST, FIRST_ID))
    if query.sku is None:
        rows = await tx.fetch(sql.walk_reservations, *key, query.limit + 1)
    else:
        product = await find_product(tx, query.sku)
        rows = await tx.fetch(sql.walk_reservations_of_sku, product.id, *key, query.limit + 1)
    shown, following = page_of(rows, query.limit, "expires_at", "reservation_id")
    items = await _views(tx, [row["reservation_id"] for row in shown])
    return ReservationsPage(items, following)


async def _views(tx: Transaction, ids: Sequence[UUID]) -> list[ReservationView]:
    """Those reservations, in the order given."""
    lines: dict[UUID, list[asyncpg.Record]] = {}
    for row in await tx.fetch(sql.reservation_lines, list(ids)):
        lines.setdefault(row["reservation_id"], []).append(row)
    names = await read_names(tx, {row["sku_id"] for rows in lines.values() for row in rows})
    now = datetime.now(UTC)
    return [_view(id_, lines[id_], names, now) for id_ in ids if id_ in lines]


def _view(id_: UUID, rows: Sequence[asyncpg.Record], names: Names, now: datetime) -> ReservationView:
    lines = [
        ReservedAt(
            row["number"], names.sku(row["sku_id"]), names.location(row["location_id"]) if row["location_id"] else None,
            row["group_code"], row["lot"], row["quantity"],
            row["ended_as"] or ("kept" if row["expires_at"] > now else "expired"),
        )
        for row in rows
    ]  # fmt: skip
    said = {line.status for line in lines}
    status = next(word for word in ("converted", "released", "expired", "kept") if word in said)
    head = rows[0]
    order = next((str(row["order_number"]) for row in rows if row["order_number"]), None)
    channel = names.channel(head["channel_id"]) if head["channel_id"] else None
    return ReservationView(id_, status, head["expires_at"], channel, head["reference"], order, lines)
