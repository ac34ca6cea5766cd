"""Customers as commands bring them, and the rows that they become."""

from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

import msgspec
from msgspec import Struct

from lading.terms.people import CustomerInput


@dataclass(slots=True, frozen=True)
class NewCustomer:
    """A customer whom nobody had heard of."""

    id: UUID
    key: str


@dataclass(slots=True, frozen=True)
class NewParty:
    """A version of who a customer is, as one order knew it."""

    id: UUID
    customer_id: UUID
    content_key: bytes
    name: str | None
    email: str | None
    phone: str | None
    email_key: str | None
    phone_key: str | None


@dataclass(slots=True, frozen=True)
class NewAddress:
    """An address as given."""

    id: UUID
    content_key: bytes
    name: str | None
    company: str | None
    line1: str | None
    line2: str | None
    city: str | None
    region: str | None
    postal_code: str | None
    country: str


@dataclass(slots=True)
class People:
    """Who is known: ids by key and by content."""

    customers: dict[str, UUID] = field(default_factory=dict)
    parties: dict[bytes, UUID] = field(default_factory=dict)
    addresses: dict[bytes, UUID] = field(default_factory=dict)

    def copy(self) -> "People":
        """The same, to learn of others apart."""
        return People(dict(self.customers), dict(self.parties), dict(self.addresses))


@dataclass(slots=True, frozen=True)
class PartyInput:
    """A version of a customer that is known, as a command would bring it again."""

    id: UUID
    customer_id: UUID
    key: str
    name: str | None
    email: str | None
    phone: str | None

    def given(self, channel: str) -> CustomerInput:
        """What the command of that channel says."""
        owner, _, reference = self.key.partition(":")
        return CustomerInput(self.name, self.email, self.phone, reference if owner == channel and reference else None)


def customer_key(customer: CustomerInput, channel: str) -> str | None:
    """How the channel says "the same one": its reference, else the e-mail; None for a guest without either."""
    if customer.reference:
        return f"{channel}:{customer.reference}"
    return f"email:{email_key(customer.email)}" if customer.email else None


def content_key(value: Struct, owner: str = "") -> bytes:
    """A digest of the content (of one owner: a customer's key): equal content is written once."""
    return sha256(msgspec.msgpack.encode((owner, value))).digest()


def email_key(email: str) -> str:
    """The address as it is searched: trimmed, case folded."""
    return email.strip().casefold()


def phone_key(phone: str) -> str:
    """The number as it is searched: digits only."""
    return "".join(character for character in phone if character.isdigit())
