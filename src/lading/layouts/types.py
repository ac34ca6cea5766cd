"""A warehouse as somebody who walks through it sees it: parallel aisles, cross aisles, and a depot. Lengths are centimetres."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID


class Spot(NamedTuple):
    """A place in the plan: x along the front, y into the depth."""

    x: int
    y: int


@dataclass(slots=True)
class Layout:
    """Aisles that run from the front cross aisle to the back one; cross aisles between them part the warehouse into blocks."""

    location_id: UUID
    depot: int
    """Where routes begin and end, along the front cross aisle."""
    crosses: Sequence[int]
    """Where cross aisles run, the front one first; at least two."""
    aisles: Mapping[str, int]
    """Where each aisle begins on the front, by its code."""
    version: int = 0

    @property
    def front(self) -> int:
        """The y of the front cross aisle."""
        return self.crosses[0]

    @property
    def back(self) -> int:
        """The y of the back cross aisle."""
        return self.crosses[-1]

    @property
    def start(self) -> Spot:
        """The depot."""
        return Spot(self.depot, self.front)

    def spot(self, aisle: str, position: int) -> Spot | None:
        """The place so far down the aisle, counted from the front; None where there is no such aisle."""
        if aisle not in self.aisles:
            return None
        return Spot(self.aisles[aisle], min(self.front + position, self.back))


@dataclass(slots=True)
class Route:
    """A walk from the depot past all stops and back."""

    length: int
    order: list[int] = field(default_factory=list)
    """Which stop comes when: indexes of the stops as given."""
