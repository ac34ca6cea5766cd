"""Companies that buy, as rules see them. Pure."""

from dataclasses import dataclass, field
from uuid import UUID

from msgspec import Struct


class Contact(Struct, frozen=True):
    """Somebody of a company: who that is stands in the version of the customer."""

    customer_id: UUID
    party_version_id: UUID
    role: str


class Place(Struct, frozen=True):
    """An address of a company, and what it is for."""

    address_id: UUID
    use: str
    """ship, bill or both"""
    label: str | None


@dataclass(slots=True)
class Company:
    """A company."""

    id: UUID
    code: str
    name: str
    tax_number: str | None
    group: str | None
    terms_days: int | None
    needs_purchase_order: bool
    active: bool
    contacts: list[Contact]
    addresses: list[Place]
    version: int
    stored: bool = True

    def address(self, use: str) -> UUID | None:
        """The first address for that use."""
        return next((place.address_id for place in self.addresses if place.use in (use, "both")), None)


@dataclass(slots=True)
class Credit:
    """What a company owes in a currency, and may owe: a row that is locked before anything else."""

    company_id: UUID
    currency: str
    limit_minor: int | None = None
    exposure_minor: int = 0


@dataclass(slots=True)
class Companies:
    """The companies of a batch, by code, with what they owe."""

    by_code: dict[str, Company] = field(default_factory=dict)
    credit: dict[tuple[UUID, str], Credit] = field(default_factory=dict)


def search_key(purchase_order: str) -> str:
    """A purchase order number as it is searched and compared: without spaces, case folded."""
    return "".join(purchase_order.split()).casefold()
