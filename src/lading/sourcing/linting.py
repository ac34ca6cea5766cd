"""What looks wrong with rules of sourcing: rules that can never fire, orders that none is about. Pure."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from lading.sourcing.commands import RankingRule, SaveSourcingRules, Strategy, When

Kind = Literal["rules", "filters", "strategies", "zones"]


class Finding(Struct, frozen=True):
    """One thing that looks wrong."""

    kind: Kind
    name: str
    """Of the rule, filter, strategy or zone; empty where it is about orders."""
    finding: Literal["never_reached", "same_as_before", "names_nothing", "never_fired", "orders_without"]
    detail: str


def at_a_glance(rules: SaveSourcingRules) -> list[Finding]:
    """What can be seen without any order: what stands behind a rule that leaves it nothing to decide."""
    found = _strategies(rules.strategies) + _rankings(rules.rules)
    if rules.costs is not None:
        open_zones = [
            number
            for number, zone in enumerate(rules.costs.zones)
            if not zone.locations and not zone.regions and zone.up_to_km is None
        ]
        for zone in rules.costs.zones[open_zones[0] + 1 :] if open_zones else ():
            first = rules.costs.zones[open_zones[0]].zone
            found.append(Finding("zones", zone.zone, "never_reached", f"Zone {first} stands before it and fits all."))
        if not any(strategy.take == "cheapest" for strategy in rules.strategies):
            found.append(
                Finding("strategies", "", "names_nothing", "There are costs, but no strategy takes the cheapest.")
            )
    return found


def _strategies(strategies: Sequence[Strategy]) -> list[Finding]:
    found = []
    for number, each in enumerate(strategies):
        for earlier in strategies[:number]:
            if covers(earlier.when, each.when):
                detail = f"{earlier.name} stands before it and is about all of its orders."
                found.append(Finding("strategies", each.name, "never_reached", detail))
                break
    return found


def _rankings(rules: Sequence[RankingRule]) -> list[Finding]:
    found = []
    for number, each in enumerate(rules):
        for earlier in rules[:number]:
            if not covers(earlier.when, each.when):
                continue
            if (earlier.by, earlier.locations) == (each.by, each.locations):
                detail = f"{earlier.name} says the same, and stands before it."
                found.append(Finding("rules", each.name, "same_as_before", detail))
                break
    return found


def covers(one: When, other: When) -> bool:
    """Whether all orders of the other are orders of this one."""
    if one.channels and not (other.channels and set(other.channels) <= set(one.channels)):
        return False
    if one.products and not (other.products and set(other.products) <= set(one.products)):
        return False
    if not one.regions:
        return True
    return bool(other.regions) and all(
        any(
            mine.country == theirs.country
            and (
                not mine.postal_codes
                or (
                    bool(theirs.postal_codes)
                    and all(any(code.startswith(own) for own in mine.postal_codes) for code in theirs.postal_codes)
                )
            )
            for mine in one.regions
        )
        for theirs in other.regions
    )


class Fired(NamedTuple):
    """How often rules, filters, strategies and zones said something of the orders that were looked at."""

    orders: int
    matched: Mapping[tuple[Kind, str], int]
    """Orders that a rule is about."""
    spoke: Mapping[tuple[Kind, str], int]
    """Orders of which it told candidates apart, left one out, or priced one."""
    without: Sequence[str]
    """Orders that no strategy is about."""


def over_orders(rules: SaveSourcingRules, fired: Fired) -> list[Finding]:
    """What recent orders say of the rules."""
    names: list[tuple[Kind, str]] = [("rules", each.name) for each in rules.rules]
    names += [("filters", each.name) for each in rules.filters]
    names += [("strategies", each.name) for each in rules.strategies]
    if rules.costs is not None:
        names += [("zones", zone) for zone in dict.fromkeys(zone.zone for zone in rules.costs.zones)]
    found = [_silent(kind, name, fired) for kind, name in names if not fired.spoke.get((kind, name))]
    if not fired.orders:
        return []
    if rules.strategies and fired.without:
        some = ", ".join(fired.without[:5]) + (" ..." if len(fired.without) > 5 else "")
        detail = f"{len(fired.without)} of {fired.orders} recent orders fit no strategy: {some}. They take the fewest parcels."
        found.append(Finding("strategies", "", "orders_without", detail))
    return found


def _silent(kind: Kind, name: str, fired: Fired) -> Finding:
    about = fired.matched.get((kind, name), 0)
    if not about:
        return Finding(kind, name, "never_fired", f"None of {fired.orders} recent orders is its business.")
    what = {
        "rules": "it never told two candidates apart", "filters": "it never left a location out",
        "strategies": "another one came first", "zones": "no location ever sent in it",
    }[kind]  # fmt: skip
    return Finding(kind, name, "never_fired", f"{about} of {fired.orders} recent orders are its business, but {what}.")
