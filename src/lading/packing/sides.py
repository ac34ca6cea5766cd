"""Who lies before whom along one axis, where only who is apart from whom is known. Pure.

If b is apart from a and from c, and these two are not apart from each other, then both lie on the same side of b. So one answer gives
others, until a whole class of pairs is answered (Gallai's implication classes); where that answers one pair in both ways, nothing can lie
like that (Fekete and Schepers, "A combinatorial characterization of higher-dimensional orthogonal packing", 2004).
"""

from __future__ import annotations

from collections.abc import Sequence

PIECES_MAX = 10
MEMBERS: Sequence[tuple[int, ...]] = [
    tuple(k for k in range(PIECES_MAX) if each >> k & 1) for each in range(1 << PIECES_MAX)
]
"""By set of pieces, as bits: who is in it."""


class Contradiction(Exception):
    """Nothing can lie like that."""


class Sides:
    """As far as it was asked; sets of pieces are bits."""

    __slots__ = ("after", "apart", "before", "may")

    def __init__(self, apart: Sequence[int], may: Sequence[int]) -> None:
        self.apart = apart
        """By piece: who is apart from it."""
        self.may = may
        """By piece: who may be; nobody else is."""
        self.before = [0] * len(apart)
        """By piece: who lies before it."""
        self.after = [0] * len(apart)

    def check(self) -> None:
        """Look for a pair that is answered in both ways. Raises Contradiction."""
        before, after = self.before, self.after
        for one, others in enumerate(self.apart):
            for other in MEMBERS[others & (1 << one) - 1]:
                if not (before[one] | after[one]) >> other & 1:
                    self.put(other, one)

    def put(self, first: int, second: int) -> None:
        """Let one lie before the other one, and whatever that gives. Raises Contradiction."""
        apart, may, before, after = self.apart, self.may, self.before, self.after
        after[first] |= 1 << second
        before[second] |= 1 << first
        waiting = [(first, second)]
        while waiting:
            one, other = waiting.pop()
            with_one = apart[other] & ~may[one] & ~(1 << one)
            with_other = apart[one] & ~may[other] & ~(1 << other)
            if with_one & after[other] or with_other & before[one]:
                raise Contradiction
            for each in MEMBERS[with_one & ~before[other]]:
                before[other] |= 1 << each
                after[each] |= 1 << other
                waiting.append((each, other))
            for each in MEMBERS[with_other & ~after[one]]:
                after[one] |= 1 << each
                before[each] |= 1 << one
                waiting.append((one, each))

    def line_up(self, size: Sequence[int], room: int) -> list[int]:
        """The earliest place of each piece, once each pair is answered, so that all end within the room. Raises Contradiction."""
        places = self._places(size, room)
        for one, others in enumerate(self.apart):
            open_ = others & ~(self.before[one] | self.after[one])
            if open_:
                other = MEMBERS[open_][0]
                try:
                    return self._with(one, other).line_up(size, room)
                except Contradiction:
                    return self._with(other, one).line_up(size, room)
        return places

    def _with(self, first: int, second: int) -> Sides:
        found = Sides(self.apart, self.may)
        found.before, found.after = self.before[:], self.after[:]
        found.put(first, second)
        return found

    def _places(self, size: Sequence[int], room: int) -> list[int]:
        places = [0] * len(size)
        left = (1 << len(size)) - 1
        while left:
            ready = [each for each in MEMBERS[left] if not self.before[each] & left]
            if not ready:
                raise Contradiction
            for each in ready:
                left ^= 1 << each
                places[each] = max((places[other] + size[other] for other in MEMBERS[self.before[each]]), default=0)
                if places[each] + size[each] > room:
                    raise Contradiction
        return places
