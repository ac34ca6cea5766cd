"""Transfers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from tests.operations.model.books import Books
from tests.operations.model.types import Refused, Row, Transfer


class Transfers(Books):
    """They are made ready, shipped, received and ended."""

    def ready(self, name: str, wanted: Sequence[tuple[int, int]]) -> None:
        transfer = self._transfer(name, "draft", "ready")
        lines = list(wanted) or [(n, each["planned"]) for n, each in enumerate(transfer.lines, 1) if each["planned"]]
        if not lines:
            raise Refused("nothing_left")
        self._enough(transfer, lines, "planned")
        needed: Counter[Row] = Counter()
        for number, quantity in lines:
            row = self._home(transfer, number)
            needed[row] += quantity
            there = self.row(row)["available"] + sum(line.quantity for line in self.over(row))
            if there - needed[row] < self.short(row):
                raise Refused("not_there")
        by_sku: Counter[str] = Counter()
        for row, quantity in needed.items():
            by_sku[row[0]] += quantity
        for sku, quantity in by_sku.items():
            if sku == "C" and self.at_most(sku, transfer.source) < quantity:
                raise Refused("kept_back")
        for row, quantity in needed.items():
            self.give_back(row, quantity)
        for number, quantity in lines:
            self._step(transfer, number, "planned", "ready", quantity)
            self.move(self._home(transfer, number), "available", "allocated", quantity)
        transfer.status = "ready"
        self.done()

    def _transfer(self, name: str, *fitting: str) -> Transfer:
        if self.transfers[name].status not in fitting:
            raise Refused("wrong_status")
        return self.transfers[name]

    def _home(self, transfer: Transfer, number: int) -> Row:
        sku, lot = transfer.rows[number - 1]
        return sku, transfer.source, lot

    @staticmethod
    def _enough(transfer: Transfer, lines: Iterable[tuple[int, int]], counter: str) -> None:
        left = {number: each[counter] for number, each in enumerate(transfer.lines, 1)}
        for number, quantity in lines:
            if number not in left:
                raise Refused("unknown_line")
            if quantity > left[number]:
                raise Refused("too_many")
            left[number] -= quantity

    @staticmethod
    def _step(transfer: Transfer, number: int, source: str, target: str, quantity: int) -> None:
        transfer.lines[number - 1][source] -= quantity
        transfer.lines[number - 1][target] += quantity

    def _stay(self, transfer: Transfer) -> None:
        """What is set aside or only planned does not leave."""
        for number, each in enumerate(transfer.lines, 1):
            self.move(self._home(transfer, number), "allocated", "available", each["ready"])
            for counter in ("ready", "planned"):
                self._step(transfer, number, counter, "cancelled", each[counter])

    def ship_transfer(self, name: str, wanted: Sequence[tuple[int, int]]) -> None:
        transfer = self._transfer(name, "ready")
        lines = list(wanted) or [(n, each["ready"]) for n, each in enumerate(transfer.lines, 1) if each["ready"]]
        self._enough(transfer, lines, "ready")
        leaving: Counter[Row] = Counter()
        for number, quantity in lines:
            leaving[self._home(transfer, number)] += quantity
        if any(self.book(row) < quantity for row, quantity in leaving.items()):
            raise Refused("not_there")
        for number, quantity in lines:
            self._step(transfer, number, "ready", "in_transit", quantity)
            self.move(self._home(transfer, number), "allocated", None, quantity)
        self._stay(transfer)
        transfer.status = "in_transit"
        self.done()

    def receive_transfer(self, name: str, wanted: Sequence[tuple[int, int, int]]) -> None:
        transfer = self._transfer(name, "in_transit", "partially_received")
        if any(damaged > quantity for _, quantity, damaged in wanted):
            raise Refused("more_damaged")
        everything = [(n, each["in_transit"], 0) for n, each in enumerate(transfer.lines, 1) if each["in_transit"]]
        lines = list(wanted) or everything
        self._enough(transfer, [(number, quantity) for number, quantity, _ in lines], "in_transit")
        for number, quantity, damaged in lines:
            sku, lot = transfer.rows[number - 1]
            self._step(transfer, number, "in_transit", "received", quantity)
            transfer.lines[number - 1]["damaged"] += damaged
            self.move((sku, transfer.target, lot), None, "available", quantity - damaged)
            self.move((sku, transfer.target, lot), None, "damaged", damaged)
        left = any(each["in_transit"] for each in transfer.lines)
        transfer.status = "partially_received" if left else "received"
        self.done()

    def end_transfer(self, name: str, told: Mapping[int, tuple[int, int]], cancel: bool) -> None:
        """Cancel or close; `told` is what came home and what is lost of each line."""
        fitting = ("draft", "ready", "in_transit") if cancel else ("partially_received",)
        transfer = self._transfer(name, *fitting)
        for number, units in told.items():
            if number > len(transfer.lines):
                raise Refused("unknown_line")
            if sum(units) > transfer.lines[number - 1]["in_transit"]:
                raise Refused("too_many")
        settled = {number: told.get(number, (0, 0)) for number, _ in enumerate(transfer.lines, 1)}
        for number, each in enumerate(transfer.lines, 1):
            home, lost = settled[number]
            if left := each["in_transit"] - home - lost:
                if cancel:
                    raise Refused("not_settled")
                settled[number] = (home, lost + left)
        for number, (home, lost) in settled.items():
            self._step(transfer, number, "in_transit", "came_home", home)
            self._step(transfer, number, "in_transit", "lost", lost)
            self.move(self._home(transfer, number), None, "available", home)
        if cancel:
            self._stay(transfer)
        transfer.status = "cancelled" if cancel else "received"
        self.done()
