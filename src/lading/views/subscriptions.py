"""Subscriptions: what places orders, when, and which it has placed."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.documents import number_or_id
from lading.terms.money import Money
from lading.views.pages import LAST_ID, NotFound, PageQuery, key_of, page_of

sql = queries.load(__file__)

ORDERS_SHOWN = 24


class SubscriptionRow(Struct, frozen=True):
    """A subscription in a list."""

    subscription: str
    id: UUID
    version: int
    status: str
    """active, paused, cancelled or ended"""
    draft: str
    """What it orders."""
    customer: str | None
    company: str | None
    every: int
    unit: str
    prices: str
    cycle: int
    """Of the next order."""
    orders_max: int | None
    next_at: datetime | None
    """When that is due, or tried again; None where none is."""
    failures: int
    failed_as: str | None
    """Why the next order was refused."""
    reason: str | None
    total: Money
    """What an order costs at the prices of the draft."""
    created_at: datetime
    time_zone: str
    """In which its orders are placed at the same time of day."""


class PlacedBySubscription(Struct, frozen=True):
    """An order of a subscription."""

    order: str
    placed_at: datetime
    total: Money
    stage: str


class SubscriptionView(Struct, frozen=True):
    """A subscription, and its latest orders."""

    head: SubscriptionRow
    orders: list[PlacedBySubscription]


class SubscriptionsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which subscriptions, the newest first."""

    status: Literal["active", "paused", "cancelled", "ended"] | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[UUID], (LAST_ID,))


class SubscriptionsPage(Struct, frozen=True):
    """A page of subscriptions."""

    items: list[SubscriptionRow]
    next: str | None


class SubscriptionQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """One subscription."""

    subscription: Annotated[str, Meta(max_length=64, description="S1042, or its id")]


async def subscriptions(tx: Transaction, query: SubscriptionsQuery) -> SubscriptionsPage:
    """A page of subscriptions."""
    (before,) = key_of(query.after, tuple[UUID], (LAST_ID,))
    rows = await tx.fetch(sql.walk_subscriptions, before, query.status, query.limit + 1)
    shown, following = page_of(rows, query.limit, "id")
    return SubscriptionsPage([_row(row) for row in shown], following)


async def subscription(tx: Transaction, query: SubscriptionQuery) -> SubscriptionView:
    """One subscription. Raises NotFound."""
    key = number_or_id(query.subscription, "S")
    found = await tx.fetch(
        sql.subscription_row, key if isinstance(key, UUID) else None, key if isinstance(key, int) else None
    )
    if not found:
        raise NotFound(f"There is no subscription {query.subscription}.")
    row = found[0]
    references = [f"S{row['number']}-{cycle}" for cycle in range(max(1, row["cycle"] - ORDERS_SHOWN), row["cycle"])]
    orders = [
        PlacedBySubscription(
            str(each["number"]), each["placed_at"],
            Money.of_minor(each["charged_minor"] + each["adjusted_minor"], each["currency"]), each["stage"],
        )
        for each in await tx.fetch(sql.orders_of_subscription, row["channel_id"], references)
    ]  # fmt: skip
    return SubscriptionView(_row(row), orders)


def _row(row: asyncpg.Record) -> SubscriptionRow:
    due = (row["retry_at"] or row["next_at"]) if row["status"] == "active" else None
    return SubscriptionRow(
        f"S{row['number']}", row["id"], row["version"], row["status"], f"D{row['draft_number']}", row["customer"], row["company"],
        row["every"], row["unit"], row["prices"], row["cycle"], row["orders_max"], due, row["failures"], row["failed_as"],
        row["reason"], Money.of_minor(row["total_minor"], row["currency"]), row["created_at"], row["time_zone"],
    )  # fmt: skip
