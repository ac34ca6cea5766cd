"""Hand parcels to customers who come for them: they are delivered."""

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment.pickups import HandOverPickup
from lading.journal.types import Decision, refused
from lading.operations import changing, collecting, fulfilling
from lading.operations.collecting import World
from lading.operations.registry import Batch, Verb

WRONG_CODE = ("wrong_code", "That is not the code of {parcel}.")


class PickupHandedOver(Struct, frozen=True):
    """Where the order stands."""

    parcel: str
    order: str
    version: int
    stage: str
    proof: str
    """code or document"""
    units: int


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders with their parcels, and the stock where their units lie."""
    return await collecting.read(tx, batch, (each.parcel for each in batch.commands))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_hand_over(command, world, batch) for command in batch.commands]


def _hand_over(command: HandOverPickup, world: World, batch: Batch) -> Decision:
    waiting = collecting.find_waiting(command.parcel, world)
    if isinstance(waiting, Decision):
        return waiting
    found, pickup = waiting
    order, parcel, work = found.order, found.parcel, found.work
    if refusal := fulfilling.held(order, "ship", parcel.units(), parcel.fulfillment_order):
        return refusal
    if command.code is not None and command.code != pickup.code:
        return refused(WRONG_CODE, "/code", parcel=found.document)
    moves = [
        rules.move(work, work.allocations[line.allocation - 1], "packed", "delivered", line.quantity, line.serials)
        for line in parcel.lines
    ]
    postings = fulfilling.post(order, moves)
    parcel.status = "delivered"
    parcel.status_at = parcel.shipped_at = parcel.delivered_at = batch.now
    pickup.ended_as, pickup.ended_at, pickup.collected_by = "collected", batch.now, command.name
    pickup.proof = "code" if command.code else "document"
    data = {
        "parcel": parcel.number, "fulfillment_order": parcel.fulfillment_order, "location_id": parcel.location_id,
        "proof": pickup.proof, "moves": rules.told(moves),
    }  # fmt: skip
    event = changing.changed(order, "pickup_handed_over", batch, data)
    units = sum(moved.quantity for moved in moves)
    outcome = PickupHandedOver(
        found.document, str(order.number), order.version, fulfilling.stage(order), pickup.proof, units
    )
    rows = [order, found.source, parcel, pickup, *(moved.allocation for moved in moves)]
    return Decision(outcome, event, postings, (), rows)


VERB = Verb(
    noun="pickups",
    verb="hand-over",
    summary="Hand a parcel to its customer, who says the code or shows a document.",
    command=HandOverPickup,
    outcome=PickupHandedOver,
    refusals=(
        fulfilling.UNKNOWN_PARCEL, collecting.NOT_READY, collecting.ENDED, collecting.NOT_PACKED, fulfilling.ON_HOLD, WRONG_CODE,
    ),
    scope="fulfillment:write",
    event="pickup_handed_over",
    example={"parcel": "1042-P1", "code": "402917"},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
