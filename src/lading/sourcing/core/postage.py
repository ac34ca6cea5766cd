"""What it costs to send a weight, by bands. Pure; amounts in minor units, weights in grams."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

Band = tuple[int, int]
"""(up to so many grams, minor units)"""

PARCELS_MAX = 10_000
"""What is heavier than so many of the largest parcels costs as if it were sent in those alone."""

LOOKED_AT = 4
"""Beyond so many of the largest parcels the first ones go in the size that is cheapest by weight; what is left is looked at closely."""


@lru_cache(maxsize=1_024)
def _bands(bands: tuple[Band, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Limits and amounts by weight; what a heavier parcel costs less for, a lighter one costs too."""
    limits, amounts, least = [], [], None
    for limit, amount in sorted(bands, reverse=True):
        least = amount if least is None else min(least, amount)
        limits.append(limit)
        amounts.append(least)
    return tuple(reversed(limits)), tuple(reversed(amounts))


@dataclass(slots=True)
class Rate:
    """The bands of one zone. What is too heavy, or cheaper in several parcels, goes in several: the cheapest of them count.

    So two weights never cost less apart than together, which is what makes the search exact.
    """

    bands: tuple[Band, ...]
    """At least one."""
    known: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, bands: Iterable[Band]) -> "Rate":
        """From bands in any order."""
        return cls(tuple(sorted(bands)))

    def __call__(self, grams: int) -> int:
        """What so many grams cost."""
        found = self.known.get(grams)
        if found is None:
            found = self.known[grams] = self._price(grams)
        return found

    def _price(self, grams: int) -> int:
        limits, amounts = _bands(self.bands)
        heaviest = limits[-1]
        whole = max(0, grams // heaviest - LOOKED_AT)
        if whole > PARCELS_MAX:
            return -(-grams // heaviest) * amounts[-1]
        best = min(range(len(limits)), key=lambda number: amounts[number] / limits[number])
        spared = 0
        if whole:
            count = (whole * heaviest) // limits[best]
            spared, grams = count * amounts[best], grams - count * limits[best]
        return spared + self._cheapest(grams)

    def _cheapest(self, grams: int) -> int:
        """Over all sets of parcels that hold it: the least cost to have so much room, weight by weight that can be left."""
        limits, amounts = _bands(self.bands)
        cost, left = {grams: 0}, [grams]
        good = min(range(len(limits)), key=lambda number: amounts[number] / limits[number])
        best: int | None = None
        while left:
            weight = left.pop()
            paid = cost[weight]
            if best is not None and (best - paid) * limits[good] <= weight * amounts[good]:
                continue  # not even by the gram
            fits = bisect_left(limits, weight)
            if fits < len(limits):
                best = paid + amounts[fits] if best is None else min(best, paid + amounts[fits])
            for limit, amount in zip(limits[:fits], amounts, strict=False):
                rest = weight - limit
                if paid + amount < cost.get(rest, 1 << 62) and (best is None or paid + amount < best):
                    cost[rest] = paid + amount
                    left.append(rest)
        assert best is not None
        return best

    def at_most(self, other: "Rate") -> bool:
        """Whether it never costs more than another one."""
        if self.bands == other.bands:
            return True
        (limits, amounts), (theirs, their_amounts) = _bands(self.bands), _bands(other.bands)
        for limit, amount in zip(theirs, their_amounts, strict=True):
            fits = bisect_left(limits, limit)
            if fits == len(limits) or amounts[fits] > amount:
                return False
        return True

    @property
    def per_gram(self) -> float:
        """No weight costs less a gram than this."""
        limits, amounts = _bands(self.bands)
        return min(amount / limit for limit, amount in zip(limits, amounts, strict=True))

    @property
    def least(self) -> int:
        """What the lightest parcel costs."""
        return _bands(self.bands)[1][0]
