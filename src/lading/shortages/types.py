"""Shortages as rules see them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

KINDS = {
    "count": "A count found fewer units than are allocated and reserved.",
    "short_pick": "A picker found the shelf empty though more was allocated or reserved there.",
    "damaged": "Allocated or reserved units are damaged.",
    "lost": "Allocated or reserved units are lost.",
    "scrapped": "Allocated or reserved units were scrapped.",
}
"""What contradicted the book."""


OFF_THE_SHELF = ("damaged", "scrapped")
"""Kinds by which units left the shelf; of the others nobody knows more than that the book was wrong."""


class Cause(NamedTuple):
    """The event that opens or settles."""

    event_id: UUID
    occurred_at: datetime
    told_late: bool


class Change(NamedTuple):
    """Units that fell short (above zero) or were settled."""

    cause: Cause
    units: int
    on_paper: bool
    """The book was corrected; otherwise units left the shelf, or a posting took them off it a second time."""


@dataclass(slots=True)
class Shortage:
    """Units of a row of stock that are held and not there. The lock of that row guards it, and its counter `short`."""

    id: UUID
    sku_id: UUID
    location_id: UUID
    lot: str
    kind: str
    reason: str
    document: str | None
    quantity: int
    remaining: int
    """Units that nobody has settled yet."""
    opened_at: datetime
    changes: list[Change] = field(default_factory=list)
    """Since the shortage was loaded."""
    stored: bool = True

    @property
    def place(self) -> tuple[UUID, UUID, str]:
        """Its row of stock."""
        return self.sku_id, self.location_id, self.lot

    @property
    def change(self) -> int:
        """Of the row's counter `short`."""
        return sum(each.units for each in self.changes)


def told(opened: Shortage) -> dict[str, Any]:
    """An opening as the journal keeps it, in the event's list `shortages`."""
    return {
        "id": opened.id, "sku_id": opened.sku_id, "location_id": opened.location_id, "lot": opened.lot, "kind": opened.kind,
        "reason": opened.reason, "document": opened.document, "quantity": opened.quantity,
    }  # fmt: skip
