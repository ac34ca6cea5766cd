"""Counts as rules see them."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from lading.terms.documents import number_or_id

SHELF = ("available", "reserved", "allocated")
"""The buckets whose units lie on the shelf that is counted; picked, packed, damaged and held units lie elsewhere."""


@dataclass(slots=True)
class Entry:
    """What one pass found."""

    passed: int
    """Which pass: 1, 2, ..."""
    counted: int
    expected: int
    """What the book said at that moment: snapshot and movements since."""
    short: int
    """What the book knew then to be missing, in units: by corrections, and what left before somebody counted and was told late."""
    counted_at: datetime
    counted_by: str
    """kind:id of a user or key."""
    event_id: UUID
    serials: list[str] | None = None
    """Names of the units that were found; None where nobody told them."""
    missing: list[str] | None = None
    """Names that the book had at the location and nobody found: of a zone, not there."""
    strange: list[str] | None = None
    """Names that it did not have there."""
    position: int | None = None
    """Of the event that recorded it; None where this batch records it."""


@dataclass(slots=True)
class CountLine:
    """One product (of one lot) at the location that is counted."""

    number: int
    sku_id: UUID
    sku: str
    """The product's code."""
    lot: str
    snapshot: int
    """What the book said when the line came onto the count."""
    wanted: int = 1
    """The pass that is wanted: 2 where it shall be counted again."""
    variance: int | None = None
    """Units that the approval posted; None before, and where nobody counted."""
    tracking: str = "none"
    """Of the product: none, lot, serial."""
    entries: dict[int, Entry] = field(default_factory=dict)
    """By pass."""
    stored: bool = True
    changed: bool = False
    fresh: set[int] = field(default_factory=set)
    """Passes to be saved."""

    @property
    def id(self) -> UUID:
        """Of the product."""
        return self.sku_id

    @property
    def code(self) -> str:
        """Of the product."""
        return self.sku

    @property
    def entry(self) -> Entry | None:
        """What the wanted pass found, or None."""
        return self.entries.get(self.wanted)


@dataclass(slots=True)
class StockCount:
    """A comparison of shelves with the book; its row's lock guards lines and entries."""

    id: UUID
    number: int
    reference: str | None
    location_id: UUID
    zone: str | None
    blind: bool
    opened_at: datetime
    approved_at: datetime | None = None
    cancelled_at: datetime | None = None
    reason: str | None = None
    version: int = 1
    lines: dict[int, CountLine] = field(default_factory=dict)
    stored: bool = True

    @property
    def name(self) -> str:
        """C1044"""
        return f"C{self.number}"

    @property
    def status(self) -> str:
        """As the row's generated column has it: open, approved, cancelled."""
        return "cancelled" if self.cancelled_at else "approved" if self.approved_at else "open"

    def line_of(self, sku_id: UUID, lot: str) -> CountLine | None:
        """The line of that product and lot."""
        return next((line for line in self.lines.values() if (line.sku_id, line.lot) == (sku_id, lot)), None)


@dataclass(slots=True)
class Counts:
    """The counts that a batch names."""

    by_key: dict[int | UUID, StockCount] = field(default_factory=dict)
    """By number and by id."""

    def find(self, ref: str) -> StockCount | None:
        """The count that the reference means."""
        key = number_or_id(ref, "C")
        return None if key is None else self.by_key.get(key)

    def all(self) -> list[StockCount]:
        """Each once."""
        return list({count.id: count for count in self.by_key.values()}.values())
