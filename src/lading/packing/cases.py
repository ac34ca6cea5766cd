"""What is known of a packing while it is looked for: how pieces may be turned, who is apart from whom along which axis. Pure.

Along one axis, pieces of which each two are apart lie one after the other: together they are no longer than the carton. Each fact that
becomes known is thought through until nothing follows any more, or until two facts contradict each other. (Fekete and Schepers, "A
combinatorial characterization of higher-dimensional orthogonal packing", 2004, decide by such facts alone; here turns are among them.)

Where those that may be apart from a piece cannot fill exactly what it leaves of an axis, the rest is of no use to anybody: the piece may
as well be longer by that, and takes more of the carton's volume. (Boschetti and Mingozzi, "The two-dimensional finite bin packing
problem", 2003, enlarge pieces so before they search; here whoever is known to overlap fills nothing, so they grow while it goes on.)
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

from lading.packing.shares import shares_of
from lading.packing.sides import MEMBERS, Contradiction, Sides
from lading.packing.spaces import Turns
from lading.packing.types import Piece, Size

AXES = (0, 1, 2)
OTHERS = ((1, 2), (0, 2), (0, 1))
NOTHING = [0, 0, 0]

Way = tuple[int, ...]
"""A way to turn a piece: how long it is along each axis, the place of that turn among all turns, what it takes of the room."""


class Question:
    """What is asked: do these pieces fit into so much room?"""

    def __init__(self, pieces: Sequence[Piece], turns: Sequence[Turns], inner: Size) -> None:
        """`pieces`: alike ones beside each other."""
        self.pieces = pieces
        self.unit = gcd(*(side for each in turns for turn in each for side in turn))
        """Lengths are counted in it: less of the room than one is of no use to anybody."""
        self.inner = inner[0] // self.unit, inner[1] // self.unit, inner[2] // self.unit
        self.shares = shares_of(self.inner)
        self.turns = sorted({turn for each in turns for turn in each})
        self.ways = [[self._way(turn) for turn in each] for each in turns]
        self.everyone = (1 << len(pieces)) - 1
        self.alike = [
            [at for at, other in enumerate(pieces) if other == each and at != k] for k, each in enumerate(pieces)
        ]
        """By piece: the others that are like it."""
        mixed = len({piece.fragile for piece in pieces}) > 1
        self.twins = [] if mixed else [(k - 1, k) for k, others in enumerate(self.alike) if k - 1 in others]
        """Those that are alike, each with the next one; where it matters who is above whom, nothing is said of them."""
        # A carton as wide as it is high may be tipped over: the first piece like no other is turned in one of the two ways.
        lonely = next((k for k, others in enumerate(self.alike) if not others), None)
        if lonely is not None:
            axes = 2 if any(piece.upright or piece.fragile for piece in pieces) else 3
            same = [(a, b) for b in range(axes) for a in range(b) if self.inner[a] == self.inner[b]]
            self.ways[lonely] = [way for way in self.ways[lonely] if all(way[a] <= way[b] for a, b in same)]

    def _way(self, turn: Size) -> Way:
        x, y, z = (side // self.unit for side in turn)
        return x, y, z, self.turns.index(turn), self.shares.of((x, y, z))


class Case:
    """What is known so far. Sets of pieces are bits."""

    __slots__ = (
        "apart",
        "asked",
        "changed",
        "grown",
        "least",
        "lengths",
        "loose",
        "may",
        "size",
        "todo",
        "total",
        "ways",
    )

    def __init__(self, asked: Question) -> None:
        count = len(asked.pieces)
        self.asked = asked
        self.ways = asked.ways[:]
        """By piece: the ways to turn it that are left."""
        self.lengths = [[_lengths(each, axis) for each in self.ways] for axis in AXES]
        """By axis and piece: how long it may be, the shortest first."""
        self.size = [[lengths[0] for lengths in each] for each in self.lengths]
        """By axis and piece: how long it is at least."""
        self.may = [[asked.everyone ^ 1 << k for k in range(count)] for _ in AXES]
        """By axis and piece: who may be apart from it."""
        self.apart = [[0] * count for _ in AXES]
        """By axis and piece: who is."""
        self.least = [asked.shares.least([way[4] for way in each]) for each in self.ways]
        """By piece: what it takes of the room."""
        self.total = asked.shares.nothing + sum(self.least)
        self.todo = [asked.everyone] * 3
        """By axis: the pieces with news."""
        self.grown = [asked.everyone] * 3
        """By axis: those of them that are longer than they were."""
        self.loose = [asked.everyone] * 3
        """By axis: those beside which others may fill less than they could."""
        self.changed = 7
        """The axes, as bits, along which pairs became apart, or can no longer be."""

    def copy(self) -> Case:
        """The same, to go on from it."""
        other = Case.__new__(Case)
        other.asked, other.total, other.changed = self.asked, self.total, self.changed
        other.ways, other.least, other.todo = self.ways[:], self.least[:], self.todo[:]
        other.grown, other.loose = self.grown[:], self.loose[:]
        other.lengths = [each[:] for each in self.lengths]
        x, y, z = self.size
        other.size = [x[:], y[:], z[:]]
        x, y, z = self.may
        other.may = [x[:], y[:], z[:]]
        x, y, z = self.apart
        other.apart = [x[:], y[:], z[:]]
        return other

    def turn(self, k: int, ways: list[Way]) -> None:
        """Piece k is turned in one of these ways. Raises Contradiction."""
        if not ways:
            raise Contradiction
        self.ways[k] = ways
        shares = self.asked.shares
        least = ways[0][4] if len(ways) == 1 else shares.least([way[4] for way in ways])
        self.total += least - self.least[k]
        self.least[k] = least
        if self.total & shares.heads:
            raise Contradiction
        for axis in AXES:
            lengths = _lengths(ways, axis)
            if lengths != self.lengths[axis][k]:
                self.lengths[axis][k] = lengths
                self.loose[axis] |= self.may[axis][k]
                if lengths[0] > self.size[axis][k]:
                    self.size[axis][k] = lengths[0]
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
        self.loose[axis] |= 1 << i | 1 << j
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
                    if self.todo[axis]:
                        self._look_along(axis)
            if self.total != total:
                total = self.total
                self._turn_by_shares()
            else:
                self._order_twins()
                if self.todo == NOTHING:
                    self._stretch()
                if self.todo == NOTHING and self.total == total:
                    break
        for axis in AXES:
            if self.changed >> axis & 1:
                Sides(self.apart[axis], self.may[axis]).check()
        self.changed = 0

    def _look_along(self, axis: int) -> None:
        """How may those with news be turned, and from whom may they be apart, so that nothing is longer than the room?"""
        apart, size, may, room = self.apart[axis], self.size[axis], self.may[axis], self.asked.inner[axis]
        lengths = self.lengths[axis]
        waiting, self.todo[axis] = self.todo[axis], 0
        grown, self.grown[axis] = self.grown[axis], 0
        for k in MEMBERS[waiting]:
            near = apart[k]
            beside = _longest(near, apart, size)
            if lengths[k][-1] > room - beside:
                self.turn(k, [way for way in self.ways[k] if way[axis] <= room - beside])
            others = may[k]
            if not grown >> k & 1:
                # With anybody else it is no longer than it was.
                beyond = 0
                for each in MEMBERS[near]:
                    beyond |= apart[each]
                others &= beyond
            rest = room - size[k]
            for other in MEMBERS[others]:
                if size[other] + beside > rest and size[other] + _longest(near & apart[other], apart, size) > rest:
                    self.forbid(axis, k, other)

    def _turn_by_shares(self) -> None:
        """Whoever would take too much when turned like that is not."""
        heads = self.asked.shares.heads
        for k, ways in enumerate(self.ways):
            if len(ways) > 1:
                others = self.total - self.least[k]
                left = [way for way in ways if not others + way[4] & heads]
                if len(left) < len(ways):
                    self.turn(k, left)

    def _stretch(self) -> None:
        """Whoever leaves more than others can fill is as long as what they cannot. Raises Contradiction."""
        for axis in AXES:
            loose, self.loose[axis] = self.loose[axis], 0
            lengths, may, room = self.lengths[axis], self.may[axis], self.asked.inner[axis]
            for k in MEMBERS[loose]:
                wanted = 0
                for length in lengths[k]:
                    wanted |= 1 << room - length
                filled = 1  # As bits: what others may fill.
                for other in MEMBERS[may[k]]:
                    before = filled
                    for length in lengths[other]:
                        filled |= before << length
                    if filled & wanted == wanted:
                        break
                if filled & wanted != wanted:
                    self.turn(k, [self._stretched(way, axis, filled) for way in self.ways[k]])

    def _stretched(self, way: Way, axis: int, filled: int) -> Way:
        """As long as the room, but for the most that others can fill of what the piece leaves."""
        room = self.asked.inner[axis]
        sides = list(way[:3])
        sides[axis] = room - (filled & (2 << room - way[axis]) - 1).bit_length() + 1
        x, y, z = sides
        return x, y, z, way[3], self.asked.shares.of((x, y, z))

    def _order_twins(self) -> None:
        """Of two that are alike, turned alike, the earlier one is apart from the first third piece for which they differ."""
        for i, j in self.asked.twins:
            if not len(self.ways[i]) == len(self.ways[j]) == 1 or self.ways[i][0][3] != self.ways[j][0][3]:
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


def _lengths(ways: Sequence[Way], axis: int) -> list[int]:
    return [ways[0][axis]] if len(ways) == 1 else sorted({way[axis] for way in ways})


def _longest(inside: int, apart: Sequence[int], size: Sequence[int]) -> int:
    """How long, at most, those of a set are that are all apart from each other, one after the other."""
    longest = 0
    for k in MEMBERS[inside]:
        others = inside & apart[k] & (1 << k) - 1
        length = size[k] + _longest(others, apart, size) if others else size[k]
        if length > longest:
            longest = length
    return longest
