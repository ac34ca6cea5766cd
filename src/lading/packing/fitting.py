"""Does it fit? The quick answers first, then the sure one. Pure, and bounded by a number of steps."""

from collections.abc import Callable, Sequence
from itertools import combinations, islice

from lading.packing import spaces
from lading.packing.relations import Misfit, OutOfSteps, Steps, Tries, search
from lading.packing.shares import too_much
from lading.packing.spaces import Turns
from lading.packing.types import Piece, Placed, Size

SURE_UP_TO = 10
"""So many pieces are decided for sure, if the steps suffice."""

TRIES_FIRST = 2
"""Most of what fits is laid by these; so no bound is asked and no search begun."""


def fit(pieces: Sequence[Piece], inner: Size, steps: Steps) -> list[Placed] | Misfit:
    """A packing of up to ten pieces into so much room, unless there is none. Weight is not looked at. Raises OutOfSteps."""
    if not pieces:
        return []
    turns = [spaces.turns_of(piece, inner) for piece in pieces]
    if impossible(pieces, turns, inner):
        return Misfit(range(len(pieces)))
    tries = _tries(pieces, turns, inner)
    if found := next(filter(None, islice(tries, TRIES_FIRST)), None):
        return found
    if core := too_much(turns, inner):
        return Misfit(core)
    try:
        return search(pieces, turns, inner, steps, tries)
    except OutOfSteps:
        if found := next(filter(None, tries), None):
            return found
        raise


def _tries(pieces: Sequence[Piece], turns: Sequence[Turns], inner: Size) -> Tries:
    """One piece after the other, in ever other orders; each takes about as long as a step of the search."""
    for key, rule, snug in _ORDERS:
        yield spaces.lay(_order(pieces, key), pieces, turns, inner, rule, snug)
    for key in (_by_volume, _by_flatness, _by_thickness):
        yield spaces.beside(_order(pieces, key), pieces, turns, inner)


def _order(pieces: Sequence[Piece], key: Callable[[Piece], tuple[int, ...]]) -> list[int]:
    return sorted(range(len(pieces)), key=lambda at: (pieces[at].fragile, *key(pieces[at])))


def impossible(pieces: Sequence[Piece], turns: Sequence[Turns], inner: Size) -> bool:
    """Whether a glance says no: a piece that fits in no way, too much volume, two that cannot lie in it together."""
    if not all(turns) or sum(volume(piece) for piece in pieces) > inner[0] * inner[1] * inner[2]:
        return True
    if len({piece.keep_apart for piece in pieces} - {""}) > 1:
        return True
    least = [least_of(each) for each in turns]
    return any(not together(one, other, inner) for one, other in combinations(least, 2))


def least_of(turns: Turns) -> Size:
    """How short it is along each axis, if it is turned for that."""
    return min(turn[0] for turn in turns), min(turn[1] for turn in turns), min(turn[2] for turn in turns)


def together(one: Size, other: Size, inner: Size) -> bool:
    """Whether two pieces fit into it together: along some axis, turned somehow, they take no more than its length."""
    return one[0] + other[0] <= inner[0] or one[1] + other[1] <= inner[1] or one[2] + other[2] <= inner[2]


def volume(piece: Piece) -> int:
    """In cubic millimetres."""
    return piece.size[0] * piece.size[1] * piece.size[2]


def _by_volume(piece: Piece) -> tuple[int, ...]:
    return -volume(piece), -max(piece.size)


def _by_length(piece: Piece) -> tuple[int, ...]:
    return -max(piece.size), -volume(piece)


def _by_flatness(piece: Piece) -> tuple[int, ...]:
    low, middle, long = sorted(piece.size)
    return -middle * long, -low


def _by_height(piece: Piece) -> tuple[int, ...]:
    return (-piece.size[2],)


def _by_thickness(piece: Piece) -> tuple[int, ...]:
    return -min(piece.size), -volume(piece)


_ORDERS: Sequence[tuple[Callable[[Piece], tuple[int, ...]], tuple[int, int, int], bool]] = (
    (_by_flatness, (0, 2, 1), True),
    (_by_volume, (1, 0, 2), True),
    (_by_length, (1, 0, 2), True),
    (_by_thickness, (0, 1, 2), False),
    (_by_thickness, (2, 1, 0), True),
    (_by_volume, (0, 1, 2), True),
    (_by_length, (2, 1, 0), True),
    (_by_height, (1, 2, 0), False),
)
"""(who comes first, which axis is kept short first, whether a snug space goes before): one finds what another one misses."""
