"""Nobody came: what waited at a counter goes back to the shelf, its units are cancelled, and their money becomes due back."""

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment.pickups import ExpirePickup
from lading.inventory import limit_store
from lading.journal.types import Decision
from lading.operations import changing, collecting, fulfilling, limiting, unpacking
from lading.operations.collecting import World
from lading.operations.registry import Batch, Verb
from lading.orders import rules as order_rules
from lading.terms.money import Money


class PickupExpired(Struct, frozen=True):
    """How much was cancelled, and where the order and its money stand."""

    parcel: str
    order: str
    version: int
    stage: str
    cancelled: int
    """0 where its time is not over."""
    due: Money
    """What the customer still owes; below zero, what is owed to the customer."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders with their parcels, the stock where their units lie, and the days of locations that they hold."""
    world = await collecting.read(tx, batch, (each.parcel for each in batch.commands), days=True)
    await fulfilling.read_serials(tx, batch, world)
    world.taken = await limit_store.read_pool_takes(tx, {order.id for order in world.orders.by_ref.values()})
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival. A hold stops nobody from giving back."""
    return [_expire(command, world, batch) for command in batch.commands]


def _expire(command: ExpirePickup, world: World, batch: Batch) -> Decision:
    waiting = collecting.find_waiting(command.parcel, world)
    if isinstance(waiting, Decision):
        return waiting
    found, pickup = waiting
    order, parcel, work = found.order, found.parcel, found.work

    def outcome(units: int) -> PickupExpired:
        due = Money.of_minor(order.due_minor, order.currency)
        return PickupExpired(found.document, str(order.number), order.version, fulfilling.stage(order), units, due)

    if command.only_over and pickup.collect_by > batch.now:
        return Decision(outcome(0))
    owed = order.adjusted_minor
    money = [
        posting
        for line, units in parcel.units().items()
        for posting in order_rules.credit_cancelled(order, order.lines[line], units)
    ]
    moves = unpacking.take_apart(work, [parcel], batch.now)
    moves += [
        rules.move(work, work.allocations[line.allocation - 1], "picked", "cancelled", line.quantity, line.serials)
        for line in parcel.lines
    ]
    postings = fulfilling.post(order, moves, world)
    pickup.ended_as, pickup.ended_at = "expired", batch.now
    days, booked_off = world.diary.give_back(order.id, moves)
    pools = fulfilling.no_longer_counted(order, list(parcel.units()), world.taken)
    data = {
        "parcel": parcel.number, "fulfillment_order": parcel.fulfillment_order, "location_id": parcel.location_id,
        "reason": command.reason, "moves": rules.told(moves), "adjusted_minor": order.adjusted_minor - owed,
        "lines": [{"line": line, "from": "packed", "quantity": units} for line, units in parcel.units().items()],
    }  # fmt: skip
    data |= {name: told for name, told in (("pools", pools), ("bookings", booked_off)) if told}
    event = changing.changed(order, "pickup_expired", batch, data)
    touched = {id(moved.allocation): moved.allocation for moved in moves}.values()
    rows = [order, found.source, parcel, pickup, *touched, *days, *limiting.pool_uses(order, pools)]
    return Decision(outcome(sum(parcel.units().values())), event, postings, money, rows)


VERB = Verb(
    noun="pickups",
    verb="expire",
    summary="Give up waiting for the customer of a parcel: its units go back to the shelf and are cancelled.",
    command=ExpirePickup,
    outcome=PickupExpired,
    refusals=(fulfilling.UNKNOWN_PARCEL, collecting.NOT_READY, collecting.ENDED, collecting.NOT_PACKED),
    scope="fulfillment:write",
    event="pickup_expired",
    example={"parcel": "1042-P1", "reason": "not_collected"},
    prefetch=prefetch,
    decide=decide,
)
