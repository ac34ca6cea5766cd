"""Work orders as rules see them."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from lading.terms.documents import number_or_id

LETTER = "W"


@dataclass(slots=True)
class WorkLine:
    """What a work order takes of one lot of a product (input), or gives of a product (output). In units."""

    number: int
    role: str
    sku_id: UUID
    sku: str
    """The product's code."""
    lot: str
    per_kit: int
    """Units in one kit; several lots of one input share them."""
    planned: int
    allocated: int = 0
    """Set aside, of an input."""
    done: int = 0
    """Used up, or made."""
    cancelled: int = 0
    tracking: str = "none"
    """Of the product: none, lot, serial."""

    @property
    def id(self) -> UUID:
        """Of the product."""
        return self.sku_id

    @property
    def code(self) -> str:
        """Of the product."""
        return self.sku


@dataclass(slots=True)
class WorkOrder:
    """Kits that are made or taken apart at a location; its row's lock guards its lines."""

    id: UUID
    number: int
    reference: str | None
    kind: str
    """assemble or disassemble"""
    sku_id: UUID
    """The kit."""
    location_id: UUID
    quantity: int
    """Kits."""
    opened_at: datetime
    due_at: datetime | None
    completed: int = 0
    cancelled: int = 0
    closed_at: datetime | None = None
    version: int = 1
    lines: dict[int, WorkLine] = field(default_factory=dict)
    stored: bool = True

    @property
    def name(self) -> str:
        """W1043"""
        return f"{LETTER}{self.number}"

    @property
    def left(self) -> int:
        """Kits that are still to be made."""
        return self.quantity - self.completed - self.cancelled

    @property
    def status(self) -> str:
        """As the row's generated column has it."""
        if self.left:
            return "started" if self.completed else "open"
        return "completed" if self.completed else "cancelled"


STATUSES = {
    "open": "What it takes is set aside; nothing is made yet.",
    "started": "Some kits are made.",
    "completed": "All kits that were not cancelled are made.",
    "cancelled": "Nothing was made.",
}


@dataclass(slots=True)
class WorkOrders:
    """The work orders that a batch names."""

    by_key: dict[int | UUID, WorkOrder] = field(default_factory=dict)
    """By number and by id."""

    def find(self, ref: str) -> WorkOrder | None:
        """The work order that the reference means."""
        key = number_or_id(ref, LETTER)
        return None if key is None else self.by_key.get(key)

    def all(self) -> list[WorkOrder]:
        """Each once."""
        return list({order.id: order for order in self.by_key.values()}.values())
