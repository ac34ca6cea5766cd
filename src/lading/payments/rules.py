"""What is taken and given back, and through which tender."""

from collections.abc import Sequence
from uuid import UUID

from lading.payments.types import Tender
from lading.terms.ledger import MoneyPosting

RECEIVABLE = "receivable"


def take(order_id: UUID, number: int, kind: str, reference: str | None, amount_minor: int) -> Tender:
    """A tender of money that was taken elsewhere: authorised and captured at once."""
    return Tender(order_id, number, kind, reference, amount_minor, amount_minor, stored=False)


def taken(tender: Tender, currency: str) -> MoneyPosting:
    """The posting of a capture: the tender's account holds it, the customer owes that much less."""
    return MoneyPosting(
        tender.order_id, f"tender:{tender.kind}", RECEIVABLE, tender.captured_minor, currency, tender.number
    )  # fmt: skip


def give_back(tenders: Sequence[Tender], amount_minor: int, currency: str) -> tuple[list[MoneyPosting], list[Tender]]:
    """Refund through the latest tender first and spill to the one before it; never above what each captured.

    The caller has checked that the tenders hold enough; raises ValueError otherwise.
    """
    postings, touched = [], []
    for tender in reversed(tenders):
        part = min(amount_minor, tender.refundable_minor)
        if part > 0:
            tender.refunded_minor += part
            amount_minor -= part
            touched.append(tender)
            postings.append(
                MoneyPosting(tender.order_id, RECEIVABLE, f"tender:{tender.kind}", part, currency, tender.number)
            )
    if amount_minor:
        raise ValueError(f"{amount_minor} more than the tenders captured")
    return postings, touched
