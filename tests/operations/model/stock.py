"""Stock alone."""

from __future__ import annotations

from datetime import datetime

from tests.operations.model.books import Books
from tests.operations.model.types import ENDS, LOTS, SHELF, Posted, Refused, Row


class Stock(Books):
    """It is received, adjusted, moved, set and corrected."""

    def check_lot(self, sku: str, lot: str) -> None:
        if (sku in LOTS) != bool(lot):
            raise Refused("lot_required")

    def receive(self, row: Row, quantity: int, position: int) -> None:
        self.move(row, None, "available", quantity)
        self.known_lots.add(row[2])
        self.posted[position] = Posted(row, None, "available", quantity)
        self.done()

    def adjust(self, row: Row, kind: str, quantity: int, held_too: bool, position: int) -> None:
        source, target = ENDS[kind]
        damaged = self.row(row)["damaged"] if source else quantity
        free = self.row(row)["available"] + sum(line.quantity for line in self.over(row))
        held = self.row(row)["allocated"] + self.row(row)["reserved"] - self.short(row)
        held -= sum(line.quantity for line in self.over(row))
        missing = quantity - free if source == "available" else 0
        if source == "available" and held_too and 0 < missing <= held:
            quantity = free
        else:
            lying = min(free, self.book(row)) if held_too else free - self.short(row)
            if quantity > (lying if source == "available" else damaged):
                raise Refused("not_there")
            missing = 0
        if source == "available":
            self.give_back(row, quantity)
        if quantity:
            self.move(row, source, target, quantity)
            if kind in ("found", "lost"):
                self.on_paper(row, quantity if kind == "found" else -quantity)
        if missing:
            self.open_shortage(row, kind, missing)
        self.posted[position] = Posted(row, source, target, quantity)
        if target and quantity:
            self.known_lots.add(row[2])
        self.done()

    def move_stock(self, row: Row, source: str, target: str, quantity: int, position: int) -> None:
        free = self.row(row)[source]
        if source == "available":
            free += sum(line.quantity for line in self.over(row)) - self.short(row)
        if free < quantity:
            raise Refused("not_there")
        if source == "available":
            self.give_back(row, quantity)
        self.move(row, source, target, quantity)
        self.posted[position] = Posted(row, source, target, quantity)
        self.done()

    def set_stock(self, row: Row, quantity: int, as_of: datetime | None, position: int) -> dict[str, int]:
        moment = min(as_of or self.now, self.now)
        expected = self.good(row) - sum(change for at, each, _, change in self.moves if each == row and at > moment)
        difference = quantity - expected
        lost, opened = self._differ(row, difference, moment)
        if lost is not None:
            self.posted[position] = lost
        self.done(moment)
        return {"expected": expected, "difference": difference, "short": opened}

    def _differ(self, row: Row, difference: int, moment: datetime, variance: bool = False) -> tuple[Posted | None, int]:
        """Correct the book: what is missing is taken off what is free, then it is short; what turns up ends shortages first."""
        over = sum(line.quantity for line in self.over(row))
        free = self.row(row)["available"] + over
        if difference < 0:
            lost = min(-difference, free)
            opened = -difference - lost
            if -difference > max(self.book(row), 0):
                raise Refused("outdated" if variance else "not_there")
            self.give_back(row, lost)
            self.move(row, "available", None, lost)
            self.on_paper(row, -lost)
            if opened:
                self.open_shortage(row, "count", opened, moment)
            return Posted(row, "available", None, lost), opened
        settled = min(difference, self.short(row))
        self.settle(row, settled)
        self.move(row, None, "available", difference - settled)
        self.on_paper(row, difference - settled)
        if difference:
            self.known_lots.add(row[2])
        return (Posted(row, None, "available", difference - settled) if difference else None), 0

    def correct(self, position: int, quantity: int | None) -> int:
        posted = self.posted[position]
        if not posted.quantity:
            raise Refused("nothing_moved")
        left = posted.quantity - posted.corrected
        if not left:
            raise Refused("already_corrected")
        units = quantity or left
        if units > left:
            raise Refused("more_than_left")
        kept = self.short(posted.row) if posted.target == "available" else 0
        if posted.target and self.row(posted.row)[posted.target] - kept < units:
            raise Refused("units_gone")
        self.move(posted.row, posted.target, posted.source, units)
        change = units * ((posted.source in SHELF) - (posted.target in SHELF))
        self.on_paper(posted.row, change)
        posted.corrected += units
        self.done()
        return units
