"""All that one location has to do: what it is asked, what it picks, packs and hands over, who comes for what, and what went wrong."""

from datetime import UTC, date, datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.fulfillment import states
from lading.terms.fields import Code
from lading.views.names import read_names
from lading.views.network import DaysQuery, LocationDay, location_days
from lading.views.order_work import WORK_UNITS, units_of
from lading.views.pages import PageQuery
from lading.views.pickups import Pickup, PickupsQuery, pickups
from lading.views.put_backs import PutBack, PutBacksQuery, put_backs
from lading.views.queues import WorkLine
from lading.views.stock import find_location

sql = queries.load(__file__)


class WorkListQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which location; so many of each kind are told."""

    location: Code


class Task(Struct, frozen=True):
    """A fulfillment order that waits for somebody there."""

    name: str
    order: str
    order_id: UUID
    state: str
    request: str
    answer_by: datetime | None
    """Until when somebody has to say whether it is sent."""
    scheduled_for: datetime | None
    priority: int
    released_at: datetime
    ship_by: datetime | None
    ship_on: date | None
    goes: str
    """ship: to the customer; pickup: the customer comes; to_store: to another location first, where the customer comes."""
    units: dict[str, int]
    lines: list[WorkLine]
    parcels: list[str]
    """Packed ones that wait there and are not ready for a customer yet."""


class Waiting(Struct, frozen=True):
    """A line that is collected there and has no stock."""

    order: str
    line: int
    sku: str
    name: str
    units: int
    rejected: bool
    """The location gave it back: somebody has to talk to the customer."""


class WorkList(Struct, frozen=True):
    """The work of a location, the most urgent first. Each list ends where so many are told as were asked for."""

    location: str
    to_accept: list[Task]
    """It is asked, and answers."""
    to_pick: list[Task]
    to_pack: list[Task]
    to_hand_over: list[Task]
    """Packed: carriers get it, or it is made ready for customers."""
    stopped: list[Task]
    """On hold, or scheduled for later."""
    pickups: list[Pickup]
    """Customers come for them."""
    arriving: list[Task]
    """Sent by other locations; customers collect it here."""
    put_backs: list[PutBack]
    """Cancelled or rejected after the pick; it belongs on the shelf."""
    unsourced: list[Waiting]
    """Collected here, and not in stock."""
    today: LocationDay | None
    """How much of the day is taken; None where its days are not counted."""


async def work_list(tx: Transaction, query: WorkListQuery) -> WorkList:
    """What a location has to do now. Raises NotFound for an unknown location."""
    location_id, now = find_location(await read_names(tx), query.location), datetime.now(UTC)
    rows = await tx.fetch(sql.tasks, location_id, query.limit)
    ids, numbers = [row["order_id"] for row in rows], [row["number"] for row in rows]
    lines: dict[tuple[UUID, int], list[WorkLine]] = {}
    for row in await tx.fetch(sql.work_lines, ids, numbers) if rows else []:
        if units := units_of(row, ("released", "picked", "packed")):
            lines.setdefault((row["order_id"], row["fulfillment_order"]), []).append(
                WorkLine(row["line_number"], row["sku"] or "?", row["name"] or "?", row["lot"], units)
            )
    tasks = [_task(row, lines.get((row["order_id"], row["number"]), []), now) for row in rows]
    found: dict[str, list[Task]] = {}
    for row, task in zip(rows, tasks, strict=True):
        if row["stage"] == "to_hand_over" and task.goes == "pickup" and not task.parcels:
            continue  # All of it is ready: it stands with what customers come for.
        found.setdefault(_section(task, row), []).append(task)
    limit = query.limit
    days = await location_days(tx, DaysQuery(query.location, days=1))
    today = days.items[0]
    return WorkList(
        query.location, found.get("to_accept", []), found.get("to_pick", []), found.get("to_pack", []),
        found.get("to_hand_over", []), found.get("stopped", []),
        (await pickups(tx, PickupsQuery(location=query.location, limit=limit))).items, found.get("arriving", []),
        (await put_backs(tx, PutBacksQuery(location=query.location, limit=limit))).items,
        [Waiting(str(row[0]), *row[1:]) for row in await tx.fetch(sql.unsourced_pickups, location_id, limit)],
        today if today.capacity is not None else None,
    )  # fmt: skip


def _section(task: Task, row: asyncpg.Record) -> str:
    if row["arriving"]:
        return "arriving"
    if task.state in ("on_hold", "scheduled"):
        return "stopped"
    if task.request == "submitted" and row["stage"] == "to_pick":
        return "to_accept"
    return str(row["stage"])


def _task(row: asyncpg.Record, lines: list[WorkLine], now: datetime) -> Task:
    goes = "ship" if row["pickup_location_id"] is None else "pickup" if row["here"] else "to_store"
    return Task(
        f"{row['order_number']}-F{row['number']}", str(row["order_number"]), row["order_id"],
        states.state(states.Standing(**{name: row[name] for name in states.Standing.__struct_fields__}), now, held=row["held"]),
        row["request"], row["answer_by"], row["scheduled_for"], row["priority"], row["released_at"], row["ship_by"], row["ship_on"],
        goes, units_of(row, WORK_UNITS), lines, [f"{row['order_number']}-P{number}" for number in row["parcels"]],
    )  # fmt: skip
