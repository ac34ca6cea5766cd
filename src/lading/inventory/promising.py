"""How many units can be promised by when, of what lies there, what is to come and what is promised already."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
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
