"""The merchant's rules in force, and the facts that they look at. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from lading.sourcing.commands import FilterRule, RankingRule, Region, SaveSourcingRules, Strategy, When, ZoneInput
from lading.sourcing.costs import Costs, costs_of
from lading.sourcing.geography import Point, kilometres, postal_key, prefixes


class Asked(NamedTuple):
    """What sourcing may know of an order beside its lines; nothing of it is a name."""

    channel: str | None = None
    country: str | None = None
    postal_code: str | None = None
    may_split: bool | None = None
    """What the order says itself; None: as the rules and policies say."""
    together: frozenset[int] = frozenset()
    """Lines that come whole from one place."""
    elsewhere: tuple[tuple[int, str, str | None], ...] = ()
    """Lines that go somewhere else than the order: (number, country, postal code)."""

    @property
    def apart(self) -> "list[tuple[frozenset[int], Asked]]":
        """What is known of the lines of each other place that they go to."""
        places = sorted({each[1:] for each in self.elsewhere}, key=str)
        return [
            (
                frozenset(number for number, *other in self.elsewhere if tuple(other) == place),
                self._replace(country=place[0], postal_code=place[1], elsewhere=()),
            )
            for place in places
        ]

    def of_line(self, number: int) -> "Asked":
        """What is known of one line: it may go somewhere else than the order."""
        return next((known for numbers, known in self.apart if number in numbers), self)


NOBODY = Asked()
"""Asked by the house itself."""


class Spot(NamedTuple):
    """A location as the rules see it."""

    id: UUID
    code: str
    kind: str
    groups: frozenset[str]
    """The group that it stands in, and those above it."""
    country: str
    at: Point | None
    capabilities: frozenset[str]
    priority: int
    workload: int
    """Its orders to pick or to pack."""


def conditions(rules: SaveSourcingRules) -> list[When]:
    """What all rules are about, in their order."""
    whens = [rule.when for rule in rules.rules] + [rule.when for rule in rules.filters]
    return whens + [rule.when for rule in rules.strategies]


@dataclass(slots=True)
class Plan:
    """The rules in force, and the facts that they look at, for one batch."""

    rules: SaveSourcingRules
    """Products in them are ids."""
    version: int
    spots: Mapping[UUID, Spot]
    grams: Mapping[UUID, int] = field(default_factory=dict)
    areas: Mapping[tuple[str, str], Point] = field(default_factory=dict)
    """(country, beginning of a postal code)"""
    hazardous: frozenset[UUID] = frozenset()
    """Products that are dangerous goods."""
    busy: dict[UUID, int] = field(default_factory=dict)
    """Orders that the batch gave to locations."""
    costs: Costs | None = None
    _far: dict[tuple[str | None, str | None], dict[UUID, int | None]] = field(default_factory=dict)
    _products: dict[int, frozenset[UUID]] = field(default_factory=dict)
    _zones: dict[tuple[str | None, str | None], dict[UUID, str | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.costs = costs_of(self.rules)
        for when in conditions(self.rules):
            self._products[id(when)] = frozenset(UUID(product) for product in when.products)

    def anew(self) -> "Plan":
        """For a decision from the beginning: the batch gave nothing to anybody yet."""
        self.busy.clear()
        return self

    def fits(self, when: When, asked: Asked, wanted: Collection[UUID]) -> bool:
        """Whether a rule is about that order."""
        if when.channels and asked.channel not in when.channels:
            return False
        if when.regions and not in_regions(when.regions, asked):
            return False
        return not when.products or not self._products[id(when)].isdisjoint(wanted)

    def products(self, when: When) -> frozenset[UUID]:
        """The products that a rule is about; none: all."""
        return self._products[id(when)]

    def strategy(self, asked: Asked, wanted: Collection[UUID]) -> Strategy | None:
        """The first that fits."""
        return next((each for each in self.rules.strategies if self.fits(each.when, asked, wanted)), None)

    def ranked_by(self, asked: Asked, wanted: Collection[UUID]) -> list[RankingRule]:
        """The rules about that order, in their order."""
        return [each for each in self.rules.rules if self.fits(each.when, asked, wanted)]

    def filtered_by(self, asked: Asked, wanted: Collection[UUID]) -> list[FilterRule]:
        """The filters about that order, in their order."""
        return [each for each in self.rules.filters if self.fits(each.when, asked, wanted)]

    def far(self, asked: Asked) -> dict[UUID, int | None]:
        """Kilometres from each location to the address; None where one of them is not on the map."""
        key = (asked.country, asked.postal_code)
        found = self._far.get(key)
        if found is None:
            there = self._point(asked)
            found = self._far[key] = {
                id_: None if there is None or spot.at is None else round(kilometres(spot.at, there))
                for id_, spot in self.spots.items()
            }
        return found

    def _point(self, asked: Asked) -> Point | None:
        if asked.country is None or asked.postal_code is None:
            return None
        return next(
            (
                point
                for prefix in prefixes(asked.postal_code)
                if (point := self.areas.get((asked.country, prefix))) is not None
            ),
            None,
        )

    def zones(self, asked: Asked) -> Mapping[UUID, str | None]:
        """The first zone that fits, by location; None where none does, or nothing is counted."""
        key = (asked.country, asked.postal_code)
        found = self._zones.get(key)
        if found is None:
            far, costs = self.far(asked), self.costs
            found = self._zones[key] = {
                id_: next((each.zone for each in costs.zones if _in_zone(each, spot, asked, far[id_])), None)
                if costs
                else None
                for id_, spot in self.spots.items()
            }
        return found

    def workload(self, location_id: UUID) -> int:
        """Orders to pick or to pack, with what the batch gave it."""
        return self.spots[location_id].workload + self.busy.get(location_id, 0)

    def weight(self, sku_id: UUID) -> int:
        """Grams of one unit."""
        return self.grams.get(sku_id) or (self.costs.grams if self.costs else 0)


def in_regions(regions: Iterable[Region], asked: Asked) -> bool:
    """Whether it goes to one of them."""
    key = postal_key(asked.postal_code or "")
    return any(
        region.country == asked.country
        and (not region.postal_codes or any(key.startswith(postal_key(code)) for code in region.postal_codes))
        for region in regions
    )


def _in_zone(zone: ZoneInput, spot: Spot, asked: Asked, km: int | None) -> bool:
    if zone.locations and spot.code not in zone.locations:
        return False
    if zone.regions and not in_regions(zone.regions, asked):
        return False
    return zone.up_to_km is None or (km is not None and km <= zone.up_to_km)
