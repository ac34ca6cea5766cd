"""Filling a container with many pieces, of which many are alike: whole blocks of them at a time. Pure.

Each step takes the empty space nearest to a corner and the block that suits it best: as many alike pieces, all turned the same way, as lie
side by side, behind and upon each other in it. What suits best is the block with the greatest volume or the one that leaves the least
sliver. Repeated with a little chance in the choices, and the best filling kept.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from lading.packing.spaces import Box, Turns, cut
from lading.packing.types import Placed, Size


class Kind(NamedTuple):
    """Pieces that are alike."""

    turns: Turns
    pieces: Sequence[int]
    volume: int
    weight_grams: int
    fragile: bool


class Filling(NamedTuple):
    """What lies in the container."""

    placed: Sequence[Placed]
    volume: int


class _Block(NamedTuple):
    kind: int
    turn: Size
    counts: Size
    space: Box


ORDERS = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))


def fill(
    kinds: Sequence[Kind], inner: Size, max_grams: int, chance: Random | None = None, greedy: float = 1.0
) -> Filling:
    """One filling. Without chance the greedy one; with it, a choice within `greedy` of the best block is as good as that."""
    left = [len(kind.pieces) for kind in kinds]
    spaces: list[Box] = [(0, 0, 0, *inner)]
    placed: list[Placed] = []
    grams = max_grams
    filled = 0
    snug = chance is not None and chance.random() < 0.5
    corner = chance is not None and chance.random() < 0.5
    for fragile in (False, True):
        if not any(kind.fragile == fragile for kind in kinds):
            continue
        dead: set[Box] = set()
        while True:
            open_ = [space for space in spaces if space not in dead]
            if not open_:
                break
            space = min(open_, key=_near_corner(inner) if corner else _low)
            block = _best(space, kinds, left, grams, fragile, snug, chance, greedy)
            if block is None or (fragile and _loaded(block, placed, kinds)):
                dead.add(space)
                continue
            kind = kinds[block.kind]
            box, laid = _lay(block, kind, len(kind.pieces) - left[block.kind], space, inner, corner)
            placed += laid
            left[block.kind] -= len(laid)
            grams -= len(laid) * kind.weight_grams
            filled += len(laid) * kind.volume
            spaces = cut(spaces, box, _least(kinds, left))
    return Filling(placed, filled)


def best(
    kinds: Sequence[Kind],
    inner: Size,
    max_grams: int,
    seed: int,
    go_on: Callable[[int], bool],
    enough: int | None = None,
) -> Filling:
    """The best of as many fillings as there is time for; ends early with a volume that is enough."""
    found = fill(kinds, inner, max_grams)
    chance = Random(seed)
    rounds = 1
    while (enough is None or found.volume < enough) and go_on(rounds):
        other = fill(kinds, inner, max_grams, chance, chance.choice((0.98, 0.95, 0.9, 0.8, 0.7)))
        if other.volume > found.volume:
            found = other
        rounds += 1
    return found


def _low(space: Box) -> tuple[int, ...]:
    return space[2], space[1], space[0]


def _near_corner(inner: Size) -> Callable[[Box], tuple[int, ...]]:
    def key(space: Box) -> tuple[int, ...]:
        return tuple(sorted(min(space[axis], inner[axis] - space[axis + 3]) for axis in range(3)))

    return key


def _best(
    space: Box,
    kinds: Sequence[Kind],
    left: Sequence[int],
    grams: int,
    fragile: bool,
    snug: bool,
    chance: Random | None,
    greedy: float,
) -> _Block | None:
    room = (space[3] - space[0], space[4] - space[1], space[5] - space[2])
    found: list[tuple[tuple[float, float], _Block]] = []
    for index, kind in enumerate(kinds):
        count = left[index]
        if kind.fragile != fragile or not count:
            continue
        if kind.weight_grams:
            count = min(count, grams // kind.weight_grams)
        for turn in kind.turns:
            most = (room[0] // turn[0], room[1] // turn[1], room[2] // turn[2])
            if not (count and most[0] and most[1] and most[2]):
                continue
            tried = set()
            for one, two, three in ORDERS if count < most[0] * most[1] * most[2] else ORDERS[:1]:
                counts = [0, 0, 0]
                counts[one] = min(most[one], count)
                counts[two] = min(most[two], count // counts[one])
                counts[three] = min(most[three], count // (counts[one] * counts[two]))
                if not counts[two] or not counts[three] or tuple(counts) in tried:
                    continue
                tried.add(tuple(counts))
                size = (counts[0] * turn[0], counts[1] * turn[1], counts[2] * turn[2])
                volume = float(size[0] * size[1] * size[2])
                spare = sorted((room[0] - size[0], room[1] - size[1], room[2] - size[2]))
                sliver = -(spare[0] + spare[1] / 1_000)
                score = (sliver, volume) if snug else (volume, sliver)
                found.append((score, _Block(index, turn, (counts[0], counts[1], counts[2]), space)))
    if not found:
        return None
    if chance is None:
        return max(found)[1]
    top = max(score for score, _ in found)
    if snug:
        near = [block for score, block in found if score[0] >= top[0] / greedy]
    else:
        near = [block for score, block in found if score[0] >= top[0] * greedy]
    return chance.choice(near)


def _lay(block: _Block, kind: Kind, first: int, space: Box, inner: Size, corner: bool) -> tuple[Box, list[Placed]]:
    """The block in the corner of the space that is nearest to a corner of the container; on the floor of the space in any case."""
    size = [block.counts[axis] * block.turn[axis] for axis in range(3)]
    at = [space[0], space[1], space[2]]
    for axis in (0, 1):
        if corner and inner[axis] - space[axis + 3] < space[axis]:
            at[axis] = space[axis + 3] - size[axis]
    laid: list[Placed] = []
    for i in range(block.counts[0]):
        for j in range(block.counts[1]):
            for k in range(block.counts[2]):
                where = (at[0] + i * block.turn[0], at[1] + j * block.turn[1], at[2] + k * block.turn[2])
                laid.append(Placed(kind.pieces[first + len(laid)], where, block.turn))
    return (at[0], at[1], at[2], at[0] + size[0], at[1] + size[1], at[2] + size[2]), laid


def _least(kinds: Sequence[Kind], left: Sequence[int]) -> tuple[int, int, int]:
    sizes = [turn for index, kind in enumerate(kinds) if left[index] for turn in kind.turns]
    if not sizes:
        return 2**30, 2**30, 2**30
    return min(s[0] for s in sizes), min(s[1] for s in sizes), min(s[2] for s in sizes)


def _loaded(block: _Block, placed: Sequence[Placed], kinds: Sequence[Kind]) -> bool:
    """Whether something that is not fragile lies above where the block would be."""
    sturdy = {number for kind in kinds if not kind.fragile for number in kind.pieces}
    space = block.space
    return any(
        each.piece in sturdy
        and each.at[2] > space[2]
        and each.at[0] < space[3]
        and space[0] < each.at[0] + each.size[0]
        and each.at[1] < space[4]
        and space[1] < each.at[1] + each.size[1]
        for each in placed
    )
