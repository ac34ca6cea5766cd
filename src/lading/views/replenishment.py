"""What to order, what has run out, and what lies too long: as the worker counted it last."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.fields import Code
from lading.views.names import read_names
from lading.views.pages import FIRST_ID, PageQuery, cursor, key_of
from lading.views.products import find_product
from lading.views.stock import find_location

sql = queries.load(__file__)

_FIRST_RANK = -(2**62)
_WALK_MAX = 2_000


class HintView(Struct, frozen=True):
    """A product at a location. Units are whole; rates and days are statistics."""

    sku: str
    name: str
    location: str
    state: str
    order: int
    """Units to order now."""
    cover_days: float | None
    """How long what is free lasts; None where nobody asks for it."""
    rate_per_day: float
    """Forecast of a day's demand."""
    free: int
    inbound: int
    reorder_point: int
    order_up_to: int
    pattern: str
    """How demand comes: none, smooth, erratic, intermittent, lumpy."""
    why: str
    counted_at: datetime


class ReplenishmentQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which list, the most urgent first; or all there is about one product."""

    state: Literal["stock_out", "reorder", "overstock", "enough"] = "reorder"
    sku: Annotated[Code, Meta(description="This product at all locations, whatever its state")] | None = None
    location: Code | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[int, UUID, UUID], (_FIRST_RANK, FIRST_ID, FIRST_ID))


class ReplenishmentPage(Struct, frozen=True):
    """A page of hints."""

    items: list[HintView]
    next: str | None
    """A page may be shorter than its limit and still have a next one."""


async def replenishment(tx: Transaction, query: ReplenishmentQuery) -> ReplenishmentPage:
    """Hints, the most urgent first. Raises NotFound for a product or a location that does not exist."""
    names = await read_names(tx)
    location_id = find_location(names, query.location)
    if query.sku is not None:
        product = await find_product(tx, query.sku)
        rows = await tx.fetch(sql.hints_of_sku, product.id)
        return ReplenishmentPage([_told(row) for row in rows if location_id in (None, row["location_id"])], None)
    key = key_of(query.after, tuple[int, UUID, UUID], (_FIRST_RANK, FIRST_ID, FIRST_ID))
    found: list[asyncpg.Record] = []
    walked, last = 0, None
    while len(found) <= query.limit and walked < _WALK_MAX:
        rows = await tx.fetch(sql.hints, query.state, *key, query.limit + 1)
        found += [row for row in rows if location_id in (None, row["location_id"])]
        walked += len(rows)
        last = rows[-1] if len(rows) == query.limit + 1 else None
        if last is None:
            break
        key = _key(last)
    end = found[query.limit - 1] if len(found) > query.limit else last
    return ReplenishmentPage([_told(row) for row in found[: query.limit]], cursor(*_key(end)) if end else None)


def _key(row: asyncpg.Record) -> tuple[int, UUID, UUID]:
    return row["rank"], row["sku_id"], row["location_id"]


def _told(row: asyncpg.Record) -> HintView:
    return HintView(
        row["sku"], row["name"], row["location"], row["state"], row["order_now"],
        round(row["cover_days"], 1) if row["cover_days"] is not None else None, round(row["rate_per_day"], 3), row["free"],
        row["inbound"], row["reorder_point"], row["order_up_to"], row["pattern"], why(row), row["counted_at"],
    )  # fmt: skip


def why(row: asyncpg.Record) -> str:
    """One or two sentences that a buyer can check."""
    history, stretch = _days(row["history_days"]), _days(row["exposed_days"])
    have = f"{row['free']} free, {row['inbound']} on the way"
    if row["pattern"] == "none":
        return f"Nobody asked for it in {history}; {have}."
    asked = f"{row['asked_for']} asked for in {history} ({row['pattern']} demand)"
    must = f"in {row['service_percent']} of 100 stretches of {stretch} no more than {row['reorder_point']} is needed"
    return f"{asked}; {must}; {have}."


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"
