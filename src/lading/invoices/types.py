"""Invoices as rules see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

INVOICE, CREDIT_NOTE = "invoice", "credit_note"
RETURNED, CANCELLED, CHANGED = "returned", "cancelled", "changed"
"""Why something is taken off an invoice, or added later: units came back, were cancelled, or cost something else by now."""
NONE, SHIPMENT, CAPTURE = "none", "shipment", "capture"
"""When an order is billed by itself."""
MAIN = "MAIN"
"""The legal entity where nobody named another."""


class Charge(Protocol):
    """What a line bears of a charge."""

    @property
    def number(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def amount_minor(self) -> int: ...
    @property
    def rate(self) -> Decimal | None: ...
    @property
    def included(self) -> bool: ...
    @property
    def applies_to(self) -> str | None: ...


class Line(Protocol):
    """What invoices need of an order line."""

    @property
    def number(self) -> int: ...
    @property
    def sku_id(self) -> UUID: ...
    @property
    def unit_price(self) -> Decimal: ...
    @property
    def ordered(self) -> int: ...
    @property
    def units(self) -> Mapping[str, int]: ...
    @property
    def refunded(self) -> int: ...
    @property
    def is_kit(self) -> bool: ...
    @property
    def charges(self) -> Sequence[Charge]: ...
    def cost_minor(self, units: int) -> int:
        """What the first `units` cost."""


class Parcel(Protocol):
    """What invoices need of a parcel."""

    @property
    def number(self) -> int: ...
    @property
    def shipped_at(self) -> datetime | None: ...
    def units(self) -> Mapping[int, int]:
        """Units in it by line."""


@dataclass(slots=True)
class InvoiceCharge:
    """What a document's line bears of a charge."""

    number: int
    kind: str
    code: str
    amount_minor: int
    rate: Decimal | None
    included: bool
    applies_to: str | None


@dataclass(slots=True)
class InvoiceLine:
    """Units of an order line that a document bills, or takes off an invoice."""

    number: int
    line_number: int
    sku_id: UUID
    sku: str
    """As it was called then."""
    name: str
    first_unit: int
    """Which units of the order line: so many before them."""
    quantity: int
    """0 where they only cost something else."""
    unit_price: Decimal
    goods_minor: int
    reason: str | None
    """None where units are billed for the first time."""
    charges: list[InvoiceCharge] = field(default_factory=list)

    @property
    def total_minor(self) -> int:
        """Goods and charges; taxes that prices contain are in there already."""
        return self.goods_minor + sum(each.amount_minor for each in self.charges if not each.included)

    @property
    def tax_minor(self) -> int:
        """All taxes."""
        return sum(each.amount_minor for each in self.charges if each.kind == "tax")


@dataclass(slots=True)
class Invoice:
    """An invoice, or a credit note, whose amounts are below zero. It never changes."""

    order_id: UUID
    number: int
    """Within its order."""
    kind: str
    legal_entity: str
    series: str
    serial: int
    entity_version: int
    """0: nothing was saved of the legal entity."""
    issued_at: datetime
    issued_on: date
    """In the merchant's time zone."""
    currency: str
    total_minor: int
    """What the customer owes by it, taxes included."""
    tax_minor: int
    """Taxes in it, those that prices contain too."""
    parcel: int | None
    """What was shipped, where it is about one parcel."""
    credits: int | None
    """The invoice of its order that a credit note takes something off."""
    party_version_id: UUID | None
    ship_to_id: UUID | None
    lines: list[InvoiceLine] = field(default_factory=list)

    @property
    def name(self) -> str:
        """INV-000017"""
        return name_of(self.legal_entity, self.series, self.serial)


@dataclass(slots=True)
class Series:
    """A series of numbers; its row is locked while they are drawn."""

    legal_entity: str
    series: str
    last_serial: int
    last_at: datetime
    """When the last one was issued: later numbers are not issued earlier."""

    def draw(self) -> int:
        """The next number."""
        self.last_serial += 1
        return self.last_serial


@dataclass(slots=True)
class LegalEntity:
    """Who sells, as of one version."""

    code: str
    version: int
    name: str
    line1: str
    line2: str
    postal_code: str
    city: str
    country: str
    tax_number: str
    footer: str
    saved_at: datetime


def name_of(legal_entity: str, series: str, serial: int) -> str:
    """INV-000017; of another legal entity than MAIN, UK-INV-000017."""
    own = f"{series}-{serial:06d}"
    return own if legal_entity == MAIN else f"{legal_entity}-{own}"


def parse_name(name: str) -> tuple[str, str, int] | None:
    """(legal entity, series, number) of a name; None where it is none."""
    *entity, series, serial = name.split("-") if name.count("-") in (1, 2) else ("", "", "")
    if not (serial.isascii() and serial.isdecimal() and len(serial) <= 18):
        return None
    return entity[0] if entity else MAIN, series, int(serial)
