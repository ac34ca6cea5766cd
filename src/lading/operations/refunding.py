"""What verbs that give money back have in common: through which tenders, or as store credit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from lading.catalog.policies import Policies
from lading.orders.types import Order
from lading.payments import rules
from lading.payments.types import Credit, PaymentRequest, Tender
from lading.terms.fields import RefundTo
from lading.terms.ledger import MoneyPosting

MORE_THAN_CAPTURED = (
    "more_than_captured",
    "{amount} would go back, but of what was taken for order {order} only {refundable} is left to give back.",
)


@dataclass(slots=True, frozen=True)
class Way:
    """How money goes back."""

    first: rules.First = "latest"
    to_credit: bool = False
    """Whether it becomes store credit of the order's customer."""
    credit_days: int | None = None
    """How long that can be spent; None: for ever."""


def way(order: Order, policies: Policies, to: RefundTo | None) -> Way:
    """As asked for, otherwise by policy; who has no customer gets it back as it was paid."""
    wanted = to or policies.value("refund_to", channel=order.channel_id)
    first = policies.value("refund_first", channel=order.channel_id)
    days = policies.value("store_credit_days", channel=order.channel_id)
    return Way(first, wanted == "store_credit" and order.customer_id is not None, days)


@dataclass(slots=True)
class Back:
    """Money that goes back: at once, or asked of providers, which answer later."""

    money: list[MoneyPosting] = field(default_factory=list)
    tenders: list[Tender] = field(default_factory=list)
    requests: list[PaymentRequest] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)
    """What events tell of it: `refunds`, in which a request is named where a provider is asked, and `credit`, where one is new."""
    credit: Credit | None = None
    """Store credit that is new."""

    @property
    def rows(self) -> list[object]:
        """What was touched."""
        credits = [tender.credit for tender in self.tenders if tender.credit is not None]
        return [*self.tenders, *self.requests, *credits, *([self.credit] if self.credit else [])]


def give_back(order: Order, tenders: Sequence[Tender], amount: int, now: datetime, how: Way, fresh_id: UUID) -> Back:
    """Through one tender after the other, never more than each holds. A gift card and store credit get back what they paid, always."""
    into = _new_credit(order, fresh_id, now, how) if how.to_credit else None
    given = rules.give_back(tenders, amount, order.currency, now, how.first, into)
    order.refunded_minor += given.done_minor
    through = {tender.number: tender for tender in given.tenders}
    refunds: list[dict[str, Any]] = [
        {
            "tender": posting.tender_number,
            "amount_minor": posting.amount_minor,
            **_until(through[posting.tender_number or 0]),
        }
        for posting in given.money
    ]
    refunds += [
        {"tender": each.tender_number, "amount_minor": each.amount_minor, "request": each.number}
        for each in given.requests
    ]
    if into is None or into.issued_minor == 0:
        return Back(given.money, given.tenders, given.requests, {"refunds": refunds})
    told = {
        "credit_id": into.id, "kind": into.kind, "currency": into.currency, "amount_minor": into.issued_minor,
        "customer_id": into.customer_id, "expires_at": into.expires_at, "at": now,
    }  # fmt: skip
    return Back(given.money, given.tenders, given.requests, {"refunds": refunds, "credit": told}, into)


def _new_credit(order: Order, id_: UUID, now: datetime, how: Way) -> Credit:
    expires_at = None if how.credit_days is None else now + timedelta(days=how.credit_days)
    return Credit(
        id_, "store_credit", None, order.customer_id, order.currency, 0, 0, now, expires_at, order.id, stored=False
    )


def _until(tender: Tender) -> dict[str, Any]:
    """How long a gift card or store credit can be spent that gets something back."""
    credit = tender.credit
    return {} if credit is None else {"credit_id": credit.id, "expires_at": credit.expires_at}


def by_policy(tenders: Sequence[Tender]) -> list[Tender]:
    """Those through which money goes back without anybody asking: gift cards, store credit, and providers that refused nothing."""
    return [each for each in tenders if each.credit or (each.provider and not each.refused)]


def refundable(tenders: Sequence[Tender]) -> int:
    """What all tenders together can give back."""
    return sum(tender.refundable_minor for tender in tenders)
