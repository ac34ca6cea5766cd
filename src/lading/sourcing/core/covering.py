"""The fewest places that have it all together, lines divided where need be. Pure: deeper and deeper with bounds, exact within its limit."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

Product = TypeVar("Product", bound=Hashable)

STEPS_MAX = 4_000
"""Where every place has all or nothing of a product a step costs next to nothing; elsewhere it costs the number of products."""

PLACES_EXACT = 12
"""Where more places than this are needed, the fullest ones are taken."""


class Cover(NamedTuple):
    """Places by their position in what was given."""

    places: list[int]
    at_least: int
    """No fewer places have it all: proven."""


def fewest(total: Mapping[Product, int], stocked: Sequence[Mapping[Product, int]]) -> Cover | None:
    """Of the ways with the fewest places the one whose ranks sum up least; places come in the order of their ranks.

    None where not all is there. Beyond so many steps the fullest place first, and what was proven until then.
    """
    wanted = {each: units for each, units in total.items() if units > 0}
    holders: dict[Product, list[int]] = {each: [] for each in wanted}
    held, divided = dict.fromkeys(wanted, 0), False
    for number, at in enumerate(stocked):
        for each, units in at.items():
            if units > 0 and each in wanted:
                holders[each].append(number)
                held[each] += units
                divided = divided or units < wanted[each]
    if any(held[each] < units for each, units in wanted.items()):
        return None
    if not wanted:
        return Cover([], 0)
    if divided:
        return _Divided(wanted, stocked, holders).run()
    return _Whole(list(holders.values()), len(stocked)).run()


class _Whole:
    """Every place has all or nothing of each product: sets of products are the bits of a number, the scarcest product first."""

    def __init__(self, holders: Sequence[list[int]], places: int) -> None:
        self.holders = sorted(holders, key=len)
        self.has = [0] * places
        for bit, numbers in enumerate(self.holders):
            for number in numbers:
                self.has[number] |= 1 << bit
        self.most = max(has.bit_count() for has in self.has)
        self.steps = 0
        self.best: list[int] | None = None

    def run(self) -> Cover:
        full = (1 << len(self.holders)) - 1
        greedy = self._fullest_first(full)
        at_least = -(-len(self.holders) // self.most)
        if at_least > PLACES_EXACT:
            return Cover(greedy, at_least)
        for depth in range(at_least, len(greedy) + 1):
            self._look(full, [], depth)
            if self.steps >= STEPS_MAX:
                return Cover(sorted(self.best or greedy), depth)
            if self.best is not None:
                return Cover(sorted(self.best), depth)
        return Cover(greedy, len(greedy))

    def _look(self, missing: int, chosen: list[int], left: int) -> None:
        """All sets of that many places more that have the rest, but for those that rank no better than what was found."""
        if not missing:
            if self.best is None or (sum(chosen), sorted(chosen)) < (sum(self.best), sorted(self.best)):
                self.best = list(chosen)
            return
        if missing.bit_count() > left * self.most:
            return
        scarcest = self.holders[(missing & -missing).bit_length() - 1]
        for number in scarcest:
            self.steps += 1
            if self.steps >= STEPS_MAX:
                return
            if self.best is not None and sum(chosen) + number >= sum(self.best):
                return  # those behind rank no better
            rest = missing & ~self.has[number]
            if left > 1 or not rest:
                self._look(rest, [*chosen, number], left - 1)

    def _fullest_first(self, missing: int) -> list[int]:
        order: list[int] = []
        while missing:
            best = max(range(len(self.has)), key=lambda number: ((self.has[number] & missing).bit_count(), -number))
            order.append(best)
            missing &= ~self.has[best]
        return sorted(order)


class _Divided(Generic[Product]):
    """Places have parts of what is wanted of a product: what is missing is counted."""

    def __init__(
        self,
        total: Mapping[Product, int],
        stocked: Sequence[Mapping[Product, int]],
        holders: Mapping[Product, Sequence[int]],
    ) -> None:
        self.total, self.stocked, self.holders = total, stocked, holders
        self.fullest = {
            each: sorted((min(stocked[number][each], total[each]) for number in numbers), reverse=True)
            for each, numbers in holders.items()
        }
        self.steps_max = STEPS_MAX // len(total)
        self.steps = 0
        self.best: list[int] | None = None

    def run(self) -> Cover:
        greedy = self._fullest_first()
        at_least = max(self._needed(each, units) for each, units in self.total.items())
        if at_least > PLACES_EXACT:
            return Cover(greedy, at_least)
        for depth in range(at_least, len(greedy) + 1):
            self._look(dict(self.total), [], depth)
            if self.steps >= self.steps_max:
                return Cover(sorted(self.best or greedy), depth)
            if self.best is not None:
                return Cover(sorted(self.best), depth)
        return Cover(greedy, len(greedy))

    def _needed(self, each: Product, units: int) -> int:
        """No fewer places have so many of it."""
        count = 0
        for there in self.fullest[each]:
            if units <= 0:
                break
            units -= there
            count += 1
        return count

    def _look(self, missing: Mapping[Product, int], chosen: list[int], left: int) -> None:
        """As for whole products; what is missing is what no chosen place has."""
        if not missing:
            if self.best is None or (sum(chosen), sorted(chosen)) < (sum(self.best), sorted(self.best)):
                self.best = list(chosen)
            return
        if not left or any(sum(self.fullest[each][:left]) < units for each, units in missing.items()):
            return
        scarcest = min(missing, key=lambda each: len(self.holders[each]))
        for number in self.holders[scarcest]:
            if number in chosen:
                continue
            self.steps += 1
            if self.steps >= self.steps_max:
                return
            if self.best is not None and sum(chosen) + number >= sum(self.best):
                return
            at = self.stocked[number]
            rest = {each: lacks for each, units in missing.items() if (lacks := units - at.get(each, 0)) > 0}
            self._look(rest, [*chosen, number], left - 1)

    def _fullest_first(self) -> list[int]:
        missing, left, order = dict(self.total), list(range(len(self.stocked))), list[int]()
        while left and missing:
            best = max(left, key=lambda number: sum(
                min(missing[each], units) for each, units in self.stocked[number].items() if each in missing
            ))  # fmt: skip
            left.remove(best)
            order.append(best)
            at = self.stocked[best]
            missing = {each: lacks for each, units in missing.items() if (lacks := units - at.get(each, 0)) > 0}
        return sorted(order)
