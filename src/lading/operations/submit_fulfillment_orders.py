"""Submit fulfillment orders: their locations are asked whether they send them, and have so long to answer."""

from datetime import datetime

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment.requests import SubmitFulfillmentOrder
from lading.journal.types import Decision, refused
from lading.operations import changing, fulfilling, requesting
from lading.operations.fulfilling import World
from lading.operations.registry import Batch, Verb

ASKED_ALREADY = ("asked_already", "{fulfillment_order} is {request} already.")
BEGUN = ("work_begun", "Units of {fulfillment_order} were picked: its location is at it.")


class FulfillmentOrderSubmitted(Struct, frozen=True):
    """Until when its location has to answer."""

    fulfillment_order: str
    order: str
    version: int
    request: str
    answer_by: datetime


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders and their fulfillment orders."""
    return await fulfilling.read_world(tx, batch, (each.fulfillment_order for each in batch.commands), stock=False)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_submit(command, world, batch) for command in batch.commands]


def _submit(command: SubmitFulfillmentOrder, world: World, batch: Batch) -> Decision:
    found = fulfilling.find_fulfillment_order(world, command.fulfillment_order)
    if isinstance(found, Decision):
        return found
    order, _, meant = found
    document = fulfilling.name(order, "F", meant.number)
    if not requesting.in_house(meant):
        return refused(requesting.DONE, "/fulfillment_order", fulfillment_order=document)
    if refusal := fulfilling.held(order, "release", (), meant.number):
        return refusal
    if refusal := requesting.refuse_scheduled(order, meant, batch.now):
        return refusal
    if meant.request != "unsubmitted":
        said = meant.request.replace("_", " ")
        return refused(ASKED_ALREADY, "/fulfillment_order", fulfillment_order=document, request=said)
    if meant.picked or meant.packed or meant.handed_over:
        return refused(BEGUN, "/fulfillment_order", fulfillment_order=document)
    requesting.ask(meant, command.minutes, batch.now)
    assert meant.answer_by is not None
    data = {
        "fulfillment_order": meant.number,
        "location_id": meant.location_id,
        "asked": requesting.told_asked([meant]),
    }
    event = changing.changed(order, "fulfillment_order_submitted", batch, data)
    outcome = FulfillmentOrderSubmitted(document, str(order.number), order.version, meant.request, meant.answer_by)
    return Decision(outcome, event, (), (), [order, meant])


VERB = Verb(
    noun="fulfillment-orders",
    verb="submit",
    summary="Ask a location whether it sends a fulfillment order; what it has not answered in time is taken from it.",
    command=SubmitFulfillmentOrder,
    outcome=FulfillmentOrderSubmitted,
    refusals=(
        fulfilling.UNKNOWN_FULFILLMENT_ORDER, requesting.DONE, fulfilling.ON_HOLD, requesting.SCHEDULED, ASKED_ALREADY, BEGUN,
    ),
    scope="fulfillment:write",
    event="fulfillment_order_submitted",
    example={"fulfillment_order": "1042-F1", "minutes": 30},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
