"""Ship fulfillment orders in one step: what a vendor or a partner tells that has no picking and packing of ours."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment.commands import LineUnits
from lading.fulfillment.requests import ShipFulfillmentOrder
from lading.fulfillment.rules import Move
from lading.fulfillment.types import FulfillmentOrder, Work
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, dividing, fulfilling, naming, picking, requesting
from lading.operations.fulfilling import World
from lading.operations.naming import Naming
from lading.operations.pack_parcels import contents
from lading.operations.registry import Batch, Verb
from lading.operations.ship_parcels import COLLECTED, IN_FUTURE, KIT_INCOMPLETE
from lading.orders import kits
from lading.orders.types import Order
from lading.shipping.types import Parcel
from lading.shortages.types import Cause

NOTHING_TO_SHIP = (
    "nothing_to_ship",
    "Nothing of {fulfillment_order} is released or picked: what is packed is shipped by parcel.",
)


class FulfillmentOrderShipped(Struct, frozen=True):
    """The parcel that left, and where the order stands."""

    fulfillment_order: str
    parcel: str
    order: str
    version: int
    stage: str
    units: int
    left: int
    """Units of it that are to be sent still."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders with allocations and parcels, and the stock where their units lie."""
    commands: list[ShipFulfillmentOrder] = batch.commands
    names = (each.fulfillment_order for each in commands)
    world = await fulfilling.read_world(tx, batch, names, parcels=True, rows=True)
    await picking.read_shortages(tx, world)
    await fulfilling.read_kit_policies(tx, world)
    await fulfilling.read_serials(tx, batch, world, [(each.fulfillment_order, each.lines) for each in commands])
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_ship(envelope, world, batch) for envelope in batch.envelopes]


def _ship(envelope: Envelope[ShipFulfillmentOrder], world: World, batch: Batch) -> Decision:
    command = envelope.command
    found = fulfilling.find_fulfillment_order(world, command.fulfillment_order)
    if isinstance(found, Decision):
        return found
    order, work, source = found
    document = fulfilling.name(order, "F", source.number)
    left = dividing.left(work, source)
    lines: Sequence[LineUnits] = command.lines or [LineUnits(line, units) for line, units in left.items() if units]
    for transaction in ("release", "ship"):
        if refusal := fulfilling.held(
            order, transaction, {each.line for each in lines} & order.lines.keys(), source.number
        ):
            return refusal
    if refusal := requesting.refuse_scheduled(order, source, batch.now):
        return refusal
    if source.pickup_at == source.location_id:
        return refused(COLLECTED, "/fulfillment_order", parcel=document)
    if not rules.total(left):
        return refused(NOTHING_TO_SHIP, "/fulfillment_order", fulfillment_order=document)
    if refusal := fulfilling.refuse_lines(command.lines, dict(left), dividing.NOT_DIVISIBLE, document, "/lines"):
        return refusal
    if command.occurred_at and command.occurred_at > batch.now:
        return refused(IN_FUTURE, "/occurred_at", occurred_at=command.occurred_at.isoformat())
    if refusal := _refuse_incomplete(order, lines, world, document):
        return refusal
    moves = _leave(order, work, source, lines, world)
    if isinstance(moves, Decision):
        return moves
    return _sent(envelope, order, source, moves, world, batch)


def _refuse_incomplete(order: Order, lines: Sequence[LineUnits], world: World, document: str) -> Decision | None:
    """A kit leaves whole unless it may go in parts."""
    leaving = fulfilling.units_by_line(lines)
    for line, units in leaving.items():
        order.lines[line].units["packed"] += units
    try:
        for number in sorted({kit for line in leaving if (kit := order.lines[line].part_of)}):
            sold = order.lines[number]
            part = kits.left_behind(order, sold, leaving) if fulfilling.stays_whole(world, order, sold) else None
            if part:
                return refused(KIT_INCOMPLETE, "/lines", parcel=document, kit=number, line=part.number)
    finally:
        for line, units in leaving.items():
            order.lines[line].units["packed"] -= units
    return None


def _leave(
    order: Order, work: Work, source: FulfillmentOrder, lines: Sequence[LineUnits], world: World
) -> list[Move] | Decision:
    """What is picked goes first."""
    named, chosen = Naming(order, world.serials), list[tuple[int, str, int, tuple[str, ...]]]()
    allocations = work.of(source.number)
    picked = rules.waiting(allocations, "picked")
    for index, each in enumerate(lines):
        here, first = rules.of_line(allocations, each.line), min(each.quantity, picked[each.line])
        picked[each.line] -= first
        given = list(each.serials)
        for stage, units in (("picked", first), ("released", each.quantity - first)):
            if units:
                said = given[:units] if stage == "released" or len(given) == units else ()
                names = named.choose(each.line, here, units, said, stage, f"/lines/{index}/serials")
                if isinstance(names, Decision):
                    return names
                chosen.append((each.line, stage, units, names))
    return [
        moved
        for line, stage, units, names in chosen
        for moved in naming.moves(
            work, rules.of_line(allocations, line), stage, "in_transit", units, names, world.serials
        )
    ]


def _sent(
    envelope: Envelope[ShipFulfillmentOrder],
    order: Order,
    source: FulfillmentOrder,
    moves: Sequence[Move],
    world: World,
    batch: Batch,
) -> Decision:
    command = envelope.command
    parcels = world.parcels[order.id]
    at: datetime = command.occurred_at or batch.now
    parcel = Parcel(
        order.id, len(parcels) + 1, source.number, source.location_id, "shipped", at, command.carrier, command.tracking_number,
        command.weight_grams, at, at, lines=contents(moves), stored=False,
    )  # fmt: skip
    parcels.append(parcel)
    postings = fulfilling.post(order, moves, world)
    data = {
        "parcel": parcel.number, "fulfillment_order": source.number, "location_id": source.location_id,
        "weight_grams": parcel.weight_grams, "carrier": parcel.carrier, "tracking_number": parcel.tracking_number,
        "moves": rules.told(moves), **requesting.accept_silently(source),
    }  # fmt: skip
    world.shelves.move(postings)
    turned_up = picking.turn_up(moves, Cause(envelope.event_id, at, at < batch.now), world)
    if turned_up:
        data["settled"] = picking.told_settled([], turned_up)
    event = changing.changed(order, "fulfillment_order_shipped", batch, data, at)
    outcome = FulfillmentOrderShipped(
        fulfilling.name(order, "F", source.number), fulfilling.name(order, "P", parcel.number), str(order.number), order.version,
        fulfilling.stage(order), sum(moved.quantity for moved in moves), requesting.in_house(source),
    )  # fmt: skip
    found = (shortage for shortage, _ in turned_up)
    return Decision(
        outcome, event, postings, (), [order, source, parcel, *(moved.allocation for moved in moves), *found]
    )


VERB = Verb(
    noun="fulfillment-orders",
    verb="ship",
    summary="Say that a location sent a fulfillment order, or units of it, with its tracking number: picked, packed and shipped at once.",
    command=ShipFulfillmentOrder,
    outcome=FulfillmentOrderShipped,
    refusals=(
        fulfilling.UNKNOWN_FULFILLMENT_ORDER, fulfilling.ON_HOLD, requesting.SCHEDULED, COLLECTED, NOTHING_TO_SHIP,
        fulfilling.UNKNOWN_LINE, dividing.NOT_DIVISIBLE, IN_FUTURE, KIT_INCOMPLETE, *naming.REFUSALS,
    ),
    scope="fulfillment:write",
    event="fulfillment_order_shipped",
    example={"fulfillment_order": "1042-F1", "carrier": "DHL", "tracking_number": "00340434161094015902"},
    prefetch=prefetch,
    decide=decide,
    creates=True,
)  # fmt: skip
