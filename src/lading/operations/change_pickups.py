"""Change where customers collect lines of an order, or have them sent: the only way in which that changes.

What is collected is taxed where it is handed over, and what is sent, where it goes.
"""

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment.pickups import ChangePickup
from lading.journal.types import Decision, Envelope
from lading.operations import changing, fulfilling, placing, retaxing, taxing
from lading.operations.paying_for_edits import EditPayment
from lading.operations.registry import Batch, Verb
from lading.operations.retaxing import Retaxed, World
from lading.orders import store as orders_store
from lading.orders.types import PickupPlace
from lading.terms.money import Money

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
    difference: Money
    """What the order costs more, or less: taxes that are calculated where lines are handed over."""
    payment: EditPayment | None = None
    """What that does to the money that somebody promised or paid."""
    holds: list[str] = []
    """The holds that it places: for an approval, for what a company owes."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders, locked; the locations, and what taxes depend on."""
    world = World(await orders_store.load(tx, (command.order for command in batch.commands), lock=batch.lock))
    await retaxing.read(tx, batch, world)
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_change(envelope, world, batch) for envelope in batch.envelopes]


def _change(envelope: Envelope[ChangePickup], world: World, batch: Batch) -> Decision:
    command = envelope.command
    order = changing.find(world.orders, command.order)
    if isinstance(order, Decision):
        return order
    if command.location and (refusal := placing.refuse_pickup(command.location, world.network, "/location")):
        return refusal
    place = world.network.location_by_code(command.location) if command.location else None
    lines = fulfilling.idle_lines(order, command.lines, _AT_WORK, AT_WORK)
    if isinstance(lines, Decision):
        return lines
    if refusal := fulfilling.held(order, "edit", set(command.lines)) or taxing.refuse_unknown(order, world.taxing):
        return refusal
    changed = [line for line in lines if line.pickup_at != (place.id if place else None)]
    for line in changed:
        line.pickup_at = place.id if place else None
    numbers = sorted({line.number for line in changed})
    event, taxed = None, Retaxed()
    if changed:
        known = world.taxing if taxing.calculates(world.policies, order.channel_id) else None
        taxed = retaxing.charge(order, taxing.tax_collected(order, changed, known), world, envelope.actor, batch.now)
        data = {"lines": numbers, "to_location_id": place.id if place else None, "reason": command.reason, **taxed.data}
        event = changing.changed(order, "pickup_changed", batch, data)
    difference = Money.of_minor(taxed.data.get("adjusted_minor", 0), order.currency)
    outcome = PickupChanged(
        str(order.number),
        order.version,
        fulfilling.stage(order),
        numbers,
        command.location,
        difference,
        taxed.paid,
        taxed.holds,
    )
    rows: list[object] = [PickupPlace(order.id, line.number, line.pickup_at) for line in changed]
    return Decision(outcome, event, money=taxed.money, rows=[order, *rows, *taxed.rows] if changed else [])


VERB = Verb(
    noun="pickups",
    verb="change",
    summary="Let the customer collect lines somewhere else, or have them sent; only what nobody works on.",
    command=ChangePickup,
    outcome=PickupChanged,
    refusals=(
        changing.UNKNOWN_ORDER, placing.UNKNOWN_LOCATION, placing.NO_PICKUP, fulfilling.UNKNOWN_LINE, AT_WORK,
        fulfilling.ON_HOLD, taxing.UNKNOWN,
    ),
    scope="orders:write",
    event="pickup_changed",
    example={"order": "1042", "lines": [1], "location": "STORE-8", "reason": "customer_request"},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
