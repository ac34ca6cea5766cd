"""When to order how much: known cases by hand, laws on random histories, and whether the promise of service is kept."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.inventory.replenishment import (
    SMOOTHING,
    Terms,
    hint,
    pattern,
    poisson_quantile,
    quantile,
    rate_per_day,
    reorder_point,
)

TERMS = Terms(lead_time_days=7, review_days=7, cycle_days=30, service_percent=95, overstock_days=180, multiple=1)
histories = st.lists(st.integers(0, 200), min_size=1, max_size=200)


@pytest.mark.parametrize(
    ("demand", "kind"),
    [
        ([0] * 90, "none"),
        ([5, 6, 5, 4, 5, 6] * 15, "smooth"),
        ([1, 1, 30, 1, 1, 2] * 15, "erratic"),
        ([0, 0, 0, 5] * 20, "intermittent"),
        ([0, 0, 0, 1, 0, 0, 0, 40] * 10, "lumpy"),
    ],
)
def test_how_demand_comes(demand: list[int], kind: str) -> None:
    assert pattern(demand) == kind


def test_what_is_always_the_same_is_forecast_as_it_is() -> None:
    assert rate_per_day([4] * 100) == pytest.approx(4)


@pytest.mark.parametrize(("every", "size"), [(4, 3), (10, 12), (2, 1)])
def test_rare_but_regular_demand_is_its_size_by_its_interval_less_the_bias(every: int, size: int) -> None:
    demand = ([0] * (every - 1) + [size]) * 40
    assert rate_per_day(demand) == pytest.approx((1 - SMOOTHING / 2) * size / every)


def test_the_forecast_of_rare_demand_is_hardly_biased() -> None:
    """Sales on a tenth of the days, of 1 to 9: 0.5 a day. Over many histories the mean forecast is within some percent."""
    chance = random.Random(7)
    forecasts = [
        rate_per_day([chance.randint(1, 9) if chance.random() < 0.1 else 0 for _ in range(364)]) for _ in range(400)
    ]
    assert sum(forecasts) / len(forecasts) == pytest.approx(0.5, rel=0.06)


def test_the_quantile_of_poisson_is_that_of_the_tables() -> None:
    assert [poisson_quantile(mean, 95) for mean in (0.5, 1, 2, 5, 10, 20)] == [2, 3, 5, 9, 15, 28]
    assert poisson_quantile(10_000, 95) == 10_165


def test_a_negative_binomial_of_twice_the_variance() -> None:
    """Mean 10, variance 20 (10 failures, chance of success 1/2): scipy.stats.nbinom(10, 0.5).ppf(0.95) is 18."""
    assert quantile(10, 20, 95) == 18
    assert quantile(10, 10, 95) == poisson_quantile(10, 95) == 15
    assert quantile(10, 0, 95) == 10


def test_an_order_says_what_to_do() -> None:
    told = hint([2] * 90, free=10, inbound=0, terms=TERMS)
    assert (told.pattern, told.reorder_point, told.order_up_to, told.order, told.state) == (
        "smooth",
        28,
        88,
        78,
        "reorder",
    )
    assert told.cover_days == pytest.approx(5)
    assert hint([2] * 90, free=10, inbound=78, terms=TERMS).state == "enough", "what is on its way counts"
    assert hint([2] * 90, free=0, inbound=78, terms=TERMS).state == "stock_out"
    assert hint([2] * 90, free=500, inbound=0, terms=TERMS).state == "overstock"
    dead = hint([0] * 90, free=3, inbound=0, terms=TERMS)
    assert (dead.state, dead.cover_days, dead.order) == ("overstock", None, 0)


def test_cartons_are_not_opened() -> None:
    terms = Terms(7, 7, 30, 95, 180, multiple=24)
    assert hint([2] * 90, free=10, inbound=0, terms=terms).order == 96


@given(histories, st.integers(0, 5_000), st.integers(0, 5_000))
def test_an_order_brings_it_to_its_level_and_more_stock_never_orders_more(
    demand: list[int], free: int, inbound: int
) -> None:
    told = hint(demand, free, inbound, TERMS)
    assert told.order == 0 or free + inbound + told.order >= told.order_up_to
    assert (told.order > 0) == (told.rate_per_day > 0 and free + inbound <= told.reorder_point) or told.order_up_to == 0
    assert hint(demand, free + 1, inbound, TERMS).order <= told.order
    assert told.reorder_point >= 0 and told.rate_per_day >= 0


@given(histories, st.integers(50, 98))
def test_more_service_never_needs_less_stock(demand: list[int], percent: int) -> None:
    def point(service: int) -> int:
        return reorder_point(demand, rate_per_day(demand), Terms(5, 2, 30, service, 180, 1))

    assert point(percent) <= point(percent + 1)


@pytest.mark.parametrize(
    "day",
    [
        lambda chance: chance.randint(2, 8),
        lambda chance: chance.randint(1, 9) if chance.random() < 0.15 else 0,
        lambda chance: int(chance.paretovariate(1.8)) if chance.random() < 0.2 else 0,
    ],
    ids=["smooth", "intermittent", "lumpy"],
)
def test_the_service_that_was_promised_is_given(day: Callable[[random.Random], int]) -> None:
    """A year of history makes each point; in the ten years after it 95 of 100 stretches do not pass it, on the mean of 12 products."""
    kept = [service_after(day, seed) for seed in range(12)]
    assert 0.94 <= sum(kept) / len(kept) < 0.995
    assert min(kept) >= 0.85


def service_after(day: Callable[[random.Random], int], seed: int) -> float:
    chance = random.Random(seed)
    demand = [day(chance) for _ in range(364)]
    point = reorder_point(demand, rate_per_day(demand), TERMS)
    days = TERMS.exposed_days
    stretches = [sum(day(chance) for _ in range(days)) for _ in range(3_650 // days)]
    return sum(each <= point for each in stretches) / len(stretches)
