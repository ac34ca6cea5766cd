"""Laws of packing: what is proposed can be packed, and nothing is cheaper."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.benches import packing as bench
from lading.packing import choosing, many, relations, spaces, sscc
from lading.packing.checking import faults
from lading.packing.fitting import fit
from lading.packing.relations import Misfit, OutOfSteps, Steps
from lading.packing.shares import too_much
from lading.packing.types import Carton, Packing, Parcel, Piece, Placed, Size, Tariff

sizes = st.tuples(*[st.integers(1, 4)] * 3)
pieces = st.builds(
    Piece, sizes, st.integers(0, 40), st.booleans(), st.booleans(), st.sampled_from(["", "", "", "food", "soap"])
)
CARTONS = (
    Carton("S", (3, 2, 2), (4, 3, 3), 5, 60, 10),
    Carton("M", (4, 4, 3), (5, 5, 4), 8, 90, 25),
    Carton("L", (6, 4, 4), (7, 5, 5), 12, 120, 40),
)
TARIFF = Tariff(2, (20, 40, 60, 90, 150), (100, 130, 170, 230, 400))


def plenty() -> Steps:
    return Steps(100_000)


def brute(inside: Sequence[Piece], inner: Size) -> bool:
    """Every way to put them on the grid, one after the other: slow, and shares nothing with the search."""

    def go(at: int, done: list[Placed]) -> bool:
        if at == len(inside):
            return True
        for turn in spaces.turns_of(inside[at], inner):
            for corner in product(*(range(inner[axis] - turn[axis] + 1) for axis in range(3))):
                here = Placed(at, (corner[0], corner[1], corner[2]), turn)
                if not lies_wrong([*done, here], inside, inner) and go(at + 1, [*done, here]):
                    return True
        return False

    takes = sum(piece.size[0] * piece.size[1] * piece.size[2] for piece in inside)
    room = inner[0] * inner[1] * inner[2]
    return takes <= room and len({piece.keep_apart for piece in inside} - {""}) < 2 and go(0, [])


def lies_wrong(placed: Sequence[Placed], inside: Sequence[Piece], inner: Size) -> list[str]:
    carton = Carton("", inner, inner, 0, 10**9, 0)
    weight = sum(inside[each.piece].weight_grams for each in placed)
    free = Tariff(None, (10**9,), (0,))
    left = sorted(set(range(len(inside))) - {each.piece for each in placed})
    return faults(Packing([Parcel(carton, placed, weight, weight, 0)], 0, 0, left), inside, free)


few_kinds = st.lists(pieces, min_size=1, max_size=2).flatmap(
    lambda kinds: st.lists(st.sampled_from(kinds), min_size=2, max_size=5)
)
"""Many of which are alike."""


@given(st.lists(pieces, min_size=1, max_size=4) | few_kinds, st.tuples(*[st.integers(2, 4)] * 3))
@settings(max_examples=400)
def test_a_set_fits_exactly_where_trying_every_place_finds_one(inside: list[Piece], inner: Size) -> None:
    for found in (fit(inside, inner, plenty()), searched(inside, inner)):
        if isinstance(found, Misfit):
            assert not brute([inside[at] for at in found.core], inner)
        else:
            assert lies_wrong(found, inside, inner) == []


def searched(inside: Sequence[Piece], inner: Size) -> list[Placed] | Misfit:
    """By the search alone, which does not look at classes that are kept apart."""
    turns = [spaces.turns_of(piece, inner) for piece in inside]
    if len({piece.keep_apart for piece in inside} - {""}) > 1 or not all(turns):
        return []
    return relations.search(inside, turns, inner, plenty())


@st.composite
def cut_up(draw: st.DrawFn) -> tuple[Size, list[Size]]:
    """A room, and what comes of it when it is sawn through again and again, each piece turned somehow."""
    room = draw(st.tuples(*[st.integers(2, 60)] * 3))
    parts = [room]
    for _ in range(draw(st.integers(0, 9))):
        at, axis = draw(st.integers(0, len(parts) - 1)), draw(st.integers(0, 2))
        if (long := parts[at][axis]) > 1:
            here = draw(st.just(long // 2) | st.integers(1, long - 1))
            one, other = list(parts[at]), list(parts[at])
            one[axis], other[axis] = here, long - here
            parts[at : at + 1] = [(one[0], one[1], one[2]), (other[0], other[1], other[2])]
    return room, [(each[turn[0]], each[turn[1]], each[turn[2]]) for each in parts for turn in [draw(TURNS)]]


TURNS = st.permutations((0, 1, 2))


@given(cut_up())
@settings(max_examples=150)
def test_nobody_says_that_what_was_cut_from_a_room_does_not_fit_into_it(cut: tuple[Size, list[Size]]) -> None:
    room, sizes_ = cut
    inside = [Piece(size) for size in sizes_]
    turns = [spaces.turns_of(piece, room) for piece in inside]
    assert not too_much(turns, room)
    for ask in (
        lambda: fit(inside, room, Steps(50)),
        lambda: relations.search(inside, turns, room, Steps(50)),
    ):
        with suppress(OutOfSteps):
            found = ask()
            assert not isinstance(found, Misfit) and lies_wrong(found, inside, room) == []


def test_a_bound_tells_what_no_volume_does_and_of_whom() -> None:
    """Three boxes a bit thicker than a third of the room: a sixth of it would stay empty; the die beside them changes nothing."""
    room = (100, 50, 50)
    boxes = [spaces.turns_of(Piece(size), room) for size in ((34, 45, 45), (5, 5, 5), (34, 45, 45), (34, 45, 45))]
    assert too_much(boxes, room) == [0, 2, 3] and not too_much(boxes[:3], room)


def test_those_that_do_not_fit_are_named_without_those_that_change_nothing() -> None:
    """Five that leave a quarter of the room empty; no bound says that they do not fit."""
    inside = [Piece(size) for size in ((7, 6, 5), (1, 1, 1), (7, 6, 5), (7, 5, 4), (6, 6, 5), (6, 5, 5))]
    room = (12, 10, 9)
    found = fit(inside, room, plenty())
    assert isinstance(found, Misfit) and 1 not in found.core


def test_three_sticks_of_which_none_can_be_laid_down_last_are_packed() -> None:
    """Each lies before another one: no order of laying them into corners finds it."""
    sticks = [Piece((3, 2, 1)), Piece((3, 2, 1)), Piece((3, 2, 1)), Piece((1, 1, 1))]
    turns = [[(3, 1, 2)], [(2, 3, 1)], [(1, 2, 3)], [(1, 1, 1)]]
    found = relations.search(sticks, turns, (3, 3, 3), plenty())
    assert not isinstance(found, Misfit) and lies_wrong(found, sticks, (3, 3, 3)) == []


@given(st.lists(pieces, min_size=1, max_size=10))
@settings(max_examples=60)
def test_what_is_proposed_can_be_packed_and_costs_what_it_says(inside: list[Piece]) -> None:
    found = choosing.choose(inside, CARTONS, TARIFF)
    assert faults(found, inside, TARIFF) == []


@pytest.mark.parametrize("steps", [0, choosing.STEPS_MAX])
def test_an_order_that_was_once_dearer_than_with_py3dbp_is_not(steps: int) -> None:
    """They fill 88 % of a carton; without steps that packing is found only beside what lies there already."""
    sizes = [(200, 150, 100)] * 3 + [(200, 150, 200)] * 3 + [(240, 150, 150)] * 2
    order = [*(Piece(size, 400) for size in sizes), Piece((160, 110, 250), 700)]
    found = choosing.choose(order, bench.CARTONS, bench.TARIFF, steps=steps)
    assert found.cost_minor <= bench.with_py3dbp(order)[0] and not faults(found, order, bench.TARIFF)


@given(st.lists(pieces, min_size=11, max_size=40))
@settings(max_examples=20)
def test_many_pieces_are_packed_by_the_same_rules(inside: list[Piece]) -> None:
    found = choosing.choose(inside, CARTONS, TARIFF, effort=2)
    assert faults(found, inside, TARIFF) == []


def partitions(numbers: Sequence[int]) -> list[list[list[int]]]:
    """Every way to divide them."""
    if not numbers:
        return [[]]
    first, rest = numbers[0], numbers[1:]
    found = []
    for parts in partitions(rest):
        found.append([[first], *parts])
        found += [[*parts[:at], [first, *parts[at]], *parts[at + 1 :]] for at in range(len(parts))]
    return found


@given(st.lists(pieces, min_size=1, max_size=3))
@settings(max_examples=40)
def test_nothing_is_cheaper_than_what_is_proven(inside: list[Piece]) -> None:
    """Every division of the pieces into every carton that holds them."""
    found = choosing.choose(inside, CARTONS, TARIFF)
    assert found.proven
    fitting = [number for parcel in found.parcels if parcel.carton for number in (each.piece for each in parcel.placed)]
    known: dict[tuple[int, ...], int] = {}

    def price(part: Sequence[int]) -> int:
        key = tuple(sorted(part))
        if key not in known:
            members = [inside[number] for number in key]
            weight = sum(piece.weight_grams for piece in members)
            costs = [
                cost
                for carton in CARTONS
                if weight <= carton.max_grams
                and (cost := many.cost_of(carton, weight, TARIFF)) is not None
                and brute(members, carton.inner)
            ]
            known[key] = min(costs, default=10**6)
        return known[key]

    best = min(sum(price(part) for part in parts) for parts in partitions(fitting))
    own = sum(parcel.cost_minor for parcel in found.parcels if parcel.carton is None)
    assert found.cost_minor == best + own


@given(st.lists(pieces, min_size=1, max_size=7), st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_the_order_in_which_pieces_are_given_does_not_change_the_price(inside: list[Piece], chance: object) -> None:
    found = choosing.choose(inside, CARTONS, TARIFF)
    again = list(inside)
    chance.shuffle(again)  # type: ignore[attr-defined]
    other = choosing.choose(again, CARTONS, TARIFF)
    if found.proven and other.proven:
        assert found.cost_minor == other.cost_minor


def test_the_checker_names_each_fault() -> None:
    carton = Carton("M", (4, 4, 4), (4, 4, 4), 0, 10, 0)
    glass, brick = Piece((2, 2, 2), 1, fragile=True), Piece((2, 2, 3), 11, upright=True, keep_apart="a")
    soap = Piece((1, 1, 1), 0, keep_apart="b")
    placed = [
        Placed(0, (0, 0, 0), (2, 2, 2)), Placed(1, (0, 0, 2), (2, 3, 2)), Placed(2, (1, 1, 1), (1, 1, 1)), Placed(2, (4, 0, 0), (1, 1, 1)),
    ]  # fmt: skip
    told = " / ".join(faults(Packing([Parcel(carton, placed, 1, 1, 7)], 8, 9, []), [glass, brick, soap], TARIFF))
    for fault in (
        "piece 2 lies in 2 places", "piece 2 sticks out", "12 g are more than 10 g", "weighs 12 g, not 1 g", "another weight",
        "costs something else", "does not stand upright", "a and b lie together", "pieces 0 and 2 lie in each other",
        "above the fragile piece 0", "not the sum", "bound lies above",
    ):  # fmt: skip
        assert fault in told, fault


def test_a_serial_shipping_container_code_ends_in_its_check_digit() -> None:
    assert sscc.check_digit("00614141123456789") == "0" and sscc.is_valid("006141411234567890")
    assert sscc.compose("4012345", 1) == "040123450000000016"
    assert sscc.compose("4012345", 9_999_999_999)[0] == "9"
    assert not sscc.is_valid("040123450000000015") and not sscc.is_valid("04012345000000001")
    last = sscc.SsccSeries("4012345678", 10**7 - 2)
    drawn = last.draw() or ""
    assert drawn.startswith("94012345678999999") and sscc.is_valid(drawn) and last.draw() is None
