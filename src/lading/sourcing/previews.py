"""What sourcing again would come to, as it is shown and kept."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct


class Part(Struct, frozen=True):
    """Units of a line at one location and lot."""

    line: int
    location_id: UUID
    lot: str
    quantity: int


class Offer(Struct, frozen=True):
    """What one order would come to."""

    order_id: UUID
    order: str
    version: int
    before: list[UUID]
    """Locations."""
    after: list[UUID]
    leaves: list[Part]
    takes: list[Part]
    cost_before_minor: int | None
    """None where no costs are given."""
    cost_after_minor: int | None
    currency: str | None
    ship_on: dict[str, date]
    """The day on which new units leave, by location id, where it has a schedule."""
    why: dict[str, Any] | None
    """The decision as the journal keeps it."""

    @property
    def saves_minor(self) -> int:
        """In the currency of the costs; 0 where none are given."""
        return (self.cost_before_minor or 0) - (self.cost_after_minor or 0)


@dataclass(slots=True, frozen=True)
class SourcingPreview:
    """Orders that would be better off, as they were shown."""

    id: UUID
    made_at: datetime
    rules_version: int
    """0 where the merchant had no rules."""
    looked_at: int
    """Orders."""
    orders: list[Offer]
