"""Where an order comes from by the merchant's rules, and why. Pure.

A line comes whole from one place; it is divided only where no place has all of it, or where that needs fewer places. Orders whose
lines all have a place are decided exactly (core/least.py); where lines are divided, the number of places is (core/covering.py), and what it
costs at least is told beside what it costs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any
from uuid import UUID

from lading.sourcing.billing import bill
from lading.sourcing.core import covering
from lading.sourcing.core.least import LINES_EXACT, Item, Place, is_short, least, worth
from lading.sourcing.explaining import explain
from lading.sourcing.plans import Asked, Plan
from lading.sourcing.questions import Question, Way
from lading.sourcing.ranking import Candidate, candidates, rank
from lading.sourcing.rules import Ranking, Sourcing, Supply, Take, Want, source, sourcing_of, take_from

ORDERS_TRIED = 4
"""Places whose every order is tried when lines are divided; of more places the best ranked fills first."""


@dataclass(slots=True)
class _Bundle:
    """Lines that go together: those of one product, or the parts of a kit."""

    wants: list[Want]
    needs: dict[int, int]
    """Units by the position of the product among those that are wanted."""
    item: Item
    holds: int = 0


def find(
    plan: Plan,
    asked: Asked,
    wants: Sequence[Want],
    supplies: Mapping[UUID, Sequence[Any]],
    ranking: Ranking,
    days: Callable[[UUID], int],
    *,
    may_split: bool,
) -> Sourcing:
    """Decide for one order; `ranking` says who may fill it at all."""
    if not wants:
        return Sourcing(reason="one_location")
    wanted = list(dict.fromkeys(want.sku_id for want in wants))
    stocked = stocked_at(wanted, supplies, ranking)
    able, out = candidates(plan, asked, stocked, wanted, days)
    strategy = plan.strategy(asked, wanted)
    ranked = rank(plan, asked, able, wanted, supplies)
    if strategy is not None and strategy.may_split is not None:
        may_split = strategy.may_split
    if asked.may_split is not None:
        may_split = asked.may_split
    question = Question(
        plan, asked, wants, wanted, supplies, ranked, out, max(0, len(ranking) - len(able) - len(out)),
        strategy.take if strategy else "fewest_parcels", strategy.name if strategy else None, may_split,
    )  # fmt: skip
    way = _decide(question)
    found = sourcing_of(wants, way.takes)
    if (not question.may_split or question.take == "all_from_one") and not way.takes:
        found.reason = "split_not_allowed"
    found.why = explain(question, found, way)
    return found


def stocked_at(
    wanted: Sequence[UUID], supplies: Mapping[UUID, Sequence[Supply]], ranking: Ranking
) -> dict[UUID, list[int]]:
    """Units of each product by location, of those that have something and may fill orders."""
    stocked: dict[UUID, list[int] | None] = {}
    nothing = [0] * len(wanted)
    for position, sku_id in enumerate(wanted):
        for shelf in supplies.get(sku_id, ()):
            if shelf.available > 0:
                at = stocked.get(shelf.location_id, nothing)
                if at is nothing:
                    at = None if ranking.get(shelf.location_id) is None else [0] * len(wanted)
                    stocked[shelf.location_id] = at
                if at is not None:
                    at[position] += shelf.available
    return {location_id: at for location_id, at in stocked.items() if at is not None}


def _decide(question: Question) -> Way:
    able = question.ranked.candidates
    bundles, entangled = _bundles(question)
    for bundle in bundles:
        if len(bundle.needs) == 1:
            ((at, units),) = bundle.needs.items()
            bundle.holds = sum(1 << number for number, each in enumerate(able) if each.has[at] >= units)
        else:
            needs = bundle.needs.items()
            bundle.holds = sum(
                1 << number for number, each in enumerate(able) if all(each.has[at] >= units for at, units in needs)
            )
    if not entangled or len(bundles) == 1:
        one = question.take == "all_from_one" or not question.may_split
        if one:
            return _from_one(question, bundles)
        if question.take == "earliest":
            return _earliest(question, bundles)
        return _among(question, bundles, range(len(able)))
    return _entangled(question)


def _bundles(question: Question) -> tuple[list[_Bundle], bool]:
    """Kits, and all lines of one product; whether some of them share a product."""
    at = {sku_id: position for position, sku_id in enumerate(question.wanted)}
    groups: dict[tuple[int, int], list[Want]] = {}
    for want in question.wants:
        groups.setdefault((want.kit, 0 if want.kit else at[want.sku_id]), []).append(want)
    bundles, seen, entangled = [], set[int](), False
    for wants in groups.values():
        needs: dict[int, int] = {}
        for want in wants:
            position = at[want.sku_id]
            needs[position] = needs.get(position, 0) + want.quantity
        entangled = entangled or not seen.isdisjoint(needs)
        seen.update(needs)
        weight = sum(question.plan.weight(question.wanted[position]) * units for position, units in needs.items())
        bundles.append(_Bundle(wants, needs, Item(sum(needs.values()), weight)))
    return bundles, entangled


def _place(question: Question, number: int, holds: int) -> Place:
    """As the search sees a candidate: without costs only its rank counts."""
    costs, each = question.plan.costs, question.ranked.candidates[number]
    if question.take != "cheapest" or costs is None:
        return Place(number, number, holds)
    handling, unit = costs.of_place(each.spot.code)
    return Place(number, number, holds, costs.rates[each.zone] if each.zone else None, handling + costs.split, unit)


def _priced(question: Question, numbers: Iterable[int]) -> list[int]:
    """Where costs decide, only places that have a zone, unless none has."""
    numbers = list(numbers)
    if question.take != "cheapest" or question.plan.costs is None:
        return numbers
    zoned = [number for number in numbers if question.ranked.candidates[number].zone is not None]
    return zoned or numbers


def _from_one(question: Question, bundles: Sequence[_Bundle]) -> Way:
    """All of it from the best place that has all, or nothing."""
    full = -1
    for bundle in bundles:
        full &= bundle.holds
    able = [number for number in range(len(question.ranked.candidates)) if full >> number & 1]
    if question.take == "earliest" and able:
        soonest = min(question.ranked.candidates[number].day for number in able)
        able = [number for number in able if question.ranked.candidates[number].day == soonest]
    whole = Item(sum(bundle.item.units for bundle in bundles), sum(bundle.item.grams for bundle in bundles))
    found = least([whole], [_place(question, number, 1) for number in _priced(question, able)])
    if found is None:
        return Way([], 1, exact=True)
    location_id = question.ranked.candidates[found[1][0][0]].spot.id
    return Way(take_from(question.wants, question.supplies, [location_id]), 1, exact=True)


def _earliest(question: Question, bundles: Sequence[_Bundle]) -> Way:
    """Among the places that leave by the first day on which all can leave; what is not there at all delays nothing."""
    able = question.ranked.candidates
    there = _units(able)
    total = {at: min(units, there.get(at, 0)) for bundle in bundles for at, units in bundle.needs.items()}
    for day in sorted({each.day for each in able}):
        numbers = [number for number, each in enumerate(able) if each.day <= day]
        by_then = _units(able[number] for number in numbers)
        if all(by_then.get(at, 0) >= units for at, units in total.items()):
            return _among(question, bundles, numbers)
    return _among(question, bundles, range(len(able)))


def _units(able: Iterable[Candidate]) -> dict[int, int]:
    """In all, by the position of the product."""
    return dict(enumerate(map(sum, zip(*(each.has for each in able), strict=True))))


def _among(question: Question, bundles: Sequence[_Bundle], numbers: Sequence[int] | range) -> Way:
    """The best way among these candidates."""
    numbers = _priced(question, numbers)
    mask = sum(1 << number for number in numbers)
    apart = [bundle for bundle in bundles if any(want.line_number in question.asked.together for want in bundle.wants)]
    if apart and any(not bundle.holds & mask for bundle in bundles):
        return _with_whole_lines(question, bundles, apart, numbers)
    if all(bundle.holds & mask for bundle in bundles):
        way, places = _whole_lines(question, bundles, numbers)
        if places < 3 or apart:
            return way
        cover = _cover(question, bundles, numbers)
        if cover is None or len(cover.places) >= places:
            return way
        other = _divided(question, bundles, numbers, cover)
        dearer = question.take == "cheapest" and _cost(question, other.takes) >= _cost(question, way.takes)
        return way if dearer else other
    return _divided(question, bundles, numbers, _cover(question, bundles, numbers))


def _with_whole_lines(
    question: Question, bundles: Sequence[_Bundle], apart: Sequence[_Bundle], numbers: Sequence[int]
) -> Way:
    """Lines that stay whole find their places first; of those that have none nothing is taken."""
    mask = sum(1 << number for number in numbers)
    whole = [bundle for bundle in apart if bundle.holds & mask]
    others = [bundle for bundle in bundles if bundle not in apart]
    takes = _whole_lines(question, whole, numbers)[0].takes if whole else []
    if others:
        takes = takes + _divided(question, others, numbers, _cover(question, others, numbers)).takes
    return Way(takes, 1, exact=False)


def _whole_lines(question: Question, bundles: Sequence[_Bundle], numbers: Sequence[int]) -> tuple[Way, int]:
    """Each line whole at one place: exact for ordinary orders; of longer ones lines that the same few places have go together."""
    groups, at_least = [[bundle] for bundle in bundles], 1
    places = _holding(question, groups, numbers)
    exact = is_short(len(groups), places)
    if not exact:
        cover = _few(question, bundles, numbers)
        numbers, at_least = [numbers[position] for position in cover.places], cover.at_least
        groups = _alike(bundles, numbers)
        places = _holding(question, groups, numbers)
    if len(groups) > LINES_EXACT and not exact:
        shares = [(number, group) for number, group in zip(numbers, _first_of(groups, numbers), strict=True) if group]
    else:
        items = [
            Item(sum(bundle.item.units for bundle in group), sum(bundle.item.grams for bundle in group))
            for group in groups
        ]
        found = least(items, places)
        assert found is not None
        shares = [
            (number, [bundle for bit, group in enumerate(groups) if part >> bit & 1 for bundle in group])
            for number, part in found[1]
        ]
    takes: list[Take] = []
    for number, share in shares:
        wants = [want for bundle in share for want in bundle.wants]
        takes += take_from(wants, question.supplies, [question.ranked.candidates[number].spot.id])
    takes.sort(key=lambda take: take.line_number)
    exact = exact or (question.take != "cheapest" and len(shares) == at_least)
    return Way(takes, len(shares) if exact else at_least, exact), len(shares)


def _holding(question: Question, groups: Sequence[list[_Bundle]], numbers: Sequence[int]) -> list[Place]:
    """The places, each with the groups that it has whole."""
    holds = [_all_of(group) for group in groups]
    return [
        _place(question, number, sum(1 << bit for bit, held in enumerate(holds) if held >> number & 1))
        for number in numbers
    ]


def _few(question: Question, bundles: Sequence[_Bundle], numbers: Sequence[int]) -> covering.Cover:
    """The fewest places at which each line of a long order is whole; where costs decide, of those that cost least for all of it."""
    units, grams = sum(bundle.item.units for bundle in bundles), sum(bundle.item.grams for bundle in bundles)
    ordered = sorted(range(len(numbers)), key=lambda at: worth(_place(question, numbers[at], 0), units, grams))
    holders = {bundle.holds for bundle in bundles}
    stocked = [{held: held >> numbers[at] & 1 for held in holders} for at in ordered]
    cover = covering.fewest(dict.fromkeys(holders, 1), stocked)
    assert cover is not None
    return covering.Cover(sorted(ordered[position] for position in cover.places), cover.at_least)


def _alike(bundles: Sequence[_Bundle], numbers: Sequence[int]) -> list[list[_Bundle]]:
    """Lines that the same of these places have."""
    mask = sum(1 << number for number in numbers)
    alike: dict[int, list[_Bundle]] = {}
    for bundle in bundles:
        alike.setdefault(bundle.holds & mask, []).append(bundle)
    return list(alike.values())


def _first_of(groups: Sequence[list[_Bundle]], numbers: Sequence[int]) -> list[list[_Bundle]]:
    """What each of these places gets when each line goes to the first one that has it."""
    shares: list[list[_Bundle]] = [[] for _ in numbers]
    for group in groups:
        held = _all_of(group)
        shares[next(at for at, number in enumerate(numbers) if held >> number & 1)] += group
    return shares


def _all_of(group: Sequence[_Bundle]) -> int:
    held = -1
    for bundle in group:
        held &= bundle.holds
    return held


def _cover(question: Question, bundles: Sequence[_Bundle], numbers: Sequence[int]) -> covering.Cover | None:
    """The fewest places that have all that is there; None where there is nothing."""
    able = [question.ranked.candidates[number] for number in numbers]
    there, total = _units(able), dict[int, int]()
    for bundle in bundles:
        for at, units in bundle.needs.items():
            total[at] = min(units, there.get(at, 0))
    return covering.fewest(total, [dict(enumerate(each.has)) for each in able]) if able else None


def _divided(
    question: Question, bundles: Sequence[_Bundle], numbers: Sequence[int], cover: covering.Cover | None
) -> Way:
    """From the places of a cover, each giving as much as it has, in the order that costs least."""
    if cover is None:
        return Way([], 0, exact=True)
    able = question.ranked.candidates
    ids = [able[numbers[position]].spot.id for position in cover.places]
    wants = [want for bundle in bundles for want in bundle.wants]
    rest = [able[number].spot.id for number in numbers if able[number].spot.id not in ids]
    behind = rest if any(want.kit for want in wants) else []  # whole kits may need one more
    best: list[Take] | None = None
    orders = permutations(ids) if question.take == "cheapest" and len(ids) <= ORDERS_TRIED else [tuple(ids)]
    least_cost = 0
    for order in orders:
        takes = take_from(wants, _seen(question), [*order, *behind])
        cost = _cost(question, takes) if question.take == "cheapest" else 0
        if best is None or cost < least_cost:
            best, least_cost = takes, cost
    return Way(best or [], cover.at_least, exact=False)


def _cost(question: Question, takes: Sequence[Take]) -> int:
    return sum(bill(question.plan, question.asked, takes))


def _seen(question: Question) -> Mapping[UUID, Sequence[Supply]]:
    """The shelves without those of products that a filter keeps a place from sending."""
    nothing = [0] * len(question.wanted)
    has = {each.spot.id: each.has for each in question.ranked.candidates}
    return {
        sku_id: [shelf for shelf in question.supplies.get(sku_id, ()) if has.get(shelf.location_id, nothing)[position]]
        for position, sku_id in enumerate(question.wanted)
    }


def _entangled(question: Question) -> Way:
    """Kits that share products with other lines are found as the house finds them; the rules rank."""
    ranking = {each.spot.id: number for number, each in enumerate(question.ranked.candidates)}
    may_split = question.may_split and question.take != "all_from_one"
    found = source(question.wants, _seen(question), ranking, may_split=may_split)
    return Way(found.takes, 1, exact=False)
