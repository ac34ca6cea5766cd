"""What goes out whole takes all that it wants or nothing, and leaves the rest as if it had never asked."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from lading.inventory.types import Shelf
from lading.sourcing.rules import ORDER, Want, source, together

SKUS = [UUID(int=number) for number in range(1, 4)]
PLACES = [UUID(int=number) for number in range(11, 14)]

shelves = st.dictionaries(st.tuples(st.sampled_from(SKUS), st.sampled_from(PLACES)), st.integers(0, 6))
lines = st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 6), st.booleans()), min_size=1, max_size=6)


@settings(max_examples=150)
@given(shelves, lines, st.booleans())
def test_all_of_it_or_nothing(
    there: dict[tuple[UUID, UUID], int], asked: list[tuple[UUID, int, bool]], order: bool
) -> None:
    supplies = {sku: [Shelf(place, "", units) for (of, place), units in there.items() if of == sku] for sku in SKUS}
    wants = [
        Want(number, sku, units, whole=ORDER if order else number if whole else 0)
        for number, (sku, units, whole) in enumerate(asked, 1)
    ]
    ranking = {place: rank for rank, place in enumerate(PLACES)}
    found = together(wants, set(), lambda left: source(left, supplies, ranking, may_split=True))
    taken = {want.line_number: 0 for want in wants}
    for take in found.takes:
        taken[take.line_number] += take.quantity
    if order:
        assert set(taken.values()) == {0} or all(taken[want.line_number] == want.quantity for want in wants)
    for want in wants:
        if want.whole:
            assert taken[want.line_number] in (0, want.quantity)
    going = [want for want in wants if not want.whole or taken[want.line_number]]
    alone = source(going, supplies, ranking, may_split=True)
    assert [(each.line_number, each.quantity) for each in alone.takes] == [
        (each.line_number, each.quantity) for each in found.takes
    ]
    for number, units in found.short.items():
        assert 0 < units <= wants[number - 1].quantity
