"""What the merchant's rules cost an order: 50 candidate locations, several zones, lines of an ordinary shop. Pure Python, no server."""

import random
import time
import uuid
from collections.abc import Callable, Sequence

import msgspec

from benchmarks.orders import SEED
from benchmarks.report import Figure, rounded
from benchmarks.run import Run
from lading.inventory.types import Shelf, Supplies
from lading.sourcing import deciding
from lading.sourcing.commands import SaveSourcingRules
from lading.sourcing.plans import Asked, Plan, Spot
from lading.sourcing.rules import Want, source

CANDIDATES = 50
SKUS = 400
ORDERS = 1_000
LINES = (1, 1, 1, 2, 2, 3, 3, 4, 5, 8)
HELD = 0.6
"""Of all locations have a product."""
AT_MOST_MS = 1.0
BANDS = ((1_000, 3.20), (5_000, 4.90), (10_000, 7.90), (31_500, 12.90))


def source_by_rules(run: Run) -> list[Figure]:
    """Milliseconds an order in a batch, for each strategy; the house's own order beside the cheapest."""
    chance = random.Random(SEED)
    places = [uuid.UUID(int=chance.getrandbits(128)) for _ in range(CANDIDATES)]
    skus = [uuid.UUID(int=chance.getrandbits(128)) for _ in range(SKUS)]
    supplies: Supplies = {
        sku: [Shelf(place, "", chance.randint(1, 9)) for place in places if chance.random() < HELD] for sku in skus
    }
    orders = [
        (
            [
                Want(number, sku, chance.choice((1, 1, 1, 2, 3)))
                for number, sku in enumerate(chance.sample(skus, chance.choice(LINES)), 1)
            ],
            Asked("web", "DE", f"{chance.randrange(200):05}"),
        )
        for _ in range(ORDERS)
    ]
    ranking = dict.fromkeys(places, 0)
    spots = {
        id_: Spot(id_, f"L{number}", "store" if number % 3 else "warehouse", frozenset(), "DE", _point(chance), frozenset(), number % 5, 0)
        for number, id_ in enumerate(places)
    }  # fmt: skip
    areas = {("DE", f"{number:05}"): _point(chance) for number in range(200)}

    def plain() -> float:
        return _each_ms(lambda wants, _: source(wants, supplies, ranking, may_split=True), orders)

    def by_rules(take: str) -> float:
        plan = Plan(_rules(take), 1, spots, areas=areas)
        return _each_ms(
            lambda wants, asked: deciding.find(plan, asked, wants, supplies, ranking, lambda _: 0, may_split=True),
            orders,
        )

    rounds = range(run.options.rounds)
    best = {take: min(by_rules(take) for _ in rounds) for take in ("cheapest", "fewest_parcels", "earliest")}
    details = {f"{take}_ms": rounded(ms) for take, ms in best.items()}
    return [
        Figure(
            "source_by_rules", rounded(max(best.values())), "ms an order, the slowest strategy", passed=max(best.values()) < AT_MOST_MS,
            details={**details, "by_the_house_ms": rounded(min(plain() for _ in rounds)), "candidates": CANDIDATES, "orders": ORDERS},
        )
    ]  # fmt: skip


def _each_ms(decide: Callable[[list[Want], Asked], object], orders: Sequence[tuple[list[Want], Asked]]) -> float:
    began = time.perf_counter()
    for wants, asked in orders:
        decide(wants, asked)
    return (time.perf_counter() - began) * 1_000 / len(orders)


def _point(chance: random.Random) -> tuple[float, float]:
    return 47 + chance.random() * 7, 6 + chance.random() * 9


def _rules(take: str) -> SaveSourcingRules:
    zones = [{"zone": f"Z{number}", "up_to_km": 120 * number} for number in range(1, 6)]
    costs = {
        "currency": "EUR", "per_order": "0.80", "per_unit": "0.10", "per_split": "1.00", "zones": [*zones, {"zone": "Z6"}],
        "rates": [
            {"zone": f"Z{zone}", "up_to_grams": grams, "amount": f"{amount + 0.4 * zone:.2f}"}
            for zone in range(1, 7)
            for grams, amount in BANDS
        ],
    }  # fmt: skip
    rules = {
        "rules": [{"name": "stores last", "by": "stores_last"}, {"name": "near", "by": "nearest"}],
        "filters": [{"name": "far", "by": "distance", "km": 900}],
        "strategies": [{"name": take, "take": take}],
        "costs": costs,
    }
    return msgspec.convert(rules, SaveSourcingRules)
