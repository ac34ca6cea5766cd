"""The days of locations: schedules on any calendar; a batch books what its commands book one by one, and never too much."""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from lading.catalog import schedule as schedules
from lading.catalog.schedule import WEEKDAYS, Capacity, OpeningDay, Schedule, SpecialDay, hours, working_days
from lading.catalog.types import Network
from lading.fulfillment.booking import Booking, CapacityDay, Room, spread
from lading.operations import place_orders
from lading.operations.choosing_days import DAYS_APART, HORIZON_MAX, Days, days_of
from lading.operations.place_orders import decide
from lading.operations.placing import World
from lading.operations.registry import Batch
from tests.rules.test_laws_placing import NOW, envelopes, orders, told, worlds

CLOCKS = st.one_of(st.none(), st.sampled_from(["00:00", "09:00", "14:30", "23:59"]))
ZONES = st.sampled_from(["Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York", "UTC"])
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))
HORIZONS = st.integers(1, 40)


@st.composite
def some_schedule(draw: st.DrawFn, horizon: st.SearchStrategy[int] = HORIZONS) -> Schedule:
    week = draw(st.lists(st.sampled_from(WEEKDAYS), unique=True))
    special = draw(st.dictionaries(st.dates(date(2026, 2, 20), date(2026, 4, 1)), st.booleans(), max_size=4))
    capacity = draw(st.one_of(st.none(), st.builds(Capacity, st.integers(0, 4), st.sampled_from(["orders", "units"]))))
    return Schedule(
        tuple(OpeningDay(day, closes=draw(CLOCKS), capacity=draw(st.sampled_from([None, 0, 2]))) for day in week),
        tuple(SpecialDay(day, is_open) for day, is_open in special.items()),
        draw(st.sampled_from([None, "DE-HH", "US"])),
        draw(CLOCKS),
        draw(st.integers(0, 3)),
        capacity,
        draw(horizon),
    )


@given(some_schedule(), ZONES, MOMENTS)
def test_the_working_days_are_open_days_of_the_place_in_order_and_within_the_horizon(
    schedule: Schedule, zone: str, now: datetime
) -> None:
    days = working_days(schedule, zone, now)
    local = now.astimezone(ZoneInfo(zone))
    assert all(earlier.day < later.day for earlier, later in pairwise(days))
    for day, cap in days:
        held = hours(schedule, day)
        assert held.open and held.cap == cap
        assert local.date() <= day <= local.date() + timedelta(days=schedule.horizon_days)
    cut_off = hours(schedule, local.date()).cut_off
    if cut_off and local.strftime("%H:%M") >= cut_off:
        assert all(day > local.date() for day, _ in days)
    skipped = [
        day
        for ahead in range(schedule.horizon_days + 1)
        if hours(schedule, day := local.date() + timedelta(days=ahead)).open and (not days or day < days[0].day)
    ]
    assert len(skipped) <= schedule.processing_days + 1 or not days


@given(some_schedule(), ZONES, MOMENTS, st.integers(0, 72 * 60))
def test_what_comes_later_never_leaves_earlier(schedule: Schedule, zone: str, now: datetime, minutes: int) -> None:
    sooner, later = (working_days(schedule, zone, moment) for moment in (now, now + timedelta(minutes=minutes)))
    if sooner and later:
        assert sooner[0].day <= later[0].day


ROOMS = st.lists(
    st.builds(lambda cap, orders, units: (cap, orders, units), st.integers(0, 5), st.integers(0, 6), st.integers(0, 6))
)


@given(ROOMS, st.integers(1, 12), st.sampled_from(["orders", "units"]))
def test_units_are_spread_over_the_nearest_days_that_have_room_and_none_is_passed(
    rooms: list[tuple[int, int, int]], units: int, counts: str
) -> None:
    dated = [Room(date(2026, 3, 1) + timedelta(days=number), *room) for number, room in enumerate(rooms)]
    days = spread(dated, units, counts, ())
    free = {room.day: max(0, (room.cap or 0) - (room.orders if counts == "orders" else room.units)) for room in dated}
    if days is None:
        assert not any(free.values()) if counts == "orders" else sum(free.values()) < units
        return
    assert sum(share for _, share in days) == units
    if counts == "orders":
        assert [day for day, _ in days] == [next(day for day, left in free.items() if left)]
    else:
        assert all(share <= free[day] for day, share in days)
        assert all(free[day] == dict(days).get(day) for day in free if day < days[-1][0] and free[day])


@st.composite
def dated_worlds(draw: st.DrawFn) -> World:
    """As for placement, with schedules, and days of which something is taken."""
    world = draw(worlds())
    places = {
        id_: replace(place, schedule=draw(st.one_of(st.none(), some_schedule(st.integers(1, 3)))))
        for id_, place in world.network.locations.items()
    }
    world.network = Network(world.network.channels, places)
    days = days_of(world.network, NOW)
    assert world.stock is not None
    if days:
        for id_, place in days.locations.items():
            capacity = place.schedule.capacity if place.schedule else None
            for day, cap in working_days(place.schedule, "UTC", NOW) if place.schedule and capacity else ():
                if cap is not None and draw(st.booleans()):
                    orders_taken, units = draw(st.integers(0, 5)), draw(st.integers(0, 5))
                    days.diary.days[(id_, day)] = CapacityDay(id_, day, "units", 99, orders_taken, units)
        world.stock.days = days._free()
    return world


def booked(world: World) -> Days | None:
    assert world.stock is not None
    return world.stock.days.days if world.stock.days else None


def with_days(decision: Any) -> Any:
    """Rows of days are shared by the orders of a batch: their state at the end is compared, not here."""
    outcome, event, postings, money, rows = told(decision)
    return outcome, event, postings, money, [row for row in rows if not isinstance(row, CapacityDay)]


@settings(max_examples=300)
@given(dated_worlds(), st.lists(orders(), min_size=1, max_size=8))
def test_a_batch_books_what_its_commands_book_one_by_one_and_never_too_much(
    world: World, bodies: list[dict[str, Any]]
) -> None:
    before, again, batch = copy.deepcopy(world), copy.deepcopy(world), envelopes(bodies)
    numbers = range(1001, 1001 + len(batch))
    whole = decide(world, Batch(batch, True, 0, numbers, NOW))
    alone = [
        decision
        for envelope, number in zip(batch, numbers, strict=True)
        for decision in decide(again, Batch([envelope], True, 0, [number], NOW))
    ]
    assert [with_days(decision) for decision in whole] == [with_days(decision) for decision in alone]
    after, first = booked(world), booked(before)
    if after is None or first is None:
        return
    assert after.diary == (booked(again) or after).diary
    rows = [row for decision in whole for row in decision.rows if isinstance(row, Booking)]
    added = Counter({(row.location_id, row.day): 0 for row in rows})
    for row in rows:
        added[(row.location_id, row.day)] += row.units
    for key, day in after.diary.days.items():
        schedule = after.locations[key[0]].schedule
        was = first.diary.days.get(key)
        if schedule is None or schedule.capacity is None or not added[key]:
            continue
        assert day.units == added[key] + (was.units if was else 0)
        taken = day.orders if schedule.capacity.counts == "orders" else day.units
        assert taken <= (hours(schedule, key[1]).cap or 0)


@settings(max_examples=300)
@given(dated_worlds(), st.lists(orders(), min_size=1, max_size=8))
def test_what_was_proposed_before_the_locks_books_the_same_days_under_them(
    world: World, bodies: list[dict[str, Any]]
) -> None:
    batch = envelopes(bodies)
    inside = Batch(batch, True, 0, range(1001, 1001 + len(batch)), NOW)
    planned = copy.deepcopy(world)
    proposing = copy.deepcopy(world)
    assert proposing.stock is not None
    planned.decided = place_orders._decide(proposing.anew(), proposing.stock, inside)
    assert [with_days(each) for each in decide(planned, inside)] == [with_days(each) for each in decide(world, inside)]


def test_a_nearer_day_never_counts_more_than_the_priority() -> None:
    assert DAYS_APART > HORIZON_MAX + 1


def test_a_year_without_a_calendar_of_holidays_is_refused_by_its_code() -> None:
    refusal = schedules.refuse(Schedule(holidays="DE-ZZ"))
    assert refusal is not None and refusal.name == "unknown_holidays"
    assert schedules.refuse(Schedule(holidays="DE-HH")) is None
