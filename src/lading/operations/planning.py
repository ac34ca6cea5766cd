"""The merchant's rules of sourcing for one batch: read only where there are any, or where an order has wishes of its own."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from msgspec.structs import replace

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.catalog.types import Location
from lading.database.pool import Transaction
from lading.kernel.ids import ZERO
from lading.orders.commands import PlaceOrder
from lading.sourcing import store as sourcing
from lading.sourcing.commands import SaveSourcingRules, When
from lading.sourcing.plans import Asked, Plan, Spot
from lading.sourcing.policies import filters_in_force, hazardous, in_force


def with_ids(rules: SaveSourcingRules, ids: Mapping[str, str]) -> SaveSourcingRules:
    """As they are kept: products may be renamed, their ids stay. What has none fits nothing."""

    def by_id(when: When) -> When:
        return replace(when, products=[ids.get(code, str(ZERO)) for code in when.products])

    return replace(
        rules,
        rules=[replace(each, when=by_id(each.when)) for each in rules.rules],
        filters=[replace(each, when=by_id(each.when)) for each in rules.filters],
        strategies=[replace(each, when=by_id(each.when)) for each in rules.strategies],
    )


def asked_of(command: PlaceOrder) -> Asked:
    """What sourcing may know of an order that is placed."""
    to = command.ship_to
    return Asked(
        command.channel, to.country if to else None, to.postal_code if to else None, command.may_split,
        frozenset(command.whole_lines),
    )  # fmt: skip


async def read_plan(
    tx: Transaction,
    policies: Policies,
    sku_ids: Collection[UUID],
    asked: Iterable[Asked],
    rules: SaveSourcingRules | None = None,
) -> Plan | None:
    """The rules in force (or those that are given), and what they look at; None where there are none."""
    rules = rules or in_force(policies.values)
    if rules is None:
        return None
    everywhere = [known for each in asked for known in (each, *(other for _, other in each.apart))]
    above = await _groups(tx) if any(rule.groups for rule in rules.filters) else {}
    return await sourcing.read_plan(
        tx, rules, policies.version, sku_ids, everywhere, above=above, hazardous=hazardous(policies.values)
    )


async def read_filters(tx: Transaction, policies: Policies) -> Plan | None:
    """What keeps stock where it lies, whoever asks; None where nothing does."""
    rules = filters_in_force(policies.values)
    return await read_plan(tx, policies, (), (), rules) if rules else None


async def _groups(tx: Transaction) -> dict[UUID, frozenset[str]]:
    """The code of each group, and of those above it."""
    by_id = {group.id: group for group in (await catalog.read_groups(tx, lock=False)).values()}
    above: dict[UUID, frozenset[str]] = {}
    for group in by_id.values():
        codes, at = set[str](), group
        while at.code not in codes:
            codes.add(at.code)
            at = by_id.get(at.parent_id or ZERO, at)
        above[group.id] = frozenset(codes)
    return above


def without_rules(locations: Mapping[UUID, Location], version: int) -> Plan:
    """What stands in where an order has wishes and the merchant has no rules."""
    spots = {
        id_: Spot(id_, each.code, "", frozenset(), "", None, frozenset(), each.priority, 0)
        for id_, each in locations.items()
    }
    return Plan(SaveSourcingRules(), version, spots)
