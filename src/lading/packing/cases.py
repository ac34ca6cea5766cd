"""What is known of a packing while it is looked for: how pieces may be turned, who is apart from whom along which axis. Pure.

Along one axis, pieces of which each two are apart lie one after the other: together they are no longer than the carton. Each fact that
becomes known is thought through until nothing follows any more, or until two facts contradict each other. (Fekete and Schepers, "A
combinatorial characterization of higher-dimensional orthogonal packing", 2004, decide by such facts alone; here turns are among them.)
"""

from __future__ import annotations

from collections.abc import Sequence

from lading.packing.shares import shares_of
from lading.packing.sides import MEMBERS, Contradiction, Sides
from lading.packing.spaces import Turns
from lading.packing.types import Piece, Size

AXES = (0, 1, 2)
OTHERS = ((1, 2), (0, 2), (0, 1))
NOTHING = [0, 0, 0]


class Question:
    """What is asked: do these pieces fit into so much room?"""

    def __init__(self, pieces: Sequence[Piece], turns: Sequence[Turns], inner: Size) -> None:
        """`pieces`: alike ones beside each other."""
        self.pieces, self.inner = pieces, inner
        self.everyone = (1 << len(pieces)) - 1
        self.shares = shares_of(inner)
        self.alike = [
            [at for at, other in enumerate(pieces) if other == each and at != k] for k, each in enumerate(pieces)
        ]
        """By piece: the others that are like it."""
        mixed = len({piece.fragile for piece in pieces}) > 1
        self.twins = [] if mixed else [(k - 1, k) for k, others in enumerate(self.alike) if k - 1 in others]
        """Those that are alike, each with the next one; where it matters who is above whom, nothing is said of them."""
        self.turns = list(turns)
        # A carton as wide as it is high may be tipped over: the first piece like no other is turned in one of the two ways.
        lonely = next((k for k, others in enumerate(self.alike) if not others), None)
        if lonely is not None:
            axes = 2 if any(piece.upright or piece.fragile for piece in pieces) else 3
            same = [(a, b) for b in range(axes) for a in range(b) if inner[a] == inner[b]]
            self.turns[lonely] = [turn for turn in turns[lonely] if all(turn[a] <= turn[b] for a, b in same)]


class Case:
    """What is known so far. Sets of pieces are bits."""

    __slots__ = ("apart", "asked", "changed", "grown", "least", "may", "size", "todo", "total", "turns")

    def __init__(self, asked: Question) -> None:
        count = len(asked.pieces)
        self.asked = asked
        self.turns = asked.turns[:]
        """By piece: the ways to turn it that are left."""
        self.size = [[min(turn[axis] for turn in each) for each in self.turns] for axis in AXES]
        """By axis and piece: how long it is at least."""
        self.may = [[asked.everyone ^ 1 << k for k in range(count)] for _ in AXES]
        """By axis and piece: who may be apart from it."""
        self.apart = [[0] * count for _ in AXES]
        """By axis and piece: who is."""
        self.least = [asked.shares.least(each) for each in self.turns]
        """By piece: what it takes of the room."""
        self.total = asked.shares.nothing + sum(self.least)
        self.todo = [asked.everyone] * 3
        """By axis: the pieces with news."""
        self.grown = [asked.everyone] * 3
        """By axis: those of them that are longer than they were."""
        self.changed = 7
        """The axes, as bits, along which pairs became apart, or can no longer be."""

    def copy(self) -> Case:
        """The same, to go on from it."""
        other = Case.__new__(Case)
        other.asked, other.total, other.changed = self.asked, self.total, self.changed
        other.turns, other.least, other.todo = self.turns[:], self.least[:], self.todo[:]
        other.grown = self.grown[:]
        x, y, z = self.size
        other.size = [x[:], y[:], z[:]]
        x, y, z = self.may
        other.may = [x[:], y[:], z[:]]
        x, y, z = self.apart
        other.apart = [x[:], y[:], z[:]]
        return other

    def turn(self, k: int, turns: Turns) -> None:
        """Piece k is turned in one of these ways. Raises Contradiction."""
        if not turns:
            raise Contradiction
        self.turns[k] = turns
        shares = self.asked.shares
        least = shares.least(turns)
        self.total += least - self.least[k]
        self.least[k] = least
        if self.total & shares.heads:
            raise Contradiction
        for axis in AXES:
            size = min([turn[axis] for turn in turns])
            if size > self.size[axis][k]:
                self.size[axis][k] = size
                self.grown[axis] |= 1 << k
                self.todo[axis] |= 1 << k | self.apart[axis][k]

    def part(self, axis: int, i: int, j: int) -> None:
        """The two are apart along the axis."""
        apart = self.apart[axis]
        self.todo[axis] |= 1 << i | 1 << j | apart[i] & apart[j]
        apart[i] |= 1 << j
        apart[j] |= 1 << i
        self.changed |= 1 << axis

    def forbid(self, axis: int, i: int, j: int) -> None:
        """They are not; so along another axis. Raises Contradiction."""
        may = self.may[axis]
        may[i] &= ~(1 << j)
        may[j] &= ~(1 << i)
        self.changed |= 1 << axis
        one, other = OTHERS[axis]
        by_one, by_other = self.may[one][i] >> j & 1, self.may[other][i] >> j & 1
        if self.apart[axis][i] >> j & 1 or not (by_one or by_other):
            raise Contradiction
        if by_one != by_other:
            left = one if by_one else other
            if not self.apart[left][i] >> j & 1:
                self.part(left, i, j)

    def conclude(self) -> None:
        """Think until nothing follows any more. Raises Contradiction."""
        if self.total & self.asked.shares.heads:
            raise Contradiction
        total = -1
        while True:
            while self.todo != NOTHING:
                for axis in AXES:
                    waiting, self.todo[axis] = self.todo[axis], 0
                    grown, self.grown[axis] = self.grown[axis], 0
                    for k in MEMBERS[waiting]:
                        self._look_at(axis, k, grown)
            if self.total != total:
                total = self.total
                self._turn_by_shares()
            else:
                self._order_twins()
                self._reach_over()
                if self.todo == NOTHING:
                    break
        for axis in AXES:
            if self.changed >> axis & 1:
                Sides(self.apart[axis], self.may[axis]).check()
        self.changed = 0

    def _look_at(self, axis: int, k: int, grown: int) -> None:
        """How may it be turned, and from whom may it be apart, so that nothing is longer than the room?"""
        apart, size, room = self.apart[axis], self.size[axis], self.asked.inner[axis]
        near = apart[k]
        turns = self.turns[k]
        if near and len(turns) > 1:
            rest = room - _longest(near, apart, size)
            left = [turn for turn in turns if turn[axis] <= rest]
            if len(left) < len(turns):
                self.turn(k, left)
        rest = room - size[k]
        others = self.may[axis][k]
        if not grown >> k & 1:
            # With anybody else it is no longer than it was.
            beyond = 0
            for each in MEMBERS[near]:
                beyond |= apart[each]
            others &= beyond
        for other in MEMBERS[others]:
            length = size[other]
            if between := near & apart[other]:
                length += _longest(between, apart, size) if between & between - 1 else size[between.bit_length() - 1]
            if length > rest:
                self.forbid(axis, k, other)

    def _turn_by_shares(self) -> None:
        """Whoever would take too much when turned like that is not."""
        heads, told = self.asked.shares.heads, self.asked.shares.told
        for k, turns in enumerate(self.turns):
            if len(turns) > 1:
                others = self.total - self.least[k]
                left = [turn for turn in turns if not others + told[turn] & heads]
                if len(left) < len(turns):
                    self.turn(k, left)

    def _reach_over(self) -> None:
        """Who overlaps with both of two that are apart reaches over what is between them: any two who do overlap with each other."""
        for axis in AXES:
            if not self.changed >> axis & 1:
                continue
            apart, may = self.apart[axis], self.may[axis]
            for i, others in enumerate(apart):
                for j in MEMBERS[others & (1 << i) - 1]:
                    over = self.asked.everyone & ~(may[i] | may[j] | 1 << i | 1 << j)
                    for k in MEMBERS[over] if over & over - 1 else ():
                        for other in MEMBERS[over & may[k] & (1 << k) - 1]:
                            self.forbid(axis, k, other)

    def _order_twins(self) -> None:
        """Of two that are alike, turned alike, the earlier one is apart from the first third piece for which they differ."""
        for i, j in self.asked.twins:
            if len(self.turns[i]) > 1 or self.turns[i] != self.turns[j]:
                continue
            others = self.asked.everyone ^ (1 << i | 1 << j)
            for axis in AXES:
                apart, may = self.apart[axis], self.may[axis]
                differ = others & ~(apart[i] & apart[j] | ~may[i] & ~may[j])
                if differ:
                    k = MEMBERS[differ][0]
                    if apart[j] >> k & 1:
                        if not may[i] >> k & 1:
                            raise Contradiction
                        if not apart[i] >> k & 1:
                            self.part(axis, i, k)
                    elif not may[i] >> k & 1:
                        self.forbid(axis, j, k)
                    break


def _longest(inside: int, apart: Sequence[int], size: Sequence[int]) -> int:
    """How long, at most, those of a set are that are all apart from each other, one after the other."""
    longest = 0
    for k in MEMBERS[inside]:
        others = inside & apart[k] & (1 << k) - 1
        length = size[k] + _longest(others, apart, size) if others else size[k]
        if length > longest:
            longest = length
    return longest
