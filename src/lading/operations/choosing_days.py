"""The day on which each location can send, and the capacity of that day: proposed unlocked, locked after the stock (DESIGN 8).

A merchant whose locations have no schedule has no `Days`, and none of this runs.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import structs

from lading.catalog import schedule as schedules
from lading.catalog.types import Location, Network
from lading.database.pool import Transaction
from lading.fulfillment import booking
from lading.fulfillment import store as fulfillment
from lading.fulfillment.booking import Bookings, CapacityDay, Diary, Room
from lading.sourcing.rules import Ranking, Sourcing, Take
from lading.terms.days import Booked, DayKey

DAYS_APART = 1_000
"""More than any horizon: a nearer day decides between locations of one priority, never against the priority."""

HORIZON_MAX = 365
"""Days from today within which reserved units leave, however full their location is."""

Source = Callable[[Ranking], Sourcing]
"""Where an order's lines come from, given the locations that may fill it."""


@dataclass(slots=True)
class Days:
    """Schedules of the merchant's locations, and what is taken of their days."""

    now: datetime
    locations: Mapping[UUID, Location]
    """Those with a schedule."""
    diary: Diary = field(default_factory=Diary)
    """The days as they were read or locked, and what the batch's orders hold of them; rows to be written."""
    locked: dict[DayKey, CapacityDay] = field(default_factory=dict)
    """Days that are locked, as they are."""
    closed: set[DayKey] = field(default_factory=set)
    """Days that others hold just now: nothing can be booked on them."""

    def _free(self) -> "FreeDays":
        return FreeDays(self, {key: (day.orders, day.units) for key, day in self.diary.days.items()})

    async def read(self, tx: Transaction) -> "FreeDays":
        """How much is free now, unlocked but for what is locked already: what a decision over the whole batch may use up."""
        capped = [id_ for id_, each in self.locations.items() if each.schedule and each.schedule.capacity]
        if capped:
            since = self.now.date() - timedelta(days=1)  # east or west of UTC it may be another day
            self.diary.days = await fulfillment.read_capacity(tx, capped, since) | self.locked
        return self._free()

    async def lock(self, tx: Transaction, sourcings: Sequence[Sourcing], *, wait: bool) -> bool:
        """Lock the days that were chosen (who opens one first makes its row); whether they have room for all that was chosen."""
        wanted: dict[DayKey, list[Booked]] = {}
        for sourcing in sourcings:
            for each in sourcing.booked:
                wanted.setdefault((each.location_id, each.day), []).append(each)
        new = {key: booked[0] for key, booked in wanted.items() if key not in self.diary.days}
        await fulfillment.open_days(tx, new)
        self.locked |= await fulfillment.lock_days(tx, wanted.keys() - self.locked.keys(), wait=wait)
        return all(key in self.locked and _fits(self.locked[key], booked) for key, booked in wanted.items())

    def settled(self) -> "FreeDays":
        """From here on only what is locked counts, and days that have no row yet."""
        self.closed = self.diary.days.keys() - self.locked.keys()
        self.diary.days = dict(self.locked)
        return self._free()


def _fits(day: CapacityDay, booked: Sequence[Booked]) -> bool:
    orders, units = day.orders, day.units
    for each in booked:
        orders += each.orders
        units += each.units
        if (orders if each.counts == "orders" else units) > each.cap and (each.orders or each.counts == "units"):
            return False
    return True


def days_of(network: Network, now: datetime, bookings: Bookings | None = None) -> Days | None:
    """None where no location that fills orders has a schedule."""
    scheduled = {id_: each for id_, each in network.locations.items() if each.schedule and each.active and each.ships}
    return Days(now, scheduled, Diary(bookings=bookings or {})) if scheduled else None


@dataclass(slots=True)
class FreeDays:
    """The days as the orders of a batch leave them, one after the other."""

    days: Days
    taken: dict[DayKey, tuple[int, int]]
    """(orders, units)"""
    ahead: dict[UUID, int | None] = field(default_factory=dict)
    """Days until a unit of a new order leaves, as far as somebody asked; None where there is no room."""

    def choose(
        self, source: Source, ranking: Ranking, kept: Sequence[Take], order_id: UUID | None = None, *, book: bool = True
    ) -> Sourcing:
        """Source among the locations that have a day; where one has too little room for its share, among those with room for all.

        `kept` are units of the order's own reservation: they stay where they are, even if they leave later than anything
        else may. Without `book` no day is taken.
        """
        held = self.days.diary.held(order_id) if order_id else frozenset[DayKey]()
        sourcing = source(RankedByDay(self, ranking, held, 1))
        if not book or self._schedule(sourcing, kept, held):
            return sourcing
        units = sum(take.quantity for take in (*kept, *sourcing.takes)) + sum(sourcing.short.values())
        sourcing = source(RankedByDay(self, ranking, held, units))
        self._schedule(sourcing, kept, held)
        return sourcing

    def use_up(self, sourcing: Sourcing) -> None:
        """What was booked is not free for the next order."""
        for each in sourcing.booked:
            orders, units = self.taken.get((each.location_id, each.day), (0, 0))
            self.taken[(each.location_id, each.day)] = (orders + each.orders, units + each.units)
            self.ahead.pop(each.location_id, None)

    def leaves_on(
        self, location_id: UUID, units: int, held: Collection[DayKey], horizon_days: int | None = None
    ) -> Sequence[tuple[date, int]] | None:
        """The days on which so many units of an order leave a location that has a schedule; None where it has no room.

        The horizon is that of the schedule, unless one is given.
        """
        schedule = self.days.locations[location_id].schedule
        counts = schedule.capacity.counts if schedule and schedule.capacity else "orders"
        on_days = {day for place, day in held if place == location_id}
        return booking.spread(self._rooms(location_id, horizon_days), units, counts, on_days)

    def _rooms(self, location_id: UUID, horizon_days: int | None) -> Iterator[Room]:
        location = self.days.locations[location_id]
        schedule = location.schedule
        assert schedule is not None
        if horizon_days:
            schedule = structs.replace(schedule, horizon_days=horizon_days)
        for day, cap in schedules.working_days(schedule, location.time_zone, self.days.now):
            if (location_id, day) not in self.days.closed:
                yield Room(day, cap, *self.taken.get((location_id, day), (0, 0)))

    def _schedule(self, sourcing: Sourcing, kept: Sequence[Take], held: Collection[DayKey]) -> bool:
        """Write down the days of each location's share; False where one has no room for it."""
        shares: dict[UUID, int] = {}
        for take in (*kept, *sourcing.takes):
            if take.location_id in self.days.locations:
                shares[take.location_id] = shares.get(take.location_id, 0) + take.quantity
        bound = {take.location_id for take in kept}
        for location_id, units in shares.items():
            leaves = self.leaves_on(location_id, units, held)
            if leaves is None and location_id in bound:
                leaves = self.leaves_on(location_id, units, held, HORIZON_MAX)
                if leaves is None:
                    continue
            if leaves is None:
                return False
            sourcing.ship_on[location_id] = leaves[-1][0]
            sourcing.booked += self._booked(location_id, leaves, held)
        return True

    def _booked(
        self, location_id: UUID, leaves: Sequence[tuple[date, int]], held: Collection[DayKey]
    ) -> Iterator[Booked]:
        schedule = self.days.locations[location_id].schedule
        if schedule is None or schedule.capacity is None:
            return
        for day, units in leaves:
            cap = schedules.hours(schedule, day).cap or 0
            orders = 0 if (location_id, day) in held else 1
            yield Booked(location_id, day, units, schedule.capacity.counts, cap, orders)


class RankedByDay(Mapping[UUID, int]):
    """A ranking in which the nearer day decides between equals, without the locations that have no room for so many units."""

    def __init__(self, free: FreeDays, ranking: Ranking, held: Collection[DayKey], units: int) -> None:
        self._free, self._ranking, self._held, self._units = free, ranking, held, units
        self._ahead = {} if held or units > 1 else free.ahead

    def get(self, location_id: UUID, default: Any = None) -> Any:
        """Its rank; asked for each shelf of each order."""
        rank = self._ranking.get(location_id)
        if rank is None:
            return default
        if location_id not in self._ahead:
            self._ahead[location_id] = self._days_ahead(location_id)
        ahead = self._ahead[location_id]
        return default if ahead is None else rank * DAYS_APART + ahead

    def days_ahead(self, location_id: UUID) -> int:
        """Days until it leaves there, of a location that is ranked."""
        if location_id not in self._ahead:
            self.get(location_id)
        return self._ahead.get(location_id) or 0

    def _days_ahead(self, location_id: UUID) -> int | None:
        """Days until it leaves there; 0 where none are counted, None where there is no room."""
        if location_id not in self._free.days.locations:
            return 0
        leaves = self._free.leaves_on(location_id, self._units, self._held)
        return None if leaves is None else max(0, (leaves[-1][0] - self._free.days.now.date()).days)

    def __getitem__(self, location_id: UUID) -> int:
        rank: int | None = self.get(location_id)
        if rank is None:
            raise KeyError(location_id)
        return rank

    def __contains__(self, location_id: object) -> bool:
        return isinstance(location_id, UUID) and self.get(location_id) is not None

    def __iter__(self) -> Iterator[UUID]:
        return (location_id for location_id in self._ranking if location_id in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
