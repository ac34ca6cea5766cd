"""Pieces that take more of a carton than there is, though their volume does not say so. Pure.

A dual feasible function changes lengths so that those that fit into a room one after the other still do. Where pieces fit into a carton,
they still fit when the lengths along each axis are put through such a function; so what they take of its volume then adds up to no more
than all of it, however the functions are chosen. Three boxes a bit thicker than a third of a carton that is little wider than they are
do not fit, though a fifth of it stays empty: by thirds they count half each. (Fekete and Schepers, "A general framework for bounds for
higher-dimensional orthogonal packing problems", 2004.)

Each choice of three functions is a bound of its own. All of them are told at once: side by side, as lanes of one large integer, so that an
addition adds up every bound and a bit at the head of its lane says which one is exceeded.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, reduce

from lading.packing.types import Size

PIECES_MAX = 63
"""Lanes are wide enough for so many pieces that fill the room."""

TOLD_MAX = 10_000
"""So many turns are remembered of a room: a few megabytes; of more than that, none of those so far."""

_PARTS = 6
"""Lengths are told in sixths of the unit, so that halves and thirds of the room are whole numbers."""


def _plain(length: int, room: int) -> int:
    return _PARTS * length


def _counted(parts: int) -> Callable[[int, int], int]:
    """How often so many parts and one more of the room go into it, counted in parts; what goes exactly stays as it is."""

    def told(length: int, room: int) -> int:
        often, over = divmod((parts + 1) * length, room)
        return often * room * _PARTS // parts if over else _PARTS * length

    return told


_FUNCTIONS: Sequence[Callable[[int, int], int]] = (_plain, _counted(1), _counted(2), _counted(3))
_COUNT = len(_FUNCTIONS)


class Shares:
    """What pieces take of a room, by every bound at once."""

    def __init__(self, inner: Size) -> None:
        all_ = _PARTS**3 * inner[0] * inner[1] * inner[2]
        self.inner = inner
        self.width = (PIECES_MAX * all_).bit_length() + 1
        ones = sum(1 << lane * self.width for lane in range(_COUNT**3))
        self.heads = ones << (self.width - 1)
        self.nothing = ones * ((1 << (self.width - 1)) - 1 - all_)
        """To this the shares are added: as soon as one exceeds the room, it flows over into the head of its lane."""
        self._told: dict[Size, int] = {}

    def of(self, turn: Size) -> int:
        """What a piece takes that is turned so."""
        if turn not in self._told:
            if len(self._told) >= TOLD_MAX:
                self._told.clear()
            found, stride = 1, self.width
            for length, room in zip(turn, self.inner, strict=True):
                found = sum((found * function(length, room)) << at * stride for at, function in enumerate(_FUNCTIONS))
                stride *= _COUNT
            self._told[turn] = found
        return self._told[turn]

    def least(self, ways: Iterable[int]) -> int:
        """What a piece takes at least, by each bound, that takes so much when it is turned in one way or the other."""
        return reduce(self._lesser, ways)

    def _lesser(self, one: int, other: int) -> int:
        """Lane by lane."""
        heads = ((one | self.heads) - other) & self.heads
        return one ^ ((one ^ other) & (heads - (heads >> (self.width - 1))))


@lru_cache(maxsize=64)
def shares_of(inner: Size) -> Shares:
    """Those of a room; asked for again and again of the same cartons."""
    return Shares(inner)


def too_much(turns: Sequence[Sequence[Size]], inner: Size) -> list[int]:
    """The places of pieces that do not fit into it together by some bound, each turned as it can be; none where no bound says so."""
    shares = shares_of(inner)
    least = [shares.least(map(shares.of, each)) for each in turns]
    total = shares.nothing + sum(least)
    if not total & shares.heads:
        return []
    core = list(range(len(turns)))
    for at in sorted(core, key=lambda at: least[at]):
        if (total - least[at]) & shares.heads:
            total -= least[at]
            core.remove(at)
    return core
