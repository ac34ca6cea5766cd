"""Stock as rules see it."""

from dataclasses import dataclass
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
