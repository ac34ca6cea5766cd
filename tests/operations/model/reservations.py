"""Reservations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from tests.operations.model.orders import Orders
from tests.operations.model.types import NORTH, Kept, Refused, Reservation


class Reservations(Orders):
    """They are made, extended, pinned and ended."""

    def refuse_reservation(self, wants: Mapping[str, int], place: str | None, group: bool, anywhere: bool) -> None:
        for sku, quantity in wants.items():
            if place:
                there = self.at_most(sku, place)
            elif group:
                there = max(min(self.slacks(sku)), 0)
            elif anywhere:
                there = max(self.slacks(sku)[1], 0)
            else:
                there = self.promisable(sku)
            if there < quantity:
                raise Refused("insufficient_stock")

    def reserve(self, id_: str, lines: Sequence[Kept], seconds: int, wants: Mapping[str, int]) -> datetime:
        taken: Counter[str] = Counter()
        for line in lines:
            taken[line.sku] += line.quantity
        assert taken == wants, "all of it"
        takes = [(0, line.row, line.quantity, "available") for line in lines if line.row]
        self._check_choice(takes, None, None)
        for row, quantity in Counter({row: 0 for _, row, _, _ in takes}).items():
            quantity = sum(units for _, each, units, _ in takes if each == row)
            self.give_back_promising(row, quantity)
        for _, row, quantity, _ in takes:
            self.move(row, "available", "reserved", quantity)
        expires_at = self.now + timedelta(seconds=seconds)
        self.reservations[id_] = Reservation(len(self.reservations), list(lines), expires_at)
        self.done()
        return expires_at

    def reservation(self, id_: str) -> Reservation:
        if id_ not in self.reservations:
            raise Refused("unknown_reservation")
        return self.reservations[id_]

    def extend(self, id_: str, seconds: int) -> None:
        found = self.reservation(id_)
        if found.expires_at <= self.now or any(line.ended for line in found.lines):
            raise Refused("reservation_over")
        found.expires_at = max(found.expires_at, self.now + timedelta(seconds=seconds))

    def finish(self, id_: str, how: str) -> int:
        """Release it, or (where its time is over) expire it; the units that were given back."""
        found = self.reservation(id_)
        ended = 0
        for line in found.lines:
            if line.ended is None and (how == "released" or found.expires_at <= self.now):
                ended += line.quantity
                self.end(line, how)
        self.done()
        return ended

    def refuse_pin(self, id_: str, place: str | None) -> None:
        found = self.reservation(id_)
        if found.expires_at <= self.now or any(line.ended for line in found.lines):
            raise Refused("reservation_over")
        claims = [line for line in found.lines if line.row is None]
        if not claims:
            return
        if place and place not in NORTH and claims[0].group:
            raise Refused("outside_of_group")
        wanted: Counter[str] = Counter()
        for line in claims:
            wanted[line.sku] += line.quantity
        for sku, quantity in wanted.items():
            if place:
                there = self.at_most(sku, place, found)
            elif claims[0].group:
                north, everywhere = self.slacks(sku, found)
                there = max(min(north, everywhere, sum(self.free_at(sku, each) for each in NORTH)), 0)
            else:
                there = self.promisable(sku, found)
            if there < quantity:
                raise Refused("no_place")

    def pin(self, id_: str, lines: Sequence[Kept]) -> None:
        found = self.reservation(id_)
        if all(line.row for line in found.lines):
            return
        pinned = lines[len([line for line in found.lines if line.row]) :]
        claimed = Counter({line.sku: 0 for line in pinned})
        for line in found.lines:
            if line.row is None:
                claimed[line.sku] += line.quantity
        placed: Counter[str] = Counter()
        for line in pinned:
            placed[line.sku] += line.quantity
            assert line.row
        assert placed == claimed, "all of it, and no more"
        takes = [(0, line.row, line.quantity, "available") for line in pinned if line.row]
        self._check_choice(takes, None, found)
        for row in {row for _, row, _, _ in takes}:
            self.give_back_promising(row, sum(units for _, each, units, _ in takes if each == row))
        for _, row, quantity, _ in takes:
            self.move(row, "available", "reserved", quantity)
        found.lines = [line for line in found.lines if line.row] + list(pinned)
        self.done()
