"""Who may fill an order, and who comes first: filters leave locations out, rules rank what is left. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from lading.sourcing.commands import FilterRule, RankingRule
from lading.sourcing.plans import NOBODY, Asked, Plan, Spot

UNKNOWN = 1 << 40
"""Ranks behind all that is known."""


class Shelf(Protocol):
    """What the plan needs of a row of stock."""

    location_id: UUID
    lot: str
    available: int
    received_at: datetime | None


class Candidate(NamedTuple):
    """A location that has something of what is wanted, and may fill the order."""

    spot: Spot
    has: Sequence[int]
    """Units of each product that is wanted, in their order, as far as it may send them."""
    km: int | None
    day: int
    """Days until it leaves there."""
    zone: str | None


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
