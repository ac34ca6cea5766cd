"""Units of orders that have names: which serial numbers a pick, a pack or a cancellation moves, and where they are after."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from lading.fulfillment import rules
from lading.fulfillment.types import Allocation, Work
from lading.inventory.lots import SerialKey, Serials
from lading.inventory.types import Serial
from lading.journal.types import Decision, refused
from lading.operations.telling_apart import SERIAL_TWICE
from lading.orders.types import Order
from lading.terms.ledger import ON_SHELF, Posting, place_of

NO_NAMES = ("units_without_serials", "Units of line {line} have no serial numbers.")
NOT_NAMED = ("units_not_named", "Line {line} is kept by serial number: name {quantity} of its units, not {named}.")
NOT_HERE = ("serial_not_here", "{serial} is not one of the units of line {line} that can be taken ({place}).")
OTHER_LOT = ("serial_of_other_lot", "{serial} is of lot {lot}, of which line {line} has no more units: swap the lot.")

REFUSALS = (NO_NAMES, NOT_NAMED, SERIAL_TWICE, NOT_HERE, OTHER_LOT)

Shelf = tuple[UUID, str]
"""(location, lot)"""


def is_named(allocations: Iterable[Allocation]) -> bool:
    """Whether units of these allocations have names."""
    return any(each.tracking == "serial" for each in allocations)


@dataclass(slots=True)
class Naming:
    """Which units one command moves, where they have names; nobody moves a unit twice."""

    order: Order
    serials: Serials
    used: dict[SerialKey, int] = field(default_factory=dict)
    """The names that it moves already, with their line."""

    def choose(
        self,
        line_number: int,
        allocations: Sequence[Allocation],
        quantity: int,
        given: Sequence[str],
        source: str,
        pointer: str,
    ) -> tuple[str, ...] | Decision:
        """The names of the units of a line that it moves from that stage; nothing where its product has none.

        From the shelf each unit is named; what is picked already may be left unnamed where all of it moves. `allocations` are
        the line's.
        """  # fmt: skip
        if not is_named(allocations):
            return refused(NO_NAMES, pointer, line=line_number) if given else ()
        sku_id, place = allocations[0].sku_id, ON_SHELF if source == "released" else source
        shelves: dict[Shelf, int] = {}
        for each in allocations:
            shelf = (each.location_id, each.lot)
            shelves[shelf] = shelves.get(shelf, 0) + getattr(each, source)
        pool = self._waiting(sku_id, place, line_number, shelves)
        names = tuple(given) or (tuple(sorted(pool)) if place != ON_SHELF and len(pool) == quantity else ())
        if len(names) != quantity:
            return refused(NOT_NAMED, pointer, line=line_number, quantity=quantity, named=len(given))
        taken = Counter(_shelf(self.serials[key]) for key, line in self.used.items() if line == line_number)
        for name in names:
            if (sku_id, name) in self.used:
                return refused(SERIAL_TWICE, pointer, serial=name)
            if name not in pool:
                return refused(NOT_HERE, pointer, serial=name, line=line_number, place=place.replace("_", " "))
            shelf = _shelf(pool[name])
            if taken[shelf] >= shelves.get(shelf, 0):
                return refused(OTHER_LOT, pointer, serial=name, line=line_number, lot=pool[name].lot or "-")
            taken[shelf] += 1
            self.used[(sku_id, name)] = line_number
        return names

    def _waiting(self, sku_id: UUID, place: str, line_number: int, shelves: Iterable[Shelf]) -> dict[str, Serial]:
        """The units of a product that it may still move from there."""
        return {
            name: serial
            for (sku, name), serial in self.serials.items()
            if sku == sku_id
            and (sku, name) not in self.used
            and _waits(serial, place, self.order, line_number, shelves)
        }


def _waits(serial: Serial, place: str, order: Order, line_number: int, shelves: Iterable[Shelf]) -> bool:
    if serial.place != place or serial.location_id not in {location_id for location_id, _ in shelves}:
        return False
    return place == ON_SHELF or (serial.order_id, serial.line_number) == (order.id, line_number)


def _shelf(serial: Serial) -> Shelf:
    assert serial.location_id is not None
    return serial.location_id, serial.lot


def shelves_of(sku_id: UUID, names: Iterable[str], serials: Serials) -> dict[str, Shelf]:
    """Where each of them lies, for `rules.take_named`."""
    return {name: _shelf(serials[(sku_id, name)]) for name in names}


def moves(
    work: Work,
    allocations: Sequence[Allocation],
    source: str,
    target: str,
    quantity: int,
    names: Sequence[str],
    serials: Serials,
    back: str = "",
) -> list[rules.Move]:
    """Move so many units of these allocations, those of the names where they have any."""
    if names:
        shelves = shelves_of(allocations[0].sku_id, names, serials)
        return rules.take_named(work, allocations, source, target, shelves, back)
    return rules.take(work, allocations, source, target, quantity, back)


def carry(order: Order, postings: Iterable[Posting], serials: Serials) -> None:
    """Where the units are after the postings, for the commands that follow."""
    for posting in postings:
        serial = serials.get((posting.sku_id, posting.serial or ""))
        if serial is None:
            continue
        target = posting.target
        serial.place = place_of(target, posting.line_to) or serial.place
        serial.location_id = target.location_id if target else None
        with_order = serial.place not in (ON_SHELF, "damaged", "scrapped") and posting.line_to not in (
            "open",
            "cancelled",
        )
        serial.order_id, serial.line_number = (order.id, posting.line_number) if with_order else (None, None)
