"""Stock as rules see it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(slots=True)
class Shelf:
    """What can be promised of a SKU at one location and lot."""

    location_id: UUID
    lot: str
    available: int

    def copy(self) -> "Shelf":
        """The same, to be used up apart."""
        return Shelf(self.location_id, self.lot, self.available)


Supplies = dict[UUID, list[Shelf]]
"""Shelves by SKU; those in lots in the order of location and lot. Rules use it up in place."""

Key = tuple[UUID, UUID, str]
"""(SKU, location, lot): a row of stock."""

Place = tuple[UUID, UUID]
"""(SKU, location)"""


@dataclass(slots=True)
class StockFeed:
    """A file of stock: absolute counts as of a moment, or changes."""

    id: UUID
    reference: str
    kind: str
    complete: bool
    as_of: datetime
    location_id: UUID | None
    sha256: bytes
    received_at: datetime
    finished_at: datetime | None = None
    rows_read: int = 0
    unchanged: int = 0
    applied: int = 0
    zeroed: int = 0
    not_taken: int = 0
    trouble: str | None = None
    report: str | None = None
    stored: bool = True
