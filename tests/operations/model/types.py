"""What the model keeps, in plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Row = tuple[str, str, str]
"""(product, location, lot): a row of stock."""

BUCKETS = ("available", "reserved", "allocated", "picked", "packed", "damaged", "quality_hold")
SHELF = ("available", "reserved", "allocated")
GOOD = (*SHELF, "picked", "packed")
STAGES = (
    "cancelled", "open", "backordered", "allocated", "released", "picked", "packed", "in_transit", "delivered", "sent_back", "lost",
)  # fmt: skip
RETURNS = ("return_requested", "returning", "returned")
CANCELLABLE = ("backordered", "open", "allocated", "released", "picked")
IN_STOCK_AS = {"allocated": "allocated", "released": "allocated", "picked": "picked", "packed": "packed"}

PLACES = ("HAM", "MUC", "LEJ")
"""By priority."""
NORTH = ("HAM", "MUC")
"""A group of locations; LEJ stands in none."""
LOTS = {"L": ("L1", "L2")}
"""The first to expire first."""
KITS = {"KIT": {"A": 1, "B": 2}, "BOX": {"A": 1, "L": 1}}
"""KIT is put together for each order; BOX is made ahead by work orders."""
WAITS = "W"
"""May be backordered."""
SKUS = ("A", "B", "C", "L", WAITS, "BOX")

ENDS = {
    "found": (None, "available"),
    "lost": ("available", None),
    "scrapped": ("available", None),
    "damaged": ("available", "damaged"),
    "repaired": ("damaged", "available"),
}


class Refused(Exception):
    """The command must be refused by that name."""


@dataclass
class Shortage:
    row: Row
    kind: str
    quantity: int
    remaining: int
    opened_at: datetime


@dataclass
class Kept:
    """A line of a reservation."""

    row: Row | None
    """None: a claim."""
    sku: str
    quantity: int
    group: bool = False
    ended: str | None = None


@dataclass
class Reservation:
    number: int
    lines: list[Kept]
    expires_at: datetime


@dataclass
class Line:
    number: int
    sku: str
    ordered: int
    part_of: int | None
    is_kit: bool = False
    per_kit: int = 1
    units: Counter[str] = field(default_factory=Counter)


@dataclass
class Allocation:
    line: int
    row: Row
    units: Counter[str]
    work: int | None = None
    """The fulfillment order."""


@dataclass
class Parcel:
    work: int
    units: dict[int, int]
    """By allocation."""
    status: str = "packed"


@dataclass
class ReturnLine:
    quantity: int
    received: int = 0
    disposed: int = 0
    place: str | None = None
    lot: str = ""

    @property
    def awaited(self) -> int:
        return self.quantity - self.received


@dataclass
class Order:
    lines: dict[int, Line]
    allocations: list[Allocation] = field(default_factory=list)
    works: list[str] = field(default_factory=list)
    """The location of each fulfillment order."""
    parcels: list[Parcel] = field(default_factory=list)
    returns: list[dict[int, ReturnLine]] = field(default_factory=list)

    def of(self, work: int | None) -> list[Allocation]:
        return [each for each in self.allocations if each.work == work]


@dataclass
class Purchase:
    lines: list[dict[str, Any]]
    status: str = "open"


@dataclass
class Transfer:
    source: str
    target: str
    lines: list[Counter[str]]
    rows: list[tuple[str, str]]
    status: str = "draft"


@dataclass
class Entry:
    counted: int
    expected: int
    drift: int = 0
    """What paper alone made of the book since."""


@dataclass
class CountLine:
    row: Row
    snapshot: int
    wanted: int = 1
    entries: dict[int, Entry] = field(default_factory=dict)
    variance: int | None = None


@dataclass
class Count:
    place: str
    opened_at: datetime
    lines: list[CountLine]
    status: str = "open"


@dataclass
class Work:
    """A work order for BOX."""

    place: str
    quantity: int
    lines: list[dict[str, Any]]
    done: int = 0
    cancelled: int = 0

    @property
    def left(self) -> int:
        return self.quantity - self.done - self.cancelled


@dataclass
class Posted:
    """What an event of stock moved, and how much of it was taken back."""

    row: Row
    source: str | None
    target: str | None
    quantity: int
    corrected: int = 0


Takes = Sequence[tuple[int, Row, int, str]]
"""(line, row, units, bucket) that the system chose."""
