"""Shortages as rules see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

KINDS = {
    "count": "A count found fewer units than are allocated and reserved.",
    "short_pick": "A picker found the shelf empty though more was allocated or reserved there.",
    "damaged": "Allocated or reserved units are damaged.",
    "lost": "Allocated or reserved units are lost.",
    "scrapped": "Allocated or reserved units were scrapped.",
}
"""What contradicted the book."""


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
    change: int = 0
    """Of `short`, since the shortage was loaded."""
    stored: bool = True


def told(opened: Shortage) -> dict[str, Any]:
    """An opening as the journal keeps it, in the event's list `shortages`."""
    return {
        "id": opened.id, "sku_id": opened.sku_id, "location_id": opened.location_id, "lot": opened.lot, "kind": opened.kind,
        "reason": opened.reason, "document": opened.document, "quantity": opened.quantity,
    }  # fmt: skip
