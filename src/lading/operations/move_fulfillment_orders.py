"""Move fulfillment orders, or units of them, to another location: its stock is taken there and given back here in one decision."""

from datetime import date

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment.requests import MoveFulfillmentOrder
from lading.fulfillment.rules import Move
from lading.fulfillment.types import Allocation
from lading.journal.types import Decision, refused
from lading.operations import changing, choosing_stock, dividing, fulfilling, resourcing, source_orders
from lading.operations.moving_stock import UNKNOWN_LOCATION
from lading.operations.registry import Batch, Verb
from lading.operations.resourcing import Leaving, World
from lading.orders.types import Order
from lading.terms.ledger import End, Posting

NOTHING_TO_MOVE = ("nothing_to_move", "Nothing of {fulfillment_order} waits to be picked: the rest stays where it is.")
SAME_PLACE = ("same_location", "{fulfillment_order} is at {location} already.")
DOES_NOT_SEND = ("does_not_send", "{location} is not active or sends no orders.")
PICKUP_STAYS = (
    "pickup_stays",
    "{fulfillment_order} is collected by its customer: it does not move unless the place of collection is changed.",
)
NOT_ENOUGH_THERE = ("not_enough_there", "{location} can give {found} of the {quantity} of line {line}.")


class FulfillmentOrderMoved(Struct, frozen=True):
    """Who sends the units now."""

    fulfillment_order: str
    """The new one; the first of them where holds kept units from being released: none, then it is empty."""
    moved_from: str
    order: str
    version: int
    stage: str
    units: int
    promise_kept: bool
    ship_on: date | None = None
    """The day on which it leaves there; None where that location has no schedule."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders and work, and the stock of the other locations, locked."""
    return await resourcing.read(tx, batch, plan)


def plan(command: MoveFulfillmentOrder, world: World, batch: Batch) -> Leaving | Decision:
    """What moves, or why not."""
    found = fulfilling.find_fulfillment_order(world, command.fulfillment_order)
    if isinstance(found, Decision):
        return found
    order, work, source = found
    document = fulfilling.name(order, "F", source.number)
    if refusal := fulfilling.held(order, "release", (), source.number):
        return refusal
    if source.pickup_at:
        return refused(PICKUP_STAYS, "/fulfillment_order", fulfillment_order=document)
    location = world.network.location_by_code(command.to_location)
    if location is None:
        return refused(UNKNOWN_LOCATION, "/to_location", location=command.to_location)
    if location.id == source.location_id:
        return refused(SAME_PLACE, "/to_location", fulfillment_order=document, location=location.code)
    if not location.active or not location.ships:
        return refused(DOES_NOT_SEND, "/to_location", location=location.code)
    left = dividing.left(work, source, ("released",))
    if not rules.total(left):
        return refused(NOTHING_TO_MOVE, "/fulfillment_order", fulfillment_order=document)
    if refusal := dividing.refuse(order, work, source, command.lines, ("released",)):
        return refusal
    units = fulfilling.units_by_line(command.lines) or {line: count for line, count in left.items() if count}
    return Leaving(order, work, source, units, only=location.id)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_move(command, world, batch) for command in batch.commands]


def _move(command: MoveFulfillmentOrder, world: World, batch: Batch) -> Decision:
    leaving = plan(command, world, batch)
    if isinstance(leaving, Decision):
        return leaving
    assert world.stock is not None
    order, work, source = leaving.order, leaving.work, leaving.source
    sourcing = resourcing.choose_at(leaving, world, world.stock)
    for line, missing in sourcing.short.items():
        wanted = leaving.units[line]
        facts = {"location": command.to_location, "found": wanted - missing, "quantity": wanted, "line": line}
        return refused(NOT_ENOUGH_THERE, "/to_location", **facts)
    moves = [
        moved
        for line, units in leaving.units.items()
        for moved in rules.take(work, rules.of_line(work.of(source.number), line), "released", "moved", units)
    ]
    postings = [_give_back(order, moved) for moved in moves]
    days, booked_off = world.diary.give_back(order.id, [moved._replace(target="open") for moved in moves])
    back = source_orders.given_back(order, leaving.wants, world.stock, world.taken)
    choosing_stock.take(sourcing, world.stock, order.channel_id)
    sourcing.pools = [*back, *sourcing.pools]
    done = resourcing.take(leaving, sourcing, world, batch)
    data = resourcing.tell(leaving, moves, done, (), booked_off)
    data |= {"reason": command.reason, "to_location_id": leaving.only}
    event = changing.changed(order, "fulfillment_order_moved", batch, data)
    names = [fulfilling.name(order, "F", each.number) for each in done.made]
    outcome = FulfillmentOrderMoved(
        names[0] if names else "", fulfilling.name(order, "F", source.number), str(order.number), order.version,
        fulfilling.stage(order), sum(leaving.units.values()), data.get("promise", {}).get("kept", True), _leaves(done.allocations),
    )  # fmt: skip
    rows = resourcing.changed_rows(leaving, moves, done, days)
    return Decision(outcome, event, [*postings, *done.postings], (), rows)


def _give_back(order: Order, moved: Move) -> Posting:
    """The units lie free on the shelf where they lay, and the line looks for others."""
    allocation = moved.allocation
    order.lines[allocation.line_number].move("released", "open", moved.quantity)
    here = (allocation.location_id, allocation.lot)
    return Posting(
        allocation.sku_id, moved.quantity, End("allocated", *here), End("available", *here), allocation.line_number,
        "released", "open",
    )  # fmt: skip


def _leaves(allocations: list[Allocation]) -> date | None:
    return max((each.ship_on for each in allocations if each.ship_on), default=None)


VERB = Verb(
    noun="fulfillment-orders",
    verb="move",
    summary="Have another location send a fulfillment order, or units of it: stock is taken there and given back here at once.",
    command=MoveFulfillmentOrder,
    outcome=FulfillmentOrderMoved,
    refusals=(
        fulfilling.UNKNOWN_FULFILLMENT_ORDER, fulfilling.ON_HOLD, PICKUP_STAYS, UNKNOWN_LOCATION, SAME_PLACE, DOES_NOT_SEND,
        NOTHING_TO_MOVE,
        fulfilling.UNKNOWN_LINE, dividing.NOT_DIVISIBLE, NOT_ENOUGH_THERE,
    ),
    scope="fulfillment:write",
    event="fulfillment_order_moved",
    example={"fulfillment_order": "1042-F1", "to_location": "MUC", "reason": "nearer", "lines": [{"line": 1, "quantity": 1}]},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
