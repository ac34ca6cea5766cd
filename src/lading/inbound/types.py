"""Purchase orders, promises and who waits, as rules see them: loaded whole, used up in place, saved as they stand."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(slots=True)
class PurchaseLine:
    """Units of one product that are bought for one location."""

    purchase_order_id: UUID
    number: int
    of_line: int
    """Its own number, or the line that an ASN took it out of."""
    asn: int | None
    sku_id: UUID
    location_id: UUID
    due_at: datetime
    ordered: int
    received: int = 0
    """Units that came, damaged ones included; may pass what was ordered."""
    damaged: int = 0
    cancelled: int = 0
    stored: bool = True

    @property
    def expected(self) -> int:
        """Units that are still to come."""
        return max(0, self.ordered - self.received - self.cancelled)


@dataclass(slots=True)
class Asn:
    """What a supplier says is on its way: a part of a purchase order with a date of its own."""

    purchase_order_id: UUID
    number: int
    """Within its purchase order: PO1042-A1 to people."""
    reference: str
    """The supplier's number of the shipment."""
    carrier: str | None
    tracking_number: str | None
    announced_at: datetime
    cancelled_at: datetime | None = None
    stored: bool = True


@dataclass(slots=True)
class PurchaseOrder:
    """What was bought from one supplier."""

    id: UUID
    number: int
    reference: str | None
    supplier: str
    ordered_at: datetime
    cancelled_at: datetime | None = None
    """When all that was still to come was called off."""
    closed_at: datetime | None = None
    """Since when nothing more is awaited, whatever is missing."""
    version: int = 1
    lines: dict[int, PurchaseLine] = field(default_factory=dict)
    asns: dict[int, Asn] = field(default_factory=dict)
    stored: bool = True

    @property
    def name(self) -> str:
        """PO1042"""
        return f"PO{self.number}"


@dataclass(slots=True)
class PurchaseOrders:
    """The purchase orders of a batch, found by name or id."""

    by_ref: dict[str, PurchaseOrder] = field(default_factory=dict)

    def find(self, ref: str) -> PurchaseOrder | None:
        """By PO1042 or id; the name of an ASN (PO1042-A1) finds its purchase order."""
        return self.by_ref.get(ref.partition("-")[0] if ref[:2] == "PO" else ref.lower())


@dataclass(slots=True, frozen=True)
class Supply:
    """Units that become free to promise at a time."""

    sku_id: UUID
    due_at: datetime
    quantity: int


@dataclass(slots=True)
class Promise:
    """The date that was told for the backordered units of a line."""

    order_id: UUID
    line_number: int
    sku_id: UUID
    quantity: int
    priority: int
    placed_at: datetime
    order_number: int
    promised_at: datetime | None
    """None: no date is known any more; the row goes."""

    @property
    def rank(self) -> "Rank":
        """Its place among those who wait."""
        return (-self.priority, self.placed_at, self.order_number, self.line_number)


Rank = tuple[int, datetime, int, int]
"""(priority, the higher first; when the order was placed, its number, the line): who is served first."""
