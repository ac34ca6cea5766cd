"""Which location fills what.

Locations are ranked before (priority of the location, policies); the core takes, in this order: all from one location, all from
two, else as few locations as taking the fullest one first gives. A line's shelves are used up in the order of their lots
(first to expire first, where lots bear dates).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Protocol
from uuid import UUID


class Supply(Protocol):
    """What sourcing needs of a row of stock."""

    location_id: UUID
    lot: str
    available: int


@dataclass(slots=True, frozen=True)
class Want:
    """Units of a product that a line asks for."""

    line_number: int
    sku_id: UUID
    quantity: int


@dataclass(slots=True, frozen=True)
class Take:
    """Units of a line that come from one location and lot."""

    line_number: int
    sku_id: UUID
    location_id: UUID
    lot: str
    quantity: int


@dataclass(slots=True)
class Sourcing:
    """Where an order's lines come from, what is short, and why it was decided so."""

    takes: list[Take] = field(default_factory=list)
    short: dict[int, int] = field(default_factory=dict)
    """Missing units by line number."""
    reason: str = ""
    """one_location, two_locations, several_locations, short, split_not_allowed"""


Ranking = Mapping[UUID, int]
"""Locations that may fill the order, by rank (lower first). A location that is not named fills nothing."""

_PAIRS_AMONG_MAX = 12


def source(
    wants: Sequence[Want], supplies: Mapping[UUID, Sequence[Supply]], ranking: Ranking, *, may_split: bool
) -> Sourcing:
    """Decide for one order; the supplies stay as they are until `use_up`."""
    if not wants:
        return Sourcing([], {}, "one_location")
    total = _sum_by_sku(wants)
    whole = _best_with_all(total, supplies, ranking)
    if whole is not None:
        return Sourcing(_take(wants, supplies, [whole]), {}, "one_location")
    if not may_split:
        return Sourcing([], {want.line_number: want.quantity for want in wants}, "split_not_allowed")
    stocked = _stocked(total, supplies, ranking)
    for first, second in combinations(stocked[:_PAIRS_AMONG_MAX], 2):
        if all(first[1].get(sku_id, 0) + second[1].get(sku_id, 0) >= quantity for sku_id, quantity in total.items()):
            return _sourcing(wants, _take(wants, supplies, [first[0], second[0]]), "two_locations")
    return _sourcing(wants, _take(wants, supplies, _fullest_first(total, stocked)), "several_locations")


def use_up(takes: Sequence[Take], supplies: Mapping[UUID, Sequence[Supply]]) -> None:
    """What is taken is not there for the next order."""
    for take in takes:
        for shelf in supplies[take.sku_id]:
            if shelf.location_id == take.location_id and shelf.lot == take.lot:
                shelf.available -= take.quantity


def _sum_by_sku(wants: Sequence[Want]) -> dict[UUID, int]:
    """Over the whole order: two lines of one product share its stock."""
    total: dict[UUID, int] = {}
    for want in wants:
        total[want.sku_id] = total.get(want.sku_id, 0) + want.quantity
    return total


def _best_with_all(
    total: Mapping[UUID, int], supplies: Mapping[UUID, Sequence[Supply]], ranking: Ranking
) -> UUID | None:
    """The best ranked location that has all of it; whoever has all has the first product, so only its shelves are tried."""
    best: tuple[int, UUID] | None = None
    for candidate in supplies.get(next(iter(total)), ()):
        location_id = candidate.location_id
        rank = ranking.get(location_id)
        if rank is None or (best is not None and (rank, location_id) >= best):
            continue
        for sku_id, quantity in total.items():
            for shelf in supplies.get(sku_id, ()):
                if shelf.location_id == location_id:
                    quantity -= shelf.available
            if quantity > 0:
                break
        else:
            best = (rank, location_id)
    return best[1] if best else None


def _stocked(
    total: Mapping[UUID, int], supplies: Mapping[UUID, Sequence[Supply]], ranking: Ranking
) -> list[tuple[UUID, dict[UUID, int]]]:
    """Locations that have something of it, the best ranked first, each with its units by product."""
    stocked: dict[UUID, dict[UUID, int]] = {}
    for sku_id in total:
        for shelf in supplies.get(sku_id, ()):
            if shelf.available > 0 and shelf.location_id in ranking:
                at = stocked.setdefault(shelf.location_id, {})
                at[sku_id] = at.get(sku_id, 0) + shelf.available
    return sorted(stocked.items(), key=lambda entry: (ranking[entry[0]], entry[0]))


def _fullest_first(total: Mapping[UUID, int], stocked: Sequence[tuple[UUID, Mapping[UUID, int]]]) -> list[UUID]:
    """Locations in the order of how much of what is still missing they have."""
    missing, left, order = dict(total), list(stocked), []
    while left and any(missing.values()):
        best = max(left, key=lambda entry: sum(min(missing[sku_id], units) for sku_id, units in entry[1].items()))
        if not any(missing[sku_id] for sku_id in best[1]):
            break
        left.remove(best)
        order.append(best[0])
        for sku_id, units in best[1].items():
            missing[sku_id] -= min(missing[sku_id], units)
    return order


def _take(wants: Sequence[Want], supplies: Mapping[UUID, Sequence[Supply]], locations: Sequence[UUID]) -> list[Take]:
    """Fill the lines in their order from the locations in theirs."""
    gone: dict[tuple[UUID, UUID, str], int] = {}
    takes = []
    for want in wants:
        missing = want.quantity
        for location_id in locations:
            for shelf in supplies.get(want.sku_id, ()):
                if not missing:
                    break
                if shelf.location_id != location_id:
                    continue
                key = (want.sku_id, location_id, shelf.lot)
                units = min(missing, shelf.available - gone.get(key, 0))
                if units > 0:
                    takes.append(Take(want.line_number, want.sku_id, location_id, shelf.lot, units))
                    gone[key] = gone.get(key, 0) + units
                    missing -= units
    return takes


def _sourcing(wants: Sequence[Want], takes: list[Take], reason: str) -> Sourcing:
    short = {want.line_number: want.quantity for want in wants}
    for take in takes:
        short[take.line_number] -= take.quantity
    short = {line_number: quantity for line_number, quantity in short.items() if quantity}
    return Sourcing(takes, short, "short" if short else reason)
