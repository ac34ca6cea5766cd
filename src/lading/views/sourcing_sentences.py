"""The sentences of sourcing rules, and of the map that they look at."""

from collections.abc import Mapping
from typing import Any

from lading.terms.money import Money
from lading.views.names import Names
from lading.views.phrases import counted, listed, locations, noted, say

Data = Mapping[str, Any]


def sourcing_rules_saved(data: Data, names: Names) -> str:
    """How many rules, and what is taken."""
    rules = data["rules"]
    if rules is None:
        return say("Sourcing rules withdrawn: orders are sourced by the priority of locations.")
    counts = [(len(rules[kind]), word) for kind, word in (("rules", "rule"), ("filters", "filter"))]
    takes = [f"{each['name']} ({each['take'].replace('_', ' ')})" for each in rules["strategies"]]
    told = listed([f"{count} {word}{'s' if count > 1 else ''}" for count, word in counts if count] + takes)
    return say("Sourcing rules saved: %(told)s.", told=told)


def postal_codes_saved(data: Data, names: Names) -> str:
    """How many are on the map now."""
    return say("%(len)s postal codes of %(country)s put on the map.", len=len(data["areas"]), country=data["country"])


def sourcing_preview_made(data: Data, names: Names) -> str:
    """How many orders could do better."""
    return say(
        "Preview of sourcing again: %(len)s of %(looked_at)s unreleased orders would be better off.",
        len=len(data["orders"]),
        looked_at=data["looked_at"],
    )


def order_resourced(data: Data, names: Names) -> str:
    """From where to where, and what it saved."""
    units = sum(each["quantity"] for each in data["allocations"])
    places = locations([each["location_id"] for each in data["allocations"]], names)
    saved = ""
    if data.get("saved_minor"):
        money = Money.of_minor(data["saved_minor"], data["currency"])
        saved = say(" This saves %(amount)s %(currency)s.", amount=money.amount, currency=money.currency)
    told = counted(units, noted("unit comes"), noted("units come"))
    return say("Sourced again: %(units)s from %(places)s now.%(saved)s", units=told, places=places, saved=saved)
