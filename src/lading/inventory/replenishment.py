"""When to order how much of a product for a location, from what orders took of it day by day.

Demand is sorted by how often and how evenly it comes (Syntetos, Boylan and Croston 2005: an average of 1.32 days between sales, and a
squared coefficient of variation of 0.49, part the classes). Frequent demand is forecast by its mean of late, exponentially weighted;
rare demand by Croston's method with the correction of Syntetos and Boylan (2005). The reorder point is the larger of two: what a
negative binomial of the history's mean and variance does not pass in so many of 100 stretches of the days that it must last (found to
fit rare demand by Syntetos, Babai and Altay 2012; normal where demand varies less than Poisson), and what the history's own stretches
did not pass, which knows of weeks that come in a row.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

SMOOTHING = 0.1
"""Weight of the latest observation."""
INTERVAL_RARE, VARIATION_UNEVEN = 1.32, 0.49
STEADY_FROM_DAYS = 56
"""A shorter history that hardly varies is not believed to go on like that."""
STRETCHES_MIN = 20
"""Fewer stretches than that tell nothing of the rare ones among them."""
_NORMAL_FROM = 500
_TAIL_MAX = 100_000
FREQUENT, RARE = ("smooth", "erratic"), ("intermittent", "lumpy")


@dataclass(slots=True, frozen=True)
class Terms:
    """How a product is replenished; policies say so."""

    lead_time_days: int
    """From the order to the shelf."""
    review_days: int
    """How often somebody looks."""
    cycle_days: int
    """How long an order shall last beyond the reorder point."""
    service_percent: int
    """So many of 100 stretches shall not run out."""
    overstock_days: int
    multiple: int
    """Ordered in multiples of so many."""

    @property
    def exposed_days(self) -> int:
        """How long stock must last before what is ordered now, or at the next look, has come."""
        return max(1, self.lead_time_days + self.review_days)


@dataclass(slots=True, frozen=True)
class Hint:
    """What to do about a product at a location."""

    pattern: str
    """none, smooth, erratic, intermittent or lumpy"""
    rate_per_day: float
    """Forecast of the demand of a day."""
    cover_days: float | None
    """How long what is free lasts; None where nobody asks for it."""
    reorder_point: int
    """Order when what is free and on its way comes to this or less."""
    order_up_to: int
    order: int
    """Units to order now; 0: nothing."""
    state: str
    """stock_out, reorder, overstock or enough"""


def hint(daily: Sequence[int], free: int, inbound: int, terms: Terms) -> Hint:
    """`daily` is the demand of each day up to yesterday, the oldest first; `free` can be promised now, `inbound` is on its way."""
    demand = [max(0, each) for each in daily]
    kind, rate = pattern(demand), rate_per_day(demand)
    point = reorder_point(demand, rate, terms)
    up_to = point + math.ceil(rate * terms.cycle_days)
    position = free + inbound
    order = 0
    if rate > 0 and position <= point:
        order = -(-(up_to - position) // terms.multiple) * terms.multiple
    cover = free / rate if rate > 0 else None
    return Hint(kind, rate, cover, point, up_to, order, _state(free, order, cover, terms))


def _state(free: int, order: int, cover: float | None, terms: Terms) -> str:
    if cover is not None and free <= 0:
        return "stock_out"
    if order:
        return "reorder"
    if free > 0 and (cover is None or cover > terms.overstock_days):
        return "overstock"
    return "enough"


def pattern(demand: Sequence[int]) -> str:
    """How demand comes: smooth, erratic (often, unevenly), intermittent (rarely), lumpy (rarely and unevenly), none."""
    sizes = [each for each in demand if each]
    if not sizes:
        return "none"
    mean = sum(sizes) / len(sizes)
    uneven = sum((each - mean) ** 2 for each in sizes) / len(sizes) / mean**2 >= VARIATION_UNEVEN
    if len(demand) / len(sizes) < INTERVAL_RARE:
        return "erratic" if uneven else "smooth"
    return "lumpy" if uneven else "intermittent"


def rate_per_day(demand: Sequence[int]) -> float:
    """The forecast of a day's demand."""
    kind = pattern(demand)
    if kind == "none":
        return 0.0
    return _croston(demand) if kind in RARE else _smoothed(demand)


def _smoothed(demand: Sequence[int]) -> float:
    """Exponentially weighted mean, begun with the plain mean of the first weeks."""
    begun = demand[: min(len(demand), 28)]
    level = sum(begun) / len(begun)
    for each in demand[len(begun) :]:
        level += SMOOTHING * (each - level)
    return level


def _croston(demand: Sequence[int]) -> float:
    """Size and interval of sales, each smoothed where there was one; their ratio, less the bias of it."""
    sizes = [each for each in demand if each]
    size, interval, since = float(sizes[0]), len(demand) / len(sizes), 1
    for each in demand[demand.index(sizes[0]) + 1 :]:
        if each:
            size += SMOOTHING * (each - size)
            interval += SMOOTHING * (since - interval)
            since = 1
        else:
            since += 1
    return (1 - SMOOTHING / 2) * size / max(1.0, interval, since * SMOOTHING)


def reorder_point(demand: Sequence[int], rate: float, terms: Terms) -> int:
    """Units that last through the exposed days in so many of 100 stretches; never less than the forecast of these days."""
    if rate <= 0:
        return 0
    days = terms.exposed_days
    mean = sum(demand) / len(demand)
    variance = sum((each - mean) ** 2 for each in demand) / len(demand)
    expected = max(rate, mean) * days
    if len(demand) < STEADY_FROM_DAYS:
        variance = max(variance, mean)
    told = quantile(expected, variance * days, terms.service_percent)
    return max(told, _of_stretches(demand, days, terms.service_percent), math.ceil(rate * days))


def _of_stretches(demand: Sequence[int], days: int, percent: int) -> int:
    """What so many of 100 overlapping stretches of the history did not pass; 0 where it has too few of them."""
    stretches = len(demand) - days + 1
    if stretches < STRETCHES_MIN:
        return 0
    taken = sum(demand[:days])
    sums = [taken]
    for index in range(days, len(demand)):
        taken += demand[index] - demand[index - days]
        sums.append(taken)
    sums.sort()
    return sums[-(-stretches * percent // 100) - 1]


def quantile(mean: float, variance: float, percent: int) -> int:
    """The least n that demand of that mean and variance does not pass in so many of 100 cases: negative binomial, Poisson, or normal
    where it varies less than that."""
    if mean > _NORMAL_FROM:  # near enough to normal, and the first term would be no float any more
        return math.ceil(mean + math.sqrt(max(variance, mean)) * NormalDist().inv_cdf(percent / 100))
    if variance < mean * 0.999:
        return math.ceil(mean + math.sqrt(variance) * NormalDist().inv_cdf(percent / 100))
    if variance <= mean * 1.001:
        return poisson_quantile(mean, percent)
    success = mean / variance
    failures = mean * success / (1 - success)
    n, chance = 0, success**failures
    reached = chance
    while reached < percent / 100 and n < _TAIL_MAX:
        chance *= (failures + n) / (n + 1) * (1 - success)
        n += 1
        reached += chance
    return n


def poisson_quantile(mean: float, percent: int) -> int:
    """The least n that a Poisson variable of that mean does not pass in so many of 100 cases."""
    if mean > _NORMAL_FROM:
        return quantile(mean, mean, percent)
    chance = reached = math.exp(-mean)
    n = 0
    while reached < percent / 100 and n < _TAIL_MAX:
        n += 1
        chance *= mean / n
        reached += chance
    return n
