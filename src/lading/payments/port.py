"""What a provider of payments must do: carry out one request, and understand its own webhooks.

A provider is called outside of any transaction and may answer late, twice or never: whatever it is asked bears a key under which the same
question has the same effect once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from lading.payments.types import DisputeStatus, RequestKind

Outcome = Literal["succeeded", "failed", "waiting"]
"""`waiting`: neither yet; a person has to act, or a bank."""


class ProviderAway(Exception):
    """Nobody knows whether it was done: no answer, a broken one, or one that says to come again. Ask again with the same key."""


class NotGenuine(Exception):
    """A webhook that the provider did not sign, or signed too long ago."""


@dataclass(slots=True, frozen=True)
class Ask:
    """One request, with all that a provider needs to carry it out."""

    order_id: UUID
    order: str
    """The number that people use."""
    tender: int
    number: int
    kind: RequestKind
    amount_minor: int
    """For a void: what is given up."""
    currency: str
    asked_at: datetime
    attempts: int
    """Calls begun, this one included."""
    method: str | None = None
    """The token of a card or account, for an authorisation."""
    payer: str | None = None
    """The provider's id of who pays."""
    unattended: bool = False
    """Nobody is there who could confirm it."""
    payment: str | None = None
    """The provider's id of the payment, once there is one."""
    promised_minor: int = 0
    """Promised by that payment already: an authorisation asks for so much more of it."""
    reference: str | None = None
    """The provider's id of what this very request made, where an earlier answer told it."""
    last: bool = False
    """A capture after which nothing more will be captured."""

    @property
    def key(self) -> str:
        """The idempotency key: the same for this request for ever."""
        return f"lading-{self.order_id}-{self.tender}-{self.number}"


@dataclass(slots=True, frozen=True)
class Told:
    """What a provider says became of a request, asked or unasked."""

    outcome: Outcome
    amount_minor: int | None = None
    """Where it is not what was asked."""
    reference: str | None = None
    code: str | None = None
    """Why it failed or waits, in the provider's word."""
    expires_at: datetime | None = None
    once: bool = False
    """Of an authorisation: it can be captured only once."""
    grows: bool = False
    """Of an authorisation: more can be promised on it while nothing was captured."""


@dataclass(slots=True, frozen=True)
class Disputed:
    """Money that a customer's bank took back, as its provider tells it."""

    payment: str
    """The provider's id of the payment."""
    reference: str
    amount_minor: int
    currency: str
    reason: str
    status: DisputeStatus
    answer_by: datetime | None


@dataclass(slots=True, frozen=True)
class Heard:
    """One piece of news in a webhook: about a request of ours, or about a payment."""

    order_id: UUID
    tender: int
    request: int | None
    """None: nobody here asked for it."""
    news: Literal["told", "lapsed", "look"]
    """What became of a request; an authorisation is over; or the request is worth asking about now."""
    told: Told | None = None


@dataclass(slots=True, frozen=True)
class EvidenceFile:
    """A file that goes with evidence."""

    purpose: str
    """invoice, or as whoever handed it in said: customer_communication, shipping_documentation, refund_policy, other."""
    name: str
    type: str
    content: bytes


@dataclass(slots=True, frozen=True)
class Sent:
    """A parcel that shows what was sent."""

    carrier: str | None
    tracking_number: str | None
    shipped_at: datetime | None
    delivered_at: datetime | None


@dataclass(slots=True, frozen=True)
class DisputeReply:
    """What a bank is told: evidence, or that the merchant gives in."""

    order_id: UUID
    order: str
    """The number that people use."""
    tender: int
    dispute: str
    """The provider's id."""
    number: int
    """Of the answer in its dispute."""
    accept: bool
    customer: str | None = None
    email: str | None = None
    address: str | None = None
    """Where it went, in one line."""
    bought: str = ""
    """What was bought, line by line."""
    parcels: Sequence[Sent] = ()
    words: str | None = None
    files: Sequence[EvidenceFile] = ()

    @property
    def key(self) -> str:
        """The idempotency key: the same for this answer for ever."""
        return f"lading-{self.order_id}-{self.tender}-{self.dispute}-{self.number}"


class Provider(Protocol):
    """An account at a provider."""

    async def ask(self, ask: Ask) -> Told:
        """Carry it out, or learn what became of it. Raises ProviderAway."""
        ...

    async def reply(self, reply: DisputeReply) -> Told:
        """Pass an answer to a dispute on, or learn that it was. Raises ProviderAway."""
        ...

    def hear(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Heard | Disputed]:
        """The news of a webhook that concern us. Raises NotGenuine."""
        ...
