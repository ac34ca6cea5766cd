"""Why a location was chosen, and why the others lost. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from lading.sourcing.billing import at_least, bill
from lading.sourcing.plans import Plan
from lading.sourcing.questions import Question, Way
from lading.sourcing.ranking import Candidate
from lading.sourcing.rules import Sourcing, Take

LOSERS_TOLD = 12


def explain(question: Question, found: Sourcing, way: Way) -> dict[str, Any]:
    """The decision as it is kept: candidates, cost terms, and why the others lost. Ids and numbers only."""
    plan, able = question.plan, question.ranked.candidates
    chosen = {take.location_id for take in found.takes}
    why: dict[str, Any] = {"take": question.take, "rules_version": plan.version}
    if question.strategy:
        why["strategy"] = question.strategy
    if not question.may_split:
        why["may_split"] = False
    if question.ranked.names:
        why["rules"] = question.ranked.names
    costs = plan.costs
    if costs is not None and chosen:
        paid = bill(plan, question.asked, found.takes)
        why["cost"] = {
            "currency": costs.currency, "postage_minor": paid.postage, "handling_minor": paid.handling,
            "splitting_minor": paid.splitting,
        }  # fmt: skip
        if question.take == "cheapest" and not way.exact and len(chosen) > 1:
            units, grams = _load(plan, found.takes)
            least_minor = at_least(costs, _zoned(able), units, grams, max(1, min(way.at_least_places, len(chosen))))
            if least_minor < sum(paid):
                why["at_least_minor"] = least_minor
    if question.take != "cheapest" and not way.exact and len(chosen) > way.at_least_places:
        why["at_least_places"] = way.at_least_places
    why["candidates"] = _told(question, found, chosen)
    if question.empty:
        why["without_stock"] = question.empty
    more = len(able) + len(question.out) - len(why["candidates"])
    if more > 0:
        why["not_listed"] = more
    return why


def _zoned(able: Sequence[Candidate]) -> Sequence[Candidate]:
    return [each for each in able if each.zone] or able


class _Load(NamedTuple):
    units: int
    grams: int


def _load(plan: Plan, takes: Iterable[Take]) -> _Load:
    units = grams = 0
    for take in takes:
        units, grams = units + take.quantity, grams + plan.weight(take.sku_id) * take.quantity
    return _Load(units, grams)


def _told(question: Question, found: Sourcing, chosen: set[UUID]) -> list[dict[str, Any]]:
    """The chosen ones, then the next best, then who was left out, as many as fit."""
    able, told = question.ranked.candidates, list[dict[str, Any]]()
    by_product: dict[UUID, int] = {}
    for want in question.wants:
        by_product[want.sku_id] = by_product.get(want.sku_id, 0) + want.quantity
    total = [by_product[sku_id] for sku_id in question.wanted]
    load = _Load(sum(total), sum(question.plan.weight(sku_id) * units for sku_id, units in by_product.items()))
    paid = sum(bill(question.plan, question.asked, found.takes))
    winner = next((each for each in able if each.spot.id in chosen), None)
    rest = LOSERS_TOLD
    for number, each in enumerate(able):
        is_chosen = each.spot.id in chosen
        if not is_chosen:
            if not rest:
                continue
            rest -= 1
        has = sum(map(min, each.has, total))
        line: dict[str, Any] = {"location_id": each.spot.id, "rank": number + 1, "units": has}
        if each.km is not None:
            line["km"] = each.km
        if each.day:
            line["days"] = each.day
        if each.zone:
            line["zone"] = each.zone
        line["why"] = "chosen" if is_chosen else _lost(question, each, has, load, paid, winner, line)
        told.append(line)
    told += [
        {"location_id": out.spot.id, "units": out.units, "why": "filtered", "rule": out.filter}
        for out in question.out[:rest]
    ]
    return told


def _lost(
    question: Question,
    each: Candidate,
    has: int,
    load: _Load,
    paid: int,
    winner: Candidate | None,
    line: dict[str, Any],
) -> str:
    """Why another one was taken; what it would have cost alone stands beside it."""
    whole = has == load.units
    costs = question.plan.costs
    if costs is not None and whole and each.zone:
        order, unit = costs.of_place(each.spot.code)
        line["alone_minor"] = costs.rates[each.zone](load.grams) + order + unit * load.units
    if not whole:
        return "has_part"
    if winner is None:
        return "not_needed"
    if question.take == "cheapest" and costs is not None:
        if each.zone is None:
            return "no_rate"
        if line["alone_minor"] > paid:
            return "dearer"
    if question.take == "earliest" and each.day > winner.day:
        return "later"
    mine, theirs = question.ranked.keys[each.spot.id], question.ranked.keys[winner.spot.id]
    rule = next((name for name, a, b in zip(question.ranked.names, mine, theirs, strict=True) if a != b), None)
    if rule:
        line["rule"] = rule
        return "ranked"
    return "priority" if each.spot.priority != winner.spot.priority else "equal"
