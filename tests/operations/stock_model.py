"""What stock, orders and documents should be after each operation, in plain dicts: nothing here knows the database or the rules' code.

A method is one command. It raises Refused where the command must be refused; otherwise it changes the model. Where the system
may choose (which of several locations, how many of each), the model is told what was chosen, checks it against the laws of
choosing and counts with it; everything else it says itself: what becomes free, who ends, what is short, what a count finds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Row = tuple[str, str, str]
"""(product, location, lot): a row of stock."""

BUCKETS = ("available", "reserved", "allocated", "picked", "packed", "damaged", "quality_hold")
SHELF = ("available", "reserved", "allocated")
GOOD = (*SHELF, "picked", "packed")
STAGES = (
    "cancelled", "open", "backordered", "allocated", "released", "picked", "packed", "in_transit", "delivered", "sent_back", "lost",
)  # fmt: skip
RETURNS = ("return_requested", "returning", "returned")
CANCELLABLE = ("backordered", "open", "allocated", "released", "picked")
IN_STOCK_AS = {"allocated": "allocated", "released": "allocated", "picked": "picked", "packed": "packed"}

PLACES = ("HAM", "MUC", "LEJ")
"""By priority."""
NORTH = ("HAM", "MUC")
"""A group of locations; LEJ stands in none."""
LOTS = {"L": ("L1", "L2")}
"""The first to expire first."""
KITS = {"KIT": {"A": 1, "B": 2}, "BOX": {"A": 1, "L": 1}}
"""KIT is put together for each order; BOX is made ahead by work orders."""
WAITS = "W"
"""May be backordered."""
SKUS = ("A", "B", "C", "L", WAITS, "BOX")

ENDS = {
    "found": (None, "available"),
    "lost": ("available", None),
    "scrapped": ("available", None),
    "damaged": ("available", "damaged"),
    "repaired": ("damaged", "available"),
}


class Refused(Exception):
    """The command must be refused by that name."""


@dataclass
class Shortage:
    row: Row
    kind: str
    quantity: int
    remaining: int
    opened_at: datetime


@dataclass
class Kept:
    """A line of a reservation."""

    row: Row | None
    """None: a claim."""
    sku: str
    quantity: int
    group: bool = False
    ended: str | None = None


@dataclass
class Reservation:
    number: int
    lines: list[Kept]
    expires_at: datetime


@dataclass
class Line:
    number: int
    sku: str
    ordered: int
    part_of: int | None
    is_kit: bool = False
    per_kit: int = 1
    units: Counter[str] = field(default_factory=Counter)


@dataclass
class Allocation:
    line: int
    row: Row
    units: Counter[str]
    work: int | None = None
    """The fulfillment order."""


@dataclass
class Parcel:
    work: int
    units: dict[int, int]
    """By allocation."""
    status: str = "packed"


@dataclass
class ReturnLine:
    quantity: int
    received: int = 0
    disposed: int = 0
    place: str | None = None
    lot: str = ""

    @property
    def awaited(self) -> int:
        return self.quantity - self.received


@dataclass
class Order:
    lines: dict[int, Line]
    allocations: list[Allocation] = field(default_factory=list)
    works: list[str] = field(default_factory=list)
    """The location of each fulfillment order."""
    parcels: list[Parcel] = field(default_factory=list)
    returns: list[dict[int, ReturnLine]] = field(default_factory=list)

    def of(self, work: int | None) -> list[Allocation]:
        return [each for each in self.allocations if each.work == work]


@dataclass
class Purchase:
    lines: list[dict[str, Any]]
    status: str = "open"


@dataclass
class Transfer:
    source: str
    target: str
    lines: list[Counter[str]]
    rows: list[tuple[str, str]]
    status: str = "draft"


@dataclass
class Entry:
    counted: int
    expected: int
    drift: int = 0
    """What paper alone made of the book since."""


@dataclass
class CountLine:
    row: Row
    snapshot: int
    wanted: int = 1
    entries: dict[int, Entry] = field(default_factory=dict)
    variance: int | None = None


@dataclass
class Count:
    place: str
    opened_at: datetime
    lines: list[CountLine]
    status: str = "open"


@dataclass
class Work:
    """A work order for BOX."""

    place: str
    quantity: int
    lines: list[dict[str, Any]]
    done: int = 0
    cancelled: int = 0

    @property
    def left(self) -> int:
        return self.quantity - self.done - self.cancelled


@dataclass
class Posted:
    """What an event of stock moved, and how much of it was taken back."""

    row: Row
    source: str | None
    target: str | None
    quantity: int
    corrected: int = 0


Takes = Sequence[tuple[int, Row, int, str]]
"""(line, row, units, bucket) that the system chose."""


class Model:
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

    # What is counted

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

    # How it changes

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

    # Stock alone

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
        elif quantity > (free - (0 if held_too else self.short(row)) if source == "available" else damaged):
            raise Refused("not_there")
        else:
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
            if opened > self.row(row)["allocated"] + self.row(row)["reserved"] - over - self.short(row):
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

    # Orders

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

    def pick(
        self, number: str, work: int, wanted: Sequence[tuple[int, int]], short: Sequence[tuple[int, int]], empty: bool
    ) -> None:
        order = self.order(number)
        if work > len(order.works):
            raise Refused("unknown_fulfillment_order")
        mine = order.of(work)
        left: Counter[int] = Counter()
        for each in mine:
            left[each.line] += each.units["released"]
        if not sum(left.values()):
            raise Refused("nothing_to_pick")
        for line, quantity in short:
            if line not in left:
                raise Refused("unknown_line")
            if quantity > left[line]:
                raise Refused("not_released")
            left[line] -= quantity
        rest = Counter(left)
        for line, quantity in wanted:
            if line not in rest:
                raise Refused("unknown_line")
            if quantity > rest[line]:
                raise Refused("not_released")
            rest[line] -= quantity
        lines = wanted or [(line, units) for line, units in left.items() if units]
        good = [each for each in mine if each.row[2] not in self.stopped]
        for line in {line for line, _ in lines}:
            asked = sum(quantity for each, quantity in lines if each == line)
            if asked > sum(each.units["released"] for each in good if each.line == line):
                raise Refused("lot_stopped")
        for line, quantity in lines:
            self._take(order, good, line, "released", "picked", quantity)
        emptied: dict[Row, None] = {}
        for line, quantity in short:
            for each, units in self._take(order, mine, line, "released", "open", quantity):
                self.on_paper(each.row, -units)
                self._settle_gone(each.row, units)
                emptied[each.row] = None
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
        if work > len(order.works):
            raise Refused("unknown_fulfillment_order")
        mine = order.of(work)
        left: Counter[int] = Counter()
        for each in mine:
            left[each.line] += each.units["picked"]
        if not sum(left.values()):
            raise Refused("nothing_to_pack")
        lines = wanted or [(line, units) for line, units in left.items() if units]
        for line, quantity in lines:
            if line not in left:
                raise Refused("unknown_line")
            if quantity > left[line]:
                raise Refused("not_picked")
            left[line] -= quantity
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

    def request_return(self, number: str, line_number: int, quantity: int) -> None:
        order = self.order(number)
        if line_number not in order.lines:
            raise Refused("unknown_line")
        line = order.lines[line_number]
        away = line.units["delivered"] + line.units["in_transit"]
        if quantity > away - line.units["return_requested"] - line.units["returned"]:
            raise Refused("more_than_shipped")
        order.returns.append({line_number: ReturnLine(quantity)})
        line.units["return_requested"] += quantity

    def returned(self, number: str, document: int, line_number: int) -> tuple[Order, Line, ReturnLine, bool]:
        order = self.order(number)
        if document > len(order.returns):
            raise Refused("unknown_return")
        lines = order.returns[document - 1]
        if line_number not in lines:
            raise Refused("unknown_line")
        return order, order.lines[line_number], lines[line_number], 0 in lines

    def receive_return(self, number: str, document: int, line_number: int, quantity: int, place: str, lot: str) -> None:
        order, line, returned, sent_back = self.returned(number, document, line_number)
        if quantity > returned.awaited:
            raise Refused("more_than_awaited")
        if returned.place not in (None, place):
            raise Refused("received_elsewhere")
        if line.sku in LOTS and lot not in {each.row[2] for each in order.allocations if each.line == line_number}:
            raise Refused("lot_not_sent")
        if returned.received and returned.lot != lot:
            raise Refused("received_in_other_lot")
        returned.received += quantity
        returned.place, returned.lot = place, lot
        if sent_back:
            line.units["returning"] -= quantity
        else:
            line.units["return_requested"] -= quantity
            line.units["returned"] += quantity
        self.move((line.sku, place, lot), None, "quality_hold", quantity)
        self.done()

    def dispose(self, number: str, document: int, line_number: int, quantity: int, disposition: str) -> None:
        _, line, returned, _ = self.returned(number, document, line_number)
        if quantity > returned.received - returned.disposed:
            raise Refused("not_received")
        returned.disposed += quantity
        assert returned.place
        target = {"restock": "available", "damaged": "damaged", "scrapped": None}[disposition]
        self.move((line.sku, returned.place, returned.lot), "quality_hold", target, quantity)
        self.done()

    # Reservations

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

    # What is bought

    def purchase(self, name: str) -> Purchase:
        if self.purchases[name].status != "open":
            raise Refused("not_open")
        return self.purchases[name]

    def receive_purchase(self, name: str, good: int, damaged: int, lot: str) -> None:
        found = self.purchase(name)
        line = found.lines[0]
        if good + damaged > line["ordered"] - line["cancelled"] - line["received"]:
            raise Refused("over_receipt")
        line["received"] += good + damaged
        line["damaged"] += damaged
        row = (line["sku"], line["place"], lot)
        self.move(row, None, "available", good)
        self.move(row, None, "damaged", damaged)
        self.known_lots.add(lot)
        self.done()

    def call_off(self, name: str, quantity: int | None) -> None:
        line = self.purchase(name).lines[0]
        left = max(line["ordered"] - line["cancelled"] - line["received"], 0)
        if quantity is not None and quantity > left:
            raise Refused("not_expected")
        line["cancelled"] += left if quantity is None else quantity
        if left == (left if quantity is None else quantity):
            self.purchases[name].status = "cancelled"

    # Transfers

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

    # Counts and shortages

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

    # Kits made ahead

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
