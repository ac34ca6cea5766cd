"""The fewest places that have it all together, lines divided where need be. Pure: deeper and deeper with bounds, exact within its limit."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

Product = TypeVar("Product", bound=Hashable)

STEPS_MAX = 20_000


class Cover(NamedTuple):
    """Places by their position in what was given."""

    places: list[int]
    at_least: int
    """No fewer places have it all: proven."""


def fewest(total: Mapping[Product, int], stocked: Sequence[Mapping[Product, int]]) -> Cover | None:
    """Of the ways with the fewest places the one whose ranks sum up least; places come in the order of their ranks.

    None where not all is there. Beyond STEPS_MAX steps the fullest place first, and what was proven until then.
    """
    held = dict.fromkeys(total, 0)
    for at in stocked:
        for each, units in at.items():
            if each in held:
                held[each] += units
    if any(held[each] < units for each, units in total.items()):
        return None
    return _Search(total, stocked).run()


class _Search(Generic[Product]):
    """One search; `best` is what was found at the depth that is looked at."""

    def __init__(self, total: Mapping[Product, int], stocked: Sequence[Mapping[Product, int]]) -> None:
        self.total, self.stocked = total, stocked
        self.holders = {
            each: [number for number, at in enumerate(stocked) if at.get(each, 0) > 0]
            for each, units in total.items()
            if units > 0
        }
        self.fullest = {
            each: sorted((min(stocked[number][each], total[each]) for number in numbers), reverse=True)
            for each, numbers in self.holders.items()
        }
        self.steps = 0
        self.best: list[int] | None = None

    def run(self) -> Cover:
        greedy = self._fullest_first()
        at_least = max((self._needed(each, units) for each, units in self.total.items() if units > 0), default=0)
        for depth in range(at_least, len(greedy) + 1):
            self._look(dict(self.total), [], depth)
            if self.best is not None:
                return Cover(sorted(self.best), depth)
            if self.steps >= STEPS_MAX:
                return Cover(greedy, depth)
        return Cover(greedy, len(greedy))

    def _needed(self, each: Product, units: int) -> int:
        """No fewer places have so many of it."""
        for count, there in enumerate(self.fullest[each], 1):
            units -= there
            if units <= 0:
                return count
        return len(self.fullest[each])

    def _look(self, missing: Mapping[Product, int], chosen: list[int], left: int) -> None:
        """All sets of that many places more, but for those that cannot be better than what was found."""
        wanted = [each for each, units in missing.items() if units > 0]
        if not wanted:
            if self.best is None or (sum(chosen), sorted(chosen)) < (sum(self.best), sorted(self.best)):
                self.best = list(chosen)
            return
        if (
            not left
            or self.steps >= STEPS_MAX
            or any(sum(self.fullest[each][:left]) < missing[each] for each in wanted)
        ):
            return
        scarce = min(wanted, key=lambda each: len(self.holders[each]))
        done = set(chosen)
        for number in self.holders[scarce]:
            if number in done:
                continue
            self.steps += 1
            if self.steps >= STEPS_MAX:
                return
            if self.best is not None and sum(chosen) + number >= sum(self.best):
                break  # those behind rank no better
            at = self.stocked[number]
            rest = {each: units - at.get(each, 0) for each, units in missing.items()}
            self._look(rest, [*chosen, number], left - 1)

    def _fullest_first(self) -> list[int]:
        missing, left, order = dict(self.total), list(range(len(self.stocked))), []
        while left and any(units > 0 for units in missing.values()):
            best = max(left, key=lambda number: sum(
                min(missing[each], units) for each, units in self.stocked[number].items() if missing.get(each, 0) > 0
            ))  # fmt: skip
            left.remove(best)
            order.append(best)
            for each, units in self.stocked[best].items():
                if each in missing:
                    missing[each] -= units
        return order
