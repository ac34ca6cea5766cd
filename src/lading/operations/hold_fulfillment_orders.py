"""Hold fulfillment orders, or units of them: nobody picks, packs or ships them until the hold is lifted."""

from typing import Any

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment.requests import HoldFulfillmentOrder
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, dividing, fulfilling, requesting
from lading.operations.dividing import Divided
from lading.operations.fulfilling import World
from lading.operations.hold_orders import HOLDS_MAX, IN_PAST, TOO_MANY
from lading.operations.registry import Batch, Verb
from lading.orders import holds
from lading.orders.holds import Terms
from lading.orders.types import STOPS_AT_FIRST

HELD_ALREADY = ("held_already", "{document} is held: lift that first, or hold all of it.")


class FulfillmentOrderHeld(Struct, frozen=True):
    """What is held, and what goes on."""

    fulfillment_order: str
    """That is held: a new one, where units were named."""
    remaining: str | None
    """What goes on; None where all of it is held."""
    order: str
    version: int
    stage: str
    holds: list[str]
    """The kinds of hold that are on it alone."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders and their allocations. No stock moves."""
    return await fulfilling.read_world(tx, batch, (each.fulfillment_order for each in batch.commands), stock=False)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_hold(envelope, world, batch) for envelope in batch.envelopes]


def _hold(envelope: Envelope[HoldFulfillmentOrder], world: World, batch: Batch) -> Decision:
    command = envelope.command
    found = fulfilling.find_fulfillment_order(world, command.fulfillment_order)
    if isinstance(found, Decision):
        return found
    order, work, source = found
    document = fulfilling.name(order, "F", source.number)
    if not requesting.in_house(source):
        return refused(requesting.DONE, "/fulfillment_order", fulfillment_order=document)
    if command.expires_at and command.expires_at <= batch.now:
        return refused(IN_PAST, "/expires_at", expires_at=command.expires_at.isoformat())
    if len(order.holds) >= HOLDS_MAX:
        return refused(TOO_MANY, "/fulfillment_order", order=str(order.number), count=len(order.holds))
    standing = [hold.kind for hold in holds.active(order) if source.number in hold.fulfillment_orders]
    if command.lines and standing:
        return refused(HELD_ALREADY, "/lines", document=document)
    if command.kind in standing:
        return Decision(
            FulfillmentOrderHeld(
                document, None, str(order.number), order.version, fulfilling.stage(order), sorted(standing)
            )
        )
    divided, meant = Divided(), source
    if command.lines and sum(each.quantity for each in command.lines) < requesting.in_house(source):
        parted = dividing.part(order, work, source, command.lines)
        if isinstance(parted, Decision):
            return parted
        divided, meant = parted, parted.made[0]
    elif command.lines and (refusal := dividing.refuse(order, work, source, command.lines)):
        return refusal
    terms = Terms(
        command.kind,
        tuple(sorted(STOPS_AT_FIRST)),
        (),
        (meant.number,),
        command.reason,
        command.note,
        command.expires_at,
    )
    hold = holds.place(order, terms, envelope.actor, batch.now)
    data: dict[str, Any] = {"number": hold.number, **holds.told([hold])[0]}
    if divided.made:
        data |= {"of": source.number, **divided.told(), **requesting.told_new(divided.made)}
    event = changing.changed(order, "order_held", batch, data)
    outcome = FulfillmentOrderHeld(
        fulfilling.name(order, "F", meant.number), document if divided.made else None, str(order.number), order.version,
        fulfilling.stage(order), sorted([*standing, command.kind]),
    )  # fmt: skip
    return Decision(outcome, event, (), (), [order, hold, *divided.rows(work)])


VERB = Verb(
    noun="fulfillment-orders",
    verb="hold",
    summary="Hold a fulfillment order, or units of it: those become one of their own, and the rest goes on.",
    command=HoldFulfillmentOrder,
    outcome=FulfillmentOrderHeld,
    refusals=(
        fulfilling.UNKNOWN_FULFILLMENT_ORDER, requesting.DONE, IN_PAST, TOO_MANY, HELD_ALREADY, fulfilling.UNKNOWN_LINE,
        dividing.NOT_DIVISIBLE, dividing.ALL_OF_IT,
    ),
    scope="fulfillment:write",
    event="order_held",
    example={"fulfillment_order": "1042-F1", "kind": "wait_for_gift_card", "lines": [{"line": 1, "quantity": 1}]},
    prefetch=prefetch,
    decide=decide,
    inverse="fulfillment-orders.release-hold",
)  # fmt: skip
