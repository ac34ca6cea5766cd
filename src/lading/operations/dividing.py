"""Units of a fulfillment order that another one has from now on, or none: they stay where they lie."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lading.fulfillment import rules
from lading.fulfillment.requests import PartUnits
from lading.fulfillment.rules import Move
from lading.fulfillment.types import Allocation, FulfillmentOrder, Work
from lading.journal.types import Decision, refused
from lading.operations import fulfilling, requesting
from lading.orders.types import Order

STAGES = ("released", "picked")
"""Stages whose units can change their fulfillment order, in this order; what is packed belongs to its parcel."""

NOT_DIVISIBLE = (
    "not_divisible",
    "{document} has {waiting} of line {line} released or picked, not {quantity}: what is packed stays in its parcel.",
)
ALL_OF_IT = ("all_of_it", "That is all of {document}: nothing would be left of it.")


class Divided:
    """Units that changed their fulfillment order, and the allocations that were born for them."""

    def __init__(self) -> None:
        self.moves: list[Move] = []
        self.born: list[Allocation] = []
        self.made: list[FulfillmentOrder] = []

    def rows(self, work: Work) -> list[object]:
        """What changed beside the order."""
        allocations = {moved.allocation.number: moved.allocation for moved in self.moves}
        numbers = {each.fulfillment_order for each in allocations.values()}
        return [*allocations.values(), *(each for each in work.fulfillment_orders if each.number in numbers)]

    def told(self) -> dict[str, Any]:
        """As the journal keeps it."""
        told: dict[str, Any] = {"moves": rules.told(self.moves)}
        if self.born:
            told["taken"] = requesting.told_taken(self.born)
        if self.made:
            told["made"] = requesting.told_made(self.made)
        return told


def left(work: Work, fulfillment_order: FulfillmentOrder, stages: Iterable[str] = STAGES) -> dict[int, int]:
    """Units of each line that can change their fulfillment order; lines of which nothing can are 0."""
    units: dict[int, int] = {}
    for stage in stages:
        for line, count in rules.waiting(work.of(fulfillment_order.number), stage).items():
            units[line] = units.get(line, 0) + count
    return units


def refuse(
    order: Order, work: Work, fulfillment_order: FulfillmentOrder, lines: Sequence[PartUnits], stages: Sequence[str] = STAGES
) -> Decision | None:  # fmt: skip
    """Refuse lines that are not there, or of which fewer units can go."""
    document = fulfilling.name(order, "F", fulfillment_order.number)
    there = left(work, fulfillment_order, stages)
    return fulfilling.refuse_lines(lines, there, NOT_DIVISIBLE, document, "/lines")


def part(order: Order, work: Work, source: FulfillmentOrder, lines: Sequence[PartUnits]) -> Divided | Decision:
    """These units as a fulfillment order of their own, which is asked and scheduled as the other one was."""
    if refusal := refuse(order, work, source, lines):
        return refusal
    if sum(each.quantity for each in lines) == requesting.in_house(source):
        return refused(ALL_OF_IT, "/lines", document=fulfilling.name(order, "F", source.number))
    first = next(each for each in work.of(source.number) if each.line_number == lines[0].line)
    new = requesting.begin(order, work, first, source.released_at)
    new.ship_on, new.priority, new.pickup_at = source.ship_on, source.priority, source.pickup_at
    new.ship_to_id = source.ship_to_id
    new.request, new.answer_by, new.scheduled_for = source.request, source.answer_by, source.scheduled_for
    divided = Divided()
    divided.made.append(new)
    take_over(work, source, new, fulfilling.units_by_line(lines), divided)
    return divided


def take_over(
    work: Work, source: FulfillmentOrder, target: FulfillmentOrder, units: Mapping[int, int], divided: Divided
) -> None:
    """So many units of each line go over, the least advanced first."""
    for line, quantity in units.items():
        for allocation in rules.of_line(work.of(source.number), line):
            for stage in STAGES:
                if taken := min(quantity, getattr(allocation, stage)):
                    quantity -= taken
                    other = twin(work, allocation, target.number, divided)
                    divided.moves.append(rules.move(work, allocation, stage, "moved", taken))
                    divided.moves.append(rules.move(work, other, "moved_in", stage, taken))


def twin(work: Work, allocation: Allocation, fulfillment_order: int | None, divided: Divided) -> Allocation:
    """The allocation of the same units there; a new one where there is none."""
    for each in rules.of_line(work.of(fulfillment_order), allocation.line_number):
        if (each.location_id, each.lot, each.ship_on) == (allocation.location_id, allocation.lot, allocation.ship_on):
            return each
    new = Allocation(
        allocation.order_id, len(work.allocations) + 1, allocation.line_number, allocation.sku_id, allocation.location_id,
        allocation.lot, 0, fulfillment_order, ship_on=allocation.ship_on, tracking=allocation.tracking, stored=False,
    )  # fmt: skip
    work.allocations.append(new)
    divided.born.append(new)
    return new
