"""What can be asked of drafts and quotes."""

from typing import Annotated

from msgspec import Meta, Struct, field

from lading.orders.commands import (
    LINES_MAX,
    TAGS_MAX,
    ChargeInput,
    Exchange,
    ExpectedVersion,
    LineInput,
    NoteInput,
    PlaceOrder,
    TenderInput,
    Wishes,
    wishes_of,
)
from lading.terms.fields import Attributes, Code, LineNumber, Moment, Note, OrderRef, Reference, Tag
from lading.terms.people import AddressInput, CustomerInput

DraftRef = Annotated[str, Meta(min_length=1, max_length=64, description="D1042, or its id", examples=["D1042"])]
DraftLines = Annotated[list[LineInput], Meta(min_length=1, max_length=LINES_MAX)]
DraftCharges = Annotated[list[ChargeInput], Meta(max_length=500)]
Priority = Annotated[int, Meta(ge=-100, le=100)]
ExpiresAt = Annotated[
    Moment, Meta(description="Until then its prices hold; after that it can be revised, and nothing else")
]


class CreateDraft(Wishes, frozen=True, forbid_unknown_fields=True):
    """An order that nobody has placed yet: no stock is taken for it, and it may be changed at will. Sent, it is a quote."""

    channel: Code
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}(?![\\s\\S])", description="Three capital letters (ISO 4217)")]
    lines: DraftLines
    charges: DraftCharges = field(default_factory=list)
    customer: CustomerInput | None = None
    ship_to: AddressInput | None = None
    bill_to: AddressInput | None = None
    ship_by: Moment | None = None
    priority: Priority | None = None
    company: Annotated[Code, Meta(description="The company that buys; its terms and prices hold")] | None = None
    purchase_order: Annotated[Reference, Meta(description="The company's own number of the order")] | None = None
    reference: Annotated[Reference, Meta(description="The merchant's own name for it, given once")] | None = None
    expires_at: ExpiresAt | None = None
    note: Note | None = None

    def __post_init__(self) -> None:
        self.as_order()

    def as_order(self) -> PlaceOrder:
        """The order that it would be. Raises ValueError where it could be none."""
        return PlaceOrder(
            channel=self.channel, currency=self.currency, lines=self.lines, charges=self.charges, customer=self.customer,
            ship_to=self.ship_to, bill_to=self.bill_to, ship_by=self.ship_by, priority=self.priority,
            company=self.company, purchase_order=self.purchase_order, **wishes_of(self),
        )  # fmt: skip


class ReviseDraft(Struct, frozen=True, forbid_unknown_fields=True):
    """Change a draft or quote; what is given takes the place of what was there. A quote that was sent has to be sent again."""

    draft: DraftRef
    lines: DraftLines | None = None
    charges: DraftCharges | None = None
    customer: CustomerInput | None = None
    ship_to: AddressInput | None = None
    bill_to: AddressInput | None = None
    ship_by: Moment | None = None
    priority: Priority | None = None
    company: Code | None = None
    purchase_order: Reference | None = None
    tenders: Annotated[list[TenderInput], Meta(max_length=20)] | None = None
    gift: bool | None = None
    language: Annotated[str, Meta(pattern="^[a-z]{2}(?![\\s\\S])")] | None = None
    tax_exemption: Reference | None = None
    exchange: Exchange | None = None
    may_split: bool | None = None
    whole_lines: Annotated[list[LineNumber], Meta(max_length=LINES_MAX)] | None = None
    ship_complete: bool | None = None
    tags: Annotated[list[Tag], Meta(max_length=TAGS_MAX)] | None = None
    notes: Annotated[list[NoteInput], Meta(max_length=20)] | None = None
    attributes: Attributes | None = None
    expires_at: ExpiresAt | None = None
    note: Note | None = None
    expected_version: ExpectedVersion | None = None

    def __post_init__(self) -> None:
        if all(
            getattr(self, name) is None for name in self.__struct_fields__ if name not in ("draft", "expected_version")
        ):
            raise ValueError("a revision changes something")


class SendDraft(Struct, frozen=True, forbid_unknown_fields=True):
    """Say that a draft went to the customer as a quote; from now on it waits for the answer."""

    draft: DraftRef
    expires_at: ExpiresAt | None = None
    expected_version: ExpectedVersion | None = None


class AcceptDraft(Struct, frozen=True, forbid_unknown_fields=True):
    """The customer takes a quote; it can be converted into an order now."""

    draft: DraftRef
    expected_version: ExpectedVersion | None = None


class DeclineDraft(Struct, frozen=True, forbid_unknown_fields=True):
    """The customer does not take a quote; what was kept for it is kept no longer."""

    draft: DraftRef
    reason: Code
    expected_version: ExpectedVersion | None = None


class DropDraft(Struct, frozen=True, forbid_unknown_fields=True):
    """Give a draft or quote up; what was kept for it is kept no longer."""

    draft: DraftRef
    reason: Code | None = None
    expected_version: ExpectedVersion | None = None


class GiveApproval(Struct, frozen=True, forbid_unknown_fields=True):
    """Say yes to an order or a draft that waits for an approval."""

    order: OrderRef | None = None
    draft: DraftRef | None = None
    expected_version: ExpectedVersion | None = None

    def __post_init__(self) -> None:
        if (self.order is None) == (self.draft is None):
            raise ValueError("name an order or a draft")


class RefuseApproval(Struct, frozen=True, forbid_unknown_fields=True):
    """Say no to an order, which is cancelled, or to a draft, which has to be revised."""

    reason: Code
    order: OrderRef | None = None
    draft: DraftRef | None = None
    expected_version: ExpectedVersion | None = None

    def __post_init__(self) -> None:
        if (self.order is None) == (self.draft is None):
            raise ValueError("name an order or a draft")


class ReserveDraft(Struct, frozen=True, forbid_unknown_fields=True):
    """Keep stock for a draft for a while: all of it or nothing. The order that it becomes takes it."""

    draft: DraftRef
    seconds: Annotated[int, Meta(ge=1, le=30 * 86_400, description="How long; by policy unless said")] | None = None
    expected_version: ExpectedVersion | None = None


class ConvertDraft(Struct, frozen=True, forbid_unknown_fields=True):
    """Place the order that a draft describes, at its prices. Where that is not possible any more, it is said why, and the draft stays."""

    draft: DraftRef
    external_reference: Reference | None = None
    expected_version: ExpectedVersion | None = None
