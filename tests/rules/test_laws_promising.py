"""What can be promised by a date is the least that is left from then on; what is kept back is filled up first."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lading.inbound.rules import Outlook
from lading.inbound.types import Supply
from lading.inventory.keeping import Basis, Demand, keep_back, kept
from lading.inventory.promising import Arrival, Owed, Step, by, curve
from lading.inventory.types import Shelf
from lading.kernel.ids import ZERO

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PLACES = [uuid.uuid5(ZERO, name) for name in ("HAM", "MUC")]
SKU = uuid.uuid5(ZERO, "MUG")
days = st.integers(-3, 12).map(lambda number: NOW + timedelta(days=number))
units = st.integers(1, 9)
arrivals = st.lists(st.builds(Arrival, days, st.sampled_from(PLACES), units), max_size=6)
owed = st.lists(st.builds(Owed, days, units), max_size=4)
nets = st.fixed_dictionaries({place: st.integers(-6, 9) for place in PLACES})
"""Available less what is kept back, by location."""


def told(net: dict[uuid.UUID, int], coming: list[Arrival], promised: list[Owed], at: datetime) -> int:
    """The formula, word by word."""

    def left(when: datetime) -> int:
        there = sum(
            max(
                0, units + sum(each.units for each in coming if each.location_id == place and max(each.at, NOW) <= when)
            )
            for place, units in net.items()
        )
        return there - sum(each.units for each in promised if max(each.at, NOW) <= when)

    later = {at, *(each.at for each in coming), *(each.at for each in promised)}
    return max(0, min(left(when) for when in later if when >= at))


@given(nets, arrivals, owed, st.integers(0, 14))
def test_the_curve_is_the_formula(
    net: dict[uuid.UUID, int], coming: list[Arrival], promised: list[Owed], day: int
) -> None:
    free, short = sum(max(0, each) for each in net.values()), {place: -each for place, each in net.items() if each < 0}
    steps = curve(NOW, free, short, coming, promised)
    at = NOW + timedelta(days=day)
    assert by(steps, at) == told(net, coming, promised, at)


@given(nets, arrivals, owed)
def test_a_curve_begins_now_and_only_rises(
    net: dict[uuid.UUID, int], coming: list[Arrival], promised: list[Owed]
) -> None:
    steps = curve(NOW, sum(max(0, each) for each in net.values()), {}, coming, promised)
    assert steps[0].at == NOW
    assert all(first.at < later.at and first.units < later.units for first, later in pairwise(steps))
    assert by(steps, NOW - timedelta(days=1)) == steps[0].units >= 0


def test_a_unit_that_is_owed_later_is_not_there_earlier() -> None:
    day = [NOW + timedelta(days=number) for number in range(10)]
    steps = curve(NOW, 5, {}, [Arrival(day[4], PLACES[0], 10), Arrival(day[8], PLACES[0], 1)], [Owed(day[6], 12)])
    assert steps == [Step(NOW, 3), Step(day[8], 4)]


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=4),
    st.sampled_from(["0", "3", "8", "0%", "10%", "100%", "2d", "40d"]),
    st.integers(0, 12),
    st.integers(1, 28),
)
def test_what_is_kept_back_is_whole_and_comes_off_the_last_lots(
    lots: list[int], rule: str, asked: int, window: int
) -> None:
    shelves = [Shelf(PLACES[0], str(number), units) for number, units in enumerate(lots)]
    place = (SKU, PLACES[0])
    amount = kept(rule, place, Basis({place: sum(lots)}, {place: Demand(asked, window)}))
    taken = keep_back({SKU: shelves}, {place: amount})
    assert sum(taken.values()) == min(amount, sum(lots))
    left = [shelf.available for shelf in shelves]
    assert left == [units - taken.get((SKU, PLACES[0], str(number)), 0) for number, units in enumerate(lots)]
    touched = [number for number, units in enumerate(lots) if units and left[number] < units]
    assert not touched or all(not left[number] for number in range(touched[0] + 1, len(lots)))


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), max_size=6),
    st.lists(st.tuples(st.integers(-2, 2), st.integers(1, 9)), max_size=6),
    st.integers(1, 12),
)
def test_no_date_is_told_that_the_curve_does_not_bear_out(
    coming: list[tuple[int, int]], queue: list[tuple[int, int]], quantity: int
) -> None:
    """Whoever joins those who wait is told a date by which the curve has as many units, and what comes beyond them is the same."""
    waiting = sorted(((-priority, NOW, number, 1), wanted) for number, (priority, wanted) in enumerate(queue))
    supplies = [Supply(SKU, NOW + timedelta(days=at), some) for at, some in coming]
    outlook = Outlook(supplies, waiting)
    dates = [(outlook.earliest(*each), each[1]) for each in waiting]
    last = (99, NOW, 99, 1)
    told_at = outlook.earliest(last, quantity)
    beyond = outlook.unclaimed()
    steps = curve(
        NOW, 0, {}, [Arrival(each.due_at, PLACES[0], each.quantity) for each in supplies],
        [Owed(at or NOW, wanted) for at, wanted in dates],
    )  # fmt: skip
    assert sum(some for _, some in beyond) == max(0, sum(some for _, some in coming) - sum(some for _, some in queue))
    if told_at is None:
        assert sum(some for _, some in beyond) < quantity
    else:
        assert by(steps, told_at) >= quantity
        assert sum(some for at, some in beyond if at <= told_at) >= quantity
        assert sum(some for at, some in beyond if at < told_at) < quantity
