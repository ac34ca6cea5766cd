"""Ship parcels: hand them to their carriers."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.inventory.types import Key
from lading.journal.types import Decision, refused
from lading.operations import changing, fulfilling, telling_late
from lading.operations.fulfilling import World
from lading.operations.registry import Batch, Verb
from lading.orders import kits
from lading.orders.types import Order
from lading.shipping.commands import ShipParcel
from lading.shipping.types import Parcel

ALREADY_SHIPPED = ("already_shipped", "{parcel} was handed over already (it is {status}).")
UNPACKED = ("unpacked", "{parcel} was unpacked again: its units lie in no parcel, or in another one.")
IN_FUTURE = ("in_future", "{occurred_at} has not come yet.")


COLLECTED = ("collected_by_customer", "{parcel} is collected by its customer where it lies: no carrier gets it.")
KIT_INCOMPLETE = (
    "kit_incomplete",
    "{parcel} holds parts of the kit on line {kit}, whose line {line} is not packed: a kit leaves whole unless it may go in parts.",
)


class ParcelShipped(Struct, frozen=True):
    """The parcel's status, and where the order stands."""

    parcel: str
    order: str
    version: int
    stage: str
    status: str
    units: int


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders with allocations and parcels, and the stock where their units lie."""
    world = await fulfilling.read_world(
        tx, batch, (command.parcel for command in batch.commands), parcels=True, rows=True
    )
    await fulfilling.read_kit_policies(tx, world)
    world.counted = await telling_late.read(tx, batch, _leaving(world, batch.commands), packed=True)
    return world


def _leaving(world: World, commands: Iterable[ShipParcel]) -> Iterator[tuple[Key, datetime | None]]:
    for command in commands:
        if command.occurred_at is None:
            continue
        found = fulfilling.find_parcel(world, command.parcel)
        if not isinstance(found, Decision):
            order, parcel = found
            for line in parcel.lines:
                allocation = world.work[order.id].allocations[line.allocation - 1]
                yield (allocation.sku_id, allocation.location_id, allocation.lot), command.occurred_at


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; what was counted since stays as it was counted."""
    return [
        telling_late.take_back(_ship(envelope.command, world, batch), envelope, world.counted, world.shelves.rows)
        for envelope in batch.envelopes
    ]


def _ship(command: ShipParcel, world: World, batch: Batch) -> Decision:
    found = fulfilling.find_parcel(world, command.parcel)
    if isinstance(found, Decision):
        return found
    order, parcel = found
    document = fulfilling.name(order, "P", parcel.number)
    if refusal := fulfilling.held(order, "ship", parcel.units(), parcel.fulfillment_order):
        return refusal
    if parcel.status == "cancelled":
        return refused(UNPACKED, "/parcel", parcel=document)
    if parcel.status != "packed":
        return refused(ALREADY_SHIPPED, "/parcel", parcel=document, status=parcel.status)
    source = world.work[order.id].fulfillment_orders[parcel.fulfillment_order - 1]
    if source.pickup_at == parcel.location_id:
        return refused(COLLECTED, "/parcel", parcel=document)
    if command.occurred_at and command.occurred_at > batch.now:
        return refused(IN_FUTURE, "/occurred_at", occurred_at=command.occurred_at.isoformat())
    if refusal := _refuse_incomplete(order, parcel, world, document):
        return refusal
    work = world.work[order.id]
    moves = [
        rules.move(work, work.allocations[line.allocation - 1], "packed", "in_transit", line.quantity, line.serials)
        for line in parcel.lines
    ]
    postings = fulfilling.post(order, moves)
    parcel.status, parcel.carrier, parcel.tracking_number = "shipped", command.carrier, command.tracking_number
    parcel.shipped_at = parcel.status_at = command.occurred_at or batch.now
    data = {
        "parcel": parcel.number, "fulfillment_order": parcel.fulfillment_order, "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number, "moves": rules.told(moves),
    }  # fmt: skip
    event = changing.changed(order, "parcel_shipped", batch, data, parcel.shipped_at)
    units = sum(moved.quantity for moved in moves)
    outcome = ParcelShipped(document, str(order.number), order.version, fulfilling.stage(order), parcel.status, units)
    fulfillment_order = work.fulfillment_orders[parcel.fulfillment_order - 1]
    rows = [order, fulfillment_order, parcel, *(moved.allocation for moved in moves)]
    return Decision(outcome, event, postings, (), rows)


def _refuse_incomplete(order: Order, parcel: Parcel, world: World, document: str) -> Decision | None:
    """A kit may lie in several parcels, but none of them leaves before all of it is packed."""
    leaving = parcel.units()
    for number in sorted({found for line in leaving if (found := order.lines[line].part_of)}):
        kit = order.lines[number]
        part = kits.left_behind(order, kit, leaving) if fulfilling.stays_whole(world, order, kit) else None
        if part:
            return refused(KIT_INCOMPLETE, "/parcel", parcel=document, kit=number, line=part.number)
    return None


VERB = Verb(
    noun="parcels",
    verb="ship",
    summary="Hand a parcel to its carrier, with its tracking number where there is one.",
    command=ShipParcel,
    outcome=ParcelShipped,
    refusals=(
        fulfilling.UNKNOWN_PARCEL,
        fulfilling.ON_HOLD,
        UNPACKED,
        ALREADY_SHIPPED,
        COLLECTED,
        IN_FUTURE,
        KIT_INCOMPLETE,
    ),
    scope="fulfillment:write",
    event="parcel_shipped",
    example={"parcel": "1042-P1", "carrier": "DHL", "tracking_number": "00340434161094015902"},
    prefetch=prefetch,
    decide=decide,
)
