"""The plan of least regret is the least of all plans, on every small case; and it is quick on large ones."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.shortages.regret import Served, least

Table = list[list[int | None]]

small = st.integers(1, 4).flatmap(
    lambda offers: st.tuples(
        st.lists(st.integers(1, 4), min_size=1, max_size=4),
        st.lists(st.integers(0, 4), min_size=offers, max_size=offers),
        st.lists(
            st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=offers, max_size=offers), min_size=4, max_size=4
        ),
    )
)


def plan(claims: Sequence[int], offers: Sequence[int], table: Table) -> list[Served]:
    return least(claims, offers, lambda claim, offer: table[claim][offer])


def of_all_plans(claims: Sequence[int], offers: Sequence[int], table: Table) -> tuple[int, int]:
    """(units that cannot be served, least regret) by trying everything, one unit after the other."""

    @cache
    def best(unit: int, left: tuple[int, ...]) -> tuple[int, int]:
        if unit == len(owners):
            return 0, 0
        missing, points = best(unit + 1, left)
        found = missing + 1, points
        for offer, each in enumerate(table[owners[unit]]):
            if each is not None and left[offer]:
                missing, points = best(unit + 1, (*left[:offer], left[offer] - 1, *left[offer + 1 :]))
                found = min(found, (missing, points + each))
        return found

    owners = list(itertools.chain(*([claim] * units for claim, units in enumerate(claims))))
    return best(0, tuple(offers))


@given(small)
def test_no_plan_has_less_regret(case: tuple[list[int], list[int], Table]) -> None:
    claims, offers, table = case
    offers, table = [*offers, sum(claims)], [[*row, 20] for row in table]
    served = plan(claims, offers, table)
    assert (0, sum(each.units * each.regret for each in served)) == of_all_plans(claims, offers, table)
    for claim, units in enumerate(claims):
        assert sum(each.units for each in served if each.claim == claim) == units
    for offer, units in enumerate(offers):
        assert sum(each.units for each in served if each.offer == offer) <= units
    assert all(table[each.claim][each.offer] == each.regret for each in served)


def test_who_cannot_be_served_is_said() -> None:
    with pytest.raises(ValueError, match="claim 1"):
        plan([1, 1], [1], [[0], [0]])


def test_whoever_minds_least_gives_way() -> None:
    """Two units remain for three orders of one; moving costs the first 5 points and the others 2 and 3."""
    served = plan([1, 1, 1], [2, 9], [[0, 5], [0, 2], [0, 3]])
    assert [(each.claim, each.offer) for each in served] == [(0, 0), (1, 1), (2, 0)]


def test_among_equals_the_earlier_keeps() -> None:
    served = plan([2, 2], [2, 9], [[0, 4], [0, 4]])
    assert [(each.claim, each.offer, each.units) for each in served] == [(0, 0, 2), (1, 1, 2)]


def test_300_orders_and_20_offers_are_planned_in_few_steps() -> None:
    claims = [1 + claim % 5 for claim in range(300)]
    served = least(claims, [40] * 19 + [10_000], lambda claim, offer: (claim * 7 + offer * 13) % 50 + offer)
    assert sum(each.units for each in served) == sum(claims)
