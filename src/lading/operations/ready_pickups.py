"""Make parcels ready for their customers, who are told by the event."""

from datetime import datetime

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment.pickups import ReadyPickup
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, collecting, fulfilling
from lading.operations.collecting import World
from lading.operations.registry import Batch, Verb

READY_ALREADY = ("ready_already", "{parcel} is ready already.")
IN_PAST = ("in_past", "{collect_by} is over already.")


class PickupReady(Struct, frozen=True):
    """Until when it waits. What the customer says is told by the question about it."""

    parcel: str
    order: str
    version: int
    location_id: str
    collect_by: datetime


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders with their parcels; how long things wait."""
    return await collecting.read(tx, batch, (each.parcel for each in batch.commands), setup=True)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_ready(envelope, world, batch) for envelope in batch.envelopes]


def _ready(envelope: Envelope[ReadyPickup], world: World, batch: Batch) -> Decision:
    command = envelope.command
    found = collecting.find(command.parcel, world)
    if isinstance(found, Decision):
        return found
    order, parcel = found.order, found.parcel
    if found.source.pickup_at != parcel.location_id:
        location = world.network.locations[parcel.location_id].code
        return refused(collecting.NOT_COLLECTED_HERE, "/parcel", parcel=found.document, location=location)
    if found.pickup:
        return refused(READY_ALREADY, "/parcel", parcel=found.document)
    if parcel.status != "packed":
        return refused(collecting.NOT_PACKED, "/parcel", parcel=found.document, status=parcel.status)
    if refusal := fulfilling.held(order, "ship", parcel.units(), parcel.fulfillment_order):
        return refusal
    if command.collect_by and command.collect_by <= batch.now:
        return refused(IN_PAST, "/collect_by", collect_by=command.collect_by.isoformat())
    pickup = collecting.wait(order, parcel, command.collect_by, world, batch, envelope.fresh_id)
    data = {"parcel": parcel.number, "location_id": parcel.location_id, "collect_by": pickup.collect_by}
    event = changing.changed(order, "pickup_ready", batch, data)
    outcome = PickupReady(found.document, str(order.number), order.version, str(parcel.location_id), pickup.collect_by)
    return Decision(outcome, event, (), (), [order, pickup])


VERB = Verb(
    noun="pickups",
    verb="ready",
    summary="Say that a parcel waits at the counter for its customer, who is told.",
    command=ReadyPickup,
    outcome=PickupReady,
    refusals=(
        fulfilling.UNKNOWN_PARCEL, collecting.NOT_COLLECTED_HERE, READY_ALREADY, collecting.NOT_PACKED, fulfilling.ON_HOLD, IN_PAST,
    ),
    scope="fulfillment:write",
    event="pickup_ready",
    example={"parcel": "1042-P1"},
    prefetch=prefetch,
    decide=decide,
    creates=True,
)  # fmt: skip
