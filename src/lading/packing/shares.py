"""Pieces that take more of a carton than there is, though their volume does not say so. Pure.

A dual feasible function changes lengths so that those that fit into a room one after the other still do. Where pieces fit into a carton,
they still fit when the lengths along each axis are put through such a function; so what they take of its volume then adds up to no more
than all of it, however the functions are chosen. Three boxes a bit thicker than a third of a carton that is little wider than they are
do not fit, though a fifth of it stays empty: by thirds they count half each. (Fekete and Schepers, "A general framework for bounds for
higher-dimensional orthogonal packing problems", 2004.)
"""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from lading.packing.spaces import Turns
from lading.packing.types import Size

Function = Callable[[int, int], float]
"""(length, room) to a share of the room."""


def _plain(length: int, room: int) -> float:
    return length / room


def _counted(parts: int, length: int, room: int) -> float:
    """How often so many parts and one more of the room go into it, counted in parts; what goes exactly stays as it is."""
    often, over = divmod((parts + 1) * length, room)
    return often / parts if over else length / room


def _split(tenths: int, length: int, room: int) -> float:
    """Long ones are as long as the room, short ones nothing, the others as they are."""
    if 10 * length > (10 - tenths) * room:
        return 1.0
    return 0.0 if 10 * length < tenths * room else length / room


_FUNCTIONS: Sequence[Function] = (
    _plain,
    *(partial(_counted, parts) for parts in (1, 2, 3)),
    *(partial(_split, tenths) for tenths in (2, 3, 4)),
)
_PLAIN, _HALVES, _THIRDS, _QUARTERS, _FIFTH, _NEARLY_THIRD, _BIG = range(7)
_BOUNDS = (
    (_THIRDS, _HALVES, _HALVES), (_FIFTH, _NEARLY_THIRD, _BIG), (_QUARTERS, _THIRDS, _HALVES), (_FIFTH, _QUARTERS, _THIRDS),
    (_FIFTH, _THIRDS, _THIRDS), (_THIRDS, _BIG, _HALVES), (_FIFTH, _NEARLY_THIRD, _NEARLY_THIRD), (_PLAIN, _QUARTERS, _HALVES),
    (_THIRDS, _QUARTERS, _QUARTERS), (_QUARTERS, _THIRDS, _BIG), (_PLAIN, _BIG, _HALVES), (_PLAIN, _PLAIN, _NEARLY_THIRD),
)  # fmt: skip
"""Functions by axis: those that told most, of orders over real products that nothing else decided."""
_EXACT = 1e-9


def too_much(turns: Sequence[Turns], inner: Size) -> bool:
    """Whether some bound says that the pieces, each turned as it can be, do not fit into it together."""
    every = [_shares(tuple(each), inner) for each in turns]
    return any(sum(shares) > 1 + _EXACT for shares in zip(*every, strict=True))


@lru_cache(maxsize=4096)
def _shares(turns: tuple[Size, ...], inner: Size) -> tuple[float, ...]:
    """By bound: the least share of the room that a piece takes, however it is turned."""
    told = [[[say(turn[axis], inner[axis]) for say in _FUNCTIONS] for axis in range(3)] for turn in turns]
    return tuple(min(each[0][x] * each[1][y] * each[2][z] for each in told) for x, y, z in _BOUNDS)
