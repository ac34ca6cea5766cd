"""The holds that stand: what waits for somebody's decision, the longest waiting first."""

from datetime import UTC, datetime
from typing import Annotated, NamedTuple
from uuid import UUID

import asyncpg
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.orders.commands import Stop
from lading.terms.fields import Code
from lading.terms.money import Money
from lading.views.moments import Moment
from lading.views.pages import FIRST_ID, PageQuery, key_of, page_of

sql = queries.load(__file__)

_EARLIEST = datetime(1, 1, 2, tzinfo=UTC)


class Hold(Struct, frozen=True):
    """A reason to wait, active where it was not released."""

    number: int
    kind: str
    note: str | None
    placed_at: datetime
    released_at: datetime | None
    stops: list[str]
    """The transactions that it stops: source, release, capture, edit, ship."""
    lines: list[int]
    fulfillment_orders: list[int]
    """Without lines and fulfillment orders it is on the whole order."""
    reason: str | None
    expires_at: datetime | None
    """When it is lifted by itself."""
    placed_by: str
    released_by: str | None


def parts_of(order: str, hold: Hold) -> list[str]:
    """What a hold on a part of the order is on, as people say it."""
    return [f"line {line}" for line in hold.lines] + [f"{order}-F{each}" for each in hold.fulfillment_orders]


class HoldsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which holds: all that stand, of one kind, or those that stop one transaction."""

    kind: Code | None = None
    stops: Stop | None = None

    def __post_init__(self) -> None:
        key_of(self.after, HoldKey, HOLD_FIRST)


class HoldKey(NamedTuple):
    """After which hold a page begins."""

    placed_at: Moment
    order_id: UUID
    number: Annotated[int, Meta(ge=0, le=32_767)]


HOLD_FIRST = HoldKey(_EARLIEST, FIRST_ID, 0)


class StandingHold(Struct, frozen=True):
    """A hold that stands, with its order."""

    order: str
    version: int
    """Of the order: what was decided on this page may be refused where it changed."""
    number: int
    kind: str
    stops: list[str]
    lines: list[int]
    fulfillment_orders: list[str]
    reason: str | None
    note: str | None
    placed_at: datetime
    placed_by: str
    expires_at: datetime | None
    channel: str | None
    customer: str | None
    total: Money
    """What the order costs now."""
    stage: str
    ordered_at: datetime
    ship_by: datetime | None


class HoldsPage(Struct, frozen=True):
    """A page of holds, the oldest first."""

    items: list[StandingHold]
    next: str | None


async def holds(tx: Transaction, query: HoldsQuery) -> HoldsPage:
    """The holds that stand."""
    key = key_of(query.after, HoldKey, HOLD_FIRST)
    rows = await tx.fetch(sql.holds_that_stand, *key, query.kind, query.stops, query.limit + 1)
    shown, following = page_of(rows, query.limit, "placed_at", "order_id", "number")
    return HoldsPage([_hold(row) for row in shown], following)


def _hold(row: asyncpg.Record) -> StandingHold:
    order = str(row["order_number"])
    return StandingHold(
        order, row["version"], row["number"], row["kind"], row["stops"], row["lines"],
        [f"{order}-F{number}" for number in row["fulfillment_orders"]], row["reason"], row["note"], row["placed_at"],
        row["placed_by"], row["expires_at"], row["channel"], row["customer"],
        Money.of_minor(row["charged_minor"] + row["adjusted_minor"], row["currency"]), row["stage"], row["ordered_at"],
        row["ship_by"],
    )  # fmt: skip
