"""Does it fit? The quick answers first, then the sure one. Pure, and bounded by a number of steps."""

from collections.abc import Callable, Sequence
from itertools import combinations

from lading.packing import relations, spaces
from lading.packing.relations import OutOfSteps, Steps
from lading.packing.shares import too_much
from lading.packing.spaces import Turns
from lading.packing.types import Piece, Placed, Size

Try = tuple[tuple[int, int, int], bool, Callable[[Piece], tuple[int, ...]]]

SURE_UP_TO = 10
"""So many pieces are decided for sure, if the steps suffice; of more only a packing that is found says something."""


GLANCE_STEPS = 60
"""Most of what does not fit is known after so many steps of the search."""
STEPS_OF_A_TRY = 50
"""What a try costs, in steps of the search."""


def fit(pieces: Sequence[Piece], inner: Size, steps: Steps) -> list[Placed] | None:
    """A packing of all pieces into so much room, or None: there is none. Weight is not looked at. Raises OutOfSteps."""
    if not pieces:
        return []
    turns = [spaces.turns_of(piece, inner) for piece in pieces]
    if impossible(pieces, turns, inner):
        return None
    sure = len(pieces) <= SURE_UP_TO
    for tries, most in ((_TRIES[:2], GLANCE_STEPS), (_TRIES[2:], steps.each)):
        if found := _quickly(tries, pieces, turns, inner):
            return spaces.settle(found, pieces)
        if too_much(turns, inner):
            return None
        if sure:
            try:
                proven = relations.search(pieces, turns, inner, steps, most)
                return None if proven is None else spaces.settle(proven, pieces)
            except OutOfSteps:
                pass
    if found := _patiently(pieces, turns, inner, steps):
        return spaces.settle(found, pieces)
    raise OutOfSteps


def _quickly(tries: Sequence[Try], pieces: Sequence[Piece], turns: Sequence[Turns], inner: Size) -> list[Placed] | None:
    for rule, snug, key in tries:
        order = sorted(range(len(pieces)), key=lambda at: (pieces[at].fragile, *key(pieces[at])))
        if found := spaces.lay(order, pieces, turns, inner, rule, snug):
            return found
    return None


def _patiently(pieces: Sequence[Piece], turns: Sequence[Turns], inner: Size, steps: Steps) -> list[Placed] | None:
    """What quick answers are left where the sure one is not to be had, as long as there are steps."""
    for key in (_by_volume, _by_flatness, _by_height, _by_thickness):
        order = sorted(range(len(pieces)), key=lambda at: (pieces[at].fragile, *key(pieces[at])))
        if found := spaces.beside(order, pieces, turns, inner):
            return found
        for rule in spaces.RULES[:3]:
            for snug in (False, True):
                steps.left -= STEPS_OF_A_TRY
                if steps.left < 0:
                    return None
                if (rule, snug, key) not in _TRIES and (found := spaces.lay(order, pieces, turns, inner, rule, snug)):
                    return found
    return None


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


_TRIES: Sequence[Try] = (
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
