"""Walks through several blocks of aisles: a good order of the stops, improved until no small change helps. Pure."""

import itertools
from collections.abc import Sequence

from lading.layouts.types import Layout, Route, Spot

_ROUNDS_MAX = 60


def distance(layout: Layout, one: Spot, other: Spot) -> int:
    """The way between two places: down the aisle, or through the cross aisle that is the least detour."""
    if one.x == other.x:
        return abs(one.y - other.y)
    low, high = (one.y, other.y) if one.y <= other.y else (other.y, one.y)
    best = None
    for cross in layout.crosses:
        if low <= cross <= high:
            return abs(one.x - other.x) + high - low
        detour = low - cross if cross < low else cross - high
        best = detour if best is None else min(best, detour)
    assert best is not None
    return abs(one.x - other.x) + high - low + 2 * best


def way(layout: Layout, one: Spot, other: Spot) -> list[Spot]:
    """Where the way from one place to another turns, and its end."""
    if one.x == other.x:
        return [other]
    cross = min(layout.crosses, key=lambda cross: abs(one.y - cross) + abs(other.y - cross))
    turns = [Spot(one.x, cross), Spot(other.x, cross), other]
    return [spot for before, spot in zip([one, *turns], turns, strict=False) if spot != before]


def s_shape(layout: Layout, stops: Sequence[Spot]) -> Route:
    """Block by block from the back, each from left to right and the next from right to left, up one aisle and down the next."""
    blocks: dict[int, dict[int, list[int]]] = {}
    for index, spot in enumerate(stops):
        block = sum(cross <= spot.y for cross in layout.crosses[1:-1])
        blocks.setdefault(block, {}).setdefault(spot.x, []).append(index)
    order: list[int] = []
    for turn, block in enumerate(sorted(blocks, reverse=True)):
        for step, x in enumerate(sorted(blocks[block], reverse=bool(turn % 2))):
            order += sorted(blocks[block][x], key=lambda each: stops[each].y, reverse=bool(step % 2))
    return Route(length(layout, stops, order), order)


def length(layout: Layout, stops: Sequence[Spot], order: Sequence[int]) -> int:
    """How long the walk from the depot past the stops in this order and back is."""
    spots = [layout.start, *(stops[index] for index in order), layout.start]
    return sum(distance(layout, one, other) for one, other in itertools.pairwise(spots))


def good_route(layout: Layout, stops: Sequence[Spot]) -> Route:
    """The best of a few beginnings, each improved by turning parts around and by moving up to three stops elsewhere."""
    places = list(dict.fromkeys(stops))
    nodes = [layout.start, *places]
    between = [[distance(layout, one, other) for other in nodes] for one in nodes]
    beginnings = [
        _nearest(between),
        [0, *(index + 1 for index in s_shape(layout, places).order)],
        [0, *sorted(range(1, len(nodes)), key=lambda each: (nodes[each].x, nodes[each].y))],
    ]
    tours = [_improve(tour, between) for tour in beginnings]
    best = min(tours, key=lambda tour: _around(tour, between))
    found: dict[Spot, list[int]] = {}
    for index, spot in enumerate(stops):
        found.setdefault(spot, []).append(index)
    return Route(_around(best, between), [index for node in best[1:] for index in found[nodes[node]]])


def _around(tour: Sequence[int], between: Sequence[Sequence[int]]) -> int:
    return sum(between[one][other] for one, other in zip(tour, [*tour[1:], tour[0]], strict=True))


def _nearest(between: Sequence[Sequence[int]]) -> list[int]:
    """Always on to what is nearest."""
    left, tour = set(range(1, len(between))), [0]
    while left:
        here = between[tour[-1]]
        following = min(left, key=lambda each: (here[each], each))
        left.remove(following)
        tour.append(following)
    return tour


def _improve(tour: list[int], between: Sequence[Sequence[int]]) -> list[int]:
    for _ in range(_ROUNDS_MAX):
        if not (_turn(tour, between) or _shift(tour, between)):
            break
    return tour


def _turn(tour: list[int], between: Sequence[Sequence[int]]) -> bool:
    """Turn parts around where that is shorter (2-opt); whether any was."""
    size, turned = len(tour), False
    for first in range(size - 1):
        for last in range(first + 2, size):
            after = tour[(last + 1) % size]
            if after == tour[first]:
                continue
            one, other, end = tour[first], tour[first + 1], tour[last]
            if between[one][end] + between[other][after] < between[one][other] + between[end][after]:
                tour[first + 1 : last + 1] = tour[first + 1 : last + 1][::-1]
                turned = True
    return turned


def _shift(tour: list[int], between: Sequence[Sequence[int]]) -> bool:
    """Move up to three stops in a row elsewhere, either way round, where that is shorter (Or-opt); whether any was."""
    shifted = False
    for count in (1, 2, 3):
        first = 1
        while first + count <= len(tour):
            part = tour[first : first + count]
            rest = tour[:first] + tour[first + count :]
            before, after = tour[first - 1], tour[(first + count) % len(tour)]
            gain = between[before][part[0]] + between[part[-1]][after] - between[before][after]
            best, where, turned = 0, -1, False
            for index, one in enumerate(rest):
                other = rest[(index + 1) % len(rest)]
                base = between[one][other]
                straight = between[one][part[0]] + between[part[-1]][other] - base
                reverse = between[one][part[-1]] + between[part[0]][other] - base
                cost = min(straight, reverse)
                if gain - cost > best:
                    best, where, turned = gain - cost, index, reverse < straight
            if best > 0:
                rest[where + 1 : where + 1] = part[::-1] if turned else part
                tour[:] = rest
                shifted = True
            first += 1
    return shifted
