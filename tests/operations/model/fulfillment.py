"""Orders at their locations and on their way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from tests.operations.model.orders import Orders
from tests.operations.model.types import IN_STOCK_AS, Allocation, Order, Parcel, Refused, ReturnLine, Row


class Fulfillment(Orders):
    """They are released, picked, packed, shipped and tracked."""

    def release(self, number: str) -> None:
        order = self.order(number)
        made: dict[str, int] = {}
        for each in order.of(None):
            if not (units := each.units["allocated"]):
                continue
            if each.row[1] not in made:
                order.works.append(each.row[1])
                made[each.row[1]] = len(order.works)
            each.work = made[each.row[1]]
            self._advance(order, each, "allocated", "released", units)
        if not made:
            raise Refused("nothing_to_release")
        self.done()

    def _advance(self, order: Order, each: Allocation, source: str, target: str, units: int) -> None:
        line = order.lines[each.line]
        each.units[source] -= units
        line.units[source] -= units
        line.units[target] += units
        if target in IN_STOCK_AS:
            each.units[target] += units
            if IN_STOCK_AS[source] != IN_STOCK_AS[target]:
                self.move(each.row, IN_STOCK_AS[source], IN_STOCK_AS[target], units)
        else:
            self.move(each.row, IN_STOCK_AS[source], None, units)

    def _take(
        self, order: Order, among: Iterable[Allocation], line: int, source: str, target: str, quantity: int
    ) -> list[tuple[Allocation, int]]:
        moved = []
        for each in among:
            units = min(quantity, each.units[source]) if each.line == line else 0
            if units:
                self._advance(order, each, source, target, units)
                quantity -= units
                moved.append((each, units))
        assert not quantity
        return moved

    @staticmethod
    def _left(order: Order, work: int, stage: str, nothing: str) -> tuple[list[Allocation], Counter[int]]:
        """What of a fulfillment order stands in a stage, and how many units that are by line."""
        if work > len(order.works):
            raise Refused("unknown_fulfillment_order")
        mine = order.of(work)
        left: Counter[int] = Counter()
        for each in mine:
            left[each.line] += each.units[stage]
        if not sum(left.values()):
            raise Refused(nothing)
        return mine, left

    @staticmethod
    def _use_up(left: Counter[int], lines: Iterable[tuple[int, int]], too_many: str) -> None:
        for line, quantity in lines:
            if line not in left:
                raise Refused("unknown_line")
            if quantity > left[line]:
                raise Refused(too_many)
            left[line] -= quantity

    def pick(
        self, number: str, work: int, wanted: Sequence[tuple[int, int]], short: Sequence[tuple[int, int]], empty: bool
    ) -> None:
        order = self.order(number)
        mine, left = self._left(order, work, "released", "nothing_to_pick")
        self._use_up(left, short, "not_released")
        self._use_up(Counter(left), wanted, "not_released")
        lines = wanted or [(line, units) for line, units in left.items() if units]
        good = [each for each in mine if each.row[2] not in self.stopped]
        for line in {line for line, _ in lines}:
            asked = sum(quantity for each, quantity in lines if each == line)
            if asked > sum(each.units["released"] for each in good if each.line == line):
                raise Refused("lot_stopped")
        in_hand: dict[Row, None] = {}
        for line, quantity in lines:
            in_hand |= dict.fromkeys(
                each.row for each, _ in self._take(order, good, line, "released", "picked", quantity)
            )
        emptied: dict[Row, None] = {}
        for line, quantity in short:
            for each, units in self._take(order, mine, line, "released", "open", quantity):
                self.on_paper(each.row, -units)
                self._settle_gone(each.row, units)
                emptied[each.row] = None
        for row in in_hand:  # units that were short turned up
            self.settle(row, min(self.short(row), max(-self.book(row), 0)))
        if empty:
            for row in emptied:
                if free := self.row(row)["available"]:
                    self.move(row, "available", None, free)
                    self.on_paper(row, -free)
                held = self.row(row)["allocated"] + self.row(row)["reserved"] - self.short(row)
                if held > 0:
                    self.open_shortage(row, "short_pick", held)
        self.done()

    def _settle_gone(self, row: Row, units: int) -> None:
        """Units that a picker misses are those that were known to be short, if any were."""
        self.settle(row, min(units, self.short(row)))

    def pack(self, number: str, work: int, wanted: Sequence[tuple[int, int]]) -> None:
        order = self.order(number)
        mine, left = self._left(order, work, "picked", "nothing_to_pack")
        lines = wanted or [(line, units) for line, units in left.items() if units]
        self._use_up(left, lines, "not_picked")
        parcel: Counter[int] = Counter()
        for line, quantity in lines:
            for each, units in self._take(order, mine, line, "picked", "packed", quantity):
                parcel[order.allocations.index(each)] += units
        order.parcels.append(Parcel(work, dict(parcel)))
        self.done()

    def parcel(self, number: str, parcel: int) -> tuple[Order, Parcel]:
        order = self.order(number)
        if parcel > len(order.parcels):
            raise Refused("unknown_parcel")
        return order, order.parcels[parcel - 1]

    def ship(self, number: str, parcel_number: int) -> None:
        order, parcel = self.parcel(number, parcel_number)
        if parcel.status != "packed":
            raise Refused("already_shipped")
        leaving: Counter[int] = Counter()
        for index, units in parcel.units.items():
            leaving[order.allocations[index].line] += units
        parts = [line for line in order.lines.values() if line.part_of]
        if parts:
            away = {
                line.number: sum(line.units[stage] for stage in ("in_transit", "delivered", "sent_back", "lost"))
                for line in parts
            }
            kits = max(-(-(away[line.number] + leaving[line.number]) // line.per_kit) for line in parts)
            for line in parts:
                needed = min(kits * line.per_kit, line.ordered - line.units["cancelled"])
                if away[line.number] + line.units["packed"] < needed:
                    raise Refused("kit_incomplete")
        for index, units in parcel.units.items():
            self._advance(order, order.allocations[index], "packed", "in_transit", units)
        parcel.status = "in_transit"
        self.done()

    def track(self, number: str, parcel_number: int, status: str) -> None:
        order, parcel = self.parcel(number, parcel_number)
        if parcel.status == "packed":
            raise Refused("not_shipped")
        if parcel.status in ("delivered", "sent_back"):
            if status not in ("in_transit", {"sent_back": "returned_to_sender"}.get(parcel.status, parcel.status)):
                raise Refused("parcel_ended")
            return
        target = "sent_back" if status == "returned_to_sender" else status
        returned: Counter[int] = Counter()
        for index, units in parcel.units.items():
            line = order.lines[order.allocations[index].line]
            line.units[parcel.status] -= units
            line.units[target] += units
            if target == "sent_back":
                returned[line.number] += units
                line.units["returning"] += units
        if returned:
            order.returns.append({line: ReturnLine(units) for line, units in sorted(returned.items())})
            order.returns[-1][0] = ReturnLine(0)  # a mark: a carrier brought it
        parcel.status = target
