"""Orders until they are released."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from tests.operations.model.books import Books
from tests.operations.model.types import (
    CANCELLABLE,
    IN_STOCK_AS,
    LOTS,
    NORTH,
    PLACES,
    SKUS,
    WAITS,
    Allocation,
    Line,
    Order,
    Refused,
    Reservation,
    Row,
    Takes,
)


class Orders(Books):
    """They are placed, sourced and cancelled."""

    def find_own(self, reservation: str | None) -> Reservation | None:
        """What an order's reservation still keeps."""
        if reservation is None:
            return None
        found = self.reservations.get(reservation)
        if found is None:
            raise Refused("unknown_reservation")
        if any(line.ended in ("converted", "released") for line in found.lines):
            raise Refused("reservation_ended")
        return found

    def own_units(self, own: Reservation | None) -> Counter[str]:
        kept: Counter[str] = Counter()
        if own and own.expires_at > self.now:
            for line in own.lines:
                if line.ended is None and line.row:
                    kept[line.sku] += line.quantity
        return kept

    def refuse_order(self, wants: Sequence[tuple[str, int]], reservation: str | None) -> None:
        """Raises where something is short that may not wait; passes where a loss made claims impossible and nobody can say."""
        own = self.find_own(reservation)
        kept = self.own_units(own)
        lifted = own if own and own.expires_at > self.now else None
        total: Counter[str] = Counter()
        for sku, quantity in wants:
            total[sku] += quantity
        for sku, quantity in total.items():
            if sku != WAITS and self.promisable(sku, lifted) < quantity - min(kept[sku], quantity):
                raise Refused("insufficient_stock")

    def place(
        self,
        number: str,
        lines: Sequence[Line],
        wants: Sequence[tuple[str, int]],
        reservation: str | None,
        takes: Takes,
    ) -> None:
        own = self.find_own(reservation)
        kept = self.own_units(own)
        lifted = own if own and own.expires_at > self.now else None
        order = self.orders[number] = Order({line.number: line for line in lines})
        total: Counter[str] = Counter()
        for sku, quantity in wants:
            total[sku] += quantity
        taken: Counter[str] = Counter()
        for line_number, row, quantity, bucket in takes:
            assert order.lines[line_number].sku == row[0]
            taken[(row[0], bucket)] += quantity  # type: ignore[index]
        if not any(line.is_kit for line in lines):
            for sku, quantity in total.items():
                from_own = min(kept[sku], quantity)
                assert taken[(sku, "reserved")] == from_own, "own units first"  # type: ignore[index]
                found = min(self.promisable(sku, lifted), quantity - from_own)
                can_tell = self.is_covered(sku, lifted)
                got = taken[(sku, "available")]  # type: ignore[index]
                assert got == found or (got < found and not self.alone) or not can_tell, f"{sku}: all that can be had"
        self._check_choice(takes, total if not own else None, lifted)
        self._allocate(order, takes)
        if own:
            self._convert(own, takes, total)
        for line in lines:
            if not line.is_kit:
                line.units["backordered"] = line.ordered - line.units["allocated"]
        self.done()

    def _check_choice(self, takes: Takes, total: Mapping[str, int] | None, own: Reservation | None) -> None:
        """The laws of choosing: nothing that is not free; one location where one has all, the best of those; lots by expiry."""
        by_row: Counter[Row] = Counter()
        for _, row, quantity, bucket in takes:
            if bucket == "available":
                by_row[row] += quantity
        for row, quantity in by_row.items():
            assert quantity <= self.free(row), f"{quantity} of {row} were taken, {self.free(row)} are free"
            for lot in LOTS.get(row[0], ()):
                if lot < row[2] and self.alone:
                    earlier = (row[0], row[1], lot)
                    assert by_row[earlier] == self.free(earlier), f"{lot} expires before {row[2]}"
        for sku in {row[0] for row in by_row}:
            north, everywhere = self.slacks(sku, own)
            inside = sum(units for row, units in by_row.items() if row[0] == sku and row[1] in NORTH)
            assert not inside or inside <= north or not self.is_covered(sku, own), f"{sku}: NORTH gave what is claimed"
            out = sum(units for row, units in by_row.items() if row[0] == sku)
            assert out <= everywhere or not self.is_covered(sku, own), f"{sku}: claimed units were taken"
        if total and self.alone and all(sku in SKUS for sku in total):
            whole = [
                place
                for place in PLACES
                if all(self.at_most(sku, place, own) >= quantity for sku, quantity in total.items())
            ]
            if whole:
                assert {row[1] for row in by_row} == {whole[0]}, f"{whole[0]} has all of it"

    def _allocate(self, order: Order, takes: Takes, stage: str = "open") -> None:
        needed: Counter[Row] = Counter()
        for _, row, quantity, bucket in takes:
            if bucket == "available":
                needed[row] += quantity
        for row, quantity in needed.items():
            self.give_back_promising(row, quantity)
        for line_number, row, quantity, bucket in takes:
            line = order.lines[line_number]
            if stage == "waiting":
                waited = min(quantity, line.units["open"])
                line.units["open"] -= waited
                line.units["backordered"] -= quantity - waited
                assert line.units["backordered"] >= 0
            line.units["allocated"] += quantity
            order.allocations.append(Allocation(line_number, row, Counter(allocated=quantity)))
            self.move(row, bucket, "allocated", quantity)

    def give_back_promising(self, row: Row, quantity: int) -> None:
        """As give_back, for promises: what is short stays available."""
        if self.row(row)["available"] - self.short(row) < quantity:
            self.give_back(row, quantity + self.short(row))

    def _convert(self, own: Reservation, takes: Takes, total: Mapping[str, int]) -> None:
        """An order ends its reservation; what it does not want is free."""
        if own.expires_at <= self.now:
            return
        used: Counter[Row] = Counter()
        for _, row, quantity, bucket in takes:
            if bucket == "reserved":
                used[row] += quantity
        kept = self.own_units(own)
        for line in own.lines:
            if line.ended is not None:
                continue
            if line.row is None:
                line.ended = "converted" if total.get(line.sku, 0) > kept[line.sku] else "released"
                continue
            units = min(line.quantity, used[line.row])
            used[line.row] -= units
            self.end(line, "converted" if units else "released", line.quantity - units)

    def order(self, number: str) -> Order:
        if number not in self.orders:
            raise Refused("unknown_order")
        return self.orders[number]

    def cancel(self, number: str, wanted: Sequence[tuple[int, int]]) -> None:
        order = self.order(number)
        kits = [line for line in order.lines.values() if line.is_kit]
        if kits:
            left = {kits[0].number: self._whole(order, kits[0])}
        else:
            left = {line.number: sum(line.units[stage] for stage in CANCELLABLE) for line in order.lines.values()}
        chosen = wanted or [(line, units) for line, units in left.items() if units]
        if not chosen:
            raise Refused("nothing_to_cancel")
        if any(number in order.lines and order.lines[number].part_of for number, _ in chosen):
            raise Refused("part_of_kit")
        for line_number, quantity in chosen:
            if line_number not in left:
                raise Refused("unknown_line")
            if quantity > left[line_number]:
                raise Refused("not_cancellable")
            left[line_number] -= quantity
        for line_number, quantity in chosen:
            for line in [line for line in order.lines.values() if line.part_of == line_number] or [
                order.lines[line_number]
            ]:
                self._cancel(order, line, quantity * line.per_kit)
        self.done()

    def _whole(self, order: Order, kit: Line) -> int:
        """Kits of which each part can be cancelled still."""
        return min(
            sum(line.units[stage] for stage in CANCELLABLE) // line.per_kit
            for line in order.lines.values()
            if line.part_of == kit.number
        )

    def _cancel(self, order: Order, line: Line, quantity: int) -> None:
        """The least advanced units first; of those in the house the ones that were allocated last."""
        for stage in CANCELLABLE:
            units = min(quantity, line.units[stage])
            quantity -= units
            line.units[stage] -= units
            line.units["cancelled"] += units
            for each in reversed(order.allocations):
                if each.line == line.number and stage in IN_STOCK_AS:
                    back = min(units, each.units[stage])
                    each.units[stage] -= back
                    units -= back
                    self.move(each.row, IN_STOCK_AS[stage], "available", back)

    def missing(self, number: str) -> dict[int, int]:
        return {
            line.number: units
            for line in self.order(number).lines.values()
            if not line.is_kit and (units := line.units["open"] + line.units["backordered"])
        }

    def source(self, number: str, takes: Takes) -> None:
        order = self.order(number)
        total: Counter[str] = Counter()
        for line_number, units in self.missing(number).items():
            total[order.lines[line_number].sku] += units
        taken: Counter[str] = Counter()
        for _, row, quantity, bucket in takes:
            assert bucket == "available"
            taken[row[0]] += quantity
        if not any(line.is_kit for line in order.lines.values()):
            for sku, units in total.items():
                found = min(units, self.promisable(sku))
                less = taken[sku] < found and not self.alone
                assert taken[sku] == found or less or not self.is_covered(sku), f"{sku}: all that can be had"
        self._check_choice(takes, None, None)
        self._allocate(order, takes, "waiting")
        for line in order.lines.values():
            if line.sku == WAITS:
                line.units["backordered"] += line.units.pop("open", 0)
        self.done()
