"""Tenders and what providers were asked, as rules see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

RequestKind = Literal["authorise", "capture", "void", "refund"]


@dataclass(slots=True)
class Credit:
    """A gift card or store credit: what the merchant owes its holder. Amounts in minor units of its currency."""

    id: UUID
    kind: str
    """gift_card or store_credit"""
    code: str | None
    """Of a gift card. Who knows it may spend it: never in the journal."""
    customer_id: UUID | None
    """Whose store credit it is."""
    currency: str
    issued_minor: int
    balance_minor: int
    issued_at: datetime
    expires_at: datetime | None
    order_id: UUID | None = None
    """The order whose refund it is."""
    stored: bool = True

    @property
    def ends_in(self) -> str | None:
        """What may be shown of a code."""
        return None if self.code is None else self.code[-4:]


@dataclass(slots=True)
class Tender:
    """One way in which an order is paid. All amounts in minor units of the order's currency."""

    order_id: UUID
    number: int
    kind: str
    reference: str | None
    """The provider's id of the payment, or whatever whoever took the money calls it."""
    authorised_minor: int
    """Promised by now, what was captured of it included; what was given up is taken off."""
    captured_minor: int
    refunded_minor: int = 0
    provider: str | None = None
    """The account that moves the money; None: somebody else does, and Lading is told."""
    method: str | None = None
    """The provider's token of a card or account. Never in the journal."""
    payer: str | None = None
    """The provider's id of who pays, where the method may be used again. Never in the journal."""
    instead_of: int | None = None
    """The tender whose authorisation lapsed, which this one renews."""
    beside: int | None = None
    """The tender whose card is asked once more, for what an edit added."""
    unattended: bool = False
    """Nobody is there who could confirm it to a bank."""
    refused: int = 0
    """Captures, voids and refunds that failed: from the first one on, policy leaves the tender to people."""
    requests: int = 0
    """Requests to the provider so far."""
    authorising_minor: int = 0
    """Asked of the provider and not answered yet, as are the next three."""
    capturing_minor: int = 0
    voiding_minor: int = 0
    refunding_minor: int = 0
    voided_minor: int = 0
    """Authorised once and given up."""
    once: bool = False
    """Whether the first capture is the only one: it gives up the rest."""
    grows: bool = False
    """Whether its provider may promise more on it while nothing was captured."""
    expires_at: datetime | None = None
    """When what is authorised and not captured lapses."""
    disputed_minor: int = 0
    """Taken back by a bank: still in dispute, or lost."""
    expected_minor: int = 0
    """Said to come and not come yet: cash on delivery, a bank transfer."""
    credit_id: UUID | None = None
    """The gift card or store credit that it was paid with."""
    credit: Credit | None = None
    """The same, as loaded with it."""
    stored: bool = True

    @property
    def refundable_minor(self) -> int:
        """What can still be given back through it."""
        return max(0, self.captured_minor - self.refunded_minor - self.refunding_minor - self.disputed_minor)

    @property
    def is_untouched(self) -> bool:
        """Whether all that was promised is still there, and its provider is about to do nothing but promise more."""
        taken = self.captured_minor + self.capturing_minor + self.voiding_minor + self.voided_minor
        return self.provider is not None and not self.refused and self.authorised_minor > 0 and not taken

    @property
    def open_minor(self) -> int:
        """What is authorised and neither captured nor about to be captured or given up."""
        if self.once and self.captured_minor + self.capturing_minor > 0:
            return 0
        return self.authorised_minor - self.captured_minor - self.capturing_minor - self.voiding_minor


@dataclass(slots=True)
class PaymentRequest:
    """Something that a provider was asked: an intent first, its answer later. Its key is its name, for ever."""

    order_id: UUID
    tender_number: int
    number: int
    kind: RequestKind
    amount_minor: int
    status: Literal["pending", "succeeded", "failed"]
    asked_at: datetime
    due_at: datetime | None
    """When it is asked (again) at the earliest; None once it is answered."""
    reference: str | None = None
    """The provider's id of what it made."""
    code: str | None = None
    """Why it failed, in the provider's word."""
    settled_at: datetime | None = None
    stored: bool = True


@dataclass(slots=True, frozen=True)
class PaidThere:
    """The tender that a provider's payment is."""

    order_id: UUID
    order_number: int
    tender_number: int
    kind: str
    currency: str


@dataclass(slots=True, frozen=True)
class ProviderFee:
    """What a provider kept of one movement."""

    provider: str
    movement: str
    """The provider's id."""
    order_id: UUID
    tender_number: int
    amount_minor: int
    """Below zero: it came back."""


DisputeStatus = Literal["open", "won", "lost"]


@dataclass(slots=True)
class Dispute:
    """Money that a customer's bank took back."""

    order_id: UUID
    tender_number: int
    reference: str
    """The provider's id."""
    amount_minor: int
    reason: str
    """The provider's word."""
    status: DisputeStatus
    answer_by: datetime | None
    """Evidence is taken until then."""
    told_at: datetime
    """When we heard of it first."""
    closed_at: datetime | None = None
    stored: bool = True


@dataclass(slots=True)
class DisputeAnswer:
    """What is said to a bank that took money back. Its number is its name, for ever."""

    order_id: UUID
    tender_number: int
    reference: str
    """The dispute."""
    number: int
    """Within the dispute."""
    task: str
    """evidence, or accept: the merchant gives in."""
    words: str | None
    """What people wrote. Never in the journal."""
    parcels: list[int]
    """Those that show what was sent."""
    invoices: list[int]
    files: list[tuple[str, str]]
    """Purpose and SHA-256."""
    status: Literal["pending", "succeeded", "failed"]
    asked_at: datetime
    due_at: datetime | None
    """When the provider is asked (again) at the earliest; None once it answered."""
    code: str | None = None
    """Why it failed, in the provider's word."""
    settled_at: datetime | None = None
    stored: bool = True
