"""Whether pieces fit into a carton, decided by who is apart from whom along which axis. Pure; bounded by a number of steps.

In every packing two pieces are apart along some axis. Which pairs are apart along which axis, and how each piece is turned, says all there
is to know of a packing but for who comes first: packings that differ only in that are one case here instead of very many. The search
chooses a turn or a pair with the fewest ways left, thinks through what follows, and turns back at a contradiction. A pair for which an
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
    """All together."""
    each: int
    """One of them."""


def search(
    pieces: Sequence[Piece], turns: Sequence[Turns], inner: Size, steps: Steps, most: int | None = None
) -> list[Placed] | Misfit:
    """A packing of all pieces, unless there is none. Raises OutOfSteps: after `most` steps, or when all are used."""
    most = max(0, min(steps.left, steps.each if most is None else most))
    looking = _Search(pieces, turns, inner, most)
    try:
        found = looking.run()
    finally:
        steps.left -= most - max(looking.steps, 0)
    if found is not None:
        return found
    core = [looking.order[k] for k in MEMBERS[looking.touched]]
    if core and len(core) < len(pieces):
        # What the search was about may well be all the trouble; then no other set with that in it need be searched.
        with suppress(OutOfSteps):
            again = search([pieces[at] for at in core], [turns[at] for at in core], inner, steps, looking.steps)
            if isinstance(again, Misfit):
                return Misfit([core[at] for at in again.core])
    return Misfit(range(len(pieces)))


class _Search:
    def __init__(self, pieces: Sequence[Piece], turns: Sequence[Turns], inner: Size, steps_max: int) -> None:
        volume = [piece.size[0] * piece.size[1] * piece.size[2] for piece in pieces]
        # The most restricted first, alike ones beside each other.
        self.order = sorted(range(len(pieces)), key=lambda at: (-volume[at], pieces[at].size, pieces[at]))
        self.pieces = [pieces[at] for at in self.order]
        self.asked = Question(self.pieces, [turns[at] for at in self.order], inner)
        self.steps = steps_max
        self.touched = 0
        """The pieces, as bits, that were turned or parted to see what comes of it."""

    def run(self) -> list[Placed] | None:
        found = self._go(Case(self.asked))
        return found and [Placed(self.order[each.piece], each.at, each.size) for each in found]

    def _go(self, case: Case) -> list[Placed] | None:
        self.steps -= 1
        if self.steps < 0:
            raise OutOfSteps
        try:
            case.conclude()
            turning = min(((len(turns), k) for k, turns in enumerate(case.turns) if len(turns) > 1), default=None)
            parting = self._open_pair(case)
            if turning is None and parting is None:
                return self._lay(case)
        except Contradiction:
            return None
        # A way to turn says less than a way to part.
        if parting is not None and (turning is None or parting[0] < 2 * turning[0]):
            branches = self._part(case, *parting[1:])
        else:
            assert turning is not None
            branches = self._turn(case, turning[1])
        return next(filter(None, map(self._go, branches)), None)

    def _open_pair(self, case: Case) -> tuple[int, int, int] | None:
        """(axes along which they may be apart, the two), as few and as large as can be."""
        (x_may, y_may, z_may), (x, y, z) = case.may, case.apart
        found: list[tuple[int, int, int, int]] = []
        for k in range(1, len(self.pieces)):
            if open_ := (1 << k) - 1 & ~(x[k] | y[k] | z[k]):
                two = open_ & ~(x_may[k] & y_may[k] & z_may[k])
                other = MEMBERS[two or open_][0]
                found.append((2 if two else 3, other + k, other, k))
        if not found:
            return None
        ways, _, one, other = min(found)
        return ways, one, other

    def _part(self, case: Case, one: int, other: int) -> Iterator[Case]:
        """The two are apart along one axis; if not, along another one."""
        self.touched |= 1 << one | 1 << other
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
        self.touched |= 1 << k
        every = self.asked.turns[k]
        for turn in case.turns[k]:
            at = every.index(turn)
            found = case.copy()
            with suppress(Contradiction):
                found.turn(k, [turn])
                for twin in self.asked.alike[k]:
                    allowed = every[: at + 1] if twin < k else every[at:]
                    left = [each for each in found.turns[twin] if each in allowed]
                    if len(left) < len(found.turns[twin]):
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
        return [Placed(k, at, case.turns[k][0]) for k, at in enumerate(zip(*places, strict=True))]

    def _bear(self, sides: Sides) -> None:
        """What is fragile bears nothing that is not. Raises Contradiction."""
        for k, piece in enumerate(self.pieces):
            for other in MEMBERS[sides.apart[k]]:
                if piece.fragile and not self.pieces[other].fragile:
                    if sides.before[other] >> k & 1:
                        raise Contradiction
                    sides.put(other, k)
