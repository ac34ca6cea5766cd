"""Answer requests to stop: the location stops, or sends it all the same."""

from lading.database.pool import Transaction
from lading.fulfillment.requests import AnswerCancellation
from lading.journal.types import Decision, refused
from lading.operations import cancel_fulfillment_orders, fulfilling, requesting
from lading.operations.cancel_fulfillment_orders import FulfillmentOrderCancelled
from lading.operations.fulfilling import World
from lading.operations.registry import Batch, Verb

NOT_ASKED_TO_STOP = ("not_asked_to_stop", "Nobody asked the location of {fulfillment_order} to stop.")


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders and their allocations."""
    return await cancel_fulfillment_orders.prefetch(tx, batch)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_answer(command, world, batch) for command in batch.commands]


def _answer(command: AnswerCancellation, world: World, batch: Batch) -> Decision:
    found = fulfilling.find_fulfillment_order(world, command.fulfillment_order)
    if isinstance(found, Decision):
        return found
    order, work, source = found
    if source.request != "cancellation_requested":
        document = fulfilling.name(order, "F", source.number)
        return refused(NOT_ASKED_TO_STOP, "/fulfillment_order", fulfillment_order=document)
    requesting.say(source, "cancellation_accepted" if command.accepted else "cancellation_rejected")
    kind = "cancellation_answered"
    if command.accepted:
        return cancel_fulfillment_orders.take_back(order, work, source, kind, batch, {"accepted": True})
    return cancel_fulfillment_orders.record(order, source, kind, batch, {"accepted": False})


VERB = Verb(
    noun="fulfillment-orders",
    verb="answer-cancellation",
    summary="Say what the location answers to the request to stop: it stops with what is not picked, or sends all of it.",
    command=AnswerCancellation,
    outcome=FulfillmentOrderCancelled,
    refusals=(fulfilling.UNKNOWN_FULFILLMENT_ORDER, NOT_ASKED_TO_STOP),
    scope="fulfillment:write",
    event="cancellation_answered",
    example={"fulfillment_order": "1042-F1", "accepted": True},
    prefetch=prefetch,
    decide=decide,
)
