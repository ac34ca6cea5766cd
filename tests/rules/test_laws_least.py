"""The search for the least cost finds what looking at every way finds."""

from __future__ import annotations

import random
import uuid
from itertools import combinations, product
from typing import Any

import msgspec

from lading.inventory.types import Shelf
from lading.sourcing import deciding
from lading.sourcing.billing import bill
from lading.sourcing.commands import SaveSourcingRules
from lading.sourcing.core import covering
from lading.sourcing.core.least import Item, Place, is_short, least, undominated, value_of
from lading.sourcing.core.postage import Rate
from lading.sourcing.plans import Asked, Plan, Spot
from lading.sourcing.rules import Sourcing, Take, Want

PLACES = [uuid.UUID(int=100 + number) for number in range(8)]
SKUS = [uuid.UUID(int=1 + number) for number in range(6)]
HERE = Asked("web", "DE", "20457")


def postage(bands: list[tuple[int, int]], grams: int) -> int:
    """The cheapest set of parcels that holds so much, looked for step by step."""
    least_cost = {0: 0}
    for held in range(grams + 1):
        if held in least_cost:
            for limit, amount in bands:
                to = min(grams, held + limit)
                least_cost[to] = min(least_cost.get(to, 1 << 60), least_cost[held] + amount)
    return max(least_cost[grams], min(amount for _, amount in bands))


def test_postage_is_the_cheapest_set_of_parcels() -> None:
    chance = random.Random(1)
    for _ in range(300):
        bands = [(chance.randint(1, 12), chance.randint(1, 30)) for _ in range(chance.randint(1, 4))]
        bands = list(dict(bands).items())
        rate = Rate.of(bands)
        for grams in (chance.randint(0, 40) for _ in range(6)):
            assert rate(grams) == postage(bands, grams)


def test_together_never_costs_more_than_apart() -> None:
    chance = random.Random(2)
    for _ in range(300):
        rate = Rate.of((chance.randint(1, 12), chance.randint(1, 30)) for _ in range(chance.randint(1, 4)))
        a, b = chance.randint(0, 15), chance.randint(0, 15)
        assert rate(a + b) <= rate(a) + rate(b)


def one_search(chance: random.Random) -> tuple[list[Item], list[Place]]:
    """An order of a few lines, places that have some of them, a few zones."""
    items = [Item(chance.randint(1, 3), chance.randint(1, 9)) for _ in range(chance.randint(1, 5))]
    rates = [
        Rate.of([(5, chance.randint(1, 9)), (12, chance.randint(5, 15)), (40, chance.randint(10, 40))])
        for _ in range(3)
    ]
    counted = chance.random() < 0.8
    places = [
        Place(
            number, chance.randint(0, 5), chance.getrandbits(len(items)), chance.choice(rates) if counted else None,
            chance.randint(0, 6) if counted else 0, chance.randint(0, 1) if counted else 0,
        )
        for number in range(chance.randint(1, 6))
    ]  # fmt: skip
    return items, places


def exhaustively(items: list[Item], places: list[Place]) -> tuple[int, int, int] | None:
    """(cost, places, ranks) over all ways to give each line to a place that has it."""
    best: tuple[int, int, int] | None = None
    able = [[place for place in places if place.holds >> bit & 1] for bit in range(len(items))]
    for way in product(*able):
        shares: dict[int, list[Item]] = {}
        for item, place in zip(items, way, strict=True):
            shares.setdefault(place.number, []).append(item)
        cost = ranks = 0
        for number, share in shares.items():
            place = places[number]
            cost += place.handling + place.handling_unit * sum(item.units for item in share)
            cost += place.rate(sum(item.grams for item in share)) if place.rate else 0
            ranks += place.rank
        found = (cost, len(shares), ranks)
        best = found if best is None else min(best, found)
    return best


def test_costs_equal_an_exhaustive_search_on_1000_orders() -> None:
    chance = random.Random(3)
    found = 0
    for _ in range(1_000):
        items, places = one_search(chance)
        expected, answer = exhaustively(items, places), least(items, places)
        if answer is None:
            assert expected is None
            continue
        found += 1
        assert tuple(value_of(answer[0])) == expected
        taken = 0
        for number, share in answer[1]:
            assert not taken & share and places[number].holds & share == share
            taken |= share
        assert taken == (1 << len(items)) - 1
    assert found > 400


def test_longer_orders_are_exact_where_each_place_has_few_of_the_lines() -> None:
    chance = random.Random(5)
    for _ in range(10):
        items = [Item(chance.randint(1, 3), chance.randint(1, 9)) for _ in range(chance.choice((11, 12)))]
        rates = [Rate.of([(5, chance.randint(1, 9)), (40, chance.randint(10, 40))]) for _ in range(2)]
        holds = [0] * 5
        for bit in range(len(items)):
            for number in chance.sample(range(5), chance.choice((1, 2, 2))):
                holds[number] |= 1 << bit
        places = [
            Place(number, number, held, chance.choice(rates), chance.randint(0, 6)) for number, held in enumerate(holds)
        ]
        assert is_short(len(items), places)
        found = least(items, places)
        assert found and tuple(value_of(found[0])) == exhaustively(items, places)
    everywhere = [Place(number, number, (1 << 12) - 1, rates[0], number) for number in range(2)]
    assert not is_short(13, places) and not is_short(12, [everywhere[0]]), (
        "of many lines in one place the search is long"
    )


def test_leaving_dominated_places_out_costs_nothing() -> None:
    chance = random.Random(4)
    fewer = 0
    for _ in range(200):
        items, places = one_search(chance)
        kept = undominated(places)
        fewer += len(kept) < len(places)
        one, all_ = least(items, kept), least(items, places)
        assert (one and one[0]) == (all_ and all_[0])
    assert fewer > 50


def test_no_fewer_places_have_it_all() -> None:
    chance = random.Random(5)
    proven = 0
    for _ in range(500):
        total = {sku: chance.randint(1, 9) for sku in range(chance.randint(1, 4))}
        stocked = [{sku: chance.randint(0, 6) for sku in total} for _ in range(chance.randint(1, 7))]
        cover = covering.fewest(total, stocked)
        ways = (
            way
            for count in range(1, len(stocked) + 1)
            for way in combinations(range(len(stocked)), count)
            if all(sum(stocked[number][sku] for number in way) >= units for sku, units in total.items())
        )
        first = next(ways, None)
        if cover is None:
            assert first is None
            continue
        assert first is not None
        assert len(cover.places) == len(first) == cover.at_least
        alike = [sum(first), *(sum(way) for way in ways if len(way) == len(first))]
        assert sum(cover.places) == min(alike)
        proven += 1
    assert proven > 250


def rules(take: str, **more: Any) -> SaveSourcingRules:
    costs = {
        "currency": "EUR", "per_order": "1.00", "per_split": "0.50", "grams": 1000,
        "zones": [{"zone": "near", "locations": ["P0", "P1", "P2"]}, {"zone": "far"}],
        "rates": [
            {"zone": "near", "up_to_grams": 5000, "amount": "3.00"}, {"zone": "near", "up_to_grams": 31500, "amount": "9.00"},
            {"zone": "far", "up_to_grams": 2000, "amount": "4.50"}, {"zone": "far", "up_to_grams": 31500, "amount": "12.00"},
        ],
    }  # fmt: skip
    strategies = [{"name": take, "take": take}]
    return msgspec.convert({"strategies": strategies, "costs": costs, **more}, SaveSourcingRules)


def plan_of(saved: SaveSourcingRules) -> Plan:
    spots = {
        id_: Spot(id_, f"P{number}", "warehouse", frozenset(), "DE", None, frozenset(), 10 * number, 0)
        for number, id_ in enumerate(PLACES)
    }
    return Plan(saved, 7, spots)


def decide(
    plan: Plan,
    wants: list[Want],
    stock: dict[int, dict[int, int]],
    asked: Asked = HERE,
    days: dict[int, int] | None = None,
) -> Sourcing:
    """`stock` is units by place and product, each by number."""
    supplies = {
        sku_id: [Shelf(PLACES[place], "", units[number]) for place, units in stock.items() if units.get(number)]
        for number, sku_id in enumerate(SKUS)
    }
    ahead = {PLACES[place]: day for place, day in (days or {}).items()}
    ranking = {PLACES[place]: 0 for place in stock}
    return deciding.find(plan, asked, wants, supplies, ranking, lambda id_: ahead.get(id_, 0), may_split=True)


def wants(*quantities: int) -> list[Want]:
    return [Want(number, SKUS[number - 1], quantity) for number, quantity in enumerate(quantities, 1)]


def places_of(found: Sourcing) -> dict[int, set[int]]:
    """The lines by place."""
    by_place: dict[int, set[int]] = {}
    for take in found.takes:
        by_place.setdefault(PLACES.index(take.location_id), set()).add(take.line_number)
    return by_place


def test_two_near_parcels_can_be_cheaper_than_a_far_one() -> None:
    found = decide(plan_of(rules("cheapest")), wants(2, 2), {0: {0: 5}, 1: {1: 5}, 4: {0: 5, 1: 5}})
    assert places_of(found) == {0: {1}, 1: {2}} and not found.short
    assert found.why and found.why["cost"] == {
        "currency": "EUR", "postage_minor": 600, "handling_minor": 200, "splitting_minor": 50,
    }  # fmt: skip
    (far,) = (each for each in found.why["candidates"] if each["why"] != "chosen")
    assert far["why"] == "dearer" and far["alone_minor"] == 900 + 100
    assert places_of(
        decide(plan_of(rules("fewest_parcels")), wants(2, 2), {0: {0: 5}, 1: {1: 5}, 4: {0: 5, 1: 5}})
    ) == {4: {1, 2}}


def test_the_earliest_waits_for_nobody() -> None:
    stock = {0: {0: 5, 1: 5}, 1: {0: 5}, 2: {1: 5}}
    found = decide(plan_of(rules("earliest")), wants(1, 1), stock, days={0: 3, 1: 1, 2: 0})
    assert places_of(found) == {1: {1}, 2: {2}}
    told = found.why["candidates"] if found.why else []
    assert [each["why"] for each in told if each["location_id"] == PLACES[0]] == ["later"]


def test_all_from_one_or_nothing() -> None:
    plan = plan_of(rules("all_from_one"))
    found = decide(plan, wants(1, 1), {0: {0: 5}, 1: {1: 5}})
    assert found.reason == "split_not_allowed" and found.short == {1: 1, 2: 1} and not found.takes
    assert places_of(decide(plan, wants(1, 1), {0: {0: 5}, 1: {0: 1, 1: 5}})) == {1: {1, 2}}


def test_a_line_is_divided_only_where_that_saves_a_place() -> None:
    plan = plan_of(rules("fewest_parcels"))
    whole = {0: {0: 5}, 1: {0: 10}, 2: {1: 1}}
    assert places_of(decide(plan, wants(10, 1), whole)) == {1: {1}, 2: {2}}
    divided = {0: {0: 1, 1: 1}, 1: {0: 1, 2: 1}, 2: {0: 2}}
    assert places_of(decide(plan, wants(2, 1, 1), divided)) == {0: {1, 2}, 1: {1, 3}}
    kept = decide(plan, wants(2, 1, 1), divided, HERE._replace(together=frozenset({1})))
    assert places_of(kept) == {0: {2}, 1: {3}, 2: {1}}


def test_a_line_that_stays_whole_and_is_nowhere_whole_is_short() -> None:
    stock = {0: {0: 5, 1: 1}, 1: {0: 5}}
    found = decide(plan_of(rules("fewest_parcels")), wants(6, 1), stock, HERE._replace(together=frozenset({1})))
    assert found.short == {1: 6} and places_of(found) == {0: {2}}


def test_the_first_rule_that_tells_two_apart_decides() -> None:
    ranks = [
        {"name": "east", "by": "listed", "locations": ["P3"], "when": {"regions": [{"country": "PL"}]}},
        {"name": "most", "by": "most_stock"},
        {"name": "list", "by": "listed", "locations": ["P2", "P1"]},
    ]
    plan = plan_of(rules("fewest_parcels", rules=ranks))
    stock = {1: {0: 5}, 2: {0: 5}, 3: {0: 4}}
    found = decide(plan, wants(1), stock)
    assert places_of(found) == {2: {1}}
    why = {each["location_id"]: (each["why"], each.get("rule")) for each in (found.why or {})["candidates"]}
    assert why[PLACES[3]] == ("ranked", "most") and why[PLACES[1]] == ("ranked", "list")
    assert places_of(decide(plan, wants(1), stock, HERE._replace(country="PL"))) == {3: {1}}


def test_filters_leave_out_and_say_so() -> None:
    filters = [
        {"name": "last ones", "by": "stock", "units": 3},
        {"name": "market", "by": "never", "locations": ["P0"], "when": {"channels": ["market"]}},
    ]
    plan = plan_of(rules("fewest_parcels", filters=filters))
    stock = {0: {0: 5}, 1: {0: 2}, 2: {0: 9}}
    assert places_of(decide(plan, wants(1), stock)) == {0: {1}}
    found = decide(plan, wants(1), stock, HERE._replace(channel="market"))
    assert places_of(found) == {2: {1}}
    left = {each["location_id"]: each["rule"] for each in (found.why or {})["candidates"] if each["why"] == "filtered"}
    assert left == {PLACES[0]: "market", PLACES[1]: "last ones"}


def test_what_costs_at_least_is_told_where_lines_are_divided() -> None:
    found = decide(plan_of(rules("cheapest")), wants(8), {0: {0: 5}, 4: {0: 5}})
    assert found.why is not None and not found.short
    paid = (
        found.why["cost"]["postage_minor"] + found.why["cost"]["handling_minor"] + found.why["cost"]["splitting_minor"]
    )
    assert found.why.get("at_least_minor", paid) <= paid


def test_long_orders_are_decided_too() -> None:
    chance = random.Random(6)
    many = [uuid.UUID(int=1000 + number) for number in range(40)]
    asked = [Want(number, sku_id, 1) for number, sku_id in enumerate(many, 1)]
    supplies = {
        sku_id: [Shelf(place, "", 5) for place in PLACES if chance.random() < 0.7] or [Shelf(PLACES[0], "", 5)]
        for sku_id in many
    }
    for take in ("cheapest", "fewest_parcels"):
        found = deciding.find(
            plan_of(rules(take)), HERE, asked, supplies, dict.fromkeys(PLACES, 0), lambda _: 0, may_split=True
        )
        assert not found.short and found.why


def test_what_the_rules_take_costs_what_an_exhaustive_search_finds() -> None:
    """The whole way: shelves, zones, shares, bill. Lines are whole; three places may be cheaper than two."""
    chance = random.Random(7)
    split = 0
    for _ in range(300):
        plan = plan_of(rules("cheapest"))
        quantities = [chance.randint(1, 3) for _ in range(chance.randint(1, 4))]
        stock = {
            place: {sku: 5 for sku in range(len(quantities)) if chance.random() < 0.5}
            for place in chance.sample(range(8), 5)
        }
        able = [[place for place, has in stock.items() if sku in has] for sku in range(len(quantities))]
        found = decide(plan, wants(*quantities), stock)
        if not all(able):
            assert found.short
            continue
        costs = [
            sum(
                bill(
                    plan, HERE,
                    [
                        Take(sku + 1, SKUS[sku], PLACES[place], "", quantities[sku])
                        for sku, place in enumerate(way)
                    ],
                )
            )
            for way in product(*able)
        ]  # fmt: skip
        assert sum(bill(plan, HERE, found.takes)) == min(costs)
        assert found.why and "at_least_minor" not in found.why
        split += len({take.location_id for take in found.takes}) > 1
    assert split > 50
