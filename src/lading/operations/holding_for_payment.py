"""Holds for money: an order waits while its payment is awaited, failed or lapsed, and goes on by itself as soon as it is covered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lading.catalog.policies import Policies
from lading.operations import paying
from lading.operations.hold_orders import HOLDS_MAX
from lading.orders import earned, holds
from lading.orders.checks import AWAITING_PAYMENT
from lading.orders.holds import Terms
from lading.orders.types import Hold, Order
from lading.payments.types import Tender

ACTOR = "rule:payments"
"""Who places these holds."""
FAILED, LAPSED, DUE = "payment_failed", "payment_lapsed", "payment_due"
KINDS = (AWAITING_PAYMENT, FAILED, LAPSED, DUE)
"""Those that end by themselves when what is due is promised or paid."""
DISPUTED = "dispute"
"""The one that ends by itself when the dispute is won."""


@dataclass(slots=True)
class Changes:
    """Holds that were placed or lifted, and how the event tells it."""

    rows: list[Hold] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)


def is_covered(order: Order, tenders: Sequence[Tender]) -> bool:
    """Whether all that is due is promised."""
    return paying.open_due(order, tenders) <= promised(tenders)


def promised(tenders: Sequence[Tender]) -> int:
    """What covers an order: the promise of a provider that refused nothing, and what is collected at the door."""
    open_minor = sum(tender.open_minor for tender in tenders if not tender.refused)
    return open_minor + sum(tender.expected_minor for tender in tenders if tender.kind == "cash_on_delivery")


def go_on(order: Order, tenders: Sequence[Tender], actor: str, now: datetime) -> Changes:
    """Lift what waits for money, where that is covered. Call before the event is made."""
    return _lift(order, KINDS, actor, now) if is_covered(order, tenders) else Changes()


def stop(
    order: Order,
    tenders: Sequence[Tender],
    terms: Terms,
    policies: Policies,
    actor: str,
    now: datetime,
) -> Changes:
    """A payment failed or lapsed: hold what is still in the house, unless something else covers it. Call before the event is made."""
    if is_covered(order, tenders):
        return _lift(order, KINDS, actor, now)
    wanted = policies.value("hold_unpaid", channel=order.channel_id)
    if not wanted or not _may_place(order, terms.kind):
        return Changes()
    return _place(order, terms, _lift(order, KINDS, actor, now), now)


def wait(order: Order, kind: str, policies: Policies, now: datetime) -> Changes:
    """Hold what costs more than is covered, unless it waits for money already. Call before the event is made."""
    waits = any(hold.kind in KINDS for hold in holds.active(order))
    if waits or not policies.value("hold_unpaid", channel=order.channel_id) or not _may_place(order, kind):
        return Changes()
    return _place(order, Terms(kind), Changes(), now)


def dispute(
    order: Order, tenders: Sequence[Tender], terms: Terms, policies: Policies, actor: str, now: datetime
) -> Changes:
    """A bank took money back: nothing more is sent and nothing taken until somebody decided, or all of it came back."""
    if not any(tender.disputed_minor for tender in tenders):
        return _lift(order, (DISPUTED,), actor, now)
    wanted = policies.value("hold_disputed", channel=order.channel_id)
    return _place(order, terms, Changes(), now) if wanted and _may_place(order, DISPUTED) else Changes()


def _may_place(order: Order, kind: str) -> bool:
    standing = {hold.kind for hold in holds.active(order)}
    return kind not in standing and not earned.is_over(order) and len(order.holds) < HOLDS_MAX


def _place(order: Order, terms: Terms, changes: Changes, now: datetime) -> Changes:
    new = holds.place(order, terms, ACTOR, now)
    return Changes([*changes.rows, new], {**changes.data, "hold_terms": holds.told([new])})


def _lift(order: Order, kinds: Sequence[str], actor: str, now: datetime) -> Changes:
    found = [hold for hold in holds.active(order) if hold.kind in kinds]
    if not found:
        return Changes()
    holds.lift(order, found, actor, now)
    told = {"numbers": [hold.number for hold in found], "kinds": [hold.kind for hold in found]}
    return Changes(found, {"holds_lifted": told})
