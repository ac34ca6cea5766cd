"""How many units can be promised by when, of what lies there, what is to come and what is promised already."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class Arrival(NamedTuple):
    """Units that are expected at a location."""

    at: datetime
    location_id: UUID
    units: int


class Owed(NamedTuple):
    """Units that wait for stock and were promised for a date."""

    at: datetime
    units: int


class Step(NamedTuple):
    """From this moment on so many units can be promised, until the next step."""

    at: datetime
    units: int


def curve(
    now: datetime, free: int, short: Mapping[UUID, int], arrivals: Iterable[Arrival], owed: Iterable[Owed]
) -> list[Step]:
    """The steps from now on; each has more units than the one before.

    `free` is what all locations can promise now, `short` what some of them lack of what they keep back: that is filled up first
    by what arrives there. A unit that is owed later is not there earlier: what can be promised by a date is the least that is
    left from then on. What was due in the past counts as due now.
    """
    missing = dict(short)
    changes: dict[datetime, int] = {now: 0}
    for at, location_id, units in sorted(arrivals, key=lambda arrival: arrival.at):
        filled = min(missing.get(location_id, 0), units)
        if filled:
            missing[location_id] -= filled
        changes[max(at, now)] = changes.get(max(at, now), 0) + units - filled
    for at, units in owed:
        changes[max(at, now)] = changes.get(max(at, now), 0) - units
    left, levels = free, []
    for at in sorted(changes):
        left += changes[at]
        levels.append(Step(at, left))
    return _rising(levels)


def _rising(levels: list[Step]) -> list[Step]:
    """The least from each moment on, never below zero; moments that add nothing are left out."""
    least, steps = levels[-1].units, [levels[-1]]
    for at, units in reversed(levels):
        least = min(least, units)
        if least < steps[-1].units:
            steps.append(Step(at, least))
        else:
            steps[-1] = Step(at, least)
    steps = [Step(at, max(units, 0)) for at, units in reversed(steps)]
    return [step for index, step in enumerate(steps) if not index or step.units > steps[index - 1].units]


def by(steps: list[Step], at: datetime) -> int:
    """Units that can be promised by then; the curve begins now, and a moment before that is as now."""
    return steps[max(bisect_right(steps, at, key=lambda step: step.at) - 1, 0)].units


Units = tuple[int, Mapping[UUID, int]]
"""(in all, by location): what can be promised of a product. Below zero where a location lacks some of what it keeps."""


@dataclass(slots=True)
class Forecast:
    """What can be promised of a product now, and what will change of it."""

    now: datetime
    units: int
    by_place: Mapping[UUID, int]
    arrivals: Sequence[Arrival] = ()
    owed: Sequence[Owed] = ()
    counted: int | None = None
    """What can be promised by the only date that is asked for, where that is known already."""
    splits: bool = True
    """Whether one order may have units of several locations."""
    rooms: Mapping[UUID, int] = field(default_factory=dict)
    """How many units of an order a location can send at most; those that are not named send any number."""

    def by(self, at: datetime) -> Units:
        """What can be promised by then."""
        if self.counted is not None:
            return self.counted, self.by_place
        units, by_place = self.units, self.by_place
        if self.arrivals or self.owed:
            there = dict(by_place)
            for arrival in self.arrivals:
                if arrival.at <= at:
                    there[arrival.location_id] = there.get(arrival.location_id, 0) + arrival.units
            units, by_place = by(self._curve(), at), there
        return sendable((units, by_place), self.rooms, splits=self.splits)

    def steps(self) -> list[Step]:
        """From when on how many can be promised."""
        return (
            self._curve()
            if self.splits and not self.rooms
            else _rising([Step(at, self.by(at)[0]) for at in sorted(self.moments())])
        )

    def _curve(self) -> list[Step]:
        short = {id_: -units for id_, units in self.by_place.items() if units < 0}
        return curve(self.now, self.units, short, self.arrivals, self.owed)

    def moments(self) -> set[datetime]:
        """When it may change."""
        dates = [each.at for each in self.arrivals] + [each.at for each in self.owed]
        return {max(at, self.now) for at in dates} | {self.now}


@dataclass(slots=True)
class KitForecast:
    """The same of a kit: what its components give together, or what lies there of it, whichever are more.

    An order gets all of its kits from stock, or all of them put together.
    """

    parts: Sequence[tuple[Forecast, int]]
    """(component, units in one kit)"""
    whole: bool
    """Whether all parts of a kit come from one location."""
    own: Forecast | None = None
    """Of the kits that are made ahead, where it is a stocked one."""
    splits: bool = True
    """Whether one order may have kits of several locations."""
    rooms: Mapping[UUID, int] = field(default_factory=dict)
    """How many units of an order a location can send at most."""

    def by(self, at: datetime) -> Units:
        """What can be promised by then."""
        together = put_together([(part.by(at), per_kit) for part, per_kit in self.parts], whole=self.whole)
        size = sum(per_kit for _, per_kit in self.parts)
        together = sendable(together, {id_: room // size for id_, room in self.rooms.items()}, splits=self.splits)
        return max(self.own.by(at), together, key=lambda each: each[0]) if self.own else together

    def steps(self) -> list[Step]:
        """From when on how many can be promised."""
        forecasts = [part for part, _ in self.parts] + ([self.own] if self.own else [])
        moments = sorted(set[datetime]().union(*(each.moments() for each in forecasts)))
        return _rising([Step(at, self.by(at)[0]) for at in moments])


def sendable(found: Units, rooms: Mapping[UUID, int], *, splits: bool) -> Units:
    """What one order surely gets, of one location or of several, where some can send no more than so many units of it.

    Where a location lacks room for its share, those are looked at that have room for all of the order (choosing_days.py). So all goes
    that is no more than the least of their rooms, or that lies where there is room for all of it.
    """
    units, by_place = found
    tight = [rooms[id_] for id_, there in by_place.items() if there > rooms.get(id_, there)]
    places = {id_: min(there, rooms.get(id_, there)) for id_, there in by_place.items()} if tight else by_place
    if not splits:
        return max(0, min(units, max(places.values(), default=0))), places
    if not tight:
        return found
    most, there = min(tight), 0
    for id_ in sorted(by_place, key=lambda each: -rooms.get(each, units)):
        there += max(0, by_place[id_])
        most = max(most, min(there, rooms.get(id_, there)))
    return min(units, most), places


def put_together(parts: Sequence[tuple[Units, int]], *, whole: bool) -> Units:
    """Kits that their components give, each (units, units in one kit); a whole one has them all from one location."""
    places = set.intersection(*(set(by_place) for (_, by_place), _ in parts))
    at = {id_: min(min(by_place[id_], in_all) // per_kit for (in_all, by_place), per_kit in parts) for id_ in places}
    at = {id_: kits for id_, kits in at.items() if kits > 0}
    most = min(in_all // per_kit for (in_all, _), per_kit in parts)
    return (min(sum(at.values()), most) if whole else most), at
