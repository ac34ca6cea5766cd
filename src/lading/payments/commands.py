"""What can be asked of payments."""

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from lading.terms.fields import Code, Moment, OrderRef, Reference, RefundTo
from lading.terms.money import AMOUNT_LIMIT, Money

ExpectedVersion = Annotated[int, Meta(ge=1, description="Refuse unless the order still has this version")]


TenderNumber = Annotated[int, Meta(ge=1, le=32_000, description="Number of the tender in its order, from 1")]
RequestNumber = Annotated[int, Meta(ge=1, le=32_000, description="Number of the request in its tender, from 1")]


def _check_amount(amount: Money | None, what: str) -> None:
    if amount is not None and amount.minor <= 0:
        raise ValueError(f"{what} is above zero")
    if amount is not None and Decimal(amount.amount) >= AMOUNT_LIMIT:
        raise ValueError(f"{what} is less than {AMOUNT_LIMIT:,f}")


class RecordPayment(Struct, frozen=True, forbid_unknown_fields=True):
    """Money that somebody took for an order: the channel, a till, a bank."""

    order: OrderRef
    amount: Money
    kind: Literal["paid_elsewhere", "cash", "cash_on_delivery", "bank_transfer", "cheque"] = "paid_elsewhere"
    reference: Reference | None = None
    tender: (
        Annotated[
            TenderNumber,
            Meta(description="The one that was said to come so; the first of the same kind where it is left out"),
        ]
        | None
    ) = None
    occurred_at: Moment | None = None
    expected_version: ExpectedVersion | None = None

    def __post_init__(self) -> None:
        if self.amount.minor <= 0:
            raise ValueError("a payment is above zero")
        if Decimal(self.amount.amount) >= AMOUNT_LIMIT:
            raise ValueError(f"a payment is less than {AMOUNT_LIMIT:,f}")


class RefundPayment(Struct, frozen=True, forbid_unknown_fields=True):
    """Money that an order owes its customer, after a cancellation or where too much was paid, goes back."""

    order: OrderRef
    amount: Annotated[Money, Meta(description="All that is owed where it is left out")] | None = None
    tender: (
        Annotated[TenderNumber, Meta(description="Only through this one; by policy where it is left out")] | None
    ) = None
    to: RefundTo | None = None
    expected_version: ExpectedVersion | None = None

    def __post_init__(self) -> None:
        if self.amount is not None and self.amount.minor <= 0:
            raise ValueError("what is given back is above zero")


class AuthorisePayment(Struct, frozen=True, forbid_unknown_fields=True):
    """A provider is asked to promise money: from a card or account whose token we have, or one that the shop had promised already."""

    order: OrderRef
    amount: Annotated[Money, Meta(description="All that is due and not authorised where it is left out")] | None = None
    provider: Annotated[Code, Meta(description="The account at a provider; by policy where it is left out")] | None = (
        None
    )
    kind: Literal["card", "wallet", "bank_debit"] = "card"
    method: Annotated[Reference, Meta(description="The provider's token of a card or account")] | None = None
    payer: (
        Annotated[Reference, Meta(description="The provider's id of who pays, where the method may be used again")]
        | None
    ) = None
    reference: (
        Annotated[Reference, Meta(description="The provider's id of a payment that the shop had authorised")] | None
    ) = None
    expected_version: ExpectedVersion | None = None

    def __post_init__(self) -> None:
        _check_amount(self.amount, "what is authorised")
        if (self.method is None) == (self.reference is None):
            raise ValueError("name a method (a token), or the reference of a payment that is authorised already")


class CapturePayment(Struct, frozen=True, forbid_unknown_fields=True):
    """Money that was authorised is taken, in part or whole."""

    order: OrderRef
    amount: Annotated[Money, Meta(description="All that is due and authorised where it is left out")] | None = None
    tender: Annotated[TenderNumber, Meta(description="The earliest first where it is left out")] | None = None
    expected_version: ExpectedVersion | None = None

    def __post_init__(self) -> None:
        _check_amount(self.amount, "what is captured")


class VoidPayment(Struct, frozen=True, forbid_unknown_fields=True):
    """What is authorised and not captured is given up."""

    order: OrderRef
    tender: Annotated[TenderNumber, Meta(description="All of them where it is left out")] | None = None
    expected_version: ExpectedVersion | None = None


class AnswerPayment(Struct, frozen=True, forbid_unknown_fields=True):
    """What a provider said became of a request; said late, twice or out of order it does no harm."""

    order: OrderRef
    tender: TenderNumber
    request: RequestNumber
    outcome: Literal["succeeded", "failed", "waiting"]
    amount: Annotated[Money, Meta(description="Where it is not what was asked")] | None = None
    reference: Annotated[Reference, Meta(description="The provider's id of what it made")] | None = None
    code: Annotated[Code, Meta(description="Why it failed or waits, in the provider's word")] | None = None
    expires_at: Annotated[Moment, Meta(description="When an authorisation lapses")] | None = None
    once: Annotated[bool, Meta(description="An authorisation that can be captured only once")] = False
    grows: Annotated[bool, Meta(description="An authorisation on which more can be promised")] = False

    def __post_init__(self) -> None:
        _check_amount(self.amount, "what was done")


class LapsePayment(Struct, frozen=True, forbid_unknown_fields=True):
    """An authorisation is over, without anybody here having given it up: it expired, or its provider took it back."""

    order: OrderRef
    tender: TenderNumber


class FollowPayment(Struct, frozen=True, forbid_unknown_fields=True):
    """What policy says about the money of an order is done: captured for what was shipped, given up when nothing more is to come."""

    order: OrderRef


class DisputePayment(Struct, frozen=True, forbid_unknown_fields=True):
    """A customer's bank took money back; or how that ended."""

    order: OrderRef
    tender: TenderNumber
    reference: Annotated[Reference, Meta(description="The provider's id of the dispute")]
    amount: Money
    reason: Annotated[Code, Meta(description="Why, in the provider's word")]
    status: Literal["open", "won", "lost"] = "open"
    answer_by: Annotated[Moment, Meta(description="Evidence is taken until then")] | None = None

    def __post_init__(self) -> None:
        _check_amount(self.amount, "what is in dispute")


class PostProviderFee(Struct, frozen=True, forbid_unknown_fields=True):
    """What a provider kept of a payment."""

    provider: Annotated[Code, Meta(description="The account, as it is called in lading.toml")]
    payment: Annotated[Reference, Meta(description="The provider's id of the payment")]
    movement: Annotated[
        Reference, Meta(description="The provider's id of the movement that it was kept of: it counts once")
    ]
    fee: Annotated[Money, Meta(description="Below zero where it came back")]
    at: Annotated[Moment, Meta(description="When the provider moved the money")] | None = None

    def __post_init__(self) -> None:
        if not self.fee.minor:
            raise ValueError("a fee is not nothing")
        if abs(Decimal(self.fee.amount)) >= AMOUNT_LIMIT:
            raise ValueError(f"a fee is less than {AMOUNT_LIMIT:,f}")


class IssueCredit(Struct, frozen=True, forbid_unknown_fields=True):
    """A gift card or store credit, which the merchant owes its holder."""

    amount: Money
    reason: Annotated[Code, Meta(description="Why, such as sold or goodwill")]
    code: (
        Annotated[
            str, Meta(min_length=8, max_length=64, pattern=r"^[0-9A-Z-]*(?![\s\S])", description="Of a gift card")
        ]
        | None
    ) = None
    order: Annotated[OrderRef, Meta(description="The order whose customer gets store credit")] | None = None
    expires_at: Annotated[Moment, Meta(description="Never, where it is left out")] | None = None

    def __post_init__(self) -> None:
        _check_amount(self.amount, "what is issued")
        if (self.code is None) == (self.order is None):
            raise ValueError("a gift card has a code, store credit goes to the customer of an order")


class SpendCredit(Struct, frozen=True, forbid_unknown_fields=True):
    """An order is paid with a gift card or store credit."""

    order: OrderRef
    code: Annotated[Code, Meta(description="The code of a gift card")] | None = None
    credit: Annotated[UUID, Meta(description="The id of store credit")] | None = None
    amount: Annotated[Money, Meta(description="As far as it reaches where it is left out")] | None = None
    expected_version: ExpectedVersion | None = None

    def __post_init__(self) -> None:
        _check_amount(self.amount, "what is spent")
        if (self.code is None) == (self.credit is None):
            raise ValueError("name a code or a credit")


class ExpireCredit(Struct, frozen=True, forbid_unknown_fields=True):
    """The time of a gift card or store credit is over."""

    credit: UUID
    reason: Annotated[Code, Meta(description="Why it ends before its time, such as lost or fraud")] | None = None


Purpose = Literal["customer_communication", "shipping_documentation", "refund_policy", "other"]
"""What a file of evidence shows."""


class EvidenceFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A file that was handed in (`POST /v1/files`)."""

    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}(?![\s\S])")]
    purpose: Purpose = "other"


class AnswerDispute(Struct, frozen=True, forbid_unknown_fields=True):
    """Evidence against a dispute: what was sent and delivered and its invoices are put together from the order."""

    order: OrderRef
    tender: TenderNumber
    reference: Annotated[Reference, Meta(description="The provider's id of the dispute")]
    words: (
        Annotated[str, Meta(max_length=20_000, description="What else there is to say; never in the journal")] | None
    ) = None
    files: Annotated[list[EvidenceFile], Meta(max_length=10)] = []
    invoice: Annotated[bool, Meta(description="Whether its first invoice goes with it")] = True
    expected_version: ExpectedVersion | None = None

    def __post_init__(self) -> None:
        if self.words is not None and any(ord(sign) < 32 and sign not in "\n\r\t" for sign in self.words):
            raise ValueError("words hold no control characters")
        purposes = [each.purpose for each in self.files]
        if len(set(purposes)) < len(purposes):
            raise ValueError("one file for each purpose")


class AcceptDispute(Struct, frozen=True, forbid_unknown_fields=True):
    """Give in: the customer's bank keeps the money."""

    order: OrderRef
    tender: TenderNumber
    reference: Annotated[Reference, Meta(description="The provider's id of the dispute")]
    expected_version: ExpectedVersion | None = None


class SettleDisputeAnswer(Struct, frozen=True, forbid_unknown_fields=True):
    """What a provider said of an answer to a dispute."""

    order: OrderRef
    tender: TenderNumber
    reference: Annotated[Reference, Meta(description="The provider's id of the dispute")]
    number: Annotated[int, Meta(ge=1, le=1_000, description="Number of the answer in its dispute, from 1")]
    code: Annotated[Code, Meta(description="Why it was not taken, in the provider's word")] | None = None
