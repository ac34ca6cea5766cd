"""When a location works: opening days, cut-offs, holidays, how much it does in a day. Pure: the moment is passed in."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from msgspec import Meta, Struct

from lading.kernel.outcomes import Refusal
from lading.terms.fields import Count, Text

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Clock = Annotated[
    str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9](?![\\s\\S])", description="Local time of day, such as 17:30")
]
Day = Annotated[date, Meta(description="A local date, such as 2026-12-24")]
HolidayCode = Annotated[
    str,
    Meta(
        pattern="^[A-Z]{2}(-[A-Z0-9]{1,3})?(?![\\s\\S])",
        description="Whose public holidays: a country and, if need be, its region (ISO 3166-2), such as DE-HH",
    ),
]
ProcessingDays = Annotated[int, Meta(ge=0, le=60)]
Horizon = Annotated[int, Meta(ge=1, le=365, description="Days from today")]


class OpeningDay(Struct, frozen=True, forbid_unknown_fields=True):
    """A day of each week on which the location works, and what differs on it."""

    weekday: Weekday
    opens: Clock | None = None
    closes: Clock | None = None
    cut_off: Clock | None = None
    """None: that of the schedule, or else `closes`."""
    capacity: Count | None = None
    """None: that of the schedule."""


class SpecialDay(Struct, frozen=True, forbid_unknown_fields=True):
    """One date on which it is closed, or open in another way than its weekday; it counts more than a public holiday."""

    date: Day
    open: bool = False
    name: Text = ""
    opens: Clock | None = None
    closes: Clock | None = None
    cut_off: Clock | None = None
    capacity: Count | None = None


class Capacity(Struct, frozen=True, forbid_unknown_fields=True):
    """How much of it a day takes."""

    per_day: Count
    counts: Literal["orders", "units"] = "orders"
    """What is counted: orders with something to do there, or their units (those of one order may take several days)."""


class Schedule(Struct, frozen=True, forbid_unknown_fields=True):
    """When a location works. What leaves out everything is open every day, to the end of the day."""

    week: Annotated[tuple[OpeningDay, ...], Meta(max_length=7)] = ()
    """Days of the week on which it works; empty: all seven."""
    special_days: Annotated[tuple[SpecialDay, ...], Meta(max_length=1_000)] = ()
    holidays: HolidayCode | None = None
    """Public holidays on which it is closed; None: none."""
    cut_off: Clock | None = None
    """What comes at or after this local time counts from the next open day on."""
    processing_days: ProcessingDays = 0
    """Open days between the day that counts and the day on which it leaves."""
    capacity: Capacity | None = None
    """None: a day takes whatever comes."""
    horizon_days: Horizon = 30
    """No later than so many days from today; a location without a free day until then fills nothing."""


class WorkingDay(NamedTuple):
    """A date on which something can leave, and how much of it (None: no limit)."""

    day: date
    cap: int | None


class Hours(NamedTuple):
    """What holds on one date."""

    open: bool
    opens: str | None
    closes: str | None
    cut_off: str | None
    """From then on the next open day counts; None: never."""
    cap: int | None
    note: str
    """Why it is closed or different: the name of a holiday or special day."""


UNKNOWN_HOLIDAYS = ("unknown_holidays", "There is no calendar of public holidays for {holidays}.")
DAY_TWICE = ("day_twice", "{day} is named twice.")
CLOSES_BEFORE_IT_OPENS = ("closes_before_it_opens", "{day} closes at {closes}, before it opens at {opens}.")


def refuse(schedule: Schedule) -> Refusal | None:
    """What the types cannot see; pointers are inside of the command."""
    if schedule.holidays and _public_holidays(schedule.holidays, 2026) is None:
        return Refusal.of(UNKNOWN_HOLIDAYS, "/schedule/holidays", holidays=schedule.holidays)
    parts: dict[str, list[tuple[str, OpeningDay | SpecialDay]]] = {
        "week": [(each.weekday, each) for each in schedule.week],
        "special_days": [(each.date.isoformat(), each) for each in schedule.special_days],
    }
    for part, days in parts.items():
        named = Counter(name for name, _ in days)
        for index, (name, each) in enumerate(days):
            if named[name] > 1:
                return Refusal.of(DAY_TWICE, f"/schedule/{part}/{index}", day=name)
            if each.opens and each.closes and each.closes <= each.opens:
                return Refusal.of(
                    CLOSES_BEFORE_IT_OPENS, f"/schedule/{part}/{index}/closes", day=name, closes=each.closes,
                    opens=each.opens,
                )  # fmt: skip
    return None


@lru_cache(maxsize=4_096)
def parse(raw: str) -> Schedule:
    """The schedule as the database keeps it; the same text is read once."""
    return msgspec.json.decode(raw, type=Schedule)


def hours(schedule: Schedule, day: date) -> Hours:
    """What holds on that date: the special day, else the public holiday, else the day of the week."""
    limit = schedule.capacity.per_day if schedule.capacity else None
    special = next((each for each in schedule.special_days if each.date == day), None)
    if special and not special.open:
        return Hours(False, None, None, None, limit, special.name)
    weekly = next((each for each in schedule.week if each.weekday == WEEKDAYS[day.weekday()]), None)
    shown = special or weekly
    if special is None:
        holiday = (_public_holidays(schedule.holidays, day.year) or {}).get(day) if schedule.holidays else None
        if holiday or (schedule.week and weekly is None):
            return Hours(False, None, None, None, limit, holiday or "")
    if shown is None:
        return Hours(True, None, None, schedule.cut_off, limit, "")
    if limit is not None and shown.capacity is not None:
        limit = shown.capacity
    cut_off = shown.cut_off or schedule.cut_off or shown.closes
    return Hours(True, shown.opens, shown.closes, cut_off, limit, special.name if special else "")


@lru_cache(maxsize=512)
def _public_holidays(code: str, year: int) -> dict[date, str] | None:
    """The holidays of a year by date; None where nobody keeps a calendar of that country or region."""
    country, _, region = code.partition("-")
    from holidays import country_holidays  # 30 ms that only holidays need

    try:
        return dict(country_holidays(country, subdiv=region or None, years=year))
    except NotImplementedError:
        return None


def working_days(schedule: Schedule, time_zone: str, now: datetime) -> tuple[WorkingDay, ...]:
    """The days on which what comes now may leave, the nearest first, up to the horizon."""
    local = now.astimezone(_zone(time_zone))
    today = local.date()
    cut_off = hours(schedule, today).cut_off
    late = cut_off is not None and local.strftime("%H:%M") >= cut_off
    return _working_days(schedule, today, late)


def day_there(time_zone: str, now: datetime) -> date:
    """The day that it is now in a time zone."""
    return now.astimezone(_zone(time_zone)).date()


def is_zone(name: str) -> bool:
    """Whether it is an IANA time zone."""
    return name in _zones()


@cache
def _zones() -> set[str]:
    return available_timezones()


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=8_192)
def _working_days(schedule: Schedule, today: date, late: bool) -> tuple[WorkingDay, ...]:
    return tuple(_walk(schedule, today, late))


def _walk(schedule: Schedule, today: date, late: bool) -> Iterator[WorkingDay]:
    to_process = schedule.processing_days
    for ahead in range(1 if late else 0, schedule.horizon_days + 1):
        day = today + timedelta(days=ahead)
        held = hours(schedule, day)
        if not held.open:
            continue
        if to_process:
            to_process -= 1
            continue
        yield WorkingDay(day, held.cap)
