"""Parcels as rules see them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class ParcelLine(NamedTuple):
    """Units of one allocation that lie in a parcel."""

    allocation: int
    line_number: int
    quantity: int
    serials: tuple[str, ...] = ()
    """The names of the units, where they have names."""


@dataclass(slots=True)
class Parcel:
    """What travels under one label."""

    order_id: UUID
    number: int
    fulfillment_order: int
    location_id: UUID
    status: str
    """packed, shipped, or what the carrier said last; cancelled where it was unpacked again."""
    status_at: datetime
    """When the status occurred in the world."""
    carrier: str | None
    tracking_number: str | None
    weight_grams: int | None
    packed_at: datetime
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    lines: list[ParcelLine] = field(default_factory=list)
    """Given when it is packed, and never changed."""
    stored: bool = True
    carton: str | None = None
    """What it is packed in; its code then."""
    length_mm: int | None = None
    """Outside, as width and height."""
    width_mm: int | None = None
    height_mm: int | None = None
    sscc: str | None = None
    """Its name in the world, 18 digits; None where the merchant has no GS1 prefix."""

    def units(self) -> dict[int, int]:
        """Units in it by line."""
        units: dict[int, int] = {}
        for line in self.lines:
            units[line.line_number] = units.get(line.line_number, 0) + line.quantity
        return units

    def serials(self, line_number: int) -> list[str]:
        """The names of the units of that line in it."""
        return [serial for line in self.lines if line.line_number == line_number for serial in line.serials]
