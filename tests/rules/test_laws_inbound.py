"""Laws of what is to come: every unit is counted once, and no date is told that the line before it would take away."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lading.inbound import rules
from lading.inbound.bins import take_excess
from lading.inbound.rules import Outlook
from lading.inbound.types import PurchaseLine, Rank, Supply

NOW = datetime(2035, 1, 1, tzinfo=UTC)
SKU = uuid.uuid4()

supplies = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), max_size=6).map(
    lambda rows: [Supply(SKU, NOW + timedelta(days=days), units) for days, units in rows]
)
queues = st.lists(st.tuples(st.integers(-2, 2), st.integers(1, 9)), max_size=8).map(
    lambda rows: [((-priority, NOW, number, 1), units) for number, (priority, units) in enumerate(rows)]
)


@given(supplies, queues)
def test_who_is_served_first_is_promised_first_and_never_more_than_comes(
    coming: list[Supply], waiting: list[tuple[Rank, int]]
) -> None:
    outlook = Outlook(coming, waiting)
    in_order = sorted(waiting)
    dates = [outlook.earliest(rank, units) for rank, units in in_order]
    served = 0
    for (_, units), at in zip(in_order, dates, strict=True):
        served += units
        there = sum(supply.quantity for supply in coming if at is not None and supply.due_at <= at)
        assert at is None or there >= served
        assert at is not None or sum(supply.quantity for supply in coming) < served
    told = [at for at in dates if at is not None]
    assert told == sorted(told)
    again = Outlook(coming, waiting)
    assert [again.earliest(rank, units) for rank, units in reversed(in_order)] == dates[::-1]


@given(supplies, queues)
def test_waiting_one_after_the_other_is_as_if_all_had_waited_before(
    coming: list[Supply], waiting: list[tuple[Rank, int]]
) -> None:
    grown = Outlook(coming, ())
    for rank, units in waiting:
        grown.earliest(rank, units)
        grown.wait(rank, units)
    whole = Outlook(coming, waiting)
    assert [grown.earliest(*each) for each in waiting] == [whole.earliest(*each) for each in waiting]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=4), st.integers(1, 40))
def test_every_unit_that_comes_is_counted_once(lines: list[tuple[int, int]], quantity: int) -> None:
    rows = [
        PurchaseLine(SKU, number, 1, None, SKU, SKU, NOW, ordered, min(received, ordered))
        for number, (ordered, received) in enumerate(lines, 1)
    ]
    parts = rules.spread(rows, quantity)
    assert sum(units for _, units in parts) == quantity
    assert len({line.number for line, _ in parts}) == len(parts)
    over = [line for line, units in parts if units > line.expected]
    assert not over or all(
        {line.number: units for line, units in parts}.get(row.number, 0) >= row.expected for row in rows
    )


def test_what_is_overdue_is_told_once() -> None:
    late, later = NOW - timedelta(days=2), NOW + timedelta(days=2)
    assert rules.honest(later, None, NOW) == later
    assert rules.honest(late, None, NOW) == NOW
    assert rules.honest(late, NOW - timedelta(hours=1), NOW) == NOW - timedelta(hours=1)
    assert rules.honest(late, later, NOW) == NOW
    assert rules.honest(None, later, NOW) is None


@given(st.dictionaries(st.sampled_from("ABCD"), st.integers(0, 9)), st.integers(0, 40))
def test_bins_give_up_exactly_what_is_not_there(bins: dict[str, int], on_shelf: int) -> None:
    taken = take_excess(bins, on_shelf)
    assert sum(bins.values()) - sum(taken.values()) == min(sum(bins.values()), on_shelf)
    assert all(units <= bins[code] for code, units in taken.items())
