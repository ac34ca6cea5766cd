"""Cancel lines: units that are not wanted any more, as long as they are not shipped."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment import rules as work_rules
from lading.fulfillment.rules import Move
from lading.fulfillment.types import FulfillmentOrder, Work
from lading.inventory import limit_store
from lading.inventory.lots import SerialKey
from lading.journal.types import Decision, refused
from lading.operations import changing, fulfilling, limiting, naming, unpacking
from lading.operations.fulfilling import World
from lading.operations.registry import Batch, Verb
from lading.orders import kits, rules
from lading.orders.commands import CancelLine, CancelLines
from lading.orders.types import Line, Order
from lading.shipping.types import Parcel
from lading.terms.ledger import MoneyPosting, Posting
from lading.terms.money import Money

NOTHING_TO_CANCEL = ("nothing_to_cancel", "Nothing of order {order} can be cancelled any more.")
NOT_CANCELLABLE = (
    "not_cancellable",
    "{waiting} units of line {line} can be cancelled, not {quantity}: the others are packed, away or cancelled.",
)


PART_OF_KIT = (
    "part_of_kit",
    "Line {line} is a part of the kit on line {kit}, which is cancelled whole: name that line, or let kits go in parts.",
)


class LinesCancelled(Struct, frozen=True):
    """How much was cancelled, and where the order and its money stand."""

    order: str
    version: int
    stage: str
    cancelled: int
    due: Money
    """What the customer still owes; below zero, what is owed to the customer."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders with their allocations, and the stock where their units lie."""
    commands: list[CancelLines] = batch.commands
    parcels = any(command.unpack for command in commands)
    world = await fulfilling.read_world(tx, batch, (each.order for each in commands), parcels=parcels, days=True)
    await fulfilling.read_kit_policies(tx, world)
    await fulfilling.read_serials(tx, batch, world)
    world.taken = await limit_store.read_pool_takes(tx, {order.id for order in world.orders.by_ref.values()})
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_cancel(command, world, batch) for command in batch.commands]


def _cancel(command: CancelLines, world: World, batch: Batch) -> Decision:
    order = changing.find(world.orders, command.order, command.expected_version)
    if isinstance(order, Decision):
        return order
    work = world.work[order.id]
    left = _left(order, work, unpack=command.unpack)
    wanted: Sequence[CancelLine] = command.lines or _all(order, left, world)
    if not wanted:
        return refused(NOTHING_TO_CANCEL, "/order", order=str(order.number))
    if refusal := _refuse_lines(wanted, left, order, world):
        return refusal
    wanted = _in_parts(wanted, order)
    named = _names(order, work, wanted, world)
    if isinstance(named, Decision):
        return named
    opened = _to_open(order, wanted, world) if command.unpack else []
    moves = unpacking.take_apart(work, opened, batch.now)
    postings = fulfilling.post(order, moves, world)
    money: list[MoneyPosting] = []
    for each, names in zip(wanted, named, strict=True):
        line = order.lines[each.line]
        money += rules.credit_cancelled(order, line, each.quantity)
        moved, posted = _cancel_line(order, line, work, each.quantity, names, world)
        moves += moved
        postings += posted
    days, given_back = world.diary.give_back(order.id, moves)
    pools = fulfilling.no_longer_counted(order, [each.line for each in wanted], world.taken)
    data = _told(command, postings, moves, money, pools)
    if opened:
        data["parcels"] = [parcel.number for parcel in opened]
    if given_back:
        data["bookings"] = given_back
    event = changing.changed(order, "lines_cancelled", batch, data)
    units = sum(each.quantity for each in wanted)
    due = Money.of_minor(order.due_minor, order.currency)
    outcome = LinesCancelled(str(order.number), order.version, fulfilling.stage(order), units, due)
    rows = [order, *(moved.allocation for moved in moves), *_fulfillment_orders(work, moves), *opened, *days]
    return Decision(outcome, event, postings, money, [*rows, *limiting.pool_uses(order, pools)])


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
    units: dict[int, int] = {}
    for each in wanted:
        units[each.line] = units.get(each.line, 0) + each.quantity
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
    used: dict[SerialKey, int] = {}
    gone: dict[int, int] = {}
    for index, each in enumerate(wanted):
        before = gone.get(each.line, 0)
        gone[each.line] = before + each.quantity
        line = order.lines[each.line]
        picked = [rules.cancelled_from(line, units).get("picked", 0) for units in (before, before + each.quantity)]
        allocations = work_rules.of_line(work.allocations, each.line)
        chosen = naming.choose(
            order, each.line, allocations, picked[1] - picked[0], each.serials, "picked", world.serials, used,
            f"/lines/{index}/serials",
        )  # fmt: skip
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


def _fulfillment_orders(work: Work, moves: Sequence[Move]) -> list[FulfillmentOrder]:
    numbers = {moved.allocation.fulfillment_order for moved in moves}
    return [each for each in work.fulfillment_orders if each.number in numbers]


def _told(
    command: CancelLines,
    postings: Sequence[Posting],
    moves: Sequence[Move],
    money: Sequence[MoneyPosting],
    pools: Sequence[tuple[int, UUID, int]],
) -> dict[str, Any]:
    credited = sum(
        each.amount_minor * ((each.credit == rules.RECEIVABLE) - (each.debit == rules.RECEIVABLE)) for each in money
    )
    told = {
        "reason": command.reason,
        "lines": [
            {"line": posting.line_number, "from": posting.line_from, "quantity": posting.quantity}
            for posting in postings
            if posting.line_to == "cancelled"
        ],
        "moves": work_rules.told(moves),
        "adjusted_minor": -credited,
    }
    return told | {"pools": pools} if pools else told


VERB = Verb(
    noun="lines",
    verb="cancel",
    summary="Cancel units that are not shipped, the least advanced first; without lines all that can be.",
    command=CancelLines,
    outcome=LinesCancelled,
    refusals=(
        changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, NOTHING_TO_CANCEL, PART_OF_KIT, fulfilling.UNKNOWN_LINE,
        NOT_CANCELLABLE, *naming.REFUSALS,
    ),
    scope="orders:write",
    event="lines_cancelled",
    example={"order": "1042", "reason": "customer_request", "lines": [{"line": 1, "quantity": 1}]},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
