"""Let parcels wait longer at their counters, or less long."""

from datetime import datetime

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment.pickups import ExtendPickup
from lading.journal.types import Decision, refused
from lading.operations import changing, collecting, fulfilling
from lading.operations.collecting import World
from lading.operations.ready_pickups import IN_PAST
from lading.operations.registry import Batch, Verb


class PickupExtended(Struct, frozen=True):
    """Until when it waits."""

    parcel: str
    order: str
    version: int
    collect_by: datetime


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders with their parcels."""
    return await collecting.read(tx, batch, (each.parcel for each in batch.commands))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_extend(command, world, batch) for command in batch.commands]


def _extend(command: ExtendPickup, world: World, batch: Batch) -> Decision:
    waiting = collecting.find_waiting(command.parcel, world)
    if isinstance(waiting, Decision):
        return waiting
    found, pickup = waiting
    order = found.order
    if command.collect_by <= batch.now:
        return refused(IN_PAST, "/collect_by", collect_by=command.collect_by.isoformat())
    before, pickup.collect_by = pickup.collect_by, command.collect_by
    if before == command.collect_by:
        return Decision(PickupExtended(found.document, str(order.number), order.version, pickup.collect_by))
    data = {
        "parcel": found.parcel.number, "location_id": pickup.location_id, "collect_by": pickup.collect_by, "before": before,
    }  # fmt: skip
    event = changing.changed(order, "pickup_extended", batch, data)
    outcome = PickupExtended(found.document, str(order.number), order.version, pickup.collect_by)
    return Decision(outcome, event, (), (), [order, pickup])


VERB = Verb(
    noun="pickups",
    verb="extend",
    summary="Let a parcel wait longer for its customer, or less long.",
    command=ExtendPickup,
    outcome=PickupExtended,
    refusals=(fulfilling.UNKNOWN_PARCEL, collecting.NOT_READY, collecting.ENDED, collecting.NOT_PACKED, IN_PAST),
    scope="fulfillment:write",
    event="pickup_extended",
    example={"parcel": "1042-P1", "collect_by": "2099-12-24T18:00:00+01:00"},
    prefetch=prefetch,
    decide=decide,
)
