"""What a way costs by the table of costs, and what any way costs at least. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from lading.sourcing.core.postage import Rate
from lading.sourcing.costs import Costs
from lading.sourcing.plans import Asked, Plan
from lading.sourcing.ranking import Candidate
from lading.sourcing.rules import Take


class Bill(NamedTuple):
    """What it costs, in minor units."""

    postage: int
    handling: int
    splitting: int


def bill(plan: Plan, asked: Asked, takes: Iterable[Take]) -> Bill:
    """By the table of costs; nothing where there is none."""
    costs = plan.costs
    if costs is None:
        return Bill(0, 0, 0)
    shares: dict[UUID, tuple[int, int]] = {}
    for take in takes:
        units, grams = shares.get(take.location_id, (0, 0))
        shares[take.location_id] = (units + take.quantity, grams + plan.weight(take.sku_id) * take.quantity)
    zones = plan.zones(asked)
    postage = handling = 0
    for location_id, (units, grams) in shares.items():
        zone = zones.get(location_id)
        order, unit = costs.of_place(plan.spots[location_id].code)
        handling += order + unit * units
        postage += costs.rates[zone](grams) if zone else 0
    return Bill(postage, handling, costs.split * max(0, len(shares) - 1))


def at_least(costs: Costs, able: Sequence[Candidate], units: int, grams: int, places: int) -> int:
    """No way with so many units, grams and places costs less: the lightest parcels, or the cheapest by the gram."""
    rates: list[Rate] = [costs.rates[each.zone] for each in able if each.zone]
    handling = [costs.of_place(each.spot.code) for each in able]
    postage = 0
    if rates and len(rates) == len(able):
        postage = max(places * min(rate.least for rate in rates), int(grams * min(rate.per_gram for rate in rates)))
    order, unit = min(each[0] for each in handling), min(each[1] for each in handling)
    return postage + places * order + units * unit + costs.split * (places - 1)
