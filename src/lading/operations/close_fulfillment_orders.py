"""Close fulfillment orders: nothing more of them is sent. What is left is cancelled, or looked for elsewhere in the same decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment import rules as work_rules
from lading.fulfillment.commands import LineUnits
from lading.fulfillment.requests import CloseFulfillmentOrder
from lading.fulfillment.rules import Move
from lading.journal.types import Decision, refused
from lading.operations import changing, dividing, fulfilling, limiting, naming, requesting, resourcing
from lading.operations.naming import Naming
from lading.operations.registry import Batch, Verb
from lading.operations.resourcing import Leaving, Resourced, World
from lading.orders import kits, rules
from lading.orders.types import Order
from lading.terms.ledger import MoneyPosting
from lading.terms.money import Money

NOTHING_TO_CLOSE = ("nothing_to_close", "Nothing of {fulfillment_order} is left to be sent.")
PART_OF_KIT = (
    "part_of_kit",
    "Line {line} is a part of the kit on line {kit}, which stays whole: cancel as many of its other parts, or let kits go in parts.",
)
PACKED = ("packed", "{fulfillment_order} has {packed} in parcels: send or unpack them first.")


class FulfillmentOrderClosed(Struct, frozen=True):
    """What became of what was left."""

    fulfillment_order: str
    order: str
    version: int
    stage: str
    cancelled: int
    """Units that nobody sends."""
    sourcing: str
    """Of the others, as orders.source says it; held where a hold stops it, nothing_to_source where there are none."""
    found: int
    """Units that another location gives."""
    missing: int
    """Units of the order that wait or are to be sourced."""
    fulfillment_orders: list[str]
    """The new ones."""
    due: Money
    """What the customer still owes; below zero, what is owed to the customer."""


@dataclass(slots=True)
class Closing(Leaving):
    """What is left, in its two parts: `units` look for other stock."""

    cancelled: Sequence[LineUnits] = ()


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders and work, and the stock that sourcing would choose instead, locked."""
    named = [(command.fulfillment_order, command.cancel) for command in batch.commands]
    return await resourcing.read(tx, batch, plan, named)


def plan(command: CloseFulfillmentOrder, world: World, batch: Batch) -> Closing | Decision:
    """What is cancelled and what is looked for, or why not."""
    found = fulfilling.find_fulfillment_order(world, command.fulfillment_order)
    if isinstance(found, Decision):
        return found
    order, work, source = found
    left, document = dividing.left(work, source), fulfilling.name(order, "F", source.number)
    if source.packed:
        return refused(PACKED, "/fulfillment_order", fulfillment_order=document, packed=source.packed)
    if not work_rules.total(left):
        return refused(NOTHING_TO_CLOSE, "/fulfillment_order", fulfillment_order=document)
    if refusal := fulfilling.refuse_lines(command.cancel, dict(left), dividing.NOT_DIVISIBLE, document, "/cancel"):
        return refusal
    cancelled: Sequence[LineUnits] = command.cancel
    if command.rest == "cancel":
        cancelled = [LineUnits(line, units) for line, units in left.items() if units]
    for each in cancelled:
        left[each.line] -= each.quantity
    if refusal := _refuse_parts(order, cancelled, world):
        return refusal
    return Closing(order, work, source, {line: units for line, units in left.items() if units}, cancelled=cancelled)


def _refuse_parts(order: Order, cancelled: Sequence[LineUnits], world: World) -> Decision | None:
    """Of a kit that stays whole all parts are cancelled, or none."""
    units = fulfilling.units_by_line(cancelled)
    for line in order.lines.values():
        if line.is_kit and fulfilling.stays_whole(world, order, line):
            parts = {
                part.number: divmod(units.get(part.number, 0), part.per_kit or 1)
                for part in kits.parts(order.lines, line.number)
            }
            if len(set(parts.values())) > 1 or any(rest for _, rest in parts.values()):
                part = next(number for number in parts if units.get(number))
                return refused(PART_OF_KIT, "/cancel", line=part, kit=line.number)
    return None


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_close(command, world, batch) for command in batch.commands]


def _close(command: CloseFulfillmentOrder, world: World, batch: Batch) -> Decision:
    leaving = plan(command, world, batch)
    if isinstance(leaving, Decision):
        return leaving
    order, source, owed = leaving.order, leaving.source, leaving.order.adjusted_minor
    names = _names(leaving, world)
    if isinstance(names, Decision):
        return names
    money = _credit(leaving)
    moves = _let_go(leaving, names, world)
    postings = fulfilling.post(order, moves, world)
    days, booked_off = world.diary.give_back(order.id, moves)
    asked = []
    if not requesting.in_house(source) and source.request != "unsubmitted":
        requesting.say(source, "cancellation_accepted")
        asked.append(source)
    done = resourcing.look_elsewhere(leaving, world, batch) if leaving.units else Resourced(reason="nothing_to_source")
    data = resourcing.tell(leaving, moves, done, asked, booked_off)
    data |= {"reason": command.reason, "adjusted_minor": order.adjusted_minor - owed}
    pools = fulfilling.no_longer_counted(order, [each.line for each in leaving.cancelled], world.taken)
    if pools:
        data["pools"] = [*data.get("pools", ()), *pools]
    event = changing.changed(order, "fulfillment_order_closed", batch, data)
    rows = [*resourcing.changed_rows(leaving, moves, done, days), *limiting.pool_uses(order, pools)]
    return Decision(_outcome(leaving, done), event, [*postings, *done.postings], money, rows)


Names = Mapping[tuple[int, str], tuple[str, ...]]
"""Of picked units with serial numbers, by (line, where they go)."""


def _names(leaving: Closing, world: World) -> Names | Decision:
    """Which picked units of each line are cancelled, and which are looked for elsewhere."""
    allocations, named = leaving.work.of(leaving.source.number), Naming(leaving.order, world.serials)
    names: dict[tuple[int, str], tuple[str, ...]] = {}
    released = work_rules.waiting(allocations, "released")
    rest = [LineUnits(line, units) for line, units in leaving.units.items()]
    for target, lines in (("cancelled", leaving.cancelled), ("open", rest)):
        for index, each in enumerate(lines):
            picked = max(0, each.quantity - released[each.line])
            released[each.line] = max(0, released[each.line] - each.quantity)
            here = work_rules.of_line(allocations, each.line)
            chosen = named.choose(each.line, here, picked, each.serials, "picked", f"/cancel/{index}/serials")
            if isinstance(chosen, Decision):
                return chosen
            names[each.line, target] = (*names.get((each.line, target), ()), *chosen)
    return names


def _credit(leaving: Closing) -> list[MoneyPosting]:
    """What the cancelled units cost is not owed any more."""
    lines = leaving.order.lines
    return [
        posting
        for line, units in fulfilling.units_by_line(leaving.cancelled).items()
        for posting in rules.credit_cancelled(leaving.order, lines[line], units)
    ]


def _let_go(leaving: Closing, names: Names, world: World) -> list[Move]:
    """Released units first, then picked ones: the first lie on the shelf, the others have to be put back."""
    work, moves = leaving.work, list[Move]()
    here = work.of(leaving.source.number)
    for target, units, back in (
        ("cancelled", fulfilling.units_by_line(leaving.cancelled), ""),
        ("open", leaving.units, "available"),
    ):
        for line, quantity in units.items():
            allocations = work_rules.of_line(here, line)
            released = min(quantity, work_rules.waiting(allocations, "released")[line])
            moves += work_rules.take(work, allocations, "released", target, released, back)
            named = names.get((line, target), ())
            moves += naming.moves(work, allocations, "picked", target, quantity - released, named, world.serials, back)
    return moves


def _outcome(leaving: Closing, done: Resourced) -> FulfillmentOrderClosed:
    order = leaving.order
    return FulfillmentOrderClosed(
        fulfilling.name(order, "F", leaving.source.number), str(order.number), order.version, fulfilling.stage(order),
        sum(each.quantity for each in leaving.cancelled), done.reason, done.found, order.sum("open") + order.sum("backordered"),
        [fulfilling.name(order, "F", each.number) for each in done.made], Money.of_minor(order.due_minor, order.currency),
    )  # fmt: skip


VERB = Verb(
    noun="fulfillment-orders",
    verb="close",
    summary="Send nothing more of a fulfillment order: what is left is cancelled, or looked for elsewhere at once.",
    command=CloseFulfillmentOrder,
    outcome=FulfillmentOrderClosed,
    refusals=(
        fulfilling.UNKNOWN_FULFILLMENT_ORDER, NOTHING_TO_CLOSE, PACKED, fulfilling.UNKNOWN_LINE, dividing.NOT_DIVISIBLE, PART_OF_KIT,
        *naming.REFUSALS,
    ),
    scope="fulfillment:write",
    event="fulfillment_order_closed",
    example={"fulfillment_order": "1042-F1", "reason": "sold_out", "rest": "source", "cancel": [{"line": 1, "quantity": 1}]},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
