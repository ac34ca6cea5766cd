"""What is taken and given back, and through which tender."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from lading.payments import credits
from lading.payments.port import Told
from lading.payments.types import Credit, PaymentRequest, RequestKind, Tender
from lading.terms.ledger import AUTHORISATIONS, AUTHORISED, REFUNDS_RETURNED, MoneyPosting

RECEIVABLE = "receivable"


def take(order_id: UUID, number: int, kind: str, reference: str | None, amount_minor: int) -> Tender:
    """A tender of money that was taken elsewhere: authorised and captured at once."""
    return Tender(order_id, number, kind, reference, amount_minor, amount_minor, stored=False)


def taken(tender: Tender, currency: str, amount_minor: int | None = None) -> MoneyPosting:
    """The posting of a capture, of all unless said: the tender's account holds it, the customer owes that much less."""
    amount = tender.captured_minor if amount_minor is None else amount_minor
    return MoneyPosting(tender.order_id, account(tender), RECEIVABLE, amount, currency, tender.number)


def come(tender: Tender, amount_minor: int, reference: str | None) -> None:
    """Money that was said to come is there, all of it or a part."""
    tender.authorised_minor += amount_minor
    tender.captured_minor += amount_minor
    tender.expected_minor = max(0, tender.expected_minor - amount_minor)
    tender.reference = tender.reference or reference


def account(tender: Tender) -> str:
    """Where its money lies."""
    return account_of(tender.kind)


def account_of(kind: str) -> str:
    """Where the money of tenders of that kind lies."""
    return f"tender:{kind}"


@dataclass(slots=True)
class GivenBack:
    """What became of a refund: money that went back at once, and what providers are asked to give back."""

    money: list[MoneyPosting] = field(default_factory=list)
    tenders: list[Tender] = field(default_factory=list)
    """Those that were touched."""
    requests: list[PaymentRequest] = field(default_factory=list)

    @property
    def done_minor(self) -> int:
        """What went back."""
        return sum(posting.amount_minor for posting in self.money)

    @property
    def asked_minor(self) -> int:
        """What providers are asked to give back."""
        return sum(request.amount_minor for request in self.requests)


First = Literal["latest", "earliest", "credits", "providers"]
"""Through which tender money goes back first: the latest, the earliest, gift cards and store credit, what a provider moves."""


def _before(first: First, tender: Tender) -> tuple[bool, bool, int]:
    """What sorts tenders so: what a provider refused before comes last in any case."""
    later = {"credits": tender.credit is None, "providers": tender.provider is None}.get(first, False)
    return tender.refused > 0, later, tender.number if first == "earliest" else -tender.number


def give_back(
    tenders: Sequence[Tender],
    amount_minor: int,
    currency: str,
    now: datetime,
    first: First = "latest",
    into: Credit | None = None,
) -> GivenBack:
    """Refund through one tender after the other, never above what each captured. What a provider refused to give back goes through another
    tender, if there is one that holds it. With `into` it becomes store credit: what a tender took stays, and counts as given back.

    The caller has checked that the tenders hold enough; raises ValueError otherwise.
    """
    given = GivenBack()
    for tender in sorted(tenders, key=lambda tender: _before(first, tender)):
        part = min(amount_minor, tender.refundable_minor)
        if part <= 0:
            continue
        amount_minor -= part
        given.tenders.append(tender)
        if tender.provider is not None and into is None:
            given.requests.append(ask(tender, "refund", part, now))
            continue
        tender.refunded_minor += part
        through = account(tender)
        if tender.credit is not None:
            credits.put_back(tender.credit, part, now)
        elif into is not None:
            credits.add(into, part)
            through = f"tender:{into.kind}"
        given.money.append(MoneyPosting(tender.order_id, RECEIVABLE, through, part, currency, tender.number))
    if amount_minor:
        raise ValueError(f"{amount_minor} more than the tenders captured")
    return given


def ask(
    tender: Tender, kind: RequestKind, amount_minor: int, now: datetime, reference: str | None = None
) -> PaymentRequest:
    """One more request to the tender's provider; the tender counts what is awaited until it is answered."""
    tender.requests += 1
    _await(tender, kind, amount_minor)
    return PaymentRequest(
        tender.order_id,
        tender.number,
        tender.requests,
        kind,
        amount_minor,
        "pending",
        now,
        now,
        reference,
        stored=False,
    )


def capture(tenders: Sequence[Tender], amount_minor: int, now: datetime) -> list[PaymentRequest]:
    """Ask for so much out of what is authorised, the earliest tender first; what they do not hold is left out."""
    asked = []
    for tender in tenders:
        part = min(amount_minor, tender.open_minor)
        if part > 0:
            amount_minor -= part
            asked.append(ask(tender, "capture", part, now))
    return asked


def growing(tenders: Iterable[Tender], now: datetime) -> Tender | None:
    """The first one on which its provider may promise more."""
    fresh = (each for each in tenders if each.expires_at is None or each.expires_at > now)
    return next((each for each in fresh if each.grows and each.is_untouched), None)


def unanswered(tenders: Iterable[Tender]) -> Tender | None:
    """The first one of which its provider has not said yet what it promises, and whether it may promise more."""
    return next((each for each in tenders if each.authorising_minor and not each.authorised_minor), None)


def spare(tenders: Sequence[Tender], surplus_minor: int) -> list[Tender]:
    """Those that are not needed, the latest first, where so much more is promised than is due.

    A promise is given up whole: what is too much of the others goes with their last capture.
    """
    found = []
    for tender in reversed(tenders):
        if not tender.authorising_minor and 0 < tender.open_minor <= surplus_minor:
            surplus_minor -= tender.open_minor
            found.append(tender)
    return found


def told(requests: Iterable[PaymentRequest]) -> list[dict[str, Any]]:
    """What the journal keeps of requests."""
    return [
        {"tender": each.tender_number, "request": each.number, "kind": each.kind, "amount_minor": each.amount_minor}
        for each in requests
    ]


def awaited(tenders: Sequence[Tender]) -> tuple[int, int]:
    """What providers are about to capture, and about to give back."""
    return sum(tender.capturing_minor for tender in tenders), sum(tender.refunding_minor for tender in tenders)


@dataclass(slots=True)
class Settled:
    """What an answer changed: postings, and by how much the sums of the order move."""

    money: list[MoneyPosting] = field(default_factory=list)
    authorised_minor: int = 0
    captured_minor: int = 0
    refunded_minor: int = 0


def is_news(request: PaymentRequest, told: Told) -> bool:
    """Whether an answer says more than was known.

    Answers come late, twice and in any order, so the later one need not be the newer one. What a request can come to is ordered instead:
    an authorisation, capture or void that succeeded stays so; a refund may fail after it succeeded (a bank sends it back) and stays so.
    The furthest that was heard counts, so the order of arrival does not.
    """
    if told.outcome == "waiting":
        return request.status == "pending" and told.reference is not None and request.reference is None
    return _rank(request.kind, told.outcome) > _rank(request.kind, request.status)


def _rank(kind: RequestKind, status: str) -> int:
    last = "failed" if kind == "refund" else "succeeded"
    return {"pending": 0, "waiting": 0}.get(status, 2 if status == last else 1)


def fits(tender: Tender, request: PaymentRequest, told: Told) -> bool:
    """Whether the tender has room for it: captures within what is authorised, refunds within what was captured."""
    amount = request.amount_minor if told.amount_minor is None else told.amount_minor
    own = request.amount_minor if request.status == "pending" else 0
    if told.outcome != "succeeded":
        return True
    if request.kind == "capture":
        return (
            amount
            <= tender.authorised_minor - tender.captured_minor - tender.capturing_minor - tender.voiding_minor + own
        )
    return (
        request.kind != "refund"
        or amount <= tender.captured_minor - tender.refunded_minor - tender.refunding_minor + own
    )


def settle(tender: Tender, request: PaymentRequest, told: Told, currency: str, now: datetime) -> Settled:
    """Take in an answer that is news and fits."""
    request.reference = told.reference or request.reference
    if request.kind == "authorise" and told.reference:
        tender.reference = told.reference
    if told.outcome == "waiting":
        return Settled()
    before, amount = request.status, request.amount_minor if told.amount_minor is None else told.amount_minor
    if before == "pending":
        _await(tender, request.kind, -request.amount_minor)
    if request.kind != "authorise":
        tender.refused += (told.outcome == "failed") - (before == "failed")
    if told.outcome == "succeeded":
        settled = _succeed(tender, request.kind, amount, told, currency)
        request.amount_minor = amount
    else:
        settled = _fail(tender, request, before, currency, now)
    request.status, request.code, request.due_at, request.settled_at = told.outcome, told.code, None, now
    return settled


def _await(tender: Tender, kind: RequestKind, change: int) -> None:
    match kind:
        case "authorise":
            tender.authorising_minor += change
        case "capture":
            tender.capturing_minor += change
        case "void":
            tender.voiding_minor += change
        case "refund":
            tender.refunding_minor += change


def _succeed(tender: Tender, kind: RequestKind, amount: int, told: Told, currency: str) -> Settled:
    match kind:
        case "authorise":
            tender.authorised_minor += amount
            tender.once, tender.grows, tender.expires_at = told.once, told.grows, told.expires_at
            return Settled([_promised(tender, amount, currency)], authorised_minor=amount)
        case "capture":
            tender.captured_minor += amount
            money = [
                _released(tender, amount, currency),
                MoneyPosting(tender.order_id, account(tender), RECEIVABLE, amount, currency, tender.number),
            ]
            given_up = (
                give_up(tender, tender.authorised_minor - tender.captured_minor, currency) if tender.once else Settled()
            )
            return Settled([*money, *given_up.money], given_up.authorised_minor, captured_minor=amount)
        case "void":
            return give_up(tender, amount, currency)
        case "refund":
            tender.refunded_minor += amount
            money = [MoneyPosting(tender.order_id, RECEIVABLE, account(tender), amount, currency, tender.number)]
            return Settled(money, refunded_minor=amount)


def _fail(tender: Tender, request: PaymentRequest, before: str, currency: str, now: datetime) -> Settled:
    """Nothing was moved; a refund that was, comes back."""
    if request.kind == "refund" and before == "succeeded":
        amount = request.amount_minor
        tender.refunded_minor -= amount
        money = [
            MoneyPosting(tender.order_id, account(tender), REFUNDS_RETURNED, amount, currency, tender.number),
            MoneyPosting(tender.order_id, REFUNDS_RETURNED, RECEIVABLE, amount, currency, tender.number),
        ]
        return Settled(money, refunded_minor=-amount)
    if request.kind == "capture" and tender.expires_at is not None and tender.expires_at <= now:
        return give_up(tender, tender.open_minor, currency)
    return Settled()


def give_up(tender: Tender, amount: int, currency: str) -> Settled:
    """What was authorised is not any more, as far as it was not captured."""
    amount = min(
        amount, tender.authorised_minor - tender.captured_minor - tender.capturing_minor - tender.voiding_minor
    )
    if amount <= 0:
        return Settled()
    tender.authorised_minor -= amount
    tender.voided_minor += amount
    return Settled([_released(tender, amount, currency)], authorised_minor=-amount)


def _promised(tender: Tender, amount: int, currency: str) -> MoneyPosting:
    return MoneyPosting(tender.order_id, AUTHORISED, AUTHORISATIONS, amount, currency, tender.number)


def _released(tender: Tender, amount: int, currency: str) -> MoneyPosting:
    return MoneyPosting(tender.order_id, AUTHORISATIONS, AUTHORISED, amount, currency, tender.number)
