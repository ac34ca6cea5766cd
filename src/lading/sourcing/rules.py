"""Which location fills what.

Locations are ranked before (priority of the location, policies); the core takes all from one location, else from as few as there
are ways to (core/covering.py). A line's shelves are used up in the order of their lots (first to expire first, where lots bear dates).
A kit comes whole from one location; several kits may come from several.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any, Protocol, TypeVar
from uuid import UUID

from msgspec import Struct

from lading.sourcing.core import covering
from lading.terms.days import Booked


class Supply(Protocol):
    """What sourcing needs of a row of stock."""

    location_id: UUID
    lot: str
    available: int


class Want(Struct, frozen=True, gc=False):
    """Units of a product that a line asks for."""

    line_number: int
    sku_id: UUID
    quantity: int
    kit: int = 0
    """The line of the kit that it is a part of, where that kit stays whole; the parts of one kit follow each other."""
    per_kit: int = 1
    whole: int = 0
    """What else must be found for it to be taken: ORDER for all that the order wants, or the line that goes whole; 0: nothing."""


ORDER = -1
"""In `Want.whole`."""


class Take(Struct, frozen=True, gc=False):
    """Units of a line that come from one location and lot."""

    line_number: int
    sku_id: UUID
    location_id: UUID
    lot: str
    quantity: int
    bucket: str = "available"
    """`reserved` where a reservation of the order's own gives them."""


@dataclass(slots=True)
class Sourcing:
    """Where an order's lines come from, what is short, and why it was decided so."""

    takes: list[Take] = field(default_factory=list)
    short: dict[int, int] = field(default_factory=dict)
    """Missing units by line number."""
    reason: str = ""
    """one_location, two_locations, several_locations, short, split_not_allowed, ship_complete; reserved where it was all
    kept for the order"""
    assembled: frozenset[int] = frozenset()
    """Lines of stocked kits that are put together from their parts, for they are not in stock."""
    ship_on: dict[UUID, date] = field(default_factory=dict)
    """The day on which it leaves, for locations with a schedule."""
    booked: list[Booked] = field(default_factory=list)
    """What it takes of the days of locations with a capacity."""
    pools: list[tuple[int, UUID, int]] = field(default_factory=list)
    """What counts for a pool of the channel, once it is taken: (line, pool, units)."""
    why: dict[str, Any] | None = None
    """By rules of the merchant: candidates, costs, and why the others lost, as the journal keeps it."""


Found = TypeVar("Found", bound=Sourcing)

Ranking = Mapping[UUID, int]
"""Locations that may fill the order, by rank (lower first). A location that is not named fills nothing."""


def source(
    wants: Sequence[Want], supplies: Mapping[UUID, Sequence[Supply]], ranking: Ranking, *, may_split: bool
) -> Sourcing:
    """Decide for one order; the supplies stay as they are until `use_up`."""
    if not wants:
        return Sourcing([], {}, "one_location")
    total = _sum_by_sku(wants)
    whole = _best_with_all(total, supplies, ranking)
    if whole is not None:
        return Sourcing(take_from(wants, supplies, [whole]), {}, "one_location")
    if not may_split:
        return Sourcing([], _sum_by_line(wants), "split_not_allowed")
    stocked = _stocked(total, supplies, ranking)
    locations = [stocked[number][0] for number in _fewest(total, stocked)]
    if any(want.kit for want in wants):
        locations += [location_id for location_id, _ in stocked if location_id not in locations]
    return sourcing_of(wants, take_from(wants, supplies, locations))


def _fewest(total: Mapping[UUID, int], stocked: Sequence[tuple[UUID, Mapping[UUID, int]]]) -> list[int]:
    """The fewest locations that have all that is there; kits that stay whole may need more."""
    there = dict.fromkeys(total, 0)
    for _, at in stocked:
        for sku_id, units in at.items():
            there[sku_id] += units
    reachable = {sku_id: min(units, there[sku_id]) for sku_id, units in total.items()}
    cover = covering.fewest(reachable, [at for _, at in stocked])
    return cover.places if cover else []


def together(wants: Sequence[Want], lacking: set[int], find: Callable[[Sequence[Want]], Found]) -> Found:
    """Source where some wants go whole or not at all: what lacks a unit takes none, and leaves the others more to choose from.

    `lacking` goes nowhere whatever is found. The sourcing is short of what is missing; what is there and is not taken is in neither.
    """
    left, missing = list(wants), dict[int, int]()
    while True:
        found = find(left)
        missing |= found.short
        lacking |= {want.whole for want in left if want.whole and want.line_number in found.short}
        going = [want for want in left if want.whole not in lacking]
        if len(going) == len(left):
            break
        left = going
    if len(left) < len(wants):
        found.reason = "ship_complete"
    found.short = missing
    return found


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


def _sum_by_line(wants: Sequence[Want]) -> dict[int, int]:
    total: dict[int, int] = {}
    for want in wants:
        total[want.line_number] = total.get(want.line_number, 0) + want.quantity
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


_KIT = attrgetter("kit")

Gone = dict[tuple[UUID, UUID, str], int]
"""Units taken by (SKU, location, lot)."""


def take_from(
    wants: Sequence[Want], supplies: Mapping[UUID, Sequence[Supply]], locations: Sequence[UUID]
) -> list[Take]:
    """Fill kits first, for they cannot come from just anywhere; then the lines in their order, from the locations in theirs."""
    gone: Gone = {}
    takes: list[Take] = []
    for kit, parts in groupby(wants, key=_KIT):
        if kit:
            takes += _fill_kits(list(parts), supplies, locations, gone)
    for want in wants:
        if not want.kit:
            takes += _fill(want, want.quantity, supplies, locations, gone)
    return takes


def _fill(
    want: Want, missing: int, supplies: Mapping[UUID, Sequence[Supply]], locations: Sequence[UUID], gone: Gone
) -> list[Take]:
    """So many units of a line, or as many as there are."""
    takes: list[Take] = []
    for location_id in locations:
        for shelf in supplies.get(want.sku_id, ()):
            if not missing:
                return takes
            if shelf.location_id != location_id:
                continue
            key = (want.sku_id, location_id, shelf.lot)
            units = min(missing, shelf.available - gone.get(key, 0))
            if units > 0:
                takes.append(Take(want.line_number, want.sku_id, location_id, shelf.lot, units))
                gone[key] = gone.get(key, 0) + units
                missing -= units
    return takes


def _fill_kits(
    parts: Sequence[Want], supplies: Mapping[UUID, Sequence[Supply]], locations: Sequence[UUID], gone: Gone
) -> list[Take]:
    """At each location as many whole kits as it has the parts for."""
    takes: list[Take] = []
    missing = min(part.quantity // part.per_kit for part in parts)
    for location_id in locations:
        if not missing:
            break
        kits = min(missing, *(_left(part.sku_id, location_id, supplies, gone) // part.per_kit for part in parts))
        if kits > 0:
            for part in parts:
                takes += _fill(part, kits * part.per_kit, supplies, [location_id], gone)
            missing -= kits
    return takes


def _left(sku_id: UUID, location_id: UUID, supplies: Mapping[UUID, Sequence[Supply]], gone: Gone) -> int:
    """Units that a location still has."""
    shelves = (shelf for shelf in supplies.get(sku_id, ()) if shelf.location_id == location_id)
    return sum(shelf.available - gone.get((sku_id, location_id, shelf.lot), 0) for shelf in shelves)


def sourcing_of(wants: Sequence[Want], takes: list[Take]) -> Sourcing:
    """What is short when that is taken, and from how many locations it comes."""
    short = _sum_by_line(wants)
    for take in takes:
        short[take.line_number] -= take.quantity
    short = {line_number: quantity for line_number, quantity in short.items() if quantity}
    places = len({take.location_id for take in takes})
    reason = "one_location" if places < 2 else "two_locations" if places == 2 else "several_locations"
    return Sourcing(takes, short, "short" if short else reason)
