"""What an edit does to the money that somebody promised or paid: more is asked for, or the order waits until it is covered.

What is too much is given up and given back by `payments.follow`, as after a cancellation; here it is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from lading.catalog.policies import Policies
from lading.operations import holding_for_payment, paying, refunding
from lading.operations.holding_for_payment import Changes
from lading.operations.paying import Asked
from lading.operations.placing import told_tenders
from lading.orders.checks import AWAITING_PAYMENT
from lading.orders.types import Hold, Order
from lading.payments import rules
from lading.payments.types import PaymentRequest, Tender
from lading.terms.money import Money


class EditPayment(Struct, frozen=True):
    """What an edit does to the money of an order."""

    asked: list[Asked]
    """What a provider is asked to promise more: on what it promised, or of the same card once more."""
    at_the_door: Money
    """So much more is collected with the parcel; below zero: so much less."""
    waits: str | None
    """The hold by which the order waits until all that it costs is promised or paid."""
    goes_on: list[str]
    """The holds that end, for it is covered now."""
    not_needed: Money
    """Promised by providers and not needed: given up whole by policy, or what is left of it with the last capture."""
    owed_back: Money
    """Taken, and owed to the customer now."""
    goes_back: Literal["at_once", "when_asked"]
    """Whether a policy gives it back without anybody asking."""


@dataclass(slots=True)
class Followed:
    """What the money of an order comes to."""

    told: EditPayment
    rows: list[object] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Parted:
    """What covers an order that was split off another one."""

    new: list[Tender] = field(default_factory=list)
    touched: list[Tender] = field(default_factory=list)
    """Of the order that it was split off."""
    requests: list[PaymentRequest] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)


def follow(
    order: Order, more_minor: int, tenders: list[Tender], policies: Policies, actor: str, now: datetime
) -> Followed | None:
    """The order costs so much more than before (below zero: less); `tenders` is used up. None where nobody said how it is paid."""
    if not tenders or not more_minor:
        return None
    before = uncovered(order, tenders) - more_minor
    come = _at_the_door(more_minor, order, tenders)
    requests = [] if come else _ask(min(more_minor, paying.unpromised(order, tenders)), order, tenders, policies, now)
    changes = _hold(order, tenders, before <= 0, bool(requests), policies, actor, now)
    data: dict[str, Any] = {**({"asked": rules.told(requests)} if requests else {}), **changes.data}
    new = [tender for tender in tenders if not tender.stored]
    if new:
        data["tenders"] = told_tenders(new)
    if come:
        data["to_come"] = [{"tender": each.number, "expected_minor": each.expected_minor} for each, _ in come]
    touched = [tender for tender, _ in come] + paying.touched(tenders, requests)
    told = _tell(order, tenders, requests, sum(minor for _, minor in come), changes, policies)
    return Followed(told, [*touched, *requests, *changes.rows], data)


def can_ask(order: Order, tenders: Sequence[Tender], policies: Policies, now: datetime) -> bool:
    """Whether a provider may be asked to promise more for the order: on what it promised, or of the same card once more."""
    if not policies.value("authorise_edits", channel=order.channel_id):
        return False
    return bool(rules.growing(tenders, now) or _beside(tenders) or rules.unanswered(tenders))


def uncovered(order: Order, tenders: Sequence[Tender]) -> int:
    """What is due and neither promised nor collected at the door."""
    return paying.open_due(order, tenders) - holding_for_payment.promised(tenders)


def _at_the_door(more_minor: int, order: Order, tenders: Sequence[Tender]) -> list[tuple[Tender, int]]:
    """What is collected with the parcel is what is due then: (tender, so much more), at the last one that is to come so."""
    last = next((each for each in reversed(tenders) if each.expected_minor and each.kind == "cash_on_delivery"), None)
    if last is None:
        return []
    due = paying.unpromised(order, tenders)
    change = min(more_minor, due) if more_minor > 0 else max(more_minor, due, -last.expected_minor)
    if (more_minor > 0) != (change > 0):
        return []
    last.expected_minor += change
    return [(last, change)]


def _ask(
    short_minor: int, order: Order, tenders: list[Tender], policies: Policies, now: datetime
) -> list[PaymentRequest]:
    """The provider is asked to promise what is short: on what it promised already, or of the same card once more.

    While it has not said what it promises, it is asked for more right after.
    """
    if short_minor <= 0 or not policies.value("authorise_edits", channel=order.channel_id):
        return []
    tender = rules.growing(tenders, now) or _beside(tenders) or rules.unanswered(tenders)
    if tender is None or tender.requests >= paying.REQUESTS_MAX:
        return []
    if not tender.stored:
        tenders.append(tender)
    return [rules.ask(tender, "authorise", short_minor, now)]


def _beside(tenders: Sequence[Tender]) -> Tender | None:
    """One more tender of the last card that may be used again."""
    if len(tenders) >= paying.TENDERS_MAX:
        return None
    card = _usable_again(tenders)
    return once_more(card, card.order_id, len(tenders) + 1, card.number) if card else None


def _usable_again(tenders: Sequence[Tender]) -> Tender | None:
    """The last card that its provider keeps and did not refuse."""
    kept = (each for each in reversed(tenders) if each.provider and each.method and each.payer and not each.refused)
    return next(kept, None)


def once_more(card: Tender, order_id: UUID, number: int, beside: int | None) -> Tender:
    """The same card for a tender of its own; nobody is there who could confirm it."""
    return Tender(
        order_id, number, card.kind, None, 0, 0, provider=card.provider, method=card.method, payer=card.payer,
        beside=beside, unattended=True, stored=False,
    )  # fmt: skip


def part(order: Order, new: Order, tenders: Sequence[Tender], first: int, policies: Policies, now: datetime) -> Parted:
    """A new order took a part of what an order costs, which was covered. What of its cost nobody promised or paid, the carrier collects
    with it, the same card is asked for, or the new order waits. What was promised for it and is not needed is given up by policy.
    """
    parted, due = Parted(), new.due_minor
    for tender in tenders:
        if due > 0 and tender.kind == "cash_on_delivery" and (share := min(due, tender.expected_minor)):
            tender.expected_minor -= share
            due -= share
            number = first + len(parted.new)
            parted.new.append(
                Tender(new.id, number, tender.kind, tender.reference, 0, 0, expected_minor=share, stored=False)
            )
            parted.touched.append(tender)
    card = _usable_again(tenders)
    if due > 0 and card and policies.value("authorise_edits", channel=order.channel_id):
        tender = once_more(card, new.id, first + len(parted.new), None)
        parted.requests.append(rules.ask(tender, "authorise", due, now))
        parted.new.append(tender)
    if due > 0:
        kind = AWAITING_PAYMENT if parted.requests else holding_for_payment.DUE
        parted.holds = holding_for_payment.wait(new, kind, policies, now).rows
    return parted


def _hold(
    order: Order,
    tenders: Sequence[Tender],
    was_covered: bool,
    asked: bool,
    policies: Policies,
    actor: str,
    now: datetime,
) -> Changes:
    """What was covered and is not any more waits; what is covered now goes on. An order that waits for money already waits on."""
    if not was_covered or holding_for_payment.is_covered(order, tenders):
        return holding_for_payment.go_on(order, tenders, actor, now)
    kind = AWAITING_PAYMENT if asked else holding_for_payment.DUE
    return holding_for_payment.wait(order, kind, policies, now)


def _tell(
    order: Order,
    tenders: Sequence[Tender],
    requests: Sequence[PaymentRequest],
    at_the_door: int,
    changes: Changes,
    policies: Policies,
) -> EditPayment:
    def cash(minor: int) -> Money:
        return Money.of_minor(minor, order.currency)

    placed: list[Hold] = [hold for hold in changes.rows if hold.released_at is None]
    open_minor = sum(tender.open_minor for tender in tenders if tender.provider)
    owed = max(0, -order.due_minor - rules.awaited(tenders)[1])
    at_once = policies.value("refund_at_once", channel=order.channel_id)
    by_policy = refunding.refundable(refunding.by_policy(tenders)) >= owed
    return EditPayment(
        paying.state(order, requests).asked,
        cash(at_the_door),
        placed[0].kind if placed else None,
        sorted({hold.kind for hold in changes.rows if hold.released_at is not None}),
        cash(max(0, min(open_minor, -paying.unpromised(order, tenders)))),
        cash(owed),
        "at_once" if at_once and by_policy else "when_asked",
    )
