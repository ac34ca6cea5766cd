"""Filling a container with many pieces, of which many are alike: whole blocks of them at a time. Pure.

Each step takes an empty space and the block that suits it best: as many alike pieces, all turned the same way, as lie side by side,
behind and upon each other in it. What suits best is the block with the greatest volume or the one that leaves the least sliver.
Repeated with a little chance in the choices, from the beginning or from somewhere in the best filling so far, and the best one kept.
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


class Step(NamedTuple):
    """A block as it was laid down."""

    kind: int
    turn: Size
    counts: Size
    at: Size


class Filling(NamedTuple):
    """What lies in the container."""

    placed: Sequence[Placed]
    volume: int
    steps: Sequence[Step]


class Taste(NamedTuple):
    """How a filling chooses."""

    greedy: float = 1.0
    """A choice within this share of the best block is as good as that."""
    snug: bool = False
    """The block that leaves the least sliver, not the largest."""
    corner: bool = False
    """The space nearest to a corner of the container, not the lowest one."""
    layers: bool = False
    """Blocks are no more than one piece thick."""


ORDERS = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))


class _Fill:
    """One filling on its way."""

    def __init__(self, kinds: Sequence[Kind], inner: Size, max_grams: int, taste: Taste, chance: Random | None) -> None:
        self.kinds, self.inner, self.grams, self.taste, self.chance = kinds, inner, max_grams, taste, chance
        self.left = [len(kind.pieces) for kind in kinds]
        self.spaces: list[Box] = [(0, 0, 0, *inner)]
        self.placed: list[Placed] = []
        self.steps: list[Step] = []
        self.volume = 0
        self.dead: set[Box] = set()

    def lay(self, step: Step) -> None:
        """Put the block there."""
        kind = self.kinds[step.kind]
        number = len(kind.pieces) - self.left[step.kind]
        (dx, dy, dz), (x, y, z) = step.turn, step.at
        nx, ny, nz = step.counts
        for i in range(nx):
            for j in range(ny):
                for k in range(nz):
                    self.placed.append(Placed(kind.pieces[number], (x + i * dx, y + j * dy, z + k * dz), step.turn))
                    number += 1
        count = nx * ny * nz
        self.left[step.kind] -= count
        self.grams -= count * kind.weight_grams
        self.volume += count * kind.volume
        self.spaces = cut(self.spaces, (x, y, z, x + nx * dx, y + ny * dy, z + nz * dz), self._least())
        self.steps.append(step)

    def run(self) -> Filling:
        """Go on until nothing fits any more: first what bears a load, then what is fragile."""
        for fragile in (False, True):
            if not any(self.left[at] and kind.fragile == fragile for at, kind in enumerate(self.kinds)):
                continue
            self.dead = set()
            while open_ := [space for space in self.spaces if space not in self.dead]:
                space = min(open_, key=self._near if self.taste.corner else _low)
                step = self._best(space, fragile)
                if step is None or (fragile and self._loaded(step)):
                    self.dead.add(space)
                else:
                    self.lay(step)
        return Filling(self.placed, self.volume, self.steps)

    def _near(self, space: Box) -> tuple[int, ...]:
        inner = self.inner
        return tuple(
            sorted(
                (
                    min(space[0], inner[0] - space[3]),
                    min(space[1], inner[1] - space[4]),
                    min(space[2], inner[2] - space[5]),
                )
            )
        )

    def _least(self) -> Size:
        sizes = [turn for at, kind in enumerate(self.kinds) if self.left[at] for turn in kind.turns]
        if not sizes:
            return 2**30, 2**30, 2**30
        return min(s[0] for s in sizes), min(s[1] for s in sizes), min(s[2] for s in sizes)

    def _best(self, space: Box, fragile: bool) -> Step | None:
        wide, deep, high = space[3] - space[0], space[4] - space[1], space[5] - space[2]
        snug, layers = self.taste.snug, self.taste.layers
        found: list[tuple[float, float, int, Size, Size]] = []
        for index, kind in enumerate(self.kinds):
            count = self.left[index]
            if not count or kind.fragile != fragile:
                continue
            if kind.weight_grams:
                count = min(count, self.grams // kind.weight_grams)
                if not count:
                    continue
            for turn in kind.turns:
                most = (wide // turn[0], deep // turn[1], high // turn[2])
                if not (most[0] and most[1] and most[2]):
                    continue
                for counts in _counts(most, count, layers):
                    x, y, z = counts[0] * turn[0], counts[1] * turn[1], counts[2] * turn[2]
                    volume = float(x * y * z)
                    a, b, c = wide - x, deep - y, high - z
                    sliver = -float(min(a, b, c) * 1_000 + min(a + b, b + c, a + c))
                    found.append(
                        (sliver, volume, index, turn, counts) if snug else (volume, sliver, index, turn, counts)
                    )
        if not found:
            return None
        best = max(found)
        if self.chance is not None and self.taste.greedy < 1.0:
            limit = best[0] * self.taste.greedy if best[0] > 0 else best[0] / self.taste.greedy
            best = self.chance.choice([each for each in found if each[0] >= limit])
        _first, _second, index, turn, counts = best
        return Step(index, turn, counts, self._place(space, turn, counts))

    def _place(self, space: Box, turn: Size, counts: Size) -> Size:
        """In the corner of the space that is nearest to a corner of the container; on the floor of the space in any case."""
        at = [space[0], space[1], space[2]]
        if self.taste.corner:
            for axis in (0, 1):
                if self.inner[axis] - space[axis + 3] < space[axis]:
                    at[axis] = space[axis + 3] - counts[axis] * turn[axis]
        return at[0], at[1], at[2]

    def _loaded(self, step: Step) -> bool:
        """Whether something that is not fragile lies above where the block would be."""
        x, y, z = step.at
        far = (x + step.counts[0] * step.turn[0], y + step.counts[1] * step.turn[1])
        sturdy = {number for kind in self.kinds if not kind.fragile for number in kind.pieces}
        return any(
            each.piece in sturdy
            and each.at[2] > z
            and each.at[0] < far[0]
            and x < each.at[0] + each.size[0]
            and each.at[1] < far[1]
            and y < each.at[1] + each.size[1]
            for each in self.placed
        )


def _counts(most: Size, count: int, layers: bool) -> set[Size]:
    """How many side by side, behind and upon each other: as many as fit and as there are; or one piece thick, in each way."""
    found: set[Size] = set()
    if layers:
        for thin in range(3):
            room = [1 if axis == thin else most[axis] for axis in range(3)]
            found |= _counts((room[0], room[1], room[2]), count, False)
        return found
    if most[0] * most[1] * most[2] <= count:
        return {most}
    for one, two, three in ORDERS:
        counts = [0, 0, 0]
        counts[one] = min(most[one], count)
        counts[two] = min(most[two], count // counts[one])
        counts[three] = min(most[three], count // (counts[one] * counts[two]))
        found.add((counts[0], counts[1], counts[2]))
    return found


def _low(space: Box) -> tuple[int, ...]:
    return space[2], space[1], space[0]


def fill(kinds: Sequence[Kind], inner: Size, max_grams: int, taste: Taste, chance: Random | None = None) -> Filling:
    """One filling."""
    return _Fill(kinds, inner, max_grams, taste, chance).run()


PLAIN = (
    Taste(),
    Taste(corner=True),
    Taste(snug=True),
    Taste(corner=True, layers=True),
    Taste(layers=True),
    Taste(snug=True, corner=True),
)
"""Without chance: one finds what another one misses."""


def best(
    kinds: Sequence[Kind],
    inner: Size,
    max_grams: int,
    seed: int,
    go_on: Callable[[int], bool],
    enough: int | None = None,
) -> Filling:
    """The best of as many fillings as there is time for; ends early with a volume that is enough."""
    chance = Random(seed)
    found = fill(kinds, inner, max_grams, PLAIN[0])
    rounds = 1
    while (enough is None or found.volume < enough) and go_on(rounds):
        if rounds < len(PLAIN):
            other = fill(kinds, inner, max_grams, PLAIN[rounds])
        else:
            taste = Taste(
                chance.choice((0.98, 0.95, 0.9, 0.8)),
                chance.random() < 0.4,
                chance.random() < 0.6,
                chance.random() < 0.4,
            )
            going = _Fill(kinds, inner, max_grams, taste, chance)
            if chance.random() < 0.7:
                for step in found.steps[: int(len(found.steps) * chance.uniform(0.1, 0.9))]:
                    going.lay(step)
            other = going.run()
        if other.volume > found.volume:
            found = other
        rounds += 1
    return found
