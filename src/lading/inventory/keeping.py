"""What is kept back of the stock that lies on a shelf. Safety stock and the buffers of channels come together here, and nowhere else.

Both are rules of one form: so many units (5), a percentage of what lies there ("10%"), or what is asked for in so many days
("3d"). A safety stock is kept from everybody, a buffer from the orders of one channel; of the two the larger counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from lading.inventory.types import Key, Place, Supplies


class Demand(NamedTuple):
    """Units that orders took of a product at a location, and in how many days."""

    units: int
    days: int


@dataclass(slots=True)
class Basis:
    """What percentages and days are taken of; filled only where a rule looks at it."""

    on_hand: dict[Place, int] = field(default_factory=dict)
    """Units that lie there and can be sold, or are promised: all but what is damaged or looked at."""
    demand: dict[Place, Demand] = field(default_factory=dict)


Rule = str | int
NOTHING: tuple[Rule, ...] = ("0", 0)
"""The rules that keep nothing back."""
DEMAND_WINDOW = timedelta(days=28)
"""How far back demand is counted for days of cover."""


class Parts(NamedTuple):
    """A rule as its three numbers, of which one counts: what SQL works with."""

    units: int
    percent: int
    days: int


def parts(rule: Rule) -> Parts:
    """The numbers of a rule."""
    rule = str(rule)
    match rule[-1]:
        case "%":
            return Parts(0, int(rule[:-1]), 0)
        case "d":
            return Parts(0, 0, int(rule[:-1]))
        case _:
            return Parts(int(rule), 0, 0)


def kept(rule: Rule, place: Place, basis: Basis) -> int:
    """Units that a rule keeps back there, rounded up."""
    rule = str(rule)
    match rule[-1]:
        case "%":
            return -(-basis.on_hand.get(place, 0) * int(rule[:-1]) // 100)
        case "d":
            demand = basis.demand.get(place)
            return -(-demand.units * int(rule[:-1]) // demand.days) if demand else 0
        case _:
            return int(rule)


def keep_back(supplies: Supplies, amounts: Mapping[Place, int]) -> dict[Key, int]:
    """Take those units off the shelves in place, from the last lots first; how many were taken off which row."""
    taken: dict[Key, int] = {}
    for sku_id in {sku_id for sku_id, _ in amounts}:
        missing = {location_id: units for (sku, location_id), units in amounts.items() if sku == sku_id}
        for shelf in reversed(supplies.get(sku_id, ())):
            units = min(missing.get(shelf.location_id, 0), shelf.available)
            if units > 0:
                shelf.available -= units
                missing[shelf.location_id] -= units
                taken[(sku_id, shelf.location_id, shelf.lot)] = units
    return taken


def places_of(supplies: Supplies) -> set[Place]:
    """Where the products lie."""
    return {(sku_id, shelf.location_id) for sku_id, shelves in supplies.items() for shelf in shelves}


def without(supplies: Supplies, amounts: Mapping[Place, int], sku_ids: set[UUID]) -> Supplies:
    """A copy of the shelves of those products, from which that much is kept back."""
    copy = {sku_id: [shelf.copy() for shelf in supplies.get(sku_id, ())] for sku_id in sku_ids}
    keep_back(copy, amounts)
    return copy
