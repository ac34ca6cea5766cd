"""Merge fulfillment orders of one order at one location: what the others have goes into the first one."""

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment.requests import MergeFulfillmentOrders
from lading.fulfillment.types import FulfillmentOrder
from lading.journal.types import Decision, refused
from lading.operations import changing, dividing, fulfilling, requesting
from lading.operations.dividing import Divided
from lading.operations.fulfilling import World
from lading.operations.registry import Batch, Verb
from lading.orders.types import Order

NOT_ALIKE = (
    "not_alike",
    "{other} is not merged into {into}: they are of two orders or locations, or their locations were asked differently.",
)
NOTHING_TO_MERGE = ("nothing_to_merge", "Nothing of {other} is released or picked.")


class FulfillmentOrdersMerged(Struct, frozen=True):
    """What the first one has now."""

    fulfillment_order: str
    order: str
    version: int
    units: int
    """Units of it that are in the building."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders and their allocations. No stock moves."""
    names = (name for each in batch.commands for name in (each.into, *each.others))
    return await fulfilling.read_world(tx, batch, names, stock=False)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_merge(command, world, batch) for command in batch.commands]


def _merge(command: MergeFulfillmentOrders, world: World, batch: Batch) -> Decision:
    found = fulfilling.find_fulfillment_order(world, command.into)
    if isinstance(found, Decision):
        return found
    order, work, into = found
    if refusal := fulfilling.held(order, "release", (), into.number):
        return refusal
    others: list[FulfillmentOrder] = []
    for index, name in enumerate(command.others):
        each = fulfilling.find_fulfillment_order(world, name)
        if isinstance(each, Decision):
            return refused(fulfilling.UNKNOWN_FULFILLMENT_ORDER, f"/others/{index}", fulfillment_order=name)
        if refusal := _refuse(order, into, each[0], each[2], f"/others/{index}"):
            return refusal
        if not sum(dividing.left(work, each[2]).values()):
            return refused(NOTHING_TO_MERGE, f"/others/{index}", other=name)
        others.append(each[2])
    divided = Divided()
    for other in others:
        dividing.take_over(
            work, other, into, {line: units for line, units in dividing.left(work, other).items() if units}, divided
        )
    leaves = max((each.ship_on for each in (into, *others) if each.ship_on), default=None)
    changes, into.ship_on = leaves != into.ship_on, leaves
    later = {"asked": requesting.told_asked([into])} if changes else {}
    data = {
        "fulfillment_order": into.number, "location_id": into.location_id, "others": [each.number for each in others],
        **divided.told(), **later,
    }  # fmt: skip
    event = changing.changed(order, "fulfillment_orders_merged", batch, data)
    outcome = FulfillmentOrdersMerged(
        fulfilling.name(order, "F", into.number), str(order.number), order.version, requesting.in_house(into)
    )
    return Decision(outcome, event, (), (), [order, *divided.rows(work)])


def _refuse(order: Order, into: FulfillmentOrder, of: Order, other: FulfillmentOrder, pointer: str) -> Decision | None:
    names = {"into": fulfilling.name(order, "F", into.number), "other": fulfilling.name(of, "F", other.number)}
    alike = (of.id, other.location_id, other.request, other.scheduled_for, other.pickup_at, other.ship_to_id) == (
        order.id, into.location_id, into.request, into.scheduled_for, into.pickup_at, into.ship_to_id,
    )  # fmt: skip
    if not alike:
        return refused(NOT_ALIKE, pointer, **names)
    return fulfilling.held(order, "release", (), other.number)


VERB = Verb(
    noun="fulfillment-orders",
    verb="merge",
    summary="Put fulfillment orders of one order at one location together again.",
    command=MergeFulfillmentOrders,
    outcome=FulfillmentOrdersMerged,
    refusals=(
        fulfilling.UNKNOWN_FULFILLMENT_ORDER, fulfilling.ON_HOLD, NOT_ALIKE, NOTHING_TO_MERGE,
    ),
    scope="fulfillment:write",
    event="fulfillment_orders_merged",
    example={"into": "1042-F1", "others": ["1042-F2"]},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
