"""Receive what another location sent to where a customer collects it: it lies packed at the counter, and is ready."""

from datetime import datetime

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment.pickups import ReceivePickup
from lading.fulfillment.rules import Move
from lading.fulfillment.types import Allocation
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, collecting, fulfilling, requesting
from lading.operations.collecting import Collected, World
from lading.operations.ready_pickups import IN_PAST
from lading.operations.registry import Batch, Verb
from lading.shipping.types import Parcel, ParcelLine
from lading.terms.ledger import End, Posting

NOT_ON_ITS_WAY = ("not_on_its_way", "{parcel} is not on its way to a counter (it is {status}).")
ON_ITS_WAY = ("shipped", "in_transit", "out_for_delivery", "failed_attempt")


class PickupReceived(Struct, frozen=True):
    """What lies at the counter now."""

    parcel: str
    """The new one, which the customer collects."""
    arrived: str
    fulfillment_order: str
    order: str
    version: int
    stage: str
    collect_by: datetime
    units: int


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders with their parcels; how long things wait."""
    world = await collecting.read(tx, batch, (each.parcel for each in batch.commands), setup=True)
    await fulfilling.read_serials(tx, batch, world)
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_receive(envelope, world, batch) for envelope in batch.envelopes]


def _receive(envelope: Envelope[ReceivePickup], world: World, batch: Batch) -> Decision:
    command = envelope.command
    found = collecting.find(command.parcel, world)
    if isinstance(found, Decision):
        return found
    order, work, parcel, source = found.order, found.work, found.parcel, found.source
    if source.pickup_at is None or source.pickup_at == source.location_id:
        location = world.network.locations[parcel.location_id].code
        return refused(collecting.NOT_COLLECTED_HERE, "/parcel", parcel=found.document, location=location)
    if parcel.status not in ON_ITS_WAY:
        return refused(NOT_ON_ITS_WAY, "/parcel", parcel=found.document, status=parcel.status)
    if command.collect_by and command.collect_by <= batch.now:
        return refused(IN_PAST, "/collect_by", collect_by=command.collect_by.isoformat())
    born = _allocations(found)
    work.allocations += born
    made = requesting.begin(order, work, born[0], batch.now)
    made.pickup_at = source.pickup_at
    moves, postings = _lay_down(found, born, made.number)
    parcel.status, parcel.status_at = "arrived", batch.now
    parcels = world.parcels[order.id]
    new = Parcel(
        order.id, len(parcels) + 1, made.number, made.location_id, "packed", batch.now, None, None, parcel.weight_grams, batch.now,
        lines=[
            ParcelLine(each.number, line.line_number, line.quantity, line.serials)
            for each, line in zip(born, parcel.lines, strict=True)
        ],
        stored=False,
    )  # fmt: skip
    parcels.append(new)
    pickup = collecting.wait(order, new, command.collect_by, world, batch, envelope.fresh_id)
    data = {
        "parcel": new.number, "arrived": parcel.number, "fulfillment_order": made.number, "location_id": made.location_id,
        "weight_grams": new.weight_grams, "collect_by": pickup.collect_by, "moves": rules.told(moves),
        "made": requesting.told_made([made]), "taken": requesting.told_taken(born),
    }  # fmt: skip
    event = changing.changed(order, "pickup_received", batch, data)
    outcome = PickupReceived(
        fulfilling.name(order, "P", new.number), found.document, fulfilling.name(order, "F", made.number), str(order.number),
        order.version, fulfilling.stage(order), pickup.collect_by, sum(moved.quantity for moved in moves),
    )  # fmt: skip
    return Decision(outcome, event, postings, (), [order, made, parcel, new, pickup, *born])


def _allocations(found: Collected) -> list[Allocation]:
    """The same units, at the counter."""
    order, work = found.order, found.work
    assert found.source.pickup_at is not None
    return [
        Allocation(
            order.id, number, line.line_number, was.sku_id, found.source.pickup_at, was.lot, 0, tracking=was.tracking, stored=False
        )
        for number, line in enumerate(found.parcel.lines, len(work.allocations) + 1)
        for was in [work.allocations[line.allocation - 1]]
    ]  # fmt: skip


def _lay_down(found: Collected, born: list[Allocation], fulfillment_order: int) -> tuple[list[Move], list[Posting]]:
    """From the way into the building."""
    moves: list[Move] = []
    postings: list[Posting] = []
    for allocation, line in zip(born, found.parcel.lines, strict=True):
        allocation.fulfillment_order = fulfillment_order
        moves.append(rules.move(found.work, allocation, "moved_in", "packed", line.quantity, line.serials))
        found.order.lines[line.line_number].move("in_transit", "packed", line.quantity)
        whole = Posting(
            allocation.sku_id, line.quantity, None, End("packed", allocation.location_id, allocation.lot), line.line_number,
            "in_transit", "packed",
        )  # fmt: skip
        postings += [whole._replace(quantity=1, serial=serial) for serial in line.serials] or [whole]
    return moves, postings


VERB = Verb(
    noun="pickups",
    verb="receive",
    summary="Receive a parcel that another location sent to where its customer collects it: it is ready at once.",
    command=ReceivePickup,
    outcome=PickupReceived,
    refusals=(fulfilling.UNKNOWN_PARCEL, collecting.NOT_COLLECTED_HERE, NOT_ON_ITS_WAY, IN_PAST),
    scope="fulfillment:write",
    event="pickup_received",
    example={"parcel": "1042-P1"},
    prefetch=prefetch,
    decide=decide,
    creates=True,
)
