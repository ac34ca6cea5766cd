"""What orders take of the days of locations."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

DayKey = tuple[UUID, date]
"""(location, local day)"""


class Booked(NamedTuple):
    """Units of one order on one day of a location, and the limit by which it was decided."""

    location_id: UUID
    day: date
    units: int
    counts: str
    """orders or units: the measure that the limit is about."""
    cap: int
    orders: int
    """1 where the order had nothing on that day yet."""
