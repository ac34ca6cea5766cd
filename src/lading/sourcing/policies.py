"""The rules as the policies keep them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from lading.kernel.ids import ZERO
from lading.sourcing.commands import SaveSourcingRules

POLICY = "sourcing_rules"
"""The name under which the rules are kept among the policies; it has one scope, the merchant."""


def in_force(policies: Mapping[str, Mapping[tuple[str, UUID], Any]]) -> SaveSourcingRules | None:
    """The merchant's rules, products in them as ids; None where there are none."""
    value = policies.get(POLICY, {}).get(("merchant", ZERO))
    return msgspec.convert(value, SaveSourcingRules) if value else None


def weighs_stock(policies: Mapping[str, Mapping[tuple[str, UUID], Any]]) -> bool:
    """Whether they ask how much a location has in all."""
    rules = in_force(policies) if POLICY in policies else None
    return rules is not None and (
        any(each.by == "stock" for each in rules.filters) or any(each.by == "most_stock" for each in rules.rules)
    )


def hazardous(policies: Mapping[str, Mapping[tuple[str, UUID], Any]]) -> frozenset[UUID]:
    """Products that are dangerous goods, of those whose policies were read."""
    return frozenset(id_ for (kind, id_), value in policies.get("hazardous", {}).items() if kind == "sku" and value)


PASSING = ("cut_off", "workload")
"""Filters that say something else an hour later: they steer orders, and are no part of what is promised (ADR 0020)."""


def filters_in_force(policies: Mapping[str, Mapping[tuple[str, UUID], Any]]) -> SaveSourcingRules | None:
    """Those of them that say what can be promised; None where there are none."""
    rules = in_force(policies)
    filters = [each for each in rules.filters if each.by not in PASSING] if rules else []
    return SaveSourcingRules(filters=filters) if filters else None
