"""Lift holds on fulfillment orders: work on them goes on where it stood."""

from typing import Any

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment.requests import ReleaseFulfillmentOrder
from lading.journal.types import Decision, Envelope
from lading.operations import changing, fulfilling
from lading.operations.fulfilling import World
from lading.operations.registry import Batch, Verb
from lading.orders import holds


class FulfillmentOrderReleased(Struct, frozen=True):
    """What was lifted, and what stops it still."""

    fulfillment_order: str
    order: str
    version: int
    stage: str
    released: list[str]
    holds: list[str]
    """The kinds of hold that are on it alone and still stand."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders and their fulfillment orders."""
    return await fulfilling.read_world(tx, batch, (each.fulfillment_order for each in batch.commands), stock=False)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_release(envelope, world, batch) for envelope in batch.envelopes]


def _release(envelope: Envelope[ReleaseFulfillmentOrder], world: World, batch: Batch) -> Decision:
    command = envelope.command
    found = fulfilling.find_fulfillment_order(world, command.fulfillment_order)
    if isinstance(found, Decision):
        return found
    order, _, meant = found
    on_it = [hold for hold in holds.active(order) if hold.fulfillment_orders == [meant.number]]
    lifted = [hold for hold in on_it if command.kind in (None, hold.kind)]
    event = None
    if lifted:
        holds.lift(order, lifted, envelope.actor, batch.now)
        data: dict[str, Any] = {"numbers": [hold.number for hold in lifted], "kinds": [hold.kind for hold in lifted]}
        data |= {"reason": command.reason} if command.reason else {}
        event = changing.changed(order, "holds_released", batch, data)
    outcome = FulfillmentOrderReleased(
        fulfilling.name(order, "F", meant.number), str(order.number), order.version, fulfilling.stage(order),
        [hold.kind for hold in lifted], sorted(hold.kind for hold in on_it if hold not in lifted),
    )  # fmt: skip
    return Decision(outcome, event, (), (), [order, *lifted] if lifted else [])


VERB = Verb(
    noun="fulfillment-orders",
    verb="release-hold",
    summary="Lift the holds of one kind on a fulfillment order, or all that are on it alone.",
    command=ReleaseFulfillmentOrder,
    outcome=FulfillmentOrderReleased,
    refusals=(fulfilling.UNKNOWN_FULFILLMENT_ORDER,),
    scope="fulfillment:write",
    event="holds_released",
    example={"fulfillment_order": "1042-F1", "kind": "wait_for_gift_card"},
    prefetch=prefetch,
    decide=decide,
    inverse="fulfillment-orders.hold",
)
