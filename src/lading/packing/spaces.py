"""Laying pieces into a carton one after the other, each into one of the largest spaces that are still empty. Pure.

A space is the largest empty box that touches something on each side; spaces overlap. What is laid down goes into a space's
corner nearest to the origin, and cuts every space that it reaches into.
"""

from collections.abc import Iterable, Sequence

from lading.packing.types import Piece, Placed, Size

Box = tuple[int, int, int, int, int, int]
"""From (x, y, z) to (x, y, z)."""

Turns = Sequence[Size]
"""The sizes that a piece has when it is turned in each way that fits."""

RULES: Sequence[tuple[int, int, int]] = ((2, 1, 0), (0, 2, 1), (1, 2, 0), (2, 0, 1), (0, 1, 2), (1, 0, 2))
"""Which axis is kept short first: lowest, then furthest back, then leftmost; and the other ways round."""


def turns_of(piece: Piece, inner: Size) -> list[Size]:
    """Each way to turn it that fits; upright ones stay upright."""
    length, width, height = piece.size
    ways = [(length, width, height), (width, length, height)]
    if not piece.upright:
        ways += [
            (width, height, length), (height, width, length), (height, length, width), (length, height, width),
        ]  # fmt: skip
    return [way for way in dict.fromkeys(ways) if way[0] <= inner[0] and way[1] <= inner[1] and way[2] <= inner[2]]


def cut(spaces: Iterable[Box], box: Box, least: Sequence[int]) -> list[Box]:
    """The spaces that are left when the box lies there; those too narrow for the least extents are gone."""
    x1, y1, z1, x2, y2, z2 = box
    kept: list[Box] = []
    fresh: list[Box] = []
    least_x, least_y, least_z = least
    for space in spaces:
        a1, b1, c1, a2, b2, c2 = space
        if x1 >= a2 or x2 <= a1 or y1 >= b2 or y2 <= b1 or z1 >= c2 or z2 <= c1:
            kept.append(space)
            continue
        if x1 - a1 >= least_x:
            fresh.append((a1, b1, c1, x1, b2, c2))
        if a2 - x2 >= least_x:
            fresh.append((x2, b1, c1, a2, b2, c2))
        if y1 - b1 >= least_y:
            fresh.append((a1, b1, c1, a2, y1, c2))
        if b2 - y2 >= least_y:
            fresh.append((a1, y2, c1, a2, b2, c2))
        if z1 - c1 >= least_z:
            fresh.append((a1, b1, c1, a2, b2, z1))
        if c2 - z2 >= least_z:
            fresh.append((a1, b1, z2, a2, b2, c2))
    for index, one in enumerate(fresh):
        a1, b1, c1, a2, b2, c2 = one
        for other in kept:
            if (
                other[0] <= a1
                and other[1] <= b1
                and other[2] <= c1
                and other[3] >= a2
                and other[4] >= b2
                and other[5] >= c2
            ):
                break
        else:
            for at, other in enumerate(fresh):
                if (
                    at != index
                    and other[0] <= a1
                    and other[1] <= b1
                    and other[2] <= c1
                    and other[3] >= a2
                    and other[4] >= b2
                    and other[5] >= c2
                    and (other != one or at < index)
                ):
                    break
            else:
                kept.append(one)
    return kept


def lay(
    order: Sequence[int],
    pieces: Sequence[Piece],
    turns: Sequence[Turns],
    inner: Size,
    rule: tuple[int, int, int],
    snug: bool,
) -> list[Placed] | None:
    """All pieces in that order, each where the rule likes it best; None where one finds no place.

    `snug`: first of all into the space that it fills best. Pieces that bear nothing come last in the order: nothing is laid above them.
    """
    spaces: list[Box] = [(0, 0, 0, *inner)]
    done: list[Placed] = []
    sizes = [turn for number in order for turn in turns[number]]
    least = (min(size[0] for size in sizes), min(size[1] for size in sizes), min(size[2] for size in sizes))
    first, second, third = rule
    for number in order:
        best: tuple[int, ...] | None = None
        found: tuple[Box, Size] | None = None
        fragile = pieces[number].fragile
        for space in spaces:
            wide, deep, high = space[3] - space[0], space[4] - space[1], space[5] - space[2]
            for turn in turns[number]:
                if turn[0] > wide or turn[1] > deep or turn[2] > high:
                    continue
                spare = (wide - turn[0], deep - turn[1], high - turn[2])
                where = (space[first] + turn[first], space[second], space[third])
                score = (min(spare), *where) if snug else (*where, min(spare))
                if (best is None or score < best) and not (fragile and _under_a_load(space, turn, done, pieces)):
                    best, found = score, (space, turn)
        if found is None:
            return None
        (x, y, z, *_), turn = found
        spaces = cut(spaces, (x, y, z, x + turn[0], y + turn[1], z + turn[2]), least)
        done.append(Placed(number, (x, y, z), turn))
    return done


def beside(order: Sequence[int], pieces: Sequence[Piece], turns: Sequence[Turns], inner: Size) -> list[Placed] | None:
    """All pieces in that order, each right of, behind or upon one that lies there already: the first such place that is free."""
    done: list[Placed] = []
    for number in order:
        corners = [(0, 0, 0)] if not done else _corners(done)
        found = next(
            (
                Placed(number, at, turn)
                for at in corners
                for turn in turns[number]
                if all(at[axis] + turn[axis] <= inner[axis] for axis in range(3)) and _is_free(at, turn, done)
            ),
            None,
        )
        if found is None or (pieces[number].fragile and _under_a_load((*found.at, 0, 0, 0), found.size, done, pieces)):
            return None
        done.append(found)
    return done


def _corners(done: Sequence[Placed]) -> list[Size]:
    found = []
    for axis in range(3):
        for each in done:
            at = list(each.at)
            at[axis] += each.size[axis]
            found.append((at[0], at[1], at[2]))
    return found


def _is_free(at: Size, size: Size, done: Iterable[Placed]) -> bool:
    return not any(
        at[0] < each.at[0] + each.size[0]
        and each.at[0] < at[0] + size[0]
        and at[1] < each.at[1] + each.size[1]
        and each.at[1] < at[1] + size[1]
        and at[2] < each.at[2] + each.size[2]
        and each.at[2] < at[2] + size[2]
        for each in done
    )


def _under_a_load(space: Box, turn: Size, done: Iterable[Placed], pieces: Sequence[Piece]) -> bool:
    """Whether something that is not fragile would lie above it."""
    x, y, top = space[0], space[1], space[2] + turn[2]
    return any(
        not pieces[each.piece].fragile
        and each.at[2] >= top
        and each.at[0] < x + turn[0]
        and x < each.at[0] + each.size[0]
        and each.at[1] < y + turn[1]
        and y < each.at[1] + each.size[1]
        for each in done
    )


def settle(placed: Sequence[Placed], pieces: Sequence[Piece]) -> list[Placed]:
    """The same, let down, pushed back and to the left until each piece touches something: nothing hangs in the air.

    Where something is fragile, pieces are only let down: who lies above whom stays as it is.
    """
    now = list(placed)
    axes = (2,) if any(pieces[each.piece].fragile for each in now) else (2, 1, 0)
    moved = True
    while moved:
        moved = False
        for axis in axes:
            for index in sorted(range(len(now)), key=lambda at: now[at].at[axis]):
                one = now[index]
                ends = (other.at[axis] + other.size[axis] for other in now if _in_the_way(one, other, axis))
                stop = max(ends, default=0)
                if stop < one.at[axis]:
                    at = list(one.at)
                    at[axis] = stop
                    now[index] = one._replace(at=(at[0], at[1], at[2]))
                    moved = True
    return now


def _in_the_way(one: Placed, other: Placed, axis: int) -> bool:
    if other.at[axis] + other.size[axis] > one.at[axis]:
        return False
    return all(
        one.at[side] < other.at[side] + other.size[side] and other.at[side] < one.at[side] + one.size[side]
        for side in range(3)
        if side != axis
    )
