"""The merchant's rules of sourcing at work: who may fill an order, who comes first, and what is taken. Pure.

Filters leave locations out, rules rank what is left, a strategy says what is taken; the core counts (least.py, covering.py).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import msgspec

from lading.kernel import money
from lading.kernel.ids import ZERO
from lading.sourcing.commands import FilterRule, RankingRule, Region, SaveSourcingRules, Strategy, When, ZoneInput
from lading.sourcing.geography import Point, kilometres, postal_key, prefixes
from lading.sourcing.postage import Rate

POLICY = "sourcing_rules"
"""The name under which the rules are kept among the policies; it has one scope, the merchant."""

UNKNOWN = 1 << 40
"""Ranks behind all that is known."""


class Shelf(Protocol):
    """What the plan needs of a row of stock."""

    location_id: UUID
    lot: str
    available: int
    received_at: datetime | None


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


class Candidate(NamedTuple):
    """A location that has something of what is wanted, and may fill the order."""

    spot: Spot
    has: Sequence[int]
    """Units of each product that is wanted, in their order, as far as it may send them."""
    km: int | None
    day: int
    """Days until it leaves there."""
    zone: str | None


@dataclass(slots=True)
class Costs:
    """The cost table in minor units."""

    currency: str
    zones: Sequence[ZoneInput]
    rates: Mapping[str, Rate]
    handling: Mapping[str, tuple[int, int]]
    otherwise: tuple[int, int]
    split: int
    grams: int
    """Of a product without a weight."""

    def of_place(self, code: str) -> tuple[int, int]:
        """Handling (per order, per unit)."""
        return self.handling.get(code, self.otherwise)


def costs_of(rules: SaveSourcingRules) -> Costs | None:
    """The table as numbers."""
    if rules.costs is None:
        return None
    given, digits = rules.costs, money.exponent(rules.costs.currency) or 0

    def minor(amount: str) -> int:
        return money.written_minor(amount, digits)

    bands: dict[str, list[tuple[int, int]]] = {}
    for rate in given.rates:
        bands.setdefault(rate.zone, []).append((rate.up_to_grams, minor(rate.amount)))
    return Costs(
        given.currency, given.zones, {zone: Rate.of(each) for zone, each in bands.items()},
        {each.location: (minor(each.per_order), minor(each.per_unit)) for each in given.handling},
        (minor(given.per_order), minor(given.per_unit)), minor(given.per_split), given.grams,
    )  # fmt: skip


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


class LeftOut(NamedTuple):
    """A location that has something but may not send it, and the filter that says so."""

    spot: Spot
    units: int
    filter: str


def candidates(
    plan: Plan,
    asked: Asked,
    stocked: Mapping[UUID, Sequence[int]],
    wanted: Sequence[UUID],
    days: Callable[[UUID], int],
) -> tuple[list[Candidate], list[LeftOut]]:
    """Who may fill it, and whom a filter left out wholly; a filter about products keeps only those from a location."""
    filters = plan.filtered_by(asked, wanted)
    far, zones = plan.far(asked), plan.zones(asked)
    found: list[Candidate] = []
    out: list[LeftOut] = []
    for location_id, has in stocked.items():
        spot = plan.spots.get(location_id)
        if spot is None:
            continue
        day, km, last = days(location_id), far[location_id], ""
        kept = has
        for each in filters:
            less = without(plan, each, spot, wanted, kept, km, day)
            if less != kept:
                kept, last = less, each.name
        if not last or any(kept):
            found.append(Candidate(spot, kept, km, day, zones[location_id]))
        else:
            out.append(LeftOut(spot, sum(has), last))
    return found, out


def without(
    plan: Plan, rule: FilterRule, spot: Spot, wanted: Sequence[UUID], has: Sequence[int], km: int | None, day: int
) -> Sequence[int]:
    """What it may still send of what it has."""
    products, least = plan.products(rule.when), 0
    if rule.by == "stock":
        least = rule.units or 0
        if min(has) >= least:
            return has
    elif rule.by == "capability" and rule.capability == "hazardous":
        if "hazardous" in spot.capabilities or not plan.hazardous:
            return has
        products = plan.hazardous
    elif not _stops(plan, rule, spot, km, day):
        return has
    return [
        units if (products and id_ not in products) or (least and units >= least) else 0
        for id_, units in zip(wanted, has, strict=True)
    ]


def _stops(plan: Plan, rule: FilterRule, spot: Spot, km: int | None, day: int) -> bool:
    if rule.by == "distance":
        return km is not None and km > (rule.km or 0)
    if rule.by == "capability":
        return rule.capability not in spot.capabilities
    if rule.by == "cut_off":
        return day > (rule.days or 0)
    if rule.by == "workload":
        return plan.workload(spot.id) > (rule.orders or 0)
    named = spot.code in rule.locations or spot.kind in rule.kinds or not spot.groups.isdisjoint(rule.groups)
    return named == (rule.by == "never")


def may_send(plan: Plan, asked: Asked, sku_id: UUID, location_id: UUID, units: int) -> bool:
    """Whether so many units of a product that lie or arrive there can be promised: no filter (`filters_in_force`) keeps them there."""
    return location_id in plan.spots and kept_by(plan, asked, sku_id, location_id, units) is None


def kept_by(plan: Plan, asked: Asked, sku_id: UUID, location_id: UUID, units: int) -> str | None:
    """The first filter that keeps so many units of a product there; None where none does."""
    spot, km = plan.spots[location_id], plan.far(asked)[location_id]
    filters = plan.filtered_by(asked, [sku_id])
    return next((each.name for each in filters if not any(without(plan, each, spot, [sku_id], [units], km, 0))), None)


def promised_later(plan: Plan | None, days: Callable[[UUID, UUID], int | None]) -> Callable[[UUID, UUID], int | None]:
    """Those days after which what arrives is promised, by (product, location); None where filters keep there what arrives."""
    if plan is None:
        return days
    return lambda sku_id, location_id: (
        days(sku_id, location_id) if may_send(plan, NOBODY, sku_id, location_id, UNKNOWN) else None
    )


class Ranked(NamedTuple):
    """Candidates in the order of the rules, and what each rule says of each."""

    candidates: list[Candidate]
    names: list[str]
    """Of the rules that tell some of them apart."""
    keys: Mapping[UUID, Sequence[float]]
    """By location: lower is better; one number a rule of `names`."""


def rank(
    plan: Plan,
    asked: Asked,
    found: Sequence[Candidate],
    wanted: Collection[UUID],
    supplies: Mapping[UUID, Sequence[Shelf]],
) -> Ranked:
    """The first rule that tells two apart decides; what no rule decides, the location's priority does, then its code."""
    columns: list[list[float]] = []
    names: list[str] = []
    for rule in plan.ranked_by(asked, wanted) if len(found) > 1 else ():
        column = _column(plan, rule, found, wanted, supplies)
        if any(value != column[0] for value in column):
            columns.append(column)
            names.append(rule.name)
    keys = {each.spot.id: [column[index] for column in columns] for index, each in enumerate(found)}
    ordered = sorted(found, key=lambda each: (keys[each.spot.id], each.spot.priority, each.spot.code))
    return Ranked(ordered, names, keys)


def _column(
    plan: Plan,
    rule: RankingRule,
    found: Sequence[Candidate],
    wanted: Collection[UUID],
    supplies: Mapping[UUID, Sequence[Shelf]],
) -> list[float]:
    """What a rule says of each; all the same: it abstains."""
    if rule.by == "listed":
        places = {code: number for number, code in enumerate(rule.locations)}
        return [places.get(each.spot.code, len(places)) for each in found]
    if rule.by == "oldest_stock":
        oldest = _oldest(wanted, supplies)
        return [oldest.get(each.spot.id, UNKNOWN) for each in found]
    return [_number(plan, rule, each) for each in found]


def _number(plan: Plan, rule: RankingRule, each: Candidate) -> float:
    if rule.by == "nearest":
        return UNKNOWN if each.km is None else each.km
    if rule.by == "most_stock":
        return -sum(each.has)
    if rule.by == "lowest_workload":
        return plan.workload(each.spot.id)
    if rule.by == "soonest":
        return each.day
    if rule.by == "stores_last":
        return each.spot.kind == "store"
    return each.spot.priority


def _oldest(wanted: Collection[UUID], supplies: Mapping[UUID, Sequence[Shelf]]) -> dict[UUID, float]:
    """When the oldest lot of what is wanted came, by location."""
    oldest: dict[UUID, float] = {}
    for sku_id in wanted:
        for shelf in supplies.get(sku_id, ()):
            if shelf.received_at is not None and shelf.available > 0:
                came = shelf.received_at.timestamp()
                oldest[shelf.location_id] = min(oldest.get(shelf.location_id, came), came)
    return oldest


def in_force(policies: Mapping[str, Mapping[tuple[str, UUID], Any]]) -> SaveSourcingRules | None:
    """The merchant's rules, products in them as ids; None where there are none."""
    value = policies.get(POLICY, {}).get(("merchant", ZERO))
    return msgspec.convert(value, SaveSourcingRules) if value else None


def weighs_stock(policies: Mapping[str, Mapping[tuple[str, UUID], Any]]) -> bool:
    """Whether they ask how much a location has in all."""
    rules = in_force(policies) if POLICY in policies else None
    return rules is not None and (
        any(each.by == "stock" for each in rules.filters) or any(each.by == "most_stock" for each in rules.rules)
    )


def hazardous(policies: Mapping[str, Mapping[tuple[str, UUID], Any]]) -> frozenset[UUID]:
    """Products that are dangerous goods, of those whose policies were read."""
    return frozenset(id_ for (kind, id_), value in policies.get("hazardous", {}).items() if kind == "sku" and value)


PASSING = ("cut_off", "workload")
"""Filters that say something else an hour later: they steer orders, and are no part of what is promised (ADR 0020)."""


def filters_in_force(policies: Mapping[str, Mapping[tuple[str, UUID], Any]]) -> SaveSourcingRules | None:
    """Those of them that say what can be promised; None where there are none."""
    rules = in_force(policies)
    filters = [each for each in rules.filters if each.by not in PASSING] if rules else []
    return SaveSourcingRules(filters=filters) if filters else None
