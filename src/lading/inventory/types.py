"""Stock as rules see it."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(slots=True)
class Shelf:
    """What can be promised of a SKU at one location and lot."""

    location_id: UUID
    lot: str
    available: int


Supplies = dict[UUID, list[Shelf]]
"""Shelves by SKU; those in lots in the order of location and lot. Rules use it up in place."""
