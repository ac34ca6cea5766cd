"""A line of steps as places in a drawing, in hundredths of its width and height: text keeps its size on every screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SHORTEST = timedelta(days=14)
_TOP, _BOTTOM = 16.0, 82.0
"""Between them is the line; above the numbers, below the dates."""
_ROOM = 15.0
"""What a date needs beside the one before."""


@dataclass(frozen=True, slots=True)
class Part:
    """From one step to the next."""

    left: float
    right: float
    top: float
    before: float
    """The height of the step before; its own for the first one."""
    at: datetime
    units: int
    told: bool
    """Whether there is room for its date and number."""
    turned: bool
    """Whether its text ends where it stands, for there is no room to the right."""

    @property
    def width(self) -> float:
        """Of the part."""
        return round(self.right - self.left, 2)

    @property
    def height(self) -> float:
        """From the line down to the axis."""
        return round(_BOTTOM - self.top, 2)


def parts(steps: Sequence[tuple[datetime, int]]) -> list[Part]:
    """The steps (moment, units), the first one now, as parts from left to right."""
    first, last = steps[0][0], steps[-1][0]
    seconds = (max(last - first, SHORTEST) * 1.2).total_seconds()
    most = max(1, *(units for _, units in steps))
    found: list[Part] = []
    told_at = -_ROOM
    ends = [at for at, _ in steps[1:]] + [first + timedelta(seconds=seconds)]
    before = _height(steps[0][1], most)
    for (at, units), end in zip(steps, ends, strict=True):
        left, right = (round((moment - first).total_seconds() / seconds * 100, 2) for moment in (at, end))
        told = left - told_at >= _ROOM
        told_at = left if told else told_at
        top = _height(units, most)
        found.append(Part(left, right, top, before, at, units, told, left > 82))
        before = top
    return found


def _height(units: int, most: int) -> float:
    return round(_BOTTOM - (_BOTTOM - _TOP) * max(units, 0) / most, 2)
