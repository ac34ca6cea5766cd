"""The network of locations: their groups, and their days."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from lading.catalog import schedule as schedules
from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.fields import EARLIEST, LATEST, Code
from lading.views.pages import NotFound

sql = queries.load(__file__)

DAYS_MAX = 366


class GroupsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A question without parameters."""


class LocationGroup(Struct, frozen=True):
    """A group of locations, such as a region."""

    id: UUID
    code: str
    name: str
    parent: str | None
    """The group that it stands in."""
    path: list[str]
    """From the top down to itself."""
    locations: list[str]
    """Those that stand in it directly."""
    locations_below: int
    """In it and in all groups under it."""
    version: int


class LocationGroups(Struct, frozen=True):
    """All groups, each after the one that it stands in."""

    items: list[LocationGroup]


class DaysQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which days of which location."""

    location: Code
    since: Annotated[date, Meta(description="The first day; today there, where it is left out")] | None = None
    days: Annotated[int, Meta(ge=1, le=DAYS_MAX, description="How many days")] = 14

    def __post_init__(self) -> None:
        if self.since and not EARLIEST.date() <= self.since < LATEST.date() - timedelta(days=DAYS_MAX):
            raise ValueError(f"a day from {EARLIEST.year} to {LATEST.year - 2} is asked for")


class LocationDay(Struct, frozen=True):
    """One local date of a location."""

    date: date
    open: bool
    note: str
    """The name of the holiday or special day; empty on others."""
    opens: str | None
    closes: str | None
    cut_off: str | None
    """Orders that come at or after it count from the next open day on."""
    capacity: int | None
    """How much the day takes; None: whatever comes."""
    counts: str | None
    """What is counted against it: orders or units."""
    orders: int
    """Orders that have something to do on it, and their units; counted where there is a capacity."""
    units: int
    free: int | None


class LocationDays(Struct, frozen=True):
    """The days of a location."""

    location: str
    time_zone: str
    ships_next: date | None
    """The day on which an order leaves that is placed now and has room: None where no day is free, or none is counted."""
    items: list[LocationDay]


async def location_groups(tx: Transaction, _: GroupsQuery) -> LocationGroups:
    """All groups, as a tree that is read from the top."""
    rows = {row["id"]: row for row in await tx.fetch(sql.location_groups)}
    paths = {id_: _path(id_, {each: row["parent_id"] for each, row in rows.items()}) for id_ in rows}
    below = dict.fromkeys(rows, 0)
    for id_, path in paths.items():
        for above in path:
            below[above] += len(rows[id_]["locations"])
    items = [
        LocationGroup(
            id_, row["code"], row["name"], rows[row["parent_id"]]["code"] if row["parent_id"] else None,
            [rows[each]["code"] for each in paths[id_]], list(row["locations"]), below[id_], row["version"],
        )
        for id_, row in rows.items()
    ]  # fmt: skip
    return LocationGroups(sorted(items, key=lambda group: group.path))


def _path(id_: UUID, parents: dict[UUID, UUID | None]) -> list[UUID]:
    path = [id_]
    while (above := parents.get(path[0])) is not None:
        path.insert(0, above)
    return path


async def location_days(tx: Transaction, query: DaysQuery) -> LocationDays:
    """When a location works and how much of each day is taken. Raises NotFound."""
    row = await tx.fetchrow(sql.location_schedule, query.location)
    if row is None:
        raise NotFound(f"There is no location {query.location}.")
    now = datetime.now(UTC)
    schedule = schedules.parse(row["schedule"]) if row["schedule"] else schedules.Schedule()
    since = query.since or now.astimezone(ZoneInfo(row["time_zone"])).date()
    wanted = [since + timedelta(days=ahead) for ahead in range(query.days)]
    ahead = schedules.working_days(schedule, row["time_zone"], now) if row["schedule"] else ()
    taken = {
        day["day"]: (day["orders"], day["units"])
        for day in await tx.fetch(sql.location_days, row["id"], [*wanted, *(each.day for each in ahead)])
    }
    items = [_day(schedule, day, *taken.get(day, (0, 0))) for day in wanted]
    leaving = (each.day for each in ahead if _has_room(_day(schedule, each.day, *taken.get(each.day, (0, 0)))))
    return LocationDays(query.location, row["time_zone"], next(leaving, None), items)


class CapacityQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """How many of the next days."""

    days: Annotated[int, Meta(ge=1, le=DAYS_MAX)] = 14


class LocationLoad(Struct, frozen=True):
    """How full the days of a location are."""

    location: str
    counts: str | None
    """What its days take so much of: orders or units; None: whatever comes."""
    items: list[LocationDay]


class Capacity(Struct, frozen=True):
    """Every active location with a schedule, by code."""

    since: date
    """Today where it is latest: the first day of all."""
    items: list[LocationLoad]


async def capacity(tx: Transaction, query: CapacityQuery) -> Capacity:
    """How full the next days are, everywhere: two statements."""
    since = (datetime.now(UTC) - timedelta(hours=12)).date()
    wanted = [since + timedelta(days=ahead) for ahead in range(query.days)]
    rows = await tx.fetch(sql.scheduled_locations)
    taken = {
        (row["location_id"], row["day"]): (row["orders"], row["units"])
        for row in await tx.fetch(sql.days_of_locations, [row["id"] for row in rows], wanted[0], wanted[-1])
    }
    items = []
    for row in rows:
        schedule = schedules.parse(row["schedule"])
        days = [_day(schedule, day, *taken.get((row["id"], day), (0, 0))) for day in wanted]
        items.append(LocationLoad(row["code"], schedule.capacity.counts if schedule.capacity else None, days))
    return Capacity(since, items)


def _day(schedule: schedules.Schedule, day: date, orders: int, units: int) -> LocationDay:
    held = schedules.hours(schedule, day)
    counts = schedule.capacity.counts if schedule.capacity else None
    cap = (held.cap if held.open else 0) if counts else None
    free = None if cap is None else max(0, cap - (units if counts == "units" else orders))
    return LocationDay(
        day, held.open, held.note, held.opens, held.closes, held.cut_off, cap, counts, orders, units, free
    )


def _has_room(day: LocationDay) -> bool:
    return day.free is None or day.free > 0
