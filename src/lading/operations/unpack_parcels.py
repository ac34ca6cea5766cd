"""Unpack parcels before they are handed over: their units are picked again, and the parcel is no more."""

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.journal.types import Decision, refused
from lading.operations import changing, fulfilling, unpacking
from lading.operations.fulfilling import World
from lading.operations.registry import Batch, Verb
from lading.operations.ship_parcels import ALREADY_SHIPPED, UNPACKED
from lading.shipping.commands import UnpackParcel


class ParcelUnpacked(Struct, frozen=True):
    """The parcel that is no more, and where the order stands."""

    parcel: str
    fulfillment_order: str
    order: str
    version: int
    stage: str
    units: int


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders with allocations and parcels, and the stock where their units lie."""
    return await fulfilling.read_world(tx, batch, (command.parcel for command in batch.commands), parcels=True)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival. A hold stops nobody from undoing."""
    return [_unpack(command, world, batch) for command in batch.commands]


def _unpack(command: UnpackParcel, world: World, batch: Batch) -> Decision:
    found = fulfilling.find_parcel(world, command.parcel)
    if isinstance(found, Decision):
        return found
    order, parcel = found
    document = fulfilling.name(order, "P", parcel.number)
    if parcel.status == "cancelled":
        return refused(UNPACKED, "/parcel", parcel=document)
    if parcel.status != "packed":
        return refused(ALREADY_SHIPPED, "/parcel", parcel=document, status=parcel.status)
    work = world.work[order.id]
    moves = unpacking.take_apart(work, [parcel], batch.now)
    postings = fulfilling.post(order, moves)
    data = {
        "parcel": parcel.number, "fulfillment_order": parcel.fulfillment_order, "location_id": parcel.location_id,
        "reason": command.reason, "moves": rules.told(moves),
    }  # fmt: skip
    event = changing.changed(order, "parcel_unpacked", batch, data)
    fulfillment_order = work.fulfillment_orders[parcel.fulfillment_order - 1]
    outcome = ParcelUnpacked(
        document, fulfilling.name(order, "F", fulfillment_order.number), str(order.number), order.version,
        fulfilling.stage(order), sum(moved.quantity for moved in moves),
    )  # fmt: skip
    rows = [order, fulfillment_order, parcel, *(moved.allocation for moved in moves)]
    return Decision(outcome, event, postings, (), rows)


VERB = Verb(
    noun="parcels",
    verb="unpack",
    summary="Take a parcel apart before it is handed over: its units wait to be packed again, or cancelled.",
    command=UnpackParcel,
    outcome=ParcelUnpacked,
    refusals=(fulfilling.UNKNOWN_PARCEL, UNPACKED, ALREADY_SHIPPED),
    scope="fulfillment:write",
    event="parcel_unpacked",
    example={"parcel": "1042-P1", "reason": "repack"},
    prefetch=prefetch,
    decide=decide,
)
