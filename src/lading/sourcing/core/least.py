"""The least over all ways to give each line to a place: a dynamic program over subsets of lines. Pure.

A place that sends several lines of an order sends them together, and that never costs more than apart (postage.py), so that a way
costs the sum over its subsets, each at the place where it is cheapest; no subset needs to know of another. Places that another one
beats whatever it is given are left out before. Exact up to LINES_EXACT bundles, and beyond where `is_short` says so.
"""

from collections.abc import Sequence
from typing import NamedTuple

from lading.sourcing.core.postage import Rate

LINES_EXACT = 10
"""Lines that are given to places one by one; of longer orders those that the same places have go together."""

SEARCH_MAX = 5_000
"""Subsets of lines that are looked at for a longer order where each place has so few of them that all can be given one by one too."""

_RANKS = 1 << 28
_PLACES = 1 << 12
NEVER = 1 << 100


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


def is_short(items: int, places: Sequence[Place]) -> bool:
    """Whether so many items can be given to these places one by one."""
    if items <= LINES_EXACT:
        return True
    size = 1 << items
    return size < SEARCH_MAX and size + sum(1 << place.holds.bit_count() for place in undominated(places)) <= SEARCH_MAX


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
        _offer(place, units, grams, best, where)
    return _Cover(best, where).run(full)


def _offer(place: Place, units: Sequence[int], grams: Sequence[int], best: list[int | None], where: list[int]) -> None:
    """What each subset costs there (`worth`), where that is the best so far."""
    number, rate, of_unit, holds = place.number, place.rate, place.handling_unit, place.holds
    known = rate.known if rate else {}
    alone, scale = (place.handling * _PLACES + 1) * _RANKS + place.rank, _PLACES * _RANKS
    part = holds
    while part:
        cost = of_unit * units[part]
        if rate:
            weight = grams[part]
            price = known.get(weight)
            cost += rate(weight) if price is None else price
        value = cost * scale + alone
        before = best[part]
        if before is None or value < before:
            best[part], where[part] = value, number
        part = (part - 1) & holds


def _sums(items: Sequence[Item]) -> tuple[list[int], list[int]]:
    """Units and weight of each subset."""
    units, grams = [0] * (1 << len(items)), [0] * (1 << len(items))
    for bit, item in enumerate(items):
        step = 1 << bit
        for part in range(step):
            units[part | step] = units[part] + item.units
            grams[part | step] = grams[part] + item.grams
    return units, grams


class _Cover:
    """The best partition of items into subsets, each at its best place: from the whole downwards, only into what can still be better."""

    def __init__(self, best: Sequence[int | None], where: Sequence[int]) -> None:
        self.best, self.where = best, where
        self.least = min(filter(None, best))
        """What any subset costs at least."""
        self.found: dict[int, tuple[int, int]] = {0: (0, 0)}
        """By set: what it costs, and the subset with its first item."""
        self.above: dict[int, int] = {}
        """By set: it costs no less."""

    def run(self, full: int) -> tuple[int, list[tuple[int, int]]]:
        """(worth, shares by place)"""
        cost = self._below(full, NEVER)
        assert cost is not None
        shares: dict[int, int] = {}
        left = full
        while left:
            share = self.found[left][1]
            shares[self.where[share]] = shares.get(self.where[share], 0) | share
            left ^= share
        return cost, list(shares.items())

    def _below(self, items: int, most: int) -> int | None:
        """What they cost; None where that is not below so much."""
        if items in self.found:
            cost = self.found[items][0]
            return cost if cost < most else None
        if self.above.get(items, 0) >= most:
            return None
        best, least = self.best, self.least
        whole, lowest, limit, chosen = best[items], items & -items, most, 0
        if whole is not None and whole < limit:
            limit, chosen = whole, items
        others = part = items ^ lowest
        while part:
            part = (part - 1) & others
            value = best[part | lowest]
            if value is not None and value + least < limit:
                rest = self._below(others ^ part, limit - value)
                if rest is not None:
                    limit, chosen = value + rest, part | lowest
        if not chosen:
            self.above[items] = most
            return None
        self.found[items] = (limit, chosen)
        return limit


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
