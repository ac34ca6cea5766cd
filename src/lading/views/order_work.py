"""The fulfillment orders of one order: how each stands, and what can be done with it."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime

import asyncpg
from msgspec import Struct

from lading.fulfillment import states
from lading.views.possible import Possible
from lading.views.possible_work import with_fulfillment_order

WORK_UNITS = ("released", "picked", "packed", "handed_over", "withdrawn")


def units_of(row: asyncpg.Record, names: Sequence[str]) -> dict[str, int]:
    """The counters of a row by name, without those at zero."""
    return {name: row[name] for name in names if row[name]}


class FulfillmentOrder(Struct, frozen=True):
    """The part that one location fills."""

    name: str
    location: str
    stage: str
    """to_pick, to_pack, to_hand_over, closed or cancelled."""
    priority: int
    released_at: datetime
    units: dict[str, int]
    ship_on: date | None
    """The day on which the last of it is to leave, by the schedule of the location."""
    to_put_back: int
    """Units that were cancelled after their pick: they lie on a cart, and belong on the shelf."""
    state: str
    """open, scheduled, on_hold, in_progress, closed, incomplete or cancelled."""
    request: str
    """What its location was asked, and what it said."""
    answer_by: datetime | None
    """Until when its location has to answer; None: nobody waits for it."""
    scheduled_for: datetime | None
    """Nobody works on it before."""
    possible: list[Possible]
    """What can be done with it now, and why the rest cannot; picking and packing are told with the order."""
    ships_to: str | None
    """To whom and where it goes, where that is not where the order goes."""


def fulfillment_orders(
    number: str, rows: Sequence[asyncpg.Record], holds: Sequence[asyncpg.Record]
) -> list[FulfillmentOrder]:
    """Of the order of that number, with all holds that it ever had."""
    places = Counter(row["location"] for row in rows if row["released"] + row["picked"])
    return [_one(number, row, holds, alike=places[row["location"]] > 1) for row in rows]


def _one(number: str, row: asyncpg.Record, holds: Sequence[asyncpg.Record], *, alike: bool) -> FulfillmentOrder:
    name, stood = f"{number}-F{row['number']}", [hold for hold in holds if hold["released_at"] is None]
    alone = [hold for hold in stood if row["number"] in hold["fulfillment_orders"]]
    whole = [hold for hold in stood if not hold["fulfillment_orders"] and not hold["lines"]]
    held = any("release" in hold["stops"] for hold in (*alone, *whole))
    now = datetime.now(UTC)
    counted = states.Standing(**{field: row[field] for field in states.Standing.__struct_fields__})
    state = states.state(counted, now, held=held)
    return FulfillmentOrder(
        name,
        row["location"],
        row["stage"],
        row["priority"],
        row["released_at"],
        units_of(row, WORK_UNITS),
        row["ship_on"],
        row["to_put_back"],
        state,
        row["request"],
        row["answer_by"],
        row["scheduled_for"],
        with_fulfillment_order(
            counted, name, state, held_alone=bool(alone), alike=alike, collected=bool(row["collected"])
        ),
        row["ships_to"],
    )
