"""Gift cards and store credit: what is owed to their holders, until it is spent or its time is over. Pure."""

from datetime import datetime, timedelta

from lading.payments.types import Credit, Tender
from lading.terms.ledger import CREDITS_EXPIRED, CREDITS_ISSUED, MoneyPosting

REVIVED_DAYS = 90
"""What goes back to a card whose time is over can be spent for so long again."""


def issued(credit: Credit) -> MoneyPosting:
    """The merchant owes that much from now on."""
    return MoneyPosting(credit.id, CREDITS_ISSUED, f"tender:{credit.kind}", credit.issued_minor, credit.currency)


def is_over(credit: Credit, now: datetime) -> bool:
    """Whether its time is over."""
    return credit.expires_at is not None and credit.expires_at <= now


def spend(credit: Credit, tender: Tender) -> None:
    """A tender that is paid with it; the caller has checked the balance."""
    credit.balance_minor -= tender.captured_minor
    tender.credit_id, tender.credit = credit.id, credit


def add(credit: Credit, amount_minor: int) -> None:
    """A refund becomes new store credit, or a part of it."""
    credit.issued_minor += amount_minor
    credit.balance_minor += amount_minor


def put_back(credit: Credit, amount_minor: int, now: datetime) -> None:
    """A refund through the tender that it paid for; it can be spent, even if its time was over."""
    credit.balance_minor += amount_minor
    if is_over(credit, now):
        credit.expires_at = now + timedelta(days=REVIVED_DAYS)


def expire(credit: Credit) -> MoneyPosting:
    """Nothing is owed any more."""
    left, credit.balance_minor = credit.balance_minor, 0
    return MoneyPosting(credit.id, f"tender:{credit.kind}", CREDITS_EXPIRED, left, credit.currency)
