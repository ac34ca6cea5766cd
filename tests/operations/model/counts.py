"""Counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tests.operations.model.stock import Stock
from tests.operations.model.types import Count, CountLine, Entry, Refused, Row


class Counts(Stock):
    """They are opened, recorded and approved."""

    def count(self, name: str) -> Count:
        if self.counts[name].status != "open":
            raise Refused("not_open")
        return self.counts[name]

    def open_count(self, name: str, place: str, rows: Sequence[Row]) -> None:
        lines = [CountLine(row, self.book(row)) for row in rows]
        self.counts[name] = Count(place, self.now, lines)

    def record(self, name: str, row: Row, counted: int, counted_at: datetime | None) -> None:
        count = self.count(name)
        if row[2] and row[2] not in self.known_lots:
            raise Refused("unknown_lot")
        if counted_at and not count.opened_at <= counted_at <= self.now:
            raise Refused("wrong_time")
        line = next((each for each in count.lines if each.row == row), None)
        if line is None:
            line = CountLine(row, self.book(row))
            count.lines.append(line)
        moved = sum(
            real for at, each, real, _ in self.moves if each == row and counted_at is not None and at > counted_at
        )
        line.entries[line.wanted] = Entry(counted, self.book(row) - moved)

    def recount(self, name: str) -> None:
        lines = [
            each
            for each in self.count(name).lines
            if each.wanted in each.entries and each.entries[each.wanted].counted != each.entries[each.wanted].expected
        ]
        if not lines and not any(
            each.entries and each.entries[max(each.entries)].counted != each.entries[max(each.entries)].expected
            for each in self.count(name).lines
            if each.wanted in each.entries
        ):
            raise Refused("nothing_differs")
        for each in lines:
            each.wanted += 1

    def approve(self, name: str, leave_uncounted: bool) -> list[int]:
        count = self.count(name)
        if not leave_uncounted and any(each.wanted not in each.entries for each in count.lines):
            raise Refused("not_counted")
        found = [
            (each, entry.counted - entry.expected - entry.drift)
            for each in count.lines
            if (entry := each.entries.get(each.wanted))
        ]
        for each, variance in found:
            if self.book(each.row) + variance < 0:
                raise Refused("outdated")
        for each, variance in found:
            each.variance = variance
            self._differ(each.row, variance, self.now, variance=True)
        count.status = "approved"
        self.done()
        return [variance for _, variance in found if variance]

    def cancel_count(self, name: str) -> None:
        self.count(name).status = "cancelled"
