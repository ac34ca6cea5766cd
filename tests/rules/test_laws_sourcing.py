"""Sourcing counts: nothing is taken twice, nothing is taken that is not there, nothing that is there is refused."""

from __future__ import annotations

import copy
import uuid
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from lading.inventory.types import Shelf, Supplies
from lading.sourcing.rules import Ranking, Want, source, use_up

SKUS = [uuid.UUID(int=number) for number in range(1, 5)]
PLACES = [uuid.UUID(int=100 + number) for number in range(4)]


class Question(NamedTuple):
    """One order and the shelves that it meets."""

    wants: list[Want]
    supplies: Supplies
    ranking: Ranking
    may_split: bool


SHELVES = st.lists(
    st.builds(Shelf, st.sampled_from(PLACES), st.sampled_from(["", "L1", "L2"]), st.integers(0, 8)),
    max_size=6,
    unique_by=lambda shelf: (shelf.location_id, shelf.lot),
)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    lines = draw(st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 10)), min_size=1, max_size=4))
    wants = [Want(number, sku_id, quantity) for number, (sku_id, quantity) in enumerate(lines, 1)]
    supplies = {sku_id: draw(SHELVES) for sku_id in SKUS}
    ranked = draw(st.lists(st.sampled_from(PLACES), unique=True))
    return Question(wants, supplies, {place: draw(st.integers(0, 2)) for place in ranked}, draw(st.booleans()))


def reachable(question: Question, places: Ranking | set[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Units of each product at those places."""
    return {
        sku_id: sum(shelf.available for shelf in shelves if shelf.location_id in places)
        for sku_id, shelves in question.supplies.items()
    }


def wanted(question: Question) -> dict[uuid.UUID, int]:
    total: dict[uuid.UUID, int] = {}
    for want in question.wants:
        total[want.sku_id] = total.get(want.sku_id, 0) + want.quantity
    return total


def fits(question: Question, places: Ranking | set[uuid.UUID]) -> bool:
    there = reachable(question, places)
    return all(there[sku_id] >= units for sku_id, units in wanted(question).items())


@given(questions())
def test_each_line_is_taken_or_short_and_never_both_for_a_unit(question: Question) -> None:
    sourcing = source(question.wants, question.supplies, question.ranking, may_split=question.may_split)
    for want in question.wants:
        taken = sum(take.quantity for take in sourcing.takes if take.line_number == want.line_number)
        assert taken + sourcing.short.get(want.line_number, 0) == want.quantity
        assert all(take.sku_id == want.sku_id for take in sourcing.takes if take.line_number == want.line_number)
    assert all(take.quantity > 0 and take.location_id in question.ranking for take in sourcing.takes)
    assert all(units > 0 for units in sourcing.short.values())


@given(questions())
def test_no_shelf_gives_more_than_it_has(question: Question) -> None:
    before = copy.deepcopy(question.supplies)
    sourcing = source(question.wants, question.supplies, question.ranking, may_split=question.may_split)
    assert question.supplies == before, "source only looks"
    use_up(sourcing.takes, question.supplies)
    for sku_id, shelves in question.supplies.items():
        for shelf, earlier in zip(shelves, before[sku_id], strict=True):
            taken = sum(
                take.quantity
                for take in sourcing.takes
                if (take.sku_id, take.location_id, take.lot) == (sku_id, shelf.location_id, shelf.lot)
            )
            assert 0 <= shelf.available == earlier.available - taken


@given(questions())
def test_what_is_there_is_found(question: Question) -> None:
    sourcing = source(question.wants, question.supplies, question.ranking, may_split=question.may_split)
    alone = [place for place in question.ranking if fits(question, {place})]
    if alone:
        best = min(alone, key=lambda place: (question.ranking[place], place))
        assert sourcing.reason == "one_location" and {take.location_id for take in sourcing.takes} == {best}
    elif not question.may_split:
        assert sourcing.reason == "split_not_allowed" and not sourcing.takes
    elif fits(question, question.ranking):
        assert not sourcing.short and sourcing.reason in ("two_locations", "several_locations")
        if sourcing.reason == "two_locations":
            assert len({take.location_id for take in sourcing.takes}) == 2
    else:
        there, short = reachable(question, question.ranking), sum(sourcing.short.values())
        assert short == sum(max(0, units - there[sku_id]) for sku_id, units in wanted(question).items())


@given(questions())
def test_the_same_question_has_the_same_answer(question: Question) -> None:
    twice = [source(question.wants, question.supplies, question.ranking, may_split=question.may_split) for _ in "ab"]
    assert twice[0] == twice[1]
