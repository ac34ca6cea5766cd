"""Money that a customer's bank takes back: in dispute first, then won or lost. Pure."""

from datetime import datetime

from lading.payments.rules import account
from lading.payments.types import Dispute, DisputeStatus, Tender
from lading.terms.ledger import CHARGEBACKS, DISPUTED, MoneyPosting


def is_news(known: Dispute | None, status: DisputeStatus, answer_by: datetime | None = None) -> bool:
    """Whether it says more than was known: more time for the evidence, or how it ended; what is closed stays so, whatever is said later."""
    if known is None:
        return True
    return known.status == "open" and (status != "open" or _later(known.answer_by, answer_by) != known.answer_by)


def _later(known: datetime | None, told: datetime | None) -> datetime | None:
    return max((each for each in (known, told) if each is not None), default=None)


def new(
    tender: Tender, reference: str, amount_minor: int, reason: str, answer_by: datetime | None, now: datetime
) -> Dispute:
    """A dispute that we hear of first."""
    return Dispute(
        tender.order_id, tender.number, reference, amount_minor, reason, "open", answer_by, now, stored=False
    )


def tell(
    tender: Tender,
    dispute: Dispute,
    before: DisputeStatus | None,
    status: DisputeStatus,
    answer_by: datetime | None,
    currency: str,
    now: datetime,
) -> list[MoneyPosting]:
    """Take it in. The bank has the money from the beginning; what is won comes back, what is lost is an expense."""
    amount, number, order_id = dispute.amount_minor, tender.number, tender.order_id
    dispute.status, dispute.closed_at = status, None if status == "open" else now
    dispute.answer_by = _later(dispute.answer_by, answer_by)
    money = []
    if before is None:
        tender.disputed_minor += amount
        money.append(MoneyPosting(order_id, DISPUTED, account(tender), amount, currency, number))
    if status == "won":
        tender.disputed_minor -= amount
        money.append(MoneyPosting(order_id, account(tender), DISPUTED, amount, currency, number))
    if status == "lost":
        money.append(MoneyPosting(order_id, CHARGEBACKS, DISPUTED, amount, currency, number))
    return money
