"""Change where customers collect lines of an order, or have them sent: the only way in which that changes."""

from dataclasses import dataclass

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.types import Network
from lading.database.pool import Transaction
from lading.fulfillment.pickups import ChangePickup
from lading.journal.types import Decision
from lading.operations import changing, fulfilling, placing
from lading.operations.registry import Batch, Verb
from lading.orders import store as orders_store
from lading.orders.types import Orders, PickupPlace

AT_WORK = ("line_at_work", "Units of line {line} are allocated, at a location or on their way: take them back first.")
_AT_WORK = ("allocated", "released", "picked", "packed", "in_transit")


class PickupChanged(Struct, frozen=True):
    """Which lines are collected there now; stock is looked for by whoever sources the order next."""

    order: str
    version: int
    stage: str
    lines: list[int]
    location: str | None
    """None: they are sent."""


@dataclass(slots=True)
class World:
    """The orders, and where customers may collect."""

    orders: Orders
    network: Network


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders, locked; the locations."""
    orders = await orders_store.load(tx, (command.order for command in batch.commands), lock=batch.lock)
    network, _ = await catalog.read_setup(tx, ())
    return World(orders, network)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_change(command, world, batch) for command in batch.commands]


def _change(command: ChangePickup, world: World, batch: Batch) -> Decision:
    order = changing.find(world.orders, command.order)
    if isinstance(order, Decision):
        return order
    if command.location and (refusal := placing.refuse_pickup(command.location, world.network, "/location")):
        return refusal
    place = world.network.location_by_code(command.location) if command.location else None
    lines = fulfilling.idle_lines(order, command.lines, _AT_WORK, AT_WORK)
    if isinstance(lines, Decision):
        return lines
    changed = [line for line in lines if line.pickup_at != (place.id if place else None)]
    for line in changed:
        line.pickup_at = place.id if place else None
    numbers = sorted({line.number for line in changed})
    event = None
    if changed:
        data = {"lines": numbers, "to_location_id": place.id if place else None, "reason": command.reason}
        event = changing.changed(order, "pickup_changed", batch, data)
    outcome = PickupChanged(str(order.number), order.version, fulfilling.stage(order), numbers, command.location)
    rows: list[object] = [PickupPlace(order.id, line.number, line.pickup_at) for line in changed]
    return Decision(outcome, event, (), (), [order, *rows] if changed else [])


VERB = Verb(
    noun="pickups",
    verb="change",
    summary="Let the customer collect lines somewhere else, or have them sent; only what nobody works on.",
    command=ChangePickup,
    outcome=PickupChanged,
    refusals=(
        changing.UNKNOWN_ORDER, placing.UNKNOWN_LOCATION, placing.NO_PICKUP, fulfilling.UNKNOWN_LINE, AT_WORK,
    ),
    scope="orders:write",
    event="pickup_changed",
    example={"order": "1042", "lines": [1], "location": "STORE-8", "reason": "customer_request"},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
