"""What orders hold of the days of locations that do no more than so much a day. Pure: no I/O, no clock."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from lading.fulfillment.rules import Move, is_withdrawn
from lading.terms.days import Booked, DayKey


@dataclass(slots=True)
class CapacityDay:
    """How much of a location's day is taken."""

    location_id: UUID
    day: date
    counts: str
    cap: int
    orders: int
    units: int
    stored: bool = True

    @property
    def key(self) -> DayKey:
        """Its primary key."""
        return self.location_id, self.day


@dataclass(slots=True)
class Booking:
    """What one order holds of it."""

    order_id: UUID
    location_id: UUID
    day: date
    units: int
    stored: bool = True


Bookings = dict[UUID, dict[DayKey, Booking]]
"""By order."""


@dataclass(slots=True)
class Diary:
    """The days at hand, and what the orders at hand hold of them; changed in place."""

    days: dict[DayKey, CapacityDay] = field(default_factory=dict)
    bookings: Bookings = field(default_factory=dict)

    def held(self, order_id: UUID) -> frozenset[DayKey]:
        """The days on which the order has something already: it needs no further place there."""
        bookings = self.bookings.get(order_id) or {}
        return frozenset(key for key, booking in bookings.items() if booking.units)

    def book(self, order_id: UUID, booked: Iterable[Booked]) -> list[object]:
        """Take it; the rows that changed."""
        rows: list[object] = []
        for each in booked:
            key = (each.location_id, each.day)
            day = self.days.get(key)
            if day is None:
                day = self.days[key] = CapacityDay(*key, each.counts, each.cap, 0, 0, stored=False)
            mine = self.bookings.setdefault(order_id, {})
            booking = mine.get(key)
            if booking is None:
                booking = mine[key] = Booking(order_id, *key, 0, stored=False)
            day.counts, day.cap = each.counts, each.cap
            day.orders += each.orders
            day.units += each.units
            booking.units += each.units
            rows += [day, booking]
        return rows

    def give_back(self, order_id: UUID, moves: Sequence[Move]) -> tuple[list[object], list[dict[str, Any]]]:
        """Units that their location does not send after all free its days, the last ones first: (rows, what the journal keeps)."""
        rows: list[object] = []
        told: list[dict[str, Any]] = []
        for moved in moves:
            ship_on = moved.allocation.ship_on
            if ship_on is None or not is_withdrawn(moved):
                continue
            location_id, left = moved.allocation.location_id, moved.quantity
            for (place, on), booking in sorted(self.bookings.get(order_id, {}).items(), reverse=True):
                units = min(left, booking.units)
                if place != location_id or on > ship_on or not units:
                    continue
                left -= units
                booking.units -= units
                day = self.days[(place, on)]
                day.units -= units
                day.orders -= booking.units == 0
                rows += [day, booking]
                told.append({"location_id": place, "day": on, "units": -units})
        return rows, told


def told(booked: Iterable[Booked]) -> list[dict[str, Any]]:
    """As the journal keeps it: bookings are rebuilt from these."""
    return [{"location_id": each.location_id, "day": each.day, "units": each.units} for each in booked]


class Room(NamedTuple):
    """What a day has left for one order."""

    day: date
    cap: int | None
    """None: as much as comes."""
    orders: int
    """Taken so far."""
    units: int


def spread(rooms: Iterable[Room], units: int, counts: str, held: Container[date]) -> list[tuple[date, int]] | None:
    """The days on which an order's units at a location leave, the nearest that have room; None where there is not enough.

    Where orders are counted, all leave on one day. Where units are, they fill one day after the other.
    """
    days: list[tuple[date, int]] = []
    left = units
    for room in rooms:
        if room.cap is None:
            return [(room.day, units)]
        if counts == "orders":
            if room.orders < room.cap or room.day in held:
                return [(room.day, units)]
        elif (share := min(left, room.cap - room.units)) > 0:
            days.append((room.day, share))
            left -= share
            if not left:
                return days
    return None
