"""Transfers as rules see them."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from lading.terms.documents import number_or_id

STATUSES = {
    "draft": "It is planned; nothing is set aside.",
    "ready": "Its units are set aside at the sender.",
    "in_transit": "Its units left the sender.",
    "partially_received": "Some of its units arrived.",
    "received": "Nothing of it is on its way any more.",
    "cancelled": "Nothing of it arrives.",
}
"""As the row's generated column says it."""

COUNTERS = ("ready", "in_transit", "received", "came_home", "lost", "cancelled")
"""Where units of a line stand; what is in none of them is only planned."""


@dataclass(slots=True)
class TransferLine:
    """Units of one product (of one lot), by how far they are."""

    number: int
    sku_id: UUID
    sku: str
    """The product's code."""
    lot: str
    quantity: int
    ready: int = 0
    in_transit: int = 0
    received: int = 0
    damaged: int = 0
    """Among those received."""
    came_home: int = 0
    lost: int = 0
    cancelled: int = 0
    tracking: str = "none"
    """Of the product: none, lot, serial."""
    serials: list[str] = field(default_factory=list)
    """Names of the units that were set aside, where somebody said which."""

    @property
    def id(self) -> UUID:
        """Of the product."""
        return self.sku_id

    @property
    def code(self) -> str:
        """Of the product."""
        return self.sku

    @property
    def planned(self) -> int:
        """Units for which nothing has been done yet."""
        done = self.ready + self.in_transit + self.received + self.came_home + self.lost + self.cancelled
        return self.quantity - done


@dataclass(slots=True)
class Transfer:
    """Stock on its way from one location to another; its row's lock guards its lines."""

    id: UUID
    number: int
    reference: str | None
    from_location_id: UUID
    to_location_id: UUID
    due_at: datetime
    created_at: datetime
    ready_at: datetime | None = None
    shipped_at: datetime | None = None
    received_at: datetime | None = None
    """When the first unit landed."""
    cancelled_at: datetime | None = None
    closed_at: datetime | None = None
    version: int = 1
    lines: dict[int, TransferLine] = field(default_factory=dict)
    stored: bool = True

    @property
    def name(self) -> str:
        """T1043"""
        return f"T{self.number}"

    @property
    def status(self) -> str:
        """As the row's generated column has it."""
        if self.cancelled_at:
            return "cancelled"
        if self.closed_at:
            return "received"
        if self.received_at:
            return "partially_received"
        if self.shipped_at:
            return "in_transit"
        return "ready" if self.ready_at else "draft"


@dataclass(slots=True)
class Transfers:
    """The transfers that a batch names."""

    by_key: dict[int | UUID, Transfer] = field(default_factory=dict)
    """By number and by id."""

    def find(self, ref: str) -> Transfer | None:
        """The transfer that the reference means."""
        key = number_or_id(ref, "T")
        return None if key is None else self.by_key.get(key)

    def all(self) -> list[Transfer]:
        """Each once."""
        return list({transfer.id: transfer for transfer in self.by_key.values()}.values())
