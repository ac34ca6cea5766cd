"""Whether pieces fit into a carton, decided by who lies left of, behind or below whom. Pure; bounded by a number of steps.

In every packing two pieces are apart along some axis, the one before the other. Choosing for each pair one of these six relations, and
for each piece how it is turned, describes every packing there is; the longest chain along an axis says how long the carton must be.
The search goes through the pieces, the largest first, and turns back as soon as a chain is too long: where it ends without a packing
and without having run out of steps, there is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lading.packing.types import Piece, Placed, Size

Turns = Sequence[Size]


class OutOfSteps(Exception):
    """It was not decided."""


@dataclass(slots=True)
class Steps:
    """How far searches may go."""

    left: int
    """All together."""
    each: int
    """One of them."""


def search(
    pieces: Sequence[Piece], turns: Sequence[Turns], inner: Size, steps: Steps, most: int | None = None
) -> list[Placed] | None:
    """A packing of all pieces, or None: there is none. Raises OutOfSteps: after `most` steps, or when all are used."""
    most = max(0, min(steps.left, steps.each if most is None else most))
    looking = _Search(pieces, turns, inner, most)
    try:
        return looking.run()
    finally:
        steps.left -= most - max(looking.steps, 0)


class _Search:
    def __init__(self, pieces: Sequence[Piece], turns: Sequence[Turns], inner: Size, steps_max: int) -> None:
        volume = [piece.size[0] * piece.size[1] * piece.size[2] for piece in pieces]
        # The most restricted first, alike ones beside each other.
        self.order = sorted(range(len(pieces)), key=lambda at: (-volume[at], pieces[at].size, pieces[at]))
        self.pieces = [pieces[at] for at in self.order]
        self.turns = [turns[at] for at in self.order]
        self.inner = inner
        self.steps = steps_max
        self.at: list[list[int]] = [[], [], []]
        """By axis: the earliest place of each piece."""
        self.size: list[list[int]] = [[], [], []]
        self.after: list[list[list[int]]] = [[], [], []]
        """By axis and piece: who lies beyond it."""
        # A packing seen in a mirror is a packing; upside down only where nothing is fragile, from left to right only where the order of
        # those that are alike says nothing.
        self.mirrors = (len(set(pieces)) == len(pieces), True, not any(piece.fragile for piece in pieces))

    def run(self) -> list[Placed] | None:
        if not self._turn(0):
            return None
        return [
            Placed(
                number,
                (self.at[0][k], self.at[1][k], self.at[2][k]),
                (self.size[0][k], self.size[1][k], self.size[2][k]),
            )
            for k, number in enumerate(self.order)
        ]

    def _turn(self, k: int) -> bool:
        """Choose how piece k is turned."""
        if k == len(self.pieces):
            return True
        for turn in self.turns[k]:
            for axis in range(3):
                self.at[axis].append(0)
                self.size[axis].append(turn[axis])
                self.after[axis].append([])
            if self._relate(k, 0):
                return True
            for axis in range(3):
                self.at[axis].pop()
                self.size[axis].pop()
                self.after[axis].pop()
        return False

    def _relate(self, k: int, j: int) -> bool:
        """Choose how piece k lies to piece j, and to all between them."""
        if j == k:
            return self._turn(k + 1)
        self.steps -= 1
        if self.steps < 0:
            raise OutOfSteps
        one, other = self.pieces[j], self.pieces[k]
        if self._apart(j, k):
            return self._relate(k, j + 1)
        first = k == 1
        alike = one == other
        for axis in range(3):
            if self.size[axis][j] + self.size[axis][k] > self.inner[axis]:
                continue
            if not (axis == 2 and one.fragile and not other.fragile) and self._try(axis, j, k, k, j):
                return True
            # Of two that are alike the earlier one lies further to the left.
            if (
                (first and self.mirrors[axis])
                or (alike and axis == 0)
                or (axis == 2 and other.fragile and not one.fragile)
            ):
                continue
            if self._try(axis, k, j, k, j):
                return True
        return False

    def _apart(self, j: int, k: int) -> bool:
        """Whether a chain says already that they are apart; not where it matters which one is below."""
        axes = 2 if self.pieces[j].fragile != self.pieces[k].fragile else 3
        for axis in range(axes):
            after = self.after[axis]
            if (after[j] and self._reaches(after, j, k)) or (after[k] and self._reaches(after, k, j)):
                return True
        return False

    @staticmethod
    def _reaches(after: list[list[int]], start: int, end: int) -> bool:
        """Whether a chain leads there; chains have no circles."""
        if end in after[start]:
            return True
        return any(after[at] and _Search._reaches(after, at, end) for at in after[start])

    def _try(self, axis: int, before: int, behind: int, k: int, j: int) -> bool:
        """Let one lie before the other along the axis, and go on; all is as it was where that leads nowhere."""
        places, after = self.at[axis], self.after[axis][before]
        edge = places[before] + self.size[axis][before]
        moves = places[behind] < edge
        if moves and edge + self.size[axis][behind] > self.inner[axis]:
            return False
        kept = places[:] if moves else ()
        after.append(behind)
        if (not moves or self._push(axis, before)) and self._relate(k, j + 1):
            return True
        after.pop()
        if moves:
            places[:] = kept
        return False

    def _push(self, axis: int, start: int) -> bool:
        """Move on whoever lies too early now; False where the carton is too short for the chain."""
        at, size, after, end = self.at[axis], self.size[axis], self.after[axis], self.inner[axis]
        waiting = [start]
        while waiting:
            one = waiting.pop()
            edge = at[one] + size[one]
            for other in after[one]:
                if at[other] < edge:
                    if edge + size[other] > end:
                        return False
                    at[other] = edge
                    waiting.append(other)
        return True
