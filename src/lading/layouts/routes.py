"""The shortest walk past the stops of a pick list. Pure: no I/O, no clock, no randomness.

One block of aisles is solved exactly, by the dynamic program of H. D. Ratliff and A. S. Rosenthal, "Order-picking in a
rectangular warehouse: a solvable case of the traveling salesman problem", Operations Research 31 (1983), 507-521: aisle by
aisle from the left, it keeps the cheapest part of a tour for each way in which that part may meet the rest. What counts of
a part is only whether the back and the front end of its last aisle have been touched (not at all, an odd or an even number
of times) and whether it hangs together: seven states. Several blocks are solved by a search (`search.py`).
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from lading.layouts import search
from lading.layouts.types import Layout, Route, Spot

State = tuple[int, int, int]
"""(touches of the back end, touches of the front end, pieces); touches: 0 none, 1 odd, 2 even."""

NOTHING: State = (0, 0, 0)
DONE: State = (0, 0, 1)
ENDS: Sequence[State] = ((2, 0, 1), (0, 2, 1), (2, 2, 1), DONE, NOTHING)
"""States in which a tour may be over."""

_NONE, _THROUGH, _TWICE, _FRONT, _BACK, _GAP = range(6)
"""How an aisle is walked: not at all, once through, through and back, in and out at the front, at the back, or at both ends."""

_DOWN: Mapping[int, Mapping[State, State]] = {
    _NONE: {state: state for state in ((0, 0, 0), (1, 1, 1), (2, 0, 1), (0, 2, 1), (2, 2, 1), (2, 2, 2), (0, 0, 1))},
    _THROUGH: {
        (0, 0, 0): (1, 1, 1), (1, 1, 1): (2, 2, 1), (2, 0, 1): (1, 1, 1), (0, 2, 1): (1, 1, 1), (2, 2, 1): (1, 1, 1),
        (2, 2, 2): (1, 1, 1),
    },
    _TWICE: {
        (0, 0, 0): (2, 2, 1), (1, 1, 1): (1, 1, 1), (2, 0, 1): (2, 2, 1), (0, 2, 1): (2, 2, 1), (2, 2, 1): (2, 2, 1),
        (2, 2, 2): (2, 2, 1),
    },
    _FRONT: {
        (0, 0, 0): (0, 2, 1), (1, 1, 1): (1, 1, 1), (2, 0, 1): (2, 2, 2), (0, 2, 1): (0, 2, 1), (2, 2, 1): (2, 2, 1),
        (2, 2, 2): (2, 2, 2),
    },
    _BACK: {
        (0, 0, 0): (2, 0, 1), (1, 1, 1): (1, 1, 1), (2, 0, 1): (2, 0, 1), (0, 2, 1): (2, 2, 2), (2, 2, 1): (2, 2, 1),
        (2, 2, 2): (2, 2, 2),
    },
    _GAP: {
        (0, 0, 0): (2, 2, 2), (1, 1, 1): (1, 1, 1), (2, 0, 1): (2, 2, 2), (0, 2, 1): (2, 2, 2), (2, 2, 1): (2, 2, 1),
        (2, 2, 2): (2, 2, 2),
    },
}  # fmt: skip
"""Where walking an aisle leads from each state."""

_ACROSS: Mapping[State, Sequence[tuple[int, int, State]]] = {
    (1, 1, 1): [(1, 1, (1, 1, 1))],
    (2, 0, 1): [(2, 0, (2, 0, 1)), (0, 0, DONE)],
    (0, 2, 1): [(0, 2, (0, 2, 1)), (0, 0, DONE)],
    (2, 2, 1): [(2, 0, (2, 0, 1)), (0, 2, (0, 2, 1)), (2, 2, (2, 2, 1)), (0, 0, DONE)],
    (2, 2, 2): [(2, 2, (2, 2, 2))],
    NOTHING: [(0, 0, NOTHING)],
    DONE: [(0, 0, DONE)],
}
"""Ways to the next aisle: (times along the back, times along the front, state there). Every end is left an even number of times."""


_Join = Callable[[Spot, Spot, int], None]
"""Lays edges between two spots, so many times."""


class _Aisle(NamedTuple):
    """An aisle with stops, or the place of the depot."""

    x: int
    stops: list[tuple[int, int]]
    """(y, which stop), from the front; the depot is stop -1."""


def shortest(layout: Layout, stops: Sequence[Spot]) -> Route:
    """The walk from the depot past all stops and back: the shortest one in one block, a good one in several."""
    if not stops:
        return Route(0)
    if len(layout.crosses) == 2:
        return _one_block(layout, stops)
    return search.good_route(layout, stops)


def s_shape(layout: Layout, stops: Sequence[Spot]) -> Route:
    """The walk of somebody who goes through every aisle that has a stop, from the left, block by block from the back."""
    if not stops:
        return Route(0)
    if len(layout.crosses) > 2:
        return search.s_shape(layout, stops)
    aisles = _by_aisle(stops)
    length, at = layout.back - layout.front, Spot(layout.depot, layout.front)
    order, walked = [], 0
    for index, aisle in enumerate(aisles):
        walked += abs(aisle.x - at.x)
        if at.y == layout.back:
            order += [stop for _, stop in reversed(aisle.stops)]
            at = Spot(aisle.x, layout.front)
            walked += length
        elif index == len(aisles) - 1:
            order += [stop for _, stop in aisle.stops]
            at = Spot(aisle.x, layout.front)
            walked += 2 * (aisle.stops[-1][0] - layout.front)
        else:
            order += [stop for _, stop in aisle.stops]
            at = Spot(aisle.x, layout.back)
            walked += length
    return Route(walked + abs(at.x - layout.depot), order)


def _by_aisle(stops: Sequence[Spot]) -> list[_Aisle]:
    aisles: dict[int, list[tuple[int, int]]] = {}
    for index, spot in enumerate(stops):
        aisles.setdefault(spot.x, []).append((spot.y, index))
    return [_Aisle(x, sorted(found)) for x, found in sorted(aisles.items())]


def _one_block(layout: Layout, stops: Sequence[Spot]) -> Route:
    front, back = layout.front, layout.back
    aisles = _by_aisle(stops)
    depot = next((index for index, each in enumerate(aisles) if each.x >= layout.depot), len(aisles))
    if depot < len(aisles) and aisles[depot].x == layout.depot:
        aisles[depot].stops.insert(0, (front, -1))
    else:
        aisles.insert(depot, _Aisle(layout.depot, [(front, -1)]))
    kept: dict[State, int] = {NOTHING: 0}
    came: list[tuple[dict[State, tuple[State, int]], dict[State, tuple[State, int, int]]]] = []
    for index, aisle in enumerate(aisles):
        walked: dict[State, int] = {}
        down: dict[State, tuple[State, int]] = {}
        for way, cost in _ways(aisle, front, back, is_depot=index == depot and len(aisle.stops) == 1):
            leads = _DOWN[way]
            for state, length in kept.items():
                there = leads.get(state)
                if there is not None and length + cost < walked.get(there, _FAR):
                    walked[there], down[there] = length + cost, (state, way)
        if index == len(aisles) - 1:
            came.append((down, {}))
            kept = walked
            break
        gap = aisles[index + 1].x - aisle.x
        crossed: dict[State, int] = {}
        across: dict[State, tuple[State, int, int]] = {}
        for state, length in walked.items():
            for behind, before, there in _ACROSS[state]:
                total = length + (behind + before) * gap
                if total < crossed.get(there, _FAR):
                    crossed[there], across[there] = total, (state, behind, before)
        came.append((down, across))
        kept = crossed
    end = min((state for state in ENDS if state in kept), key=kept.__getitem__)
    return Route(kept[end], _walk(aisles, came, end, front, back))


_FAR = 2**62


def _ways(aisle: _Aisle, front: int, back: int, *, is_depot: bool) -> list[tuple[int, int]]:
    """How the aisle may be walked so that all its stops are passed, with lengths."""
    ys = [y for y, _ in aisle.stops]
    if is_depot:
        return [(_FRONT, 0)]
    length = back - front
    gap = max((above - below for below, above in itertools.pairwise(ys)), default=0)
    return [
        (_THROUGH, length), (_TWICE, 2 * length), (_FRONT, 2 * (ys[-1] - front)), (_BACK, 2 * (back - ys[0])),
        (_GAP, 2 * (length - gap)),
    ]  # fmt: skip


def _walk(
    aisles: Sequence[_Aisle],
    came: Sequence[tuple[Mapping[State, tuple[State, int]], Mapping[State, tuple[State, int, int]]]],
    state: State,
    front: int,
    back: int,
) -> list[int]:
    """The stops in the order in which a walker along the edges that were chosen passes them."""
    edges: dict[Spot, list[Spot]] = {}

    def join(one: Spot, other: Spot, times: int) -> None:
        if one != other:
            for _ in range(times):
                edges.setdefault(one, []).append(other)
                edges.setdefault(other, []).append(one)

    for index in range(len(aisles) - 1, -1, -1):
        aisle, (down, across) = aisles[index], came[index]
        if index < len(aisles) - 1:
            state, behind, before = across[state]
            there = aisles[index + 1].x
            join(Spot(aisle.x, back), Spot(there, back), behind)
            join(Spot(aisle.x, front), Spot(there, front), before)
        state, way = down[state]
        _join_aisle(aisle, way, front, back, join)
    depot = next(aisle.x for aisle in aisles if any(stop < 0 for _, stop in aisle.stops))
    at = {
        Spot(aisle.x, y): [stop for each, stop in aisle.stops if each == y] for aisle in aisles for y, _ in aisle.stops
    }
    order: list[int] = []
    for spot in _circuit(edges, Spot(depot, front)):
        order += [stop for stop in at.pop(spot, ()) if stop >= 0]
    return order


def _join_aisle(aisle: _Aisle, way: int, front: int, back: int, join: _Join) -> None:
    ys = list(dict.fromkeys([front, *(y for y, _ in aisle.stops), back]))
    spots = [Spot(aisle.x, y) for y in ys]
    if way in (_THROUGH, _TWICE):
        for below, above in itertools.pairwise(spots):
            join(below, above, 1 if way == _THROUGH else 2)
        return
    first, last = aisle.stops[0][0], aisle.stops[-1][0]
    gap = _widest(aisle) if way == _GAP else None
    for below, above in itertools.pairwise(spots):
        from_front = above.y <= last if way == _FRONT else gap is not None and above.y <= gap[0]
        from_back = below.y >= first if way == _BACK else gap is not None and below.y >= gap[1]
        if from_front or from_back:
            join(below, above, 2)


def _widest(aisle: _Aisle) -> tuple[int, int]:
    """The stops (by y) with the longest way between them; of one stop, nothing is left out."""
    ys = [y for y, _ in aisle.stops]
    pairs = list(itertools.pairwise(ys)) or [(ys[0], ys[0])]
    return max(pairs, key=lambda pair: pair[1] - pair[0])


def _circuit(edges: dict[Spot, list[Spot]], start: Spot) -> list[Spot]:
    """A closed walk along every edge once (Hierholzer): each end is met an even number of times, and all hangs together."""
    stack, circuit = [start], []
    while stack:
        here = stack[-1]
        if edges.get(here):
            there = edges[here].pop()
            edges[there].remove(here)
            stack.append(there)
        else:
            circuit.append(stack.pop())
    return circuit[::-1]
