"""What an edit that makes an order dearer has to be looked at for again: its approval, and what its company owes."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from lading.catalog.policies import Policies
from lading.customers.companies import Credit
from lading.journal.types import Decision, refused
from lading.kernel import money
from lading.operations.hold_orders import HOLDS_MAX
from lading.operations.returning import say
from lading.orders import checks, holds
from lading.orders.holds import APPROVAL, WITH_MONEY, Terms
from lading.orders.types import Hold, Order

ACTOR = "rule:edits"
"""Who places these holds."""

OVER_CREDIT = ("over_credit_limit", "The company of order {order} would owe {owed} with this, and may owe {limit}.")

Credits = Mapping[tuple[UUID, str], Credit]
"""What companies owe and may owe, with what the batch changed so far."""


def place(
    order: Order, more_minor: int, owed_minor: int, policies: Policies, credits: Credits, now: datetime
) -> list[Hold]:
    """The order costs so much more than before, and its company owes so much more (below zero: less); the holds that are new."""
    found = [*_approval(order, more_minor, policies), *_credit(order, owed_minor, credits)]
    standing = {hold.kind for hold in holds.active(order)}
    terms: Iterable[Terms] = (each for each in found if each.kind not in standing)
    return [holds.place(order, each, ACTOR, now) for each in terms if len(order.holds) < HOLDS_MAX]


def refuse_credit(order: Order, owed_minor: int, policies: Policies, credits: Credits) -> Decision | None:
    """Refuse what would make the company owe so much more, above what it may, where policy refuses orders for that."""
    credit = credits.get((order.company_id, order.currency)) if order.company_id else None
    if credit is None or credit.limit_minor is None or owed_minor <= 0:
        return None
    over = credit.exposure_minor + owed_minor
    if over <= credit.limit_minor or policies.value("company_over_credit", channel=order.channel_id) != "refuse":
        return None
    return refused(
        OVER_CREDIT,
        "",
        order=str(order.number),
        owed=say(over, order.currency),
        limit=say(credit.limit_minor, order.currency),
    )


def _approval(order: Order, more_minor: int, policies: Policies) -> list[Terms]:
    limit = policies.value("approve_over", channel=order.channel_id)
    if limit is None or more_minor <= 0:
        return []
    approved = [hold.approved_minor or 0 for hold in order.holds if hold.kind == APPROVAL]
    may_cost = max(
        money.to_minor(Decimal(limit), money.exponent(order.currency) or 0),
        max(approved, default=order.charged_minor),  # without such a hold it was approved as a draft, or needed none
    )
    return [Terms(APPROVAL, stops=WITH_MONEY)] if order.charged_minor + order.adjusted_minor > may_cost else []


def _credit(order: Order, owed_minor: int, credits: Credits) -> list[Terms]:
    credit = credits.get((order.company_id, order.currency)) if order.company_id else None
    if credit is None:
        return []
    credit.exposure_minor += owed_minor
    if owed_minor <= 0 or credit.limit_minor is None or credit.exposure_minor <= credit.limit_minor:
        return []
    return [checks.over_credit(money.from_minor(credit.exposure_minor, money.exponent(order.currency) or 0))]
