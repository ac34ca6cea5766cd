"""Schedule fulfillment orders: nobody works on them before their time, which may be now."""

from datetime import datetime

from msgspec import Struct

from lading.catalog import store as catalog
from lading.database.pool import Transaction
from lading.fulfillment.requests import ScheduleFulfillmentOrder
from lading.journal.types import Decision, refused
from lading.operations import changing, fulfilling, requesting
from lading.operations.fulfilling import World
from lading.operations.registry import Batch, Verb
from lading.operations.submit_fulfillment_orders import BEGUN

IN_PAST = ("in_past", "{at} is over already.")


class FulfillmentOrderScheduled(Struct, frozen=True):
    """From when on it is worked on."""

    fulfillment_order: str
    order: str
    version: int
    scheduled_for: datetime | None
    """None: from now on."""
    request: str
    answer_by: datetime | None


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders and their fulfillment orders; what policies ask of locations."""
    world = await fulfilling.read_world(tx, batch, (each.fulfillment_order for each in batch.commands), stock=False)
    _, world.policies = await catalog.read_setup(tx, ())
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_schedule(command, world, batch) for command in batch.commands]


def _schedule(command: ScheduleFulfillmentOrder, world: World, batch: Batch) -> Decision:
    found = fulfilling.find_fulfillment_order(world, command.fulfillment_order)
    if isinstance(found, Decision):
        return found
    order, _, meant = found
    document = fulfilling.name(order, "F", meant.number)
    outcome = FulfillmentOrderScheduled(
        document, str(order.number), order.version, meant.scheduled_for, meant.request, meant.answer_by
    )
    early = command.only_over and (meant.scheduled_for is None or meant.scheduled_for > batch.now)
    if command.at == meant.scheduled_for or early:
        return Decision(outcome)
    if not requesting.in_house(meant):
        return refused(requesting.DONE, "/fulfillment_order", fulfillment_order=document)
    if meant.picked or meant.packed or meant.handed_over:
        return refused(BEGUN, "/fulfillment_order", fulfillment_order=document)
    if command.at and command.at <= batch.now:
        return refused(IN_PAST, "/at", at=command.at.isoformat())
    meant.scheduled_for = command.at
    if command.at and meant.request == "submitted":
        requesting.say(meant, "unsubmitted")
    elif command.at is None and meant.request == "unsubmitted":
        requesting.ask(meant, world.policies.value("accept_minutes", location=meant.location_id), batch.now)
    data = {
        "fulfillment_order": meant.number,
        "location_id": meant.location_id,
        "asked": requesting.told_asked([meant]),
    }
    event = changing.changed(order, "fulfillment_order_scheduled", batch, data)
    outcome = FulfillmentOrderScheduled(
        document, str(order.number), order.version, meant.scheduled_for, meant.request, meant.answer_by
    )
    return Decision(outcome, event, (), (), [order, meant])


VERB = Verb(
    noun="fulfillment-orders",
    verb="schedule",
    summary="Let nobody work on a fulfillment order before a time, or open it now; its location is asked when it opens.",
    command=ScheduleFulfillmentOrder,
    outcome=FulfillmentOrderScheduled,
    refusals=(fulfilling.UNKNOWN_FULFILLMENT_ORDER, requesting.DONE, BEGUN, IN_PAST),
    scope="fulfillment:write",
    event="fulfillment_order_scheduled",
    example={"fulfillment_order": "1042-F1", "at": "2099-12-20T06:00:00+01:00"},
    prefetch=prefetch,
    decide=decide,
)
