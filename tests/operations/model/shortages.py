"""Shortages."""

from __future__ import annotations

from tests.operations.model.orders import Orders
from tests.operations.model.types import Refused, Row


class Shortages(Orders):
    """They are settled and covered."""

    def settle_shortage(self, number: str, line_number: int, row: Row, quantity: int, instead: str) -> None:
        order = self.order(number)
        line = order.lines[line_number]
        there = [each for each in order.allocations if each.line == line_number and each.row == row]
        if instead == "cancel" and line.part_of:
            raise Refused("part_of_kit")
        if sum(each.units["allocated"] + each.units["released"] for each in there) < quantity:
            raise Refused("not_held_there")
        if self.short(row) < quantity:
            raise Refused("not_short")
        for shortage, short in self.settle(row, quantity):
            units = short
            target = "damaged" if shortage.kind == "damaged" else None
            for stage in ("allocated", "released"):
                for each in there:
                    gone = min(units, each.units[stage])
                    units -= gone
                    each.units[stage] -= gone
                    line.units[stage] -= gone
                    self.move(row, "allocated", target, gone)
            self.on_paper(row, -short)
        line.units[{"elsewhere": "open", "wait": "backordered", "cancel": "cancelled"}[instead]] += quantity
        self.done()

    def cover(self, row: Row, quantity: int | None) -> int:
        free = self.row(row)["available"] + sum(line.quantity for line in self.over(row))
        units = min(free, self.short(row)) if quantity is None else quantity
        if units > min(free, self.short(row)) or not units:
            raise Refused("cannot_cover")
        self.give_back(row, units)
        for shortage, short in self.settle(row, units):
            self.move(row, "available", "damaged" if shortage.kind == "damaged" else None, short)
            self.on_paper(row, -short)
        self.done()
        return units
