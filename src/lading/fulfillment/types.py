"""What one location does for an order."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID


@dataclass(slots=True)
class Allocation:
    """Units of a line that a location and lot will give, by how far they are; only those still in the building."""

    order_id: UUID
    number: int
    line_number: int
    sku_id: UUID
    location_id: UUID
    lot: str
    allocated: int
    fulfillment_order: int | None = None
    """None until release."""
    released: int = 0
    picked: int = 0
    packed: int = 0
    ship_on: date | None = None
    """The local day on which they are to leave; None where the location has no schedule."""
    tracking: str = "none"
    """Of its product, as read: units of tracking serial are named from the pick on."""
    put_back: int = 0
    """Units that were cancelled when they had been picked, and that nobody has laid on the shelf again."""
    stored: bool = True


@dataclass(slots=True)
class FulfillmentOrder:
    """The part of an order that one location fills; units by stage."""

    order_id: UUID
    number: int
    location_id: UUID
    released_at: datetime
    priority: int
    released: int
    picked: int = 0
    packed: int = 0
    handed_over: int = 0
    withdrawn: int = 0
    ship_on: date | None = None
    """The latest day of its allocations."""
    rejected: int = 0
    """Of the withdrawn units: those that the location gave back."""
    short: int = 0
    """Of the withdrawn units: those that were not on the shelf."""
    moved: int = 0
    """Units that another fulfillment order, or none, has now."""
    request: str = "unsubmitted"
    """Whether the location was asked, and what it said: see states.REQUESTS."""
    answer_by: datetime | None = None
    """Until when a location that was asked has to answer; None: nobody waits for it."""
    scheduled_for: datetime | None = None
    """Nobody works on it before; None: at once."""
    pickup_at: UUID | None = None
    """Where customers collect it: here, or at another location that it is sent to first; None: it is sent to them."""
    ship_to_id: UUID | None = None
    """Where it goes; None: where the order goes."""
    stored: bool = True


@dataclass(slots=True)
class Pickup:
    """A parcel that waits at a counter, or waited there."""

    order_id: UUID
    parcel: int
    location_id: UUID
    code: str
    """What the customer says; not told in the journal."""
    ready_at: datetime
    collect_by: datetime
    ended_as: str | None = None
    """collected or expired"""
    ended_at: datetime | None = None
    proof: str | None = None
    """code or document"""
    collected_by: str | None = None
    """Who came; not told in the journal."""
    stored: bool = True


@dataclass(slots=True)
class Work:
    """All that locations do for one order."""

    allocations: list[Allocation] = field(default_factory=list)
    fulfillment_orders: list[FulfillmentOrder] = field(default_factory=list)

    @property
    def rejected_by(self) -> frozenset[UUID]:
        """Locations that gave units of the order back: they are not asked again unless somebody says so."""
        return frozenset(each.location_id for each in self.fulfillment_orders if each.rejected)

    def of(self, fulfillment_order: int | None) -> list[Allocation]:
        """The allocations of a fulfillment order (None: not released yet)."""
        return [each for each in self.allocations if each.fulfillment_order == fulfillment_order]
