"""One order on its way to its places, and a way that was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from lading.sourcing.plans import Asked, Plan
from lading.sourcing.ranking import LeftOut, Ranked
from lading.sourcing.rules import Supply, Take, Want


class Way(NamedTuple):
    """What was found: each location's wants, or the locations in the order in which they fill."""

    takes: list[Take]
    at_least_places: int
    exact: bool


@dataclass(slots=True)
class Question:
    """One order on its way to its places."""

    plan: Plan
    asked: Asked
    wants: Sequence[Want]
    wanted: Sequence[UUID]
    """The products, each once."""
    supplies: Mapping[UUID, Sequence[Supply]]
    ranked: Ranked
    out: list[LeftOut]
    empty: int
    """Locations that may fill orders and have nothing of it."""
    take: str
    strategy: str | None
    may_split: bool
