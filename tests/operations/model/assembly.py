"""Kits made ahead."""

from __future__ import annotations

from collections.abc import Sequence

from tests.operations.model.orders import Orders
from tests.operations.model.types import KITS, Refused, Row, Work


class Assembly(Orders):
    """Work orders are opened and finished."""

    def refuse_work(self, place: str, quantity: int) -> None:
        for part, units in KITS["BOX"].items():
            if self.at_most(part, place) < quantity * units:
                raise Refused("insufficient_stock")

    def open_work(self, name: str, place: str, quantity: int, takes: Sequence[tuple[Row, int]]) -> None:
        for part, units in KITS["BOX"].items():
            assert sum(taken for row, taken in takes if row[0] == part) == quantity * units
        self._check_choice([(0, row, units, "available") for row, units in takes], None, None)
        for row, units in takes:
            assert row[1] == place
            self.give_back_promising(row, units)
            self.move(row, "available", "allocated", units)
        lines = [{"row": row, "allocated": units, "done": 0, "cancelled": 0} for row, units in takes]
        self.works[name] = Work(place, quantity, lines)
        self.done()

    def finish_work(self, name: str, quantity: int | None, to: str) -> None:
        work = self.works[name]
        if not work.left:
            raise Refused("nothing_left")
        if quantity is not None and quantity > work.left:
            raise Refused("too_many")
        kits = work.left if quantity is None else quantity
        steps = []
        for part, per_kit in KITS["BOX"].items():
            missing = kits * per_kit
            for line in work.lines:
                if line["row"][0] == part and (units := min(missing, line["allocated"])):
                    missing -= units
                    steps.append((line, units))
        if to == "done" and any(self.book(line["row"]) < units for line, units in steps):
            raise Refused("not_there")
        for line, units in steps:
            line["allocated"] -= units
            line[to] += units
            self.move(line["row"], "allocated", "available" if to == "cancelled" else None, units)
        if to == "done":
            work.done += kits
            self.move(("BOX", work.place, ""), None, "available", kits)
        else:
            work.cancelled += kits
        self.done()
