"""Accept fulfillment orders: their locations send them, or units of them."""

from typing import Any

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment.requests import AcceptFulfillmentOrder
from lading.journal.types import Decision, refused
from lading.operations import changing, dividing, fulfilling, requesting
from lading.operations.dividing import Divided
from lading.operations.fulfilling import World
from lading.operations.registry import Batch, Verb

NOT_ASKED = ("not_asked", "{fulfillment_order} waits for no answer: it is {request}.")


class FulfillmentOrderAccepted(Struct, frozen=True):
    """What was accepted, and what waits for an answer still."""

    fulfillment_order: str
    """With the units that were accepted: a new one, where units were named."""
    remaining: str | None
    """What waits for an answer still."""
    order: str
    version: int
    request: str
    units: int


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders and their allocations. No stock moves."""
    return await fulfilling.read_world(tx, batch, (each.fulfillment_order for each in batch.commands), stock=False)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_accept(command, world, batch) for command in batch.commands]


def _accept(command: AcceptFulfillmentOrder, world: World, batch: Batch) -> Decision:
    found = fulfilling.find_fulfillment_order(world, command.fulfillment_order)
    if isinstance(found, Decision):
        return found
    order, work, source = found
    document = fulfilling.name(order, "F", source.number)
    if source.request != "submitted":
        said = source.request.replace("_", " ")
        return refused(NOT_ASKED, "/fulfillment_order", fulfillment_order=document, request=said)
    divided, meant = Divided(), source
    if command.lines and sum(each.quantity for each in command.lines) < requesting.in_house(source):
        parted = dividing.part(order, work, source, command.lines)
        if isinstance(parted, Decision):
            return parted
        divided, meant = parted, parted.made[0]
    elif command.lines and (refusal := dividing.refuse(order, work, source, command.lines)):
        return refusal
    requesting.say(meant, "accepted")
    data: dict[str, Any] = {
        "fulfillment_order": meant.number, "location_id": meant.location_id, "asked": requesting.told_asked([meant]),
    }  # fmt: skip
    if divided.made:
        data |= {"of": source.number, **divided.told()}
    event = changing.changed(order, "fulfillment_order_accepted", batch, data)
    outcome = FulfillmentOrderAccepted(
        fulfilling.name(order, "F", meant.number), document if divided.made else None, str(order.number), order.version,
        meant.request, requesting.in_house(meant),
    )  # fmt: skip
    return Decision(outcome, event, (), (), [order, *(divided.rows(work) or [meant])])


VERB = Verb(
    noun="fulfillment-orders",
    verb="accept",
    summary="Say that a location sends a fulfillment order, or units of it: the rest waits for its answer still.",
    command=AcceptFulfillmentOrder,
    outcome=FulfillmentOrderAccepted,
    refusals=(
        fulfilling.UNKNOWN_FULFILLMENT_ORDER, NOT_ASKED, fulfilling.UNKNOWN_LINE, dividing.NOT_DIVISIBLE, dividing.ALL_OF_IT,
    ),
    scope="fulfillment:write",
    event="fulfillment_order_accepted",
    example={"fulfillment_order": "1042-F1"},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
