"""The rows of the table of tax rates, and what services of taxes are asked."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NamedTuple
from uuid import UUID


class RateKey(NamedTuple):
    """What tells rates apart."""

    country: str
    region: str
    """Empty: everywhere in the country."""
    postal_prefix: str
    """Empty: all of it."""
    category: str
    """Of products, or a kind of charge; empty: whatever has no rate of its own."""
    code: str
    """What the tax is called on an invoice. Taxes of several codes stand beside each other."""
    valid_from: date


@dataclass(slots=True)
class TaxRate:
    """A rate as it is saved."""

    country: str
    region: str
    postal_prefix: str
    category: str
    code: str
    valid_from: date
    valid_to: date | None
    """The last day; None: until a later one begins."""
    rate: Decimal | None
    """In percent; None: withdrawn, as if it had never been saved."""
    included: bool
    """Whether prices contain it."""
    compound: bool
    """Charged on the other taxes too."""
    version: int

    @property
    def key(self) -> RateKey:
        """What tells it apart."""
        return RateKey(self.country, self.region, self.postal_prefix, self.category, self.code, self.valid_from)


TaxTask = Literal["calculate", "record"]
"""`calculate`: the taxes of an order that was placed without them; `record`: an invoice or credit note as it was issued."""


@dataclass(slots=True)
class TaxRequest:
    """What a tax service is asked after the fact: an intent first, its answer later."""

    order_id: UUID
    task: TaxTask
    document: int
    """The number of the invoice within its order; 0 where the order itself is meant."""
    service: str
    """The account."""
    status: Literal["pending", "succeeded", "failed"]
    asked_at: datetime
    due_at: datetime | None
    """When it is asked (again) at the earliest; None once it is answered."""
    reference: str | None = None
    """The service's id of what it recorded."""
    code: str | None = None
    """Why it failed, in the service's word."""
    settled_at: datetime | None = None
    stored: bool = True


def ask(order_id: UUID, task: TaxTask, document: int, service: str, now: datetime) -> TaxRequest:
    """A request that is due at once."""
    return TaxRequest(order_id, task, document, service, "pending", now, now, stored=False)


def settle(request: TaxRequest, reference: str | None, code: str | None, now: datetime) -> None:
    """Take in the answer; a code says why it failed."""
    request.status, request.due_at, request.settled_at = "failed" if code else "succeeded", None, now
    request.reference, request.code = reference, code


def repeat(request: TaxRequest, service: str, now: datetime) -> None:
    """Ask again, at once; the account may be another one by now."""
    request.status, request.due_at, request.settled_at = "pending", now, None
    request.service, request.code = service, None
