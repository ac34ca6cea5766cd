"""What the verbs of collection have in common: parcels that wait at a counter."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from lading.catalog import store as catalog
from lading.catalog.types import Network
from lading.database.pool import Transaction
from lading.fulfillment import store as fulfillment
from lading.fulfillment.types import FulfillmentOrder, Pickup, Work
from lading.journal.types import Decision, refused
from lading.operations import fulfilling
from lading.operations.registry import Batch
from lading.orders.types import Order
from lading.shipping.types import Parcel

NOT_COLLECTED_HERE = ("not_collected_here", "{parcel} is sent to its customer: nobody collects it at {location}.")
NOT_PACKED = ("not_packed", "{parcel} does not wait at its location any more (it is {status}).")
NOT_READY = ("not_ready", "{parcel} is not ready for its customer.")
ENDED = ("pickup_ended", "{parcel} was {how} already.")

CODES = 1_000_000


@dataclass(slots=True)
class World(fulfilling.World):
    """Orders with work and parcels, and what waits at counters."""

    network: Network = field(default_factory=Network)
    pickups: dict[tuple[UUID, int], Pickup] = field(default_factory=dict)


async def read(tx: Transaction, batch: Batch, refs: Iterable[str], *, days: bool = False, setup: bool = False) -> World:
    """The orders, locked, with what they have at counters; `setup` where policies or locations are asked."""
    found = await fulfilling.read_world(tx, batch, refs, parcels=True, days=days)
    world = World(found.orders, found.work, found.parcels, diary=found.diary, shelves=found.shelves)
    world.pickups = await fulfillment.read_pickups(tx, {order.id for order in world.orders.by_ref.values()})
    if setup:
        world.network, world.policies = await catalog.read_setup(tx, ())
    return world


@dataclass(slots=True)
class Collected:
    """A parcel that a customer collects, with all that it belongs to."""

    order: Order
    work: Work
    parcel: Parcel
    source: FulfillmentOrder
    document: str
    pickup: Pickup | None


def find(ref: str, world: World) -> Collected | Decision:
    """The parcel, or the refusal of one that is not collected where it is."""
    found = fulfilling.find_parcel(world, ref)
    if isinstance(found, Decision):
        return found
    order, parcel = found
    work, document = world.work[order.id], fulfilling.name(order, "P", parcel.number)
    source = work.fulfillment_orders[parcel.fulfillment_order - 1]
    return Collected(order, work, parcel, source, document, world.pickups.get((order.id, parcel.number)))


def find_waiting(ref: str, world: World) -> tuple[Collected, Pickup] | Decision:
    """The parcel that waits at the counter, or the refusal of one that does not."""
    found = find(ref, world)
    if isinstance(found, Decision):
        return found
    if found.pickup is None:
        return refused(NOT_READY, "/parcel", parcel=found.document)
    if found.pickup.ended_as:
        return refused(ENDED, "/parcel", parcel=found.document, how=found.pickup.ended_as)
    if found.parcel.status != "packed":
        return refused(NOT_PACKED, "/parcel", parcel=found.document, status=found.parcel.status)
    return found, found.pickup


def wait(order: Order, parcel: Parcel, collect_by: datetime | None, world: World, batch: Batch, fresh: UUID) -> Pickup:
    """It waits for its customer from now on."""
    days = world.policies.value("pickup_days", channel=order.channel_id, location=parcel.location_id)
    until = collect_by or batch.now + timedelta(days=days)
    new = Pickup(order.id, parcel.number, parcel.location_id, f"{fresh.int % CODES:06}", batch.now, until, stored=False)
    world.pickups[(order.id, parcel.number)] = new
    return new
