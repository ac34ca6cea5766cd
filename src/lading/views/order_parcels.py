"""What of an order is on its way, or comes back: its parcels and returns."""

from datetime import datetime

from msgspec import Struct

from lading.terms.money import Money

_UNION = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK".split())
"""Countries of the customs union of Europe: what is sent between them is declared nowhere."""


def crosses_customs(source: str | None, target: str | None) -> bool:
    """Whether what is sent from one country to the other is declared; not where either is unknown."""
    return None not in (source, target) and source != target and not {source, target} <= _UNION


class ParcelLine(Struct, frozen=True):
    """What lies in a parcel."""

    line: int
    sku: str
    quantity: int


class Parcel(Struct, frozen=True):
    """A parcel and where it is."""

    name: str
    fulfillment_order: str
    location: str
    status: str
    status_at: datetime
    carrier: str | None
    tracking_number: str | None
    weight_grams: int | None
    carton: str | None
    """What it is packed in."""
    sscc: str | None
    """Its serial shipping container code, where the merchant has a GS1 prefix."""
    packed_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None
    lines: list[ParcelLine]
    pickup: str | None = None
    """Where the customer collects it; None where it is sent to them."""
    collect_by: datetime | None = None
    """Until when it waits for its customer, or waited; None where it was never ready."""
    customs: bool = False
    """Whether it crosses a border at which customs want papers."""


class ReturnLine(Struct, frozen=True):
    """What comes back of a line."""

    line: int
    sku: str
    location: str | None
    """Where it was received."""
    units: dict[str, int]
    refunded: Money


class Return(Struct, frozen=True):
    """Something that comes back."""

    name: str
    reference: str | None
    reason: str
    requested_at: datetime
    closed_at: datetime | None
    """None while something is awaited, held or owed."""
    lines: list[ReturnLine]
