"""Who may promise what is there and what comes: read once for whoever asks, now or by date (views/availability.py)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from lading.catalog import schedule as schedules
from lading.catalog.policies import Policies
from lading.catalog.schedule import Schedule
from lading.database import queries
from lading.database.pool import Transaction
from lading.fulfillment import booking
from lading.fulfillment import store as fulfillment
from lading.fulfillment.booking import CapacityDay, Room
from lading.inventory import keeping, limit_store
from lading.inventory.keeping import Parts
from lading.inventory.limits import Limits, promisable_at_each, promisable_in_all
from lading.inventory.promising import Arrival, Forecast, KitForecast, Owed
from lading.sourcing import store as sourcing
from lading.sourcing.plans import NOBODY, Asked, Plan
from lading.sourcing.policies import POLICY, filters_in_force
from lading.sourcing.ranking import may_send
from lading.terms.days import DayKey
from lading.views.pages import NotFound

sql = queries.load(__file__)

KITS = ("kits_in_parts", "assemble_when_short")
WIDE = (
    POLICY,
    "fills_orders",
    "may_split",
    "safety_stock",
    "channel_buffer",
    "late_inbound_days",
    "lot_min_days_left",
    *KITS,
)
"""Policies that say what can be promised; of a product only its safety stock, its lots' days, and how a kit is put together."""


@dataclass(slots=True)
class Setup:
    """Who may promise, and the rules of what is kept back."""

    policies: Policies = field(default_factory=lambda: Policies(0))
    locations: dict[UUID, str] = field(default_factory=dict)
    """Codes of the locations that fill orders."""
    group_of: dict[UUID, UUID | None] = field(default_factory=dict)
    """Of locations and groups: the group above."""
    groups: dict[UUID, str] = field(default_factory=dict)
    """Codes of the groups."""
    channel_id: UUID | None = None
    products_differ: bool = False
    """Whether any product has a safety stock of its own."""
    buffered: bool = True
    """Whether what is kept back from the channel is left out."""
    asked: Asked = NOBODY
    """To whom, and where to."""
    filters: Plan | None = None
    """What keeps stock where it lies; None where no filter of sourcing does."""
    rooms: dict[UUID, int] = field(default_factory=dict)
    """How many units of a new order locations can send, where that is limited."""

    def regions(self, location_id: UUID) -> list[UUID]:
        """The groups that a location is in, the nearest first."""
        found: list[UUID] = []
        above = self.group_of.get(location_id)
        while above is not None and above not in found:
            found.append(above)
            above = self.group_of.get(above)
        return found

    @property
    def keeps_back(self) -> bool:
        """Whether any rule keeps something back."""
        rules = {self.policies.value("safety_stock", location=id_) for id_ in self.locations} | {self.buffer}
        return self.products_differ or any(any(keeping.parts(rule)) for rule in rules)

    @property
    def buffer(self) -> keeping.Rule:
        """What is kept back from the channel."""
        rule: keeping.Rule = self.policies.value("channel_buffer", channel=self.channel_id)
        return rule if self.buffered else "0"

    @property
    def days_left(self) -> int:
        """How long a lot must last for the channel, where the product says nothing of it."""
        days: int = self.policies.value("lot_min_days_left", channel=self.channel_id)
        return days

    def may_send(self, sku_id: UUID, location_id: UUID, units: int) -> bool:
        """Whether no filter keeps so many units of the product there."""
        return self.filters is None or may_send(self.filters, self.asked, sku_id, location_id, units)

    def before_channels(self) -> "Setup":
        """What there is before channels are looked at: limits are counted of that."""
        return replace(self, channel_id=None, buffered=False)

    @property
    def may_split(self) -> bool:
        """Whether an order may come from more than one location."""
        return bool(self.policies.value("may_split", channel=self.channel_id))


@dataclass(slots=True, frozen=True)
class Promisable:
    """What can be promised of a product now."""

    sku_id: UUID
    units: int
    by_place: Mapping[UUID, int]
    """By location, less what is kept back: below zero where it lacks some of that. All that have something, or only those below
    zero: see `promisable`."""
    percent: int | None
    """Of its own safety stock; None where it has none of its own."""
    kit: str = "none"
    """none, on_demand, stocked"""
    by_date: int | None = None
    """By the date that was asked for, where that is known already."""
    limited: bool = False
    """Whether it has claims or pools."""


async def read_setup(tx: Transaction, asked: Asked = NOBODY, by: datetime | None = None) -> Setup:
    """Who may promise: locations that have a day left for an order, by that date if one is given.

    One statement, another where a day takes only so much, and one or two where filters of sourcing keep stock where it lies. Raises
    NotFound for a channel that does not exist.
    """
    setup, channel = Setup(asked=asked), asked.channel
    active: dict[UUID, str] = {}
    calendars: dict[UUID, Calendar] = {}
    for what, id_, code, above, value, zone in await tx.fetch(sql.promise_setup, channel, list(WIDE)):
        match what:
            case "location":
                active[id_] = code
                setup.group_of[id_] = above
                if value is not None:
                    calendars[id_] = Calendar(zone, schedules.parse(value))
            case "group":
                setup.groups[id_] = code
                setup.group_of[id_] = above
            case "channel":
                setup.channel_id = id_
            case "of_products":
                setup.products_differ = True
            case name:
                setup.policies.values.setdefault(name, {})[(code, id_)] = msgspec.json.decode(value)
    if channel is not None and setup.channel_id is None:
        raise NotFound(f"There is no channel {channel}.")
    setup.rooms = await _rooms(tx, calendars, by) if calendars else {}
    setup.locations = {
        id_: code
        for id_, code in active.items()
        if setup.rooms.get(id_) != 0 and setup.policies.value("fills_orders", location=id_)
    }
    setup.filters = await read_filters(tx, setup, (asked,))
    return setup


async def read_filters(
    tx: Transaction, setup: Setup, asked: Iterable[Asked], hazardous: frozenset[UUID] = frozenset()
) -> Plan | None:
    """What keeps stock where it lies, for whoever asks; None where nothing does."""
    rules = filters_in_force(setup.policies.values)
    if rules is None:
        return None
    above = {
        id_: frozenset({code, *(setup.groups[each] for each in setup.regions(id_))})
        for id_, code in setup.groups.items()
    }
    return await sourcing.read_plan(tx, rules, 0, (), asked, above=above, hazardous=hazardous)


class Calendar(NamedTuple):
    """On which days a location works."""

    time_zone: str
    schedule: Schedule


async def _rooms(tx: Transaction, calendars: Mapping[UUID, Calendar], by: datetime | None) -> dict[UUID, int]:
    """How many units of a new order locations with a schedule can send until then, or within their horizon, where that is limited."""
    now = datetime.now(UTC)
    capped = [id_ for id_, each in calendars.items() if each.schedule.capacity]
    since = now.date() - timedelta(days=1)  # east or west of UTC it may be another day
    taken = await fulfillment.read_capacity(tx, capped, since) if capped else {}
    rooms = {id_: _room(id_, each, taken, now, by) for id_, each in calendars.items()}
    return {id_: units for id_, units in rooms.items() if units is not None}


def _room(
    id_: UUID, calendar: Calendar, taken: Mapping[DayKey, CapacityDay], now: datetime, by: datetime | None
) -> int | None:
    """None: any number."""
    zone, schedule = calendar
    last = schedules.day_there(zone, max(by, now)) if by else date.max
    rooms = [
        Room(day, cap, held.orders, held.units) if (held := taken.get((id_, day))) else Room(day, cap, 0, 0)
        for day, cap in schedules.working_days(schedule, zone, now)
        if day <= last
    ]
    counts = schedule.capacity.counts if schedule.capacity else "orders"
    if booking.spread(rooms, 1, counts, ()) is None:
        return 0
    if counts == "orders" or any(room.cap is None for room in rooms):
        return None
    return sum(max(0, (room.cap or 0) - room.units) for room in rooms)


async def promisable(
    tx: Transaction, setup: Setup, codes: Sequence[str], *, by_place: bool, by: datetime | None = None
) -> dict[str, Promisable]:
    """What these products can promise now, by code; of each place where `by_place`, otherwise of those that lack something.

    Where a date is given, places count too to which something is to come, even if nothing lies there. Of products with limits
    it is what claims and pools leave to the channel.
    """
    every_place = by_place or setup.filters is not None
    found = read = await _read_promisable(tx, setup, codes, by_place=every_place, by=by)
    if setup.filters is not None:
        if any(each.capability == "hazardous" for each in setup.filters.rules.filters):
            setup.filters.hazardous = frozenset(row[0] for row in await tx.fetch(sql.hazardous_products, list(codes)))
        found = {code: _as_filtered(each, setup) for code, each in read.items()}
    limited = {code: each.sku_id for code, each in found.items() if each.limited}
    if limited:
        seen = found if every_place else await _read_promisable(tx, setup, list(limited), by_place=True, by=by)
        every = setup.before_channels()
        alike = (setup.buffer in keeping.NOTHING, setup.days_left) == (True, every.days_left)
        free = (
            (read if every_place else seen)
            if alike
            else await _read_promisable(tx, every, list(limited), by_place=True, by=by)
        )
        limits = await limit_store.read_limits(tx, limited.values(), datetime.now(UTC))
        for code, sku_id in limited.items():
            places = free[code].by_place, seen[code].by_place
            found[code] = _within(found[code], *places, limits[sku_id], setup.channel_id, by_place)
    return found


def _as_filtered(found: Promisable, setup: Setup) -> Promisable:
    """Without what filters keep where it lies."""
    by_place = {
        id_: units for id_, units in found.by_place.items() if units < 0 or setup.may_send(found.sku_id, id_, units)
    }
    return replace(found, units=sum(_above_zero(by_place).values()), by_place=by_place, by_date=None)


def _within(
    found: Promisable,
    free: Mapping[UUID, int],
    seen: Mapping[UUID, int],
    limits: Limits,
    channel_id: UUID | None,
    detailed: bool,
) -> Promisable:
    """What claims and pools leave to the channel of what it sees (`seen`) of what is free."""
    free, visible = _above_zero(free), _above_zero(seen)
    in_all = promisable_in_all(free, limits, channel_id, visible)
    if not detailed:
        return replace(found, units=in_all, by_date=None)
    left = {**seen, **promisable_at_each(free, limits, channel_id, visible)}
    return replace(found, units=in_all, by_place=left, by_date=None)


def _above_zero(units: Mapping[UUID, int]) -> dict[UUID, int]:
    return {id_: each for id_, each in units.items() if each > 0}


async def _read_promisable(
    tx: Transaction, setup: Setup, codes: Sequence[str], *, by_place: bool, by: datetime | None
) -> dict[str, Promisable]:
    """As `promisable`, whatever claims and pools keep."""
    ask = _promisable_at_shelves if setup.keeps_back else _promisable_plainly
    return await ask(tx, setup, codes, by_place=by_place, by=by)


async def _promisable_at_shelves(
    tx: Transaction, setup: Setup, codes: Sequence[str], *, by_place: bool, by: datetime | None
) -> dict[str, Promisable]:
    """What lies there less what is kept back there."""
    own: dict[str, Parts] = {}
    if setup.products_differ:
        own = {code: keeping.parts(rule) for code, rule in await tx.fetch(sql.safety_of_products, list(codes))}
    places = list(setup.locations)
    of_places = [keeping.parts(setup.policies.value("safety_stock", location=id_)) for id_ in places]
    buffer = keeping.parts(setup.buffer)
    rules = [own.get(code, (None, None, None)) for code in codes]
    looks_at_demand = any(each[2] for each in (*of_places, *own.values(), buffer))
    now = datetime.now(UTC)
    rows = await tx.fetch(
        sql.promisable, list(codes), *queries.transposed(rules, 3), places, *queries.transposed(of_places, 3), *buffer,
        looks_at_demand, by_place, by is not None, now, setup.days_left,
    )  # fmt: skip
    return {row["code"]: _promisable(row, places, own.get(row["code"])) for row in rows}


async def _promisable_plainly(
    tx: Transaction, setup: Setup, codes: Sequence[str], *, by_place: bool, by: datetime | None
) -> dict[str, Promisable]:
    """As `promisable`, where nothing is kept back; without places also by the date, where nothing is owed later."""
    now = datetime.now(UTC)
    date = max(by, now) if by and not by_place else None
    rows = await tx.fetch(
        sql.promisable_plainly, list(codes), list(setup.locations), now, setup.days_left, date, _late(setup, now), by_place,
    )  # fmt: skip
    found: dict[str, Promisable] = {}
    for code, id_, kit, limited, units, due, owed_later, places, of_places in rows:
        at: dict[UUID, int] = {}
        for place, each in zip(places or (), of_places or (), strict=True):
            at[place] = at.get(place, 0) + each
        by_date = None if date is None or owed_later else max(units + due, 0)
        found[code] = Promisable(id_, units, at, None, kit, by_date, limited)
    return found


def _late(setup: Setup, now: datetime) -> datetime:
    """When that is expected which is late."""
    return now + timedelta(days=setup.policies.value("late_inbound_days"))


def _promisable(row: asyncpg.Record, places: Sequence[UUID], own: Parts | None) -> Promisable:
    numbers, units = row["places"] or (), row["by_place"] or ()
    by_place = {places[number - 1]: each for number, each in zip(numbers, units, strict=True) if number}
    return Promisable(
        row["id"], row["units"], by_place, own.percent if own else None, row["kit"], limited=row["limited"]
    )


class Changes(NamedTuple):
    """What will change of a product's stock."""

    arrivals: Sequence[Arrival] = ()
    owed: Sequence[Owed] = ()


async def _changes(tx: Transaction, setup: Setup, found: Mapping[str, Promisable], by: datetime) -> dict[UUID, Changes]:
    """What is to come and what is owed; all that is due by a date is one change."""
    now = datetime.now(UTC)
    own = {each.sku_id: each.percent for each in found.values()}
    arrivals: dict[UUID, list[Arrival]] = {}
    owed: dict[UUID, list[Owed]] = {}
    for sku_id, location_id, at, units in await tx.fetch(
        sql.expected_by_date, list(own), now, _late(setup, now), by, list(setup.locations)
    ):
        if location_id is None:
            owed.setdefault(sku_id, []).append(Owed(at, -units))
        elif setup.may_send(sku_id, location_id, units):
            kept = -(-units * _percent(setup, own[sku_id], location_id) // 100)
            arrivals.setdefault(sku_id, []).append(Arrival(at, location_id, units - kept))
    return {sku_id: Changes(arrivals.get(sku_id, ()), owed.get(sku_id, ())) for sku_id in arrivals.keys() | owed.keys()}


def _percent(setup: Setup, own: int | None, location_id: UUID) -> int:
    """How much of what arrives there is kept back at once, rounded up for each arrival."""
    if own is None:
        own = keeping.parts(setup.policies.value("safety_stock", location=location_id)).percent
    return max(own, keeping.parts(setup.buffer).percent)


async def forecasts(
    tx: Transaction, setup: Setup, found: Mapping[str, Promisable], by: datetime | None, *, splits: bool
) -> dict[str, Forecast]:
    """What can be promised of each product, now and, where a date is given, from then on; to orders that may be split, or not."""
    now = datetime.now(UTC)
    unknown = {code: each for code, each in found.items() if each.by_date is None} if by else {}
    changes = await _changes(tx, setup, unknown, by) if by and unknown else {}
    return {
        code: Forecast(
            now, each.units, each.by_place, *changes.get(each.sku_id, Changes()), each.by_date, splits, setup.rooms
        )
        for code, each in found.items()
    }


class Kits(NamedTuple):
    """Kits that are put together."""

    forecasts: Mapping[str, KitForecast]
    parts: Mapping[UUID, str]
    """Codes of what they are made of."""


async def kit_forecasts(
    tx: Transaction, setup: Setup, found: Mapping[str, Promisable], own: Mapping[str, Forecast], by: datetime | None
) -> Kits:
    """The same of those of them that orders get put together; a stocked kit where it may be put together when it is short."""
    kits = {each.sku_id: code for code, each in found.items() if each.kit != "none"}
    if not kits:
        return Kits({}, {})
    made_of: dict[str, dict[str, int]] = {}
    for kit_id, per_kit, component, *values in await tx.fetch(sql.kits_made_of, sorted(kits)):
        made_of.setdefault(kits[kit_id], {})[component] = per_kit
        for name, value in zip(KITS, values, strict=True):
            if value is not None:
                setup.policies.values.setdefault(name, {})[("sku", kit_id)] = msgspec.json.decode(value)

    def holds(name: str, code: str) -> bool:
        return bool(setup.policies.value(name, channel=setup.channel_id, sku=found[code].sku_id))

    put_together = [code for code in made_of if found[code].kit == "on_demand" or holds("assemble_when_short", code)]
    components = sorted({component for code in put_together for component in made_of[code]})
    parts = await promisable(tx, setup, components, by_place=True, by=by) if components else {}
    of_parts = await forecasts(tx, setup, parts, by, splits=True)
    told = {
        code: KitForecast(
            [(of_parts[component], per_kit) for component, per_kit in made_of[code].items()],
            not holds("kits_in_parts", code),
            own[code] if found[code].kit == "stocked" else None,
            setup.may_split,
            setup.rooms,
        )
        for code in put_together
    }
    return Kits(told, {each.sku_id: code for code, each in parts.items()})
