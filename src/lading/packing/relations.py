"""Whether pieces fit into a carton, decided by who is apart from whom along which axis. Pure; bounded by a number of steps.

In every packing two pieces are apart along some axis. Which pairs are apart along which axis, and how each piece is turned, says all there
is to know of a packing but for who comes first: packings that differ only in that are one case here instead of very many. The search
chooses a turn or a pair with few ways left, thinks through what follows, and turns back at a contradiction. A pair for which an
axis was tried is not apart along it in what comes after, so no packing is looked at twice; of those that differ only in which of two
alike pieces is which, one is. Where the search ends without a packing and without having run out of steps, there is none.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from lading.packing.cases import AXES, Case, Question
from lading.packing.sides import MEMBERS, Contradiction, Sides
from lading.packing.spaces import Turns
from lading.packing.types import Piece, Placed, Size


class OutOfSteps(Exception):
    """It was not decided."""


class Misfit(NamedTuple):
    """They do not fit."""

    core: Sequence[int]
    """Places of pieces that do not fit by themselves either."""


@dataclass(slots=True)
class Steps:
    """How far searches may go."""

    left: int


STEPS_ALONE = 8
"""After so many steps quick tries go along with each: what is easy for one of them ought not to wait for the other."""
STEPS_OF_CORE = 2
"""A search for the pieces that are all the trouble may take so many times the steps of the search that named them."""

Tries = Iterator[list[Placed] | None]
"""Quick ways to lay the pieces, and what came of each."""


def search(
    pieces: Sequence[Piece], turns: Sequence[Turns], inner: Size, steps: Steps, tries: Tries | None = None
) -> list[Placed] | Misfit:
    """A packing of all pieces, unless there is none. Raises OutOfSteps."""
    begun = steps.left
    looking = _Search(pieces, turns, inner, steps, tries or iter(()))
    found = looking.run()
    if found is not None:
        return found
    core = looking.core()
    if core and len(core) < len(pieces):
        # Where these are all the trouble no other set with them in it need be searched.
        most = min(steps.left, STEPS_OF_CORE * (begun - steps.left))
        fewer = Steps(most)
        with suppress(OutOfSteps):
            try:
                again = search([pieces[at] for at in core], [turns[at] for at in core], inner, fewer)
            finally:
                steps.left -= most - max(fewer.left, 0)
            if isinstance(again, Misfit):
                return Misfit([core[at] for at in again.core])
    return Misfit(range(len(pieces)))


class _Search:
    def __init__(
        self, pieces: Sequence[Piece], turns: Sequence[Turns], inner: Size, steps: Steps, tries: Tries
    ) -> None:
        volume = [piece.size[0] * piece.size[1] * piece.size[2] for piece in pieces]
        # The most restricted first, alike ones beside each other.
        self.order = sorted(range(len(pieces)), key=lambda at: (-volume[at], pieces[at].size, pieces[at]))
        self.pieces = [pieces[at] for at in self.order]
        self.asked = Question(self.pieces, [turns[at] for at in self.order], inner)
        self.steps, self.tries, self.tries_below = steps, tries, steps.left - STEPS_ALONE
        self.weight = {(one, other): 1 for other in range(len(pieces)) for one in range(other + 1)}
        """By pair: once more than it was contradictory to part it; by piece, paired with itself: to turn it."""
        self.touched = 0
        """The pieces, as bits, that were turned or parted to see what comes of it."""
        self.failed = False
        """Whether what was looked at last was contradictory at once."""

    def run(self) -> list[Placed] | None:
        return self._go(Case(self.asked))

    def core(self) -> list[int]:
        """Those that may well be all the trouble: what the search was about; all but the smallest where it needed none."""
        return [self.order[k] for k in (MEMBERS[self.touched] if self.touched else range(len(self.order) - 1))]

    def _go(self, case: Case) -> list[Placed] | None:
        self.steps.left -= 1
        if self.steps.left < 0:
            raise OutOfSteps
        if self.steps.left < self.tries_below and (found := next(self.tries, None)):
            return found
        self.failed = True
        try:
            case.conclude()
            chosen = self._fewest_ways(case)
            if chosen is None:
                return self._lay(case)
        except Contradiction:
            return None
        one, other = chosen
        self.touched |= 1 << one | 1 << other
        for branch in self._turn(case, one) if one == other else self._part(case, one, other):
            self.failed = False
            if found := self._go(branch):
                return found
            if self.failed:
                self.weight[chosen] += 1
        self.failed = False
        return None

    def _fewest_ways(self, case: Case) -> tuple[int, int] | None:
        """A pair to part, or a piece to turn (named twice): the one with the fewest ways left for how often it was contradictory.

        (Boussemart, Hemery, Lecoutre and Sais, "Boosting systematic search by weighting constraints", 2004.)
        """
        weight, fewest, chosen = self.weight, 9.0, None
        for k, ways in enumerate(case.ways):
            if len(ways) > 1 and (score := len(ways) / weight[k, k]) < fewest:
                fewest, chosen = score, (k, k)
        (x_may, y_may, z_may), (x, y, z) = case.may, case.apart
        for k in range(1, len(self.pieces)):
            if open_ := (1 << k) - 1 & ~(x[k] | y[k] | z[k]):
                three = x_may[k] & y_may[k] & z_may[k]
                for other in MEMBERS[open_]:
                    if (score := (3 if three >> other & 1 else 2) / weight[other, k]) < fewest:
                        fewest, chosen = score, (other, k)
        return chosen

    def _part(self, case: Case, one: int, other: int) -> Iterator[Case]:
        """The two are apart along one axis; if not, along another one."""
        axes = [axis for axis in AXES if case.may[axis][one] >> other & 1]
        axes.sort(key=lambda axis: (case.size[axis][one] + case.size[axis][other]) / self.asked.inner[axis])
        if self.pieces[one].fragile != self.pieces[other].fragile:
            axes.sort(
                key=lambda axis: axis == 2
            )  # So who is above whom is asked only where they are apart in no other way.
        for axis in axes[:-1]:
            found = case.copy()
            found.part(axis, one, other)
            yield found
            case.forbid(axis, one, other)
        yield case

    def _turn(self, case: Case, k: int) -> Iterator[Case]:
        """The piece is turned in each way; those like it that come later in none that comes earlier, and the other way round."""
        for way in case.ways[k]:
            turn = way[3]
            found = case.copy()
            with suppress(Contradiction):
                found.turn(k, [way])
                for twin in self.asked.alike[k]:
                    ways = found.ways[twin]
                    left = [each for each in ways if (each[3] <= turn if twin < k else each[3] >= turn)]
                    if len(left) < len(ways):
                        found.turn(twin, left)
                yield found

    def _lay(self, case: Case) -> list[Placed]:
        """Each piece at its earliest place. Raises Contradiction."""
        places: list[list[int]] = []
        for axis in AXES:
            sides = Sides(case.apart[axis], case.may[axis])
            if axis == 2:
                self._bear(sides)
            places.append(sides.line_up(case.size[axis], self.asked.inner[axis]))
        unit = self.asked.unit
        return [
            Placed(self.order[k], (x * unit, y * unit, z * unit), self.asked.turns[case.ways[k][0][3]])
            for k, (x, y, z) in enumerate(zip(*places, strict=True))
        ]

    def _bear(self, sides: Sides) -> None:
        """What is fragile bears nothing that is not. Raises Contradiction."""
        for k, piece in enumerate(self.pieces):
            for other in MEMBERS[sides.apart[k]]:
                if piece.fragile and not self.pieces[other].fragile:
                    if sides.before[other] >> k & 1:
                        raise Contradiction
                    sides.put(other, k)
