"""Split fulfillment orders: units of one become one of their own at the same location."""

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment.requests import SplitFulfillmentOrder
from lading.journal.types import Decision
from lading.operations import changing, dividing, fulfilling, requesting
from lading.operations.fulfilling import World
from lading.operations.registry import Batch, Verb


class FulfillmentOrderSplit(Struct, frozen=True):
    """The new one, and what the first one has left."""

    fulfillment_order: str
    """With the units that were named."""
    remaining: str
    order: str
    version: int
    units: int
    left: int
    """Units of the first one that are in the building."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders and their allocations. No stock moves."""
    return await fulfilling.read_world(tx, batch, (each.fulfillment_order for each in batch.commands), stock=False)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_split(command, world, batch) for command in batch.commands]


def _split(command: SplitFulfillmentOrder, world: World, batch: Batch) -> Decision:
    found = fulfilling.find_fulfillment_order(world, command.fulfillment_order)
    if isinstance(found, Decision):
        return found
    order, work, source = found
    if refusal := fulfilling.held(order, "release", (), source.number):
        return refusal
    divided = dividing.part(order, work, source, command.lines)
    if isinstance(divided, Decision):
        return divided
    data = {
        "fulfillment_order": source.number,
        "location_id": source.location_id,
        **divided.told(),
        **requesting.told_new(divided.made),
    }
    event = changing.changed(order, "fulfillment_order_split", batch, data)
    outcome = FulfillmentOrderSplit(
        fulfilling.name(order, "F", divided.made[0].number), fulfilling.name(order, "F", source.number), str(order.number),
        order.version, requesting.in_house(divided.made[0]), requesting.in_house(source),
    )  # fmt: skip
    return Decision(outcome, event, (), (), [order, *divided.rows(work)])


VERB = Verb(
    noun="fulfillment-orders",
    verb="split",
    summary="Make a fulfillment order of its own of some units of one, at the same location.",
    command=SplitFulfillmentOrder,
    outcome=FulfillmentOrderSplit,
    refusals=(
        fulfilling.UNKNOWN_FULFILLMENT_ORDER, fulfilling.ON_HOLD, fulfilling.UNKNOWN_LINE, dividing.NOT_DIVISIBLE,
        dividing.ALL_OF_IT,
    ),
    scope="fulfillment:write",
    event="fulfillment_order_split",
    example={"fulfillment_order": "1042-F1", "lines": [{"line": 1, "quantity": 1}]},
    prefetch=prefetch,
    decide=decide,
    inverse="fulfillment-orders.merge",
)  # fmt: skip
