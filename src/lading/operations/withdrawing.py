"""Taking units off an order before they leave: which, from where, by which names, and at what price.

Cancelling does it, and so does an edit that takes something away.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from lading.fulfillment import rules as work_rules
from lading.fulfillment.rules import Move
from lading.fulfillment.types import FulfillmentOrder, Work
from lading.journal.types import Decision, refused
from lading.operations import fulfilling, naming, unpacking
from lading.operations.fulfilling import World
from lading.operations.naming import Naming
from lading.orders import kits, rules
from lading.orders.commands import CancelLine
from lading.orders.types import Line, Order
from lading.shipping.types import Parcel
from lading.terms.ledger import MoneyPosting, Posting

NOT_CANCELLABLE = (
    "not_cancellable",
    "{waiting} of line {line} can be cancelled, not {quantity}: the others are packed, away or cancelled.",
)


PART_OF_KIT = (
    "part_of_kit",
    "Line {line} is a part of the kit on line {kit}, which is cancelled whole: name that line, or let kits go in parts.",
)


@dataclass(slots=True)
class Wanted:
    """Units that can be taken off: kits by their parts, each with the names of those that were picked."""

    lines: Sequence[CancelLine]
    names: Sequence[tuple[str, ...]]
    opened: Sequence[Parcel]
    """The parcels that have to be taken apart."""


@dataclass(slots=True)
class Withdrawn:
    """What taking them off comes to."""

    lines: Sequence[CancelLine] = ()
    moves: list[Move] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    money: list[MoneyPosting] = field(default_factory=list)
    opened: Sequence[Parcel] = ()
    days: list[object] = field(default_factory=list)
    bookings: list[dict[str, Any]] = field(default_factory=list)
    pools: list[tuple[int, UUID, int]] = field(default_factory=list)

    @property
    def units(self) -> int:
        """How many."""
        return sum(each.quantity for each in self.lines)

    def rows(self, work: Work) -> list[object]:
        """What changed beside the order."""
        numbers = {moved.allocation.fulfillment_order for moved in self.moves}
        documents: list[FulfillmentOrder] = [each for each in work.fulfillment_orders if each.number in numbers]
        return [*(moved.allocation for moved in self.moves), *documents, *self.opened, *self.days]

    def told(self) -> dict[str, Any]:
        """As the journal keeps it, but for the pools and bookings, which an event may have more of."""
        told: dict[str, Any] = {
            "lines": [
                {"line": posting.line_number, "from": posting.line_from, "quantity": posting.quantity}
                for posting in self.postings
                if posting.line_to == "cancelled"
            ],
            "moves": work_rules.told(self.moves),
        }
        return told | ({"parcels": [parcel.number for parcel in self.opened]} if self.opened else {})


def choose(order: Order, lines: Sequence[CancelLine], world: World, *, unpack: bool) -> Wanted | Decision:
    """What is taken off for what is asked (nothing: all that can be), or the refusal; nothing is changed."""
    work = world.work[order.id]
    left = _left(order, work, unpack=unpack)
    wanted: Sequence[CancelLine] = lines or _all(order, left, world)
    if refusal := _refuse_lines(wanted, left, order, world):
        return refusal
    wanted = _in_parts(wanted, order)
    names = _names(order, work, wanted, world)
    if isinstance(names, Decision):
        return names
    return Wanted(wanted, names, _to_open(order, wanted, world) if unpack else [])


def withdraw(order: Order, wanted: Wanted, world: World, now: datetime) -> Withdrawn:
    """Take them off: units, stock, money, days of locations and pools of channels."""
    work = world.work[order.id]
    done = Withdrawn(wanted.lines, opened=wanted.opened)
    done.moves = unpacking.take_apart(work, wanted.opened, now)
    done.postings = fulfilling.post(order, done.moves, world)
    for each, names in zip(wanted.lines, wanted.names, strict=True):
        line = order.lines[each.line]
        done.money += rules.credit_cancelled(order, line, each.quantity)
        moved, posted = _cancel_line(order, line, work, each.quantity, names, world)
        done.moves += moved
        done.postings += posted
    done.days, done.bookings = world.diary.give_back(order.id, done.moves)
    done.pools = fulfilling.no_longer_counted(order, [each.line for each in wanted.lines], world.taken)
    return done


def _left(order: Order, work: Work, *, unpack: bool) -> dict[int, int]:
    """Units that can still be cancelled, by line; whole kits on the line of a kit.

    Units with names that lie in a parcel cannot, even so: whoever unpacks it says which of them stay.
    """

    def units(line: Line) -> int:
        packed = unpack and not naming.is_named(work_rules.of_line(work.allocations, line.number))
        return rules.cancellable(line) + (line.units["packed"] if packed else 0)

    return {
        line.number: kits.whole(order, line, units) if line.is_kit else units(line) for line in order.lines.values()
    }


def _to_open(order: Order, wanted: Sequence[CancelLine], world: World) -> list[Parcel]:
    """The parcels that must be taken apart for what is wanted of packed units, the latest first."""
    units = fulfilling.units_by_line(wanted)
    packed = {
        number: missing
        for number, quantity in units.items()
        if (missing := quantity - rules.cancellable(order.lines[number])) > 0
    }
    return unpacking.that_hold(packed, world.parcels[order.id]) if packed else []


def _all(order: Order, left: dict[int, int], world: World) -> list[CancelLine]:
    """All that can be cancelled: kits whole, or part by part where they may go in parts."""
    whole = {line.number for line in order.lines.values() if line.is_kit and fulfilling.stays_whole(world, order, line)}
    return [
        CancelLine(number, units)
        for number, units in left.items()
        if units and (number in whole if order.lines[number].is_kit else order.lines[number].part_of not in whole)
    ]


def _refuse_lines(wanted: Sequence[CancelLine], left: dict[int, int], order: Order, world: World) -> Decision | None:
    for index, each in enumerate(wanted):
        line = order.lines.get(each.line)
        if line and line.part_of and fulfilling.stays_whole(world, order, kits.sold_as(order, line)):
            return refused(PART_OF_KIT, f"/lines/{index}/line", line=each.line, kit=line.part_of)
    document = f"order {order.number}"
    if refusal := fulfilling.refuse_lines(wanted, dict(left), NOT_CANCELLABLE, document, "/lines"):
        return refusal
    apart = _in_parts(wanted, order)
    return None if apart is wanted else fulfilling.refuse_lines(apart, left, NOT_CANCELLABLE, document, "/lines")


def _in_parts(wanted: Sequence[CancelLine], order: Order) -> Sequence[CancelLine]:
    """The lines as asked, kits as their parts."""
    if not any(order.lines[each.line].is_kit for each in wanted):
        return wanted
    return [
        CancelLine(number, units)
        for each in wanted
        for number, units in kits.in_parts(order, {each.line: each.quantity}).items()
    ]


def _names(order: Order, work: Work, wanted: Sequence[CancelLine], world: World) -> list[tuple[str, ...]] | Decision:
    """The names of the picked units that go back to the shelf, for each line."""
    names: list[tuple[str, ...]] = []
    named = Naming(order, world.serials)
    gone: dict[int, int] = {}
    for index, each in enumerate(wanted):
        before = gone.get(each.line, 0)
        gone[each.line] = before + each.quantity
        line = order.lines[each.line]
        picked = [rules.cancelled_from(line, units).get("picked", 0) for units in (before, before + each.quantity)]
        allocations = work_rules.of_line(work.allocations, each.line)
        units = picked[1] - picked[0]
        chosen = named.choose(each.line, allocations, units, each.serials, "picked", f"/lines/{index}/serials")
        if isinstance(chosen, Decision):
            return chosen
        names.append(chosen)
    return names


def _cancel_line(
    order: Order, line: Line, work: Work, quantity: int, names: Sequence[str], world: World
) -> tuple[list[Move], list[Posting]]:
    """Units that are at a location go back on its shelf, those allocated last first."""
    moves: list[Move] = []
    postings: list[Posting] = []
    for stage, units in rules.cancelled_from(line, quantity).items():
        if stage in work_rules.IN_HOUSE:
            last_first = work_rules.of_line(work.allocations, line.number)[::-1]
            moving = names if stage == "picked" else ()
            moved = naming.moves(work, last_first, stage, "cancelled", units, moving, world.serials)
            postings += fulfilling.post(order, moved, world)
            moves += moved
        else:
            postings.append(rules.to_stage(line, units, stage, "cancelled"))
    return moves, postings
