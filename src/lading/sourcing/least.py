"""The least over all ways to give each line to a place: a dynamic program over subsets of lines. Pure.

A place that sends several lines of an order sends them together, and that never costs more than apart (postage.py), so that a way
costs the sum over its subsets, each at the place where it is cheapest; no subset needs to know of another. Places that another one
beats whatever it is given are left out before. Exact up to LINES_EXACT bundles.
"""

from collections.abc import Sequence
from typing import NamedTuple

from lading.sourcing.postage import Rate

LINES_EXACT = 10
"""Lines that are given to places one by one; of longer orders those that the same places have go together."""

_RANKS = 1 << 28
_PLACES = 1 << 12


class Item(NamedTuple):
    """What goes together to one place, whatever it costs."""

    units: int
    grams: int


class Place(NamedTuple):
    """A place that could fill lines."""

    number: int
    """Of the caller."""
    rank: int
    """Its position by the rules: equal costs are decided by it."""
    holds: int
    """The items that it has whole: bit 0 is the first."""
    rate: Rate | None = None
    """What sending costs from there; None: nothing is counted."""
    handling: int = 0
    """Minor units for its share of an order, the price for one more place among them."""
    handling_unit: int = 0


class Value(NamedTuple):
    """What a way is judged by: cost first, then the number of places, then their ranks."""

    cost: int
    places: int
    ranks: int


def value_of(number: int) -> Value:
    """Apart again."""
    rest, ranks = divmod(number, _RANKS)
    return Value(rest // _PLACES, rest % _PLACES, ranks)


def worth(place: Place, units: int, grams: int) -> int:
    """What one place's share is worth, as one number: sums of them compare as (cost, places, ranks)."""
    cost = place.handling + place.handling_unit * units
    if place.rate is not None:
        cost += place.rate(grams)
    return (cost * _PLACES + 1) * _RANKS + place.rank


def least(items: Sequence[Item], places: Sequence[Place]) -> tuple[int, list[tuple[int, int]]] | None:
    """The worth of the best way, and its shares (place number, items as bits); None where some item is nowhere whole."""
    full = (1 << len(items)) - 1
    held = 0
    for place in places:
        held |= place.holds
    if held != full:
        return None
    kept = undominated(places)
    units, grams = _sums(items)
    if len(kept) == 1:
        return worth(kept[0], units[full], grams[full]), [(kept[0].number, full)]
    best: list[int | None] = [None] * (full + 1)
    where = [-1] * (full + 1)
    for place in kept:
        part = place.holds
        while part:
            value = worth(place, units[part], grams[part])
            known = best[part]
            if known is None or value < known:
                best[part], where[part] = value, place.number
            part = (part - 1) & place.holds
    return _cover(full, best, where)


def _sums(items: Sequence[Item]) -> tuple[list[int], list[int]]:
    """Units and weight of each subset."""
    units, grams = [0] * (1 << len(items)), [0] * (1 << len(items))
    for bit, item in enumerate(items):
        step = 1 << bit
        for part in range(step):
            units[part | step] = units[part] + item.units
            grams[part | step] = grams[part] + item.grams
    return units, grams


def _cover(full: int, best: Sequence[int | None], where: Sequence[int]) -> tuple[int, list[tuple[int, int]]]:
    """The best partition of all items into subsets, each at its best place."""
    total: list[int] = [0] * (full + 1)
    first: list[int] = [0] * (full + 1)
    for mask in range(1, full + 1):
        lowest = mask & -mask
        rest = mask ^ lowest
        part, found, chosen = rest, -1, 0
        while True:  # every subset that holds the lowest item
            share = part | lowest
            value = best[share]
            if value is not None:
                value += total[mask ^ share]
                if found < 0 or value < found:
                    found, chosen = value, share
            if not part:
                break
            part = (part - 1) & rest
        total[mask], first[mask] = found, chosen
    shares: dict[int, int] = {}
    mask = full
    while mask:
        shares[where[first[mask]]] = shares.get(where[first[mask]], 0) | first[mask]
        mask ^= first[mask]
    return total[full], list(shares.items())


def undominated(places: Sequence[Place]) -> list[Place]:
    """Without places that another one beats: it has all that they have, ranks before them and never costs more."""
    groups: dict[tuple[int, int, int, int], Place] = {}
    for place in places:
        if place.holds:
            key = (id(place.rate), place.handling, place.handling_unit, place.holds)
            known = groups.get(key)
            if known is None or place.rank < known.rank:
                groups[key] = place
    found = sorted(groups.values(), key=lambda place: (place.rank, -place.holds.bit_count()))
    kept: list[Place] = []
    for place in found:
        if not any(_beats(other, place) for other in kept):
            kept.append(place)
    return kept


def _beats(one: Place, other: Place) -> bool:
    return (
        one.holds & other.holds == other.holds
        and one.rank <= other.rank
        and one.handling <= other.handling
        and one.handling_unit <= other.handling_unit
        and (
            one.rate is other.rate or (one.rate is not None and other.rate is not None and one.rate.at_most(other.rate))
        )
    )
