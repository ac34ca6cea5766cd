"""Drafts and quotes as rules see them. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from lading.orders import rules
from lading.orders.commands import ChargeInput, LineInput, PlaceOrder, Wishes, wishes_of
from lading.terms.documents import number_or_id
from lading.terms.fields import Attributes
from lading.terms.money import UnitPrice

STATUSES = {
    "draft": "It is being written.",
    "sent": "It waits for the customer's answer.",
    "accepted": "The customer takes it.",
    "declined": "The customer does not take it.",
    "converted": "It became an order.",
    "dropped": "It was given up.",
}
"""With their meaning. One whose time is over is told as `expired`, whatever it was."""
OPEN = ("draft", "sent", "accepted")
"""What may still become an order."""
ENDED = ("converted", "dropped")


class DraftLine(Struct, frozen=True):
    """Units of a product at a price."""

    sku_id: UUID
    quantity: int
    unit_price: str
    external_id: str | None = None
    pickup: str | None = None
    """The code of the location where the customer will collect it."""


class LineWishes(Struct, frozen=True):
    """What else is said of a line."""

    ship_complete: bool = False
    attributes: Attributes = {}


class DraftWishes(Wishes, frozen=True, kw_only=True):
    """What the order is given that the draft becomes."""

    lines: list[LineWishes] = msgspec.field(default_factory=list)


@dataclass(slots=True)
class Draft:
    """An order that nobody has placed yet."""

    id: UUID
    number: int
    status: str
    version: int
    channel_id: UUID
    currency: str
    reference: str | None
    customer_id: UUID | None
    party_version_id: UUID | None
    ship_to_id: UUID | None
    bill_to_id: UUID | None
    lines: list[DraftLine]
    charges: list[ChargeInput]
    total_minor: int
    ship_by: datetime | None
    priority: int | None
    created_at: datetime
    expires_at: datetime | None
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    """When the customer took it, or said no."""
    reason: str | None = None
    """Why it was declined or dropped."""
    reservation_id: UUID | None = None
    order_id: UUID | None = None
    """What it became."""
    company_id: UUID | None = None
    """The company that buys."""
    purchase_order: str | None = None
    approval: str | None = None
    """needed, given or refused; None: none is needed."""
    approved_by: str | None = None
    """Who gave or refused it."""
    note: str | None = None
    """Of people, hence never in the journal."""
    wishes: dict[str, Any] = field(default_factory=dict)
    """What else the order is given, as JSON, but for what is private."""
    private: dict[str, Any] = field(default_factory=dict)
    """What people wrote, and tokens of cards, laid over it. Never in the journal."""
    stored: bool = True

    @property
    def name(self) -> str:
        """As people say it."""
        return f"D{self.number}"

    def standing(self, now: datetime) -> str:
        """Its status, or that its time is over."""
        over = self.status in OPEN and self.expires_at is not None and self.expires_at <= now
        return "expired" if over else self.status

    @property
    def wished(self) -> DraftWishes:
        """What else the order is given."""
        return msgspec.convert(laid_over(self.wishes, self.private), DraftWishes)

    def line_inputs(self, codes: dict[UUID, str]) -> list[LineInput]:
        """The lines as a command says them."""
        said = self.wished.lines or [LineWishes()] * len(self.lines)
        return [
            LineInput(
                codes[line.sku_id], line.quantity, UnitPrice(line.unit_price, self.currency), line.external_id, line.pickup,
                each.ship_complete, each.attributes,
            )
            for line, each in zip(self.lines, said, strict=True)
        ]  # fmt: skip


def wishes_apart(order: PlaceOrder, is_text: Callable[[str, str], bool]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What else an order is given, and what of it is private; `is_text(subject, code)`: whether an attribute is free text."""
    every: dict[str, Any] = msgspec.to_builtins(wishes_of(order))
    wishes = {name: value for name, value in every.items() if value not in (None, [], {}, False)}
    lines: list[dict[str, Any]] = [
        {"ship_complete": line.ship_complete, "attributes": dict(line.attributes)} for line in order.lines
    ]
    if any(line["ship_complete"] or line["attributes"] for line in lines):
        wishes["lines"] = lines
    private: dict[str, Any] = {}
    for name, hidden in (("notes", ("text",)), ("tenders", ("method", "payer", "code"))):
        if name in wishes:
            private[name] = [{key: each.pop(key) for key in hidden} for each in wishes[name]]
    for subject, said in (("order", [wishes]), ("line", wishes.get("lines", []))):
        texts = [_pop_texts(each.get("attributes", {}), subject, is_text) for each in said]
        if any(texts):
            told = [{"attributes": each} for each in texts]
            private |= told[0] if subject == "order" else {"lines": told}
    return wishes, private


def _pop_texts(values: dict[str, Any], subject: str, is_text: Callable[[str, str], bool]) -> dict[str, Any]:
    return {code: values.pop(code) for code in list(values) if is_text(subject, code)}


def laid_over(said: Any, private: Any) -> Any:
    """JSON with other JSON laid over it."""
    if isinstance(said, dict) and isinstance(private, dict):
        return said | {key: laid_over(said.get(key), value) for key, value in private.items()}
    if isinstance(said, list) and isinstance(private, list):
        return [laid_over(one, other) for one, other in zip(said, private, strict=True)]
    return private


HEAD = (
    "number", "status", "channel_id", "currency", "reference", "customer_id", "party_version_id", "ship_to_id", "bill_to_id", "total_minor",
    "ship_by", "priority", "created_at", "expires_at", "sent_at", "answered_at", "reason", "reservation_id", "order_id",
    "company_id", "purchase_order", "approval", "approved_by",
)  # fmt: skip
"""What the journal says of a draft each time something happens to it; its lines and charges only when they change."""


def told(draft: Draft, *, content: bool = False) -> dict[str, Any]:
    """As `draft` of an event, whatever its kind."""
    said: dict[str, Any] = {"id": draft.id, **{name: getattr(draft, name) for name in HEAD}}
    return said | {"lines": draft.lines, "charges": draft.charges, "wishes": draft.wishes} if content else said


def total_minor(order: PlaceOrder) -> int:
    """What an order costs: its goods and what is charged beside them."""
    goods = sum(line.price.line_minor(line.quantity) for line in order.lines)
    return goods + sum(charge.minor for charge in rules.charges_in_money(order) if not charge.included)


@dataclass(slots=True)
class Drafts:
    """The drafts of a batch, found by number or id."""

    by_key: dict[UUID | int, Draft] = field(default_factory=dict)

    def find(self, ref: str) -> Draft | None:
        """By what people or programs call it."""
        key = number_or_id(ref, "D")
        return None if key is None else self.by_key.get(key)

    def all(self) -> list[Draft]:
        """Each once."""
        return list({draft.id: draft for draft in self.by_key.values()}.values())
