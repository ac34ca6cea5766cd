"""Questions that try sourcing out: what if, and what looks wrong with rules. Answers of the house, told as its pages tell them."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from lading.catalog import store as catalog
from lading.database.pool import Transaction
from lading.kernel.ids import ZERO
from lading.sourcing.billing import Bill, bill
from lading.sourcing.commands import SaveSourcingRules, Take
from lading.sourcing.linting import Finding
from lading.sourcing.plans import NOBODY
from lading.sourcing.rules import Take as Taken
from lading.terms.fields import Code, Quantity
from lading.terms.money import Money
from lading.views import sourcing
from lading.views.names import Names, read_names
from lading.views.order import find_order
from lading.views.pages import NotFound
from lading.views.sourcing import Cost, SourcingDecision
from lading.views.stock import find_location

ORDERS_LINTED = 200


class MoreStock(Struct, frozen=True, forbid_unknown_fields=True):
    """Units that are thought to be there."""

    sku: Code
    location: Code
    quantity: Quantity


class WhatIfQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What would be otherwise; what is left out is as it is."""

    order: Annotated[str, Meta(max_length=64, description="Number or id")]
    rules: SaveSourcingRules | None = None
    """Other rules than those in force."""
    take: Take | None = None
    """Another strategy, with the rules in force."""
    more: Annotated[list[MoreStock], Meta(max_length=100)] = []
    without: Annotated[list[Code], Meta(max_length=1_000)] = []
    """Locations that fill nothing."""

    def __post_init__(self) -> None:
        if self.rules is not None and self.take is not None:
            raise ValueError("give rules or a strategy, not both")


class Comes(Struct, frozen=True):
    """Units that come from one location."""

    location: str
    units: int


class WhatIf(Struct, frozen=True):
    """Where what has not left the house comes from, and where it would come from."""

    order: str
    now: list[Comes]
    now_cost: Cost | None
    """By the costs of the rules that are tried."""
    then: list[Comes]
    missing: int
    """Units that would not be found."""
    decision: SourcingDecision
    saves: Money | None
    """Below zero: it would cost more."""


async def what_if(tx: Transaction, query: WhatIfQuery) -> WhatIf:
    """Try it out; nothing is kept. Raises NotFound."""
    from lading.operations import trying_sourcing  # the command line's other questions start without it

    order_id = await find_order(tx, query.order)
    names = await read_names(tx)
    skus = await catalog.read_skus(tx, (each.sku for each in query.more))
    more: dict[tuple[UUID, UUID], int] = {}
    for each in query.more:
        if each.sku not in skus:
            raise NotFound(f"There is no product {each.sku}.")
        key = (skus[each.sku].id, find_location(names, each.location) or ZERO)
        more[key] = more.get(key, 0) + each.quantity
    left_out = {id_ for code in query.without if (id_ := find_location(names, code))}
    rules = await trying_sourcing.rules_by_id(tx, query.rules) if query.rules else None
    if query.take:
        rules = await trying_sourcing.rules_with(tx, query.take)
        if rules is None:
            raise NotFound("There are no costs to find the cheapest by: save some with the rules of sourcing first.")
    trial, scene = await trying_sourcing.try_out(tx, order_id, datetime.now(UTC), rules, more, left_out)
    plan, asked = scene.stock.plan, scene.asked.get(order_id, NOBODY)
    bills = [bill(plan, asked, takes) if plan else Bill(0, 0, 0) for takes in (trial.before, trial.after.takes)]
    currency = plan.costs.currency if plan and plan.costs else None
    told = {"reason": trial.after.reason, "why": trial.after.why}
    decision = sourcing.decision_of(0, "what_if", datetime.now(UTC), told, trial.after.why, names, {})
    return WhatIf(
        query.order, _comes(trial.before, names), _cost(bills[0], currency), _comes(trial.after.takes, names),
        sum(trial.after.short.values()), decision,
        Money.of_minor(sum(bills[0]) - sum(bills[1]), currency) if currency and not trial.after.short else None,
    )  # fmt: skip


def _comes(takes: list[Taken], names: Names) -> list[Comes]:
    units: dict[UUID, int] = {}
    for take in takes:
        units[take.location_id] = units.get(take.location_id, 0) + take.quantity
    return sorted((Comes(names.location(id_), count) for id_, count in units.items()), key=lambda each: each.location)


def _cost(paid: Bill, currency: str | None) -> Cost | None:
    if currency is None:
        return None
    return Cost(*(Money.of_minor(minor, currency) for minor in (sum(paid), *paid)))


class LintQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which rules: those in force, or others before they are saved."""

    rules: SaveSourcingRules | None = None
    orders: Annotated[int, Meta(ge=1, le=1_000, description="The latest orders")] = ORDERS_LINTED


class Linted(Struct, frozen=True):
    """What looks wrong."""

    orders: int
    """Orders that were looked at, as if they were sourced now."""
    findings: list[Finding]


async def lint(tx: Transaction, query: LintQuery) -> Linted:
    """Rules that can never fire, or did not; orders that no strategy is about."""
    from lading.operations import trying_sourcing  # the command line's other questions start without it

    rules = query.rules or (await sourcing.rules(tx, sourcing.RulesQuery())).rules
    found = await trying_sourcing.lint(
        tx, await trying_sourcing.rules_by_id(tx, rules), query.orders, datetime.now(UTC)
    )
    return Linted(*found)
