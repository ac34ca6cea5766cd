"""How often each rule says something of orders: what a lint over recent orders rests on. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lading.sourcing.deciding import stocked_at
from lading.sourcing.linting import Fired, Kind
from lading.sourcing.plans import Asked, Plan
from lading.sourcing.ranking import candidates, rank, without
from lading.sourcing.rules import Ranking


@dataclass(slots=True)
class Observed:
    """Counts over the orders that were looked at."""

    orders: int = 0
    matched: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    spoke: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    alone: list[str] = field(default_factory=list)

    def look(
        self,
        name: str,
        plan: Plan,
        asked: Asked,
        products: Iterable[UUID],
        supplies: Mapping[UUID, Sequence[Any]],
        ranking: Ranking,
        days: Callable[[UUID], int],
    ) -> None:
        """One order, as if it were sourced from all the stock there is."""
        wanted = list(dict.fromkeys(products))
        self.orders += 1
        stocked = stocked_at(wanted, supplies, ranking)
        able, _ = candidates(plan, asked, stocked, wanted, days)
        for rule in plan.ranked_by(asked, wanted):
            self.matched["rules", rule.name] += 1
        for name_ in rank(plan, asked, able, wanted, supplies).names:
            self.spoke["rules", name_] += 1
        far = plan.far(asked)
        for each in plan.filtered_by(asked, wanted):
            self.matched["filters", each.name] += 1
            self.spoke["filters", each.name] += any(
                without(plan, each, plan.spots[id_], wanted, has, far[id_], days(id_)) != has
                for id_, has in stocked.items()
                if id_ in plan.spots
            )
        first = plan.strategy(asked, wanted)
        if first is None:
            self.alone.append(name)
        for strategy in plan.rules.strategies:
            if plan.fits(strategy.when, asked, wanted):
                self.matched["strategies", strategy.name] += 1
                self.spoke["strategies", strategy.name] += strategy is first
        for zone in {each.zone for each in able if each.zone}:
            self.matched["zones", zone] += 1
            self.spoke["zones", zone] += 1

    def fired(self) -> Fired:
        """As the lint wants it."""
        return Fired(self.orders, self.matched, self.spoke, self.alone)
