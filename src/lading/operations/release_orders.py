"""Release orders: ask each location that has stock allocated to send it."""

from dataclasses import dataclass
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment.commands import ReleaseOrder
from lading.journal.types import Decision, refused
from lading.operations import changing, fulfilling, requesting
from lading.operations.registry import Batch, Verb
from lading.orders import holds
from lading.orders import rules as rules_of_orders
from lading.orders.types import Order

NOTHING_TO_RELEASE = ("nothing_to_release", "Nothing is allocated to order {order} that has not been released.")


GOES_WHOLE = (
    "ship_complete",
    "Order {order}, or a line of it, goes out whole, and {waiting} of its units {waiting:waits|wait} for stock or {waiting:is|are} held.",
)


class OrderReleased(Struct, frozen=True):
    """The fulfillment orders that were made, and where the order stands."""

    order: str
    version: int
    stage: str
    fulfillment_orders: list[str]
    units: int


@dataclass(slots=True)
class World(fulfilling.World):
    """The orders with their allocations, and which locations are vendors'."""

    vendors: frozenset[UUID] = frozenset()


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders and their allocations. No stock moves: what is released stays in its bucket."""
    found = await fulfilling.read_world(tx, batch, (command.order for command in batch.commands), stock=False)
    network, policies = await catalog.read_setup(tx, ())
    return World(found.orders, found.work, policies=policies, vendors=requesting.vendors_of(network))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_release(command, world, batch) for command in batch.commands]


def _release(command: ReleaseOrder, world: World, batch: Batch) -> Decision:
    order = changing.find(world.orders, command.order, command.expected_version)
    if isinstance(order, Decision):
        return order
    if refusal := fulfilling.held(order, "release"):
        return refusal
    work = world.work[order.id]
    stopped = holds.held_lines(order, "release")
    if order.ship_complete and (order.sum("open") + order.sum("backordered") or stopped):
        return _waits(order)
    waits = rules_of_orders.waiting_for_the_rest(order)
    stopped |= waits
    waiting = {each.line_number for each in work.of(None) if each.allocated}
    if waiting and waiting <= stopped and (refusal := fulfilling.held(order, "release", waiting)):
        return refusal
    if waits and waiting and waiting <= stopped:
        return _waits(order)
    ready = [each for each in work.of(None) if each.allocated and each.line_number not in stopped]
    made = requesting.open_for(order, work, ready, world.policies, batch.now, world.vendors)
    if not made:
        return refused(NOTHING_TO_RELEASE, "/order", order=str(order.number))
    allocations = [allocation for each in made for allocation in work.of(each.number)]
    moves = [rules.move(work, each, "allocated", "released", each.allocated) for each in allocations]
    postings = fulfilling.post(order, moves)
    data = {
        "fulfillment_orders": requesting.told_made(made),
        "moves": rules.told(moves),
        **requesting.told_new(made),
    }
    event = changing.changed(order, "order_released", batch, data)
    names = [fulfilling.name(order, "F", each.number) for each in made]
    outcome = OrderReleased(
        str(order.number), order.version, fulfilling.stage(order), names, sum(each.released for each in made)
    )
    return Decision(outcome, event, postings, (), [order, *allocations, *made])


def _waits(order: Order) -> Decision:
    units = order.sum("open") + order.sum("backordered")
    return refused(GOES_WHOLE, "/order", order=str(order.number), waiting=units)


VERB = Verb(
    noun="orders",
    verb="release",
    summary="Release what is allocated: one fulfillment order for each location. The rest can be released later.",
    command=ReleaseOrder,
    outcome=OrderReleased,
    refusals=(changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, fulfilling.ON_HOLD, GOES_WHOLE, NOTHING_TO_RELEASE),
    scope="orders:write",
    event="order_released",
    example={"order": "1042"},
    prefetch=prefetch,
    decide=decide,
)
