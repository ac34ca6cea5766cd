"""Returns as rules see them. They live under their order, whose lock guards them."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(slots=True)
class ReturnLine:
    """Units of one order line that come back, by how far they are."""

    line_number: int
    sku_id: UUID
    requested: int
    location_id: UUID | None = None
    """Where they were received; None before."""
    withdrawn: int = 0
    """Asked for and never sent."""
    received: int = 0
    restocked: int = 0
    damaged: int = 0
    scrapped: int = 0
    refunded: int = 0
    refunded_minor: int = 0
    lot: str = ""
    """In which they were received; empty before, and where the product has no lots."""
    stored: bool = True

    @property
    def awaited(self) -> int:
        """Units that have not come."""
        return self.requested - self.withdrawn - self.received

    @property
    def undisposed(self) -> int:
        """Units in quality hold: somebody has to look at them."""
        return self.received - self.restocked - self.damaged - self.scrapped

    @property
    def unrefunded(self) -> int:
        """Units that came and whose money was not given back."""
        return self.received - self.refunded


@dataclass(slots=True)
class ReturnCharge:
    """What is given back of a charge that belongs to no line. In minor units of the order's currency."""

    charge_number: int
    refunded_minor: int
    stored: bool = True


@dataclass(slots=True)
class Return:
    """One return of an order; its name is 1042-R1."""

    order_id: UUID
    number: int
    reference: str | None
    """What the channel calls it, such as a credit note."""
    reason: str
    requested_at: datetime
    closed_at: datetime | None = None
    """None while something is awaited, undisposed or unrefunded."""
    lines: dict[int, ReturnLine] = field(default_factory=dict)
    charges: dict[int, ReturnCharge] = field(default_factory=dict)
    stored: bool = True


@dataclass(slots=True)
class UnmatchedReturn:
    """What a channel says came back, and no order explains. Amounts in minor units."""

    id: UUID
    channel_id: UUID
    key: str
    reference: str
    customer_reference: str | None
    sku_code: str
    description: str
    quantity: int
    amount_minor: int
    currency: str
    reason: str
    occurred_at: datetime
    recorded_at: datetime
