"""Cancel fulfillment orders: what nobody has picked waits for a release again; a location that accepted is asked first."""

from typing import Any

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment.requests import CancelFulfillmentOrder
from lading.fulfillment.types import FulfillmentOrder, Work
from lading.journal.types import Decision, refused
from lading.operations import changing, dividing, fulfilling, requesting
from lading.operations.dividing import Divided
from lading.operations.fulfilling import World
from lading.operations.registry import Batch, Verb
from lading.orders.types import Order
from lading.terms.ledger import Posting

NOTHING_TO_TAKE_BACK = (
    "nothing_to_take_back",
    "Nothing of {fulfillment_order} waits to be picked: what is picked is rejected, cancelled or sent.",
)


class FulfillmentOrderCancelled(Struct, frozen=True):
    """What waits for a release again, and what its location was asked."""

    fulfillment_order: str
    order: str
    version: int
    stage: str
    request: str
    """cancellation_requested where its location has to answer first."""
    units: int
    """That wait for a release again."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders and their allocations. No stock moves: what is released stays in its bucket."""
    return await fulfilling.read_world(tx, batch, (each.fulfillment_order for each in batch.commands), stock=False)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_cancel(command, world, batch) for command in batch.commands]


def _cancel(command: CancelFulfillmentOrder, world: World, batch: Batch) -> Decision:
    found = fulfilling.find_fulfillment_order(world, command.fulfillment_order)
    if isinstance(found, Decision):
        return found
    order, work, source = found
    document = fulfilling.name(order, "F", source.number)
    if not source.released:
        return refused(NOTHING_TO_TAKE_BACK, "/fulfillment_order", fulfillment_order=document)
    data: dict[str, Any] = {"reason": command.reason}
    if source.request in ("accepted", "cancellation_requested", "cancellation_rejected"):
        if source.request == "cancellation_requested":
            return Decision(outcome(order, source, 0))
        requesting.say(source, "cancellation_requested")
        return record(order, source, "fulfillment_order_cancellation_requested", batch, data)
    requesting.say(source, "unsubmitted")
    return take_back(order, work, source, "fulfillment_order_cancelled", batch, data)


def take_back(
    order: Order, work: Work, source: FulfillmentOrder, kind: str, batch: Batch, data: dict[str, Any]
) -> Decision:
    """What nobody has picked is allocated, and no more released."""
    divided, postings = Divided(), list[Posting]()
    for allocation in list(work.of(source.number)):
        if units := allocation.released:
            other = dividing.twin(work, allocation, None, divided)
            divided.moves.append(rules.move(work, allocation, "released", "moved", units))
            divided.moves.append(rules.move(work, other, "moved_in", "allocated", units))
            order.lines[allocation.line_number].move("released", "allocated", units)
            postings.append(
                Posting(allocation.sku_id, units, None, None, allocation.line_number, "released", "allocated")
            )
    units = sum(posting.quantity for posting in postings)
    decision = record(order, source, kind, batch, {**data, **divided.told()}, units)
    decision.postings = postings
    decision.rows += divided.rows(work)
    return decision


def record(
    order: Order, source: FulfillmentOrder, kind: str, batch: Batch, data: dict[str, Any], units: int = 0
) -> Decision:
    """What its location was asked or said."""
    told = {
        "fulfillment_order": source.number, "location_id": source.location_id, "asked": requesting.told_asked([source]), **data,
    }  # fmt: skip
    event = changing.changed(order, kind, batch, told)
    return Decision(outcome(order, source, units), event, (), (), [order, source])


def outcome(order: Order, source: FulfillmentOrder, units: int) -> FulfillmentOrderCancelled:
    """How it stands."""
    return FulfillmentOrderCancelled(
        fulfilling.name(order, "F", source.number), str(order.number), order.version, fulfilling.stage(order),
        source.request, units,
    )  # fmt: skip


VERB = Verb(
    noun="fulfillment-orders",
    verb="cancel",
    summary="Take back what a location has not picked; it waits for a release again. Where the location accepted, it is asked.",
    command=CancelFulfillmentOrder,
    outcome=FulfillmentOrderCancelled,
    refusals=(fulfilling.UNKNOWN_FULFILLMENT_ORDER, NOTHING_TO_TAKE_BACK),
    scope="fulfillment:write",
    event="fulfillment_order_cancelled",
    example={"fulfillment_order": "1042-F1", "reason": "customer_called"},
    prefetch=prefetch,
    decide=decide,
)
