"""Does it fit? The quick answers first, then the sure one. Pure, and bounded by a number of steps."""

from collections.abc import Sequence
from itertools import combinations

from lading.packing import relations, spaces
from lading.packing.relations import OutOfSteps
from lading.packing.spaces import Turns
from lading.packing.types import Piece, Placed, Size

SURE_UP_TO = 10
"""So many pieces are decided for sure, if the steps suffice; of more only a packing that is found says something."""


def fit(pieces: Sequence[Piece], inner: Size, steps_max: int) -> list[Placed] | None:
    """A packing of all pieces into so much room, or None: there is none. Weight is not looked at. Raises OutOfSteps."""
    if not pieces:
        return []
    turns = [spaces.turns_of(piece, inner) for piece in pieces]
    if impossible(pieces, turns, inner):
        return None
    for rule, snug, key in _TRIES[: 4 if len(pieces) < 4 else None]:
        order = sorted(range(len(pieces)), key=lambda at: (pieces[at].fragile, *key(pieces[at])))
        if found := spaces.lay(order, pieces, turns, inner, rule, snug):
            return spaces.settle(found, pieces)
    if len(pieces) > SURE_UP_TO:
        raise OutOfSteps
    proven = relations.search(pieces, turns, inner, steps_max)
    return None if proven is None else spaces.settle(proven, pieces)


def impossible(pieces: Sequence[Piece], turns: Sequence[Turns], inner: Size) -> bool:
    """Whether a glance says no: a piece that fits in no way, too much volume, two that cannot lie in it together."""
    if not all(turns) or sum(volume(piece) for piece in pieces) > inner[0] * inner[1] * inner[2]:
        return True
    if len({piece.keep_apart for piece in pieces} - {""}) > 1:
        return True
    return any(not together(turns[one], turns[other], inner) for one, other in combinations(range(len(pieces)), 2))


def together(one: Turns, other: Turns, inner: Size) -> bool:
    """Whether two pieces fit into it together: along some axis, turned somehow, they take no more than its length."""
    return any(min(turn[axis] for turn in one) + min(turn[axis] for turn in other) <= inner[axis] for axis in range(3))


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


_TRIES = (
    ((2, 1, 0), False, _by_volume),
    ((2, 1, 0), True, _by_volume),
    ((0, 2, 1), False, _by_volume),
    ((2, 1, 0), False, _by_flatness),
    ((1, 2, 0), False, _by_volume),
    ((0, 2, 1), False, _by_length),
    ((2, 0, 1), False, _by_length),
    ((1, 0, 2), True, _by_flatness),
)
"""(which axis is kept short first, whether a snug space goes before, who comes first): one finds what another one misses."""
