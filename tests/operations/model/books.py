"""What is counted, and how it changes."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from tests.operations.model.types import (
    GOOD,
    KITS,
    LOTS,
    NORTH,
    PLACES,
    SHELF,
    Count,
    Kept,
    Order,
    Posted,
    Purchase,
    Reservation,
    Row,
    Shortage,
    Transfer,
    Work,
)


class Books:
    """Everything that is counted anywhere."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.alone = True
        """Nobody else is about: what is chosen is the best that there is. Otherwise it need only be right: what one saw before others
        were done may have got better since."""
        self.stock: dict[Row, Counter[str]] = {}
        self.shortages: list[Shortage] = []
        self.reservations: dict[str, Reservation] = {}
        self.orders: dict[str, Order] = {}
        self.purchases: dict[str, Purchase] = {}
        self.transfers: dict[str, Transfer] = {}
        self.counts: dict[str, Count] = {}
        self.works: dict[str, Work] = {}
        self.posted: dict[int, Posted] = {}
        self.known_lots: set[str] = set()
        self.stopped: set[str] = set()
        """Lots that are held."""
        self.moves: list[tuple[datetime, Row, int, int]] = []
        """(when, row, what really moved on the shelf, by how much the good units of the book changed)"""
        self._paper: Counter[Row] = Counter()
        self._before: dict[Row, tuple[int, int]] = {}

    def row(self, row: Row) -> Counter[str]:
        return self.stock.setdefault(row, Counter())

    def short(self, row: Row) -> int:
        return sum(each.remaining for each in self.shortages if each.row == row)

    def book(self, row: Row) -> int:
        """What the book says lies on the shelf."""
        return sum(self.row(row)[bucket] for bucket in SHELF) - self.short(row)

    def good(self, row: Row) -> int:
        return sum(self.row(row)[bucket] for bucket in GOOD) - self.short(row)

    def over(self, row: Row) -> list[Kept]:
        """Reservations there whose time is over and that nobody ended, the oldest first."""
        found = [
            (each.expires_at, each.number, line)
            for each in self.reservations.values()
            for line in each.lines
            if line.row == row and line.ended is None and each.expires_at <= self.now
        ]
        return [line for _, _, line in sorted(found, key=lambda one: one[:2])]

    def free(self, row: Row) -> int:
        """What may be promised of a row: nothing that makes up for a shortage, all that expired reservations hold."""
        if row[2] in self.stopped:
            return 0
        return max(self.row(row)["available"] - self.short(row) + sum(line.quantity for line in self.over(row)), 0)

    def free_at(self, sku: str, place: str) -> int:
        return sum(self.free((sku, place, lot)) for lot in LOTS.get(sku, ("",)))

    def claimed(self, sku: str, *, group: bool, without: Reservation | None = None) -> int:
        return sum(
            line.quantity
            for each in self.reservations.values()
            if each is not without and each.expires_at > self.now
            for line in each.lines
            if line.row is None and line.ended is None and line.sku == sku and line.group == group
        )

    def is_covered(self, sku: str, without: Reservation | None = None) -> bool:
        """Whether all claims can be had: a loss may have taken what was claimed."""
        north, anywhere = (self.claimed(sku, group=group, without=without) for group in (True, False))
        inside = sum(self.free_at(sku, place) for place in NORTH)
        return inside >= north and inside + self.free_at(sku, "LEJ") >= north + anywhere

    def slacks(self, sku: str, without: Reservation | None = None) -> tuple[int, int]:
        """What NORTH and all locations can spare beside what is claimed beneath them."""
        north, anywhere = (self.claimed(sku, group=group, without=without) for group in (True, False))
        inside = sum(self.free_at(sku, place) for place in NORTH)
        return inside - north, inside + self.free_at(sku, "LEJ") - north - anywhere

    def at_most(self, sku: str, place: str, without: Reservation | None = None) -> int:
        """What one location may give."""
        north, everywhere = self.slacks(sku, without)
        slack = min(north, everywhere) if place in NORTH else everywhere
        return max(min(self.free_at(sku, place), slack), 0)

    def promisable(self, sku: str, without: Reservation | None = None) -> int:
        """What all locations may give at once."""
        if sku == "KIT":
            return sum(
                min(self.free_at(part, place) // units for part, units in KITS["KIT"].items()) for place in PLACES
            )
        north, everywhere = self.slacks(sku, without)
        inside = max(min(sum(self.free_at(sku, place) for place in NORTH), north), 0)
        return max(min(inside + self.free_at(sku, "LEJ"), everywhere), 0)

    def move(self, row: Row, source: str | None, target: str | None, quantity: int) -> None:
        self._touch(row)
        if source:
            self.row(row)[source] -= quantity
            assert self.row(row)[source] >= 0, f"{source} of {row} would be below zero"
        if target:
            self.row(row)[target] += quantity

    def _touch(self, row: Row) -> None:
        self._before.setdefault(row, (self.book(row), self.good(row)))

    def open_shortage(self, row: Row, kind: str, quantity: int, at: datetime | None = None) -> None:
        self._touch(row)
        self.shortages.append(Shortage(row, kind, quantity, quantity, at or self.now))
        if kind not in ("damaged", "scrapped"):  # those have left the shelf
            self._paper[row] -= quantity

    def settle(self, row: Row, quantity: int) -> list[tuple[Shortage, int]]:
        """So many units are short no more, the oldest shortage first."""
        self._touch(row)
        settled = []
        for each in sorted((each for each in self.shortages if each.row == row), key=lambda each: each.opened_at):
            units = min(quantity, each.remaining)
            if units:
                each.remaining -= units
                quantity -= units
                settled.append((each, units))
        assert not quantity
        self._paper[row] += sum(units for _, units in settled)
        return settled

    def on_paper(self, row: Row, change: int) -> None:
        """That much of the change of the book is a correction: the shelf did not change."""
        self._touch(row)
        self._paper[row] += change

    def done(self, at: datetime | None = None) -> None:
        """The command ends: what changed is told to the counts that are open, and remembered. `at`: when it is said to have been."""
        for row, (book, good) in self._before.items():
            assert self.book(row) >= 0, f"more of {row} is short than anybody holds"
            paper = self._paper[row]
            self.moves.append((at or self.now, row, self.book(row) - book - paper, self.good(row) - good))
            if paper:
                for count in self.counts.values():
                    for line in count.lines:
                        if line.row == row:
                            for entry in line.entries.values():
                                entry.drift += paper
        self._before.clear()
        self._paper.clear()

    def give_back(self, row: Row, needed: int) -> None:
        """End expired reservations of a row, the oldest first, until so many units are available beside what was taken."""
        lying = self.row(row)["available"]
        for line in self.over(row):
            if lying >= needed:
                break
            lying += line.quantity
            self.end(line, "expired")
        assert lying >= needed, f"{row} has {lying}, not {needed}"

    def end(self, line: Kept, how: str, back: int | None = None) -> None:
        """A line of a reservation ends; so many of its units (all) are available again."""
        line.ended = how
        units = line.quantity if back is None else back
        if line.row and units:
            self.move(line.row, "reserved", "available", units)
