"""Which orders and aisles make the densest wave: the most units for each aisle that somebody has to enter.

Given the aisles, choosing orders is a packing problem with few scarce products: orders that touch nothing scarce all go, the
others by how little of it they use for their units. That comes so near the best choice that the search is about sets of aisles
alone. They grow by the aisle that completes the most orders, or by the few aisles that complete one order (whichever has helped
more so far); aisles that bring less than the others are left out, and each is exchanged where another brings more. When nothing
helps, the search loses some aisles of what it has, or begins elsewhere. No I/O and no clock: who calls it says when it is over,
and the seed decides the rest.
"""

import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Contents = Sequence[tuple[int, int]]
"""(product, units) pairs; a product once."""

Over = Callable[[], bool]
"""Whether the time is over."""


@dataclass(slots=True, frozen=True)
class Problem:
    """What could be picked, where it lies, and how big the wave may be."""

    orders: Sequence[Contents]
    aisles: Sequence[Contents]
    units_min: int
    units_max: int
    orders_max: int | None = None


class Dense(NamedTuple):
    """Orders, and the aisles that hold them."""

    units: int
    orders: list[int]
    aisles: list[int]

    @property
    def density(self) -> float:
        """Units for each aisle."""
        return self.units / len(self.aisles) if self.aisles else 0.0


_TRIED = 12
"""Aisles that are looked at closely when one is to be added."""

_NEARLY = 0.25
"""What a product that is there counts for of an order that lacks others."""

_SOME = 24
"""Aisles of a set that are tried when one of them shall go."""

_KNOWN_MAX = 20_000
"""Judged sets that are kept in mind."""


def densest(problem: Problem, over: Over, seed: int = 1) -> Dense | None:
    """The densest wave that was found before it was over; None where none is big enough."""
    search = _Search(problem, seed)
    search.grow(set(), over)
    if search.best is None:
        return None
    for size in (len(search.best.aisles) - 1, len(search.best.aisles), len(search.best.aisles) + 1):
        if size in search.of_size and not over():
            search.exchange(search.of_size[size], over)
    while not over():
        if search.chance.random() < _ELSEWHERE:
            search.begin_elsewhere(over)
        else:
            search.shake(over)
    return search.best


_ELSEWHERE = 0.3
"""How often the search begins with an order and its aisles instead of what it has."""


class _Search:
    """Sets of aisles, judged by the units that can be picked from them."""

    def __init__(self, problem: Problem, seed: int) -> None:
        self.problem = problem
        self.chance = random.Random(seed)
        self.best: Dense | None = None
        self.of_size: dict[int, set[int]] = {}
        """The best set of so many aisles."""
        self.units = [sum(units for _, units in order) for order in problem.orders]
        self.wanted: dict[int, list[tuple[int, int]]] = {}
        for number, order in enumerate(problem.orders):
            if 0 < self.units[number] <= problem.units_max:
                for product, units in order:
                    self.wanted.setdefault(product, []).append((units, number))
        for found in self.wanted.values():
            found.sort()
        self.aisles = [[each for each in aisle if each[0] in self.wanted] for aisle in problem.aisles]
        self.holders: dict[int, list[int]] = {}
        for number, aisle in enumerate(self.aisles):
            for product, _ in aisle:
                self.holders.setdefault(product, []).append(number)
        self.known: dict[frozenset[int], Dense] = {}
        self.taste = 0.5
        """How often sets grow by orders instead of by aisles."""

    def judge(self, aisles: Collection[int]) -> Dense:
        """The orders that are picked from these aisles; the best wave so far is kept."""
        key = frozenset(aisles)
        if (found := self.known.get(key)) is not None:
            return found
        if len(self.known) >= _KNOWN_MAX:
            self.known.clear()
        found = self.known[key] = self._pack(key)
        size = len(key)
        if size not in self.of_size or found.units > self.judge(self.of_size[size]).units:
            self.of_size[size] = set(key)
        if found.units >= max(self.problem.units_min, 1) and (self.best is None or found.density > self.best.density):
            self.best = found
        return found

    def _stock(self, aisles: Collection[int]) -> dict[int, int]:
        stock: dict[int, int] = {}
        for aisle in aisles:
            for product, units in self.aisles[aisle]:
                stock[product] = stock.get(product, 0) + units
        return stock

    def _met(self, stock: dict[int, int]) -> dict[int, int]:
        """How many products of each order there is enough of, for that order alone."""
        met: dict[int, int] = {}
        for product, there in stock.items():
            for units, order in self.wanted[product]:
                if units > there:
                    break
                met[order] = met.get(order, 0) + 1
        return met

    def _pack(self, aisles: Collection[int]) -> Dense:
        stock, orders, units, most = self._stock(aisles), self.problem.orders, self.units, self.problem.units_max
        whole = [order for order, count in self._met(stock).items() if count == len(orders[order])]
        need: dict[int, int] = {}
        for order in whole:
            for product, wanted in orders[order]:
                need[product] = need.get(product, 0) + wanted
        left = {product: stock[product] for product, wanted in need.items() if wanted > stock[product]}
        total = sum(units[order] for order in whole)
        many = self.problem.orders_max or len(orders)
        if not left and total <= most and len(whole) <= many:
            return Dense(total, whole, sorted(aisles))
        ranked = sorted((self._share(order, left, stock) / units[order], -units[order], order) for order in whole)
        chosen: list[int] = []
        total = 0
        for _, _, order in ranked:
            if len(chosen) == many:
                break
            if total + units[order] > most or any(
                left.get(product, wanted) < wanted for product, wanted in orders[order]
            ):
                continue
            for product, wanted in orders[order]:
                if product in left:
                    left[product] -= wanted
            chosen.append(order)
            total += units[order]
        return Dense(total, chosen, sorted(aisles))

    def _share(self, order: int, scarce: dict[int, int], stock: dict[int, int]) -> float:
        """How much an order uses of what is scarce."""
        share = 0.0
        for product, wanted in self.problem.orders[order]:
            if product in scarce:
                share += wanted / stock[product]
        return share

    def promising(self, aisles: Collection[int], count: int) -> list[int]:
        """Aisles outside of the set that complete the most units of orders, or come near."""
        stock, orders, units = self._stock(aisles), self.problem.orders, self.units
        met = self._met(stock)
        scores = []
        for aisle, contents in enumerate(self.aisles):
            if aisle in aisles:
                continue
            more: dict[int, int] = {}
            for product, there in contents:
                before = stock.get(product, 0)
                for wanted, order in self.wanted[product]:
                    if wanted > before + there:
                        break
                    if wanted > before:
                        more[order] = more.get(order, 0) + 1
            score = 0.0
            for order, gained in more.items():
                lacks = len(orders[order]) - met.get(order, 0) - gained
                score += units[order] * (_NEARLY * gained / (gained + lacks) if lacks else 1)
            scores.append((score, aisle))
        scores.sort(reverse=True)
        return [aisle for _, aisle in scores[:count]]

    def add(self, aisles: set[int]) -> set[int]:
        """With one aisle more."""
        near = self.promising(aisles, _TRIED)
        if not near:
            return aisles
        return aisles | {max(near, key=lambda aisle: self.judge(aisles | {aisle}).units)}

    def complete(self, aisles: set[int], room: int) -> set[int]:
        """With the few aisles more that complete one more order, those that bring the most units each; at most so many."""
        stock, orders = self._stock(aisles), self.problem.orders
        met = self._met(stock)
        bundles: list[tuple[float, frozenset[int]]] = []
        for order, contents in enumerate(orders):
            if not 0 < self.units[order] <= self.problem.units_max or met.get(order, 0) == len(contents):
                continue
            if (bundle := self._bundle(contents, stock, room)) is not None:
                bundles.append((self.units[order] / len(bundle) * self.chance.uniform(0.7, 1.0), bundle))
        bundles.sort(key=lambda each: -each[0])
        chosen = list(dict.fromkeys(bundle for _, bundle in bundles[:_TRIED]))
        if not chosen:
            return self.add(aisles)
        here = self.judge(aisles).units
        return aisles | max(chosen, key=lambda bundle: (self.judge(aisles | bundle).units - here) / len(bundle))

    def _bundle(self, contents: Contents, stock: dict[int, int], room: int) -> frozenset[int] | None:
        """Aisles that hold what is lacking of an order; None where that are too many."""
        lacking = {
            product: units - stock.get(product, 0) for product, units in contents if units > stock.get(product, 0)
        }
        chosen: set[int] = set()
        while lacking:
            if len(chosen) == room:
                return None
            product = next(iter(lacking))
            holders = [aisle for aisle in self.holders.get(product, ()) if aisle not in chosen]
            if not holders:
                return None
            best = max(holders, key=lambda aisle: self._helps(aisle, lacking))
            chosen.add(best)
            for other, units in self.aisles[best]:
                if other in lacking:
                    lacking[other] -= units
                    if lacking[other] <= 0:
                        del lacking[other]
        return frozenset(chosen)

    def _helps(self, aisle: int, lacking: dict[int, int]) -> tuple[int, float]:
        """How many products that are lacking the aisle has enough of; then by how much else lies in it, and by chance."""
        enough = sum(units >= lacking[product] for product, units in self.aisles[aisle] if product in lacking)
        return enough, len(self.aisles[aisle]) * self.chance.random()

    def _some(self, aisles: Collection[int]) -> list[int]:
        """The aisles; of many a few."""
        return sorted(aisles) if len(aisles) <= _SOME else self.chance.sample(sorted(aisles), _SOME)

    def trim(self, aisles: set[int], over: Over) -> set[int]:
        """Without the aisles that bring less than the others."""
        while len(aisles) > 1 and not over():
            here = self.judge(aisles)
            drop = max(self._some(aisles), key=lambda aisle: self.judge(aisles - {aisle}).units)
            left = self.judge(aisles - {drop})
            if left.units < self.problem.units_min or left.density < here.density:
                return aisles
            aisles = aisles - {drop}
        return aisles

    def grow(self, aisles: set[int], over: Over) -> None:
        """Add aisles until more of them cannot make the wave denser."""
        while not over() and len(aisles) < len(self.aisles):
            aisles = self.add(aisles)
            here = self.judge(aisles)
            best = self.best.density if self.best else 0.0
            bound = self.problem.units_max / len(aisles)
            if best and (here.units >= self.problem.units_max or bound < best or here.density < 0.6 * best):
                return

    def exchange(self, aisles: set[int], over: Over) -> None:
        """Exchange aisles one by one while that brings more units."""
        going = True
        while going and not over():
            going = False
            here = self.judge(aisles).units
            for drop in sorted(self._some(aisles), key=lambda aisle: -self.judge(aisles - {aisle}).units):
                if over():
                    return
                better = self.add(aisles - {drop})
                if self.judge(better).units > here:
                    aisles, going = better, True
                    break

    def fill(self, aisles: set[int], size: int, over: Over) -> None:
        """Make it that big, and better where it is good enough to be worth it."""
        while len(aisles) > size:
            aisles = aisles - {self.chance.choice(sorted(aisles))}
        by_orders = self.chance.random() < self.taste
        before = self.best.density if self.best else 0.0
        while len(aisles) < size and not over():
            aisles = self.complete(aisles, size - len(aisles)) if by_orders else self.add(aisles)
        aisles = self.trim(aisles, over)
        size = len(aisles)
        known = self.judge(self.of_size[size]).units if size in self.of_size else 0
        if not over() and self.judge(aisles).units > _WORTH * known:
            self.exchange(aisles, over)
        if self.best and self.best.density > before:
            self.taste = min(max(self.taste + (0.1 if by_orders else -0.1), 0.1), 0.9)

    def shake(self, over: Over) -> None:
        """Lose a few aisles of a good set, and find others."""
        assert self.best is not None
        size = max(1, len(self.best.aisles) + self.chance.choice((-1, -1, 0, 0, 0, 1)))
        base = set(self.of_size.get(size) or self.best.aisles)
        lose = min(len(base), self.chance.choice((1, 2, 2, 3, 4, max(1, size // 4), max(1, size // 3))))
        aisles = base - set(self.chance.sample(sorted(base), lose))
        if self.chance.random() < 0.5 and (near := self.promising(aisles, 3 * _TRIED)):
            aisles = aisles | {self.chance.choice(near)}
        self.fill(aisles, size, over)

    def begin_elsewhere(self, over: Over) -> None:
        """Begin with an order and aisles that hold it."""
        assert self.best is not None
        order = self.problem.orders[self.chance.randrange(len(self.problem.orders))]
        aisles: set[int] = set()
        for product, _ in order:
            if product in self.holders and aisles.isdisjoint(self.holders[product]):
                aisles.add(self.chance.choice(self.holders[product]))
        size = self.chance.randint(max(1, len(self.best.aisles) // 2), len(self.best.aisles) + 1)
        if aisles and len(aisles) <= len(self.best.aisles):
            self.fill(aisles, max(size, len(aisles)), over)


_WORTH = 0.9
"""Sets with so big a share of the units of the best one of their size are made better."""
