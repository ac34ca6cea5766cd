"""Fulfillment orders in the making, and what their locations are asked: one for each location, released to it or put as a question."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from lading.catalog.policies import Policies
from lading.catalog.types import Network
from lading.fulfillment import states
from lading.fulfillment.types import Allocation, FulfillmentOrder, Work
from lading.journal.types import Decision, refused
from lading.operations import fulfilling
from lading.orders.types import Order

DONE = ("fulfillment_order_done", "Nothing of {fulfillment_order} is in the house any more.")
SCHEDULED = ("scheduled", "{fulfillment_order} is scheduled for {scheduled_for}: open it first.")


def open_for(
    order: Order,
    work: Work,
    allocations: Iterable[Allocation],
    policies: Policies,
    now: datetime,
    vendors: Collection[UUID] = (),
) -> list[FulfillmentOrder]:
    """One for each location, place of collection and address; the allocations are given their fulfillment order.

    Vendors are asked always: what is released to one is the purchase order that hangs on the customer's.
    """
    made: dict[object, FulfillmentOrder] = {}
    for allocation in allocations:
        line = order.lines[allocation.line_number]
        key = (allocation.location_id, line.pickup_at, line.ship_to_id)
        each = made.get(key)
        if each is None:
            each = begin(order, work, allocation, now)
            each.pickup_at, each.ship_to_id = line.pickup_at, line.ship_to_id
            ask(each, policies.value("accept_minutes", location=allocation.location_id), now)
            if allocation.location_id in vendors and each.request == "unsubmitted":
                each.request = "submitted"
            made[key] = each
        allocation.fulfillment_order = each.number
        if allocation.ship_on:
            each.ship_on = max(each.ship_on or allocation.ship_on, allocation.ship_on)
    return list(made.values())


def begin(order: Order, work: Work, allocation: Allocation, released_at: datetime) -> FulfillmentOrder:
    """One more fulfillment order at the allocation's location, without units."""
    number = len(work.fulfillment_orders) + 1
    new = FulfillmentOrder(
        order.id, number, allocation.location_id, released_at, order.priority, released=0, stored=False
    )
    work.fulfillment_orders.append(new)
    return new


def vendors_of(network: Network) -> frozenset[UUID]:
    """Locations whose stock is a vendor's."""
    return frozenset(location.id for location in network.locations.values() if location.is_vendor)


def ask(fulfillment_order: FulfillmentOrder, minutes: int | None, now: datetime) -> None:
    """Put it to its location, where it has so many minutes to answer; None: it works on it unasked."""
    if minutes is not None:
        fulfillment_order.request, fulfillment_order.answer_by = "submitted", now + timedelta(minutes=minutes)


def say(fulfillment_order: FulfillmentOrder, request: str) -> None:
    """What its location said, or was asked; nobody waits for an answer any more."""
    fulfillment_order.request, fulfillment_order.answer_by = request, None


def accept_silently(fulfillment_order: FulfillmentOrder) -> dict[str, Any]:
    """Whoever begins has accepted; what the journal keeps of that."""
    if fulfillment_order.request != "submitted":
        return {}
    say(fulfillment_order, "accepted")
    return {"asked": told_asked([fulfillment_order])}


def told_made(made: Iterable[FulfillmentOrder]) -> list[dict[str, Any]]:
    """New ones as the journal keeps them."""
    return [
        {"number": each.number, "location_id": each.location_id, "priority": each.priority}
        | ({"ship_on": each.ship_on} if each.ship_on else {})
        | ({"pickup_location_id": each.pickup_at} if each.pickup_at else {})
        | ({"ship_to_id": each.ship_to_id} if each.ship_to_id else {})
        for each in made
    ]


def told_asked(changed: Iterable[FulfillmentOrder]) -> list[dict[str, Any]]:
    """What they were asked, as the journal keeps it: the last one counts."""
    return [
        {
            "number": each.number,
            "request": each.request,
            "answer_by": each.answer_by,
            "scheduled_for": each.scheduled_for,
            "ship_on": each.ship_on,
        }
        for each in changed
    ]


def told_new(made: Sequence[FulfillmentOrder]) -> dict[str, Any]:
    """`asked` of new ones, where there is anything to tell."""
    asked = [each for each in made if each.request != "unsubmitted" or each.scheduled_for]
    return {"asked": told_asked(asked)} if asked else {}


def told_taken(born: Iterable[Allocation], quantities: Iterable[int] | None = None) -> list[dict[str, Any]]:
    """New allocations as the journal keeps them; without quantities they are born empty, and the moves fill them."""
    every = list(born)
    units = [0] * len(every) if quantities is None else list(quantities)
    return [
        {"number": each.number, "line": each.line_number, "location_id": each.location_id, "lot": each.lot, "quantity": quantity}
        | ({"ship_on": each.ship_on} if each.ship_on else {})
        for each, quantity in zip(every, units, strict=True)
    ]  # fmt: skip


def refuse_scheduled(order: Order, fulfillment_order: FulfillmentOrder, now: datetime) -> Decision | None:
    """The refusal of work on what is scheduled for later."""
    if not states.is_scheduled(fulfillment_order, now):
        return None
    document = fulfilling.name(order, "F", fulfillment_order.number)
    assert fulfillment_order.scheduled_for is not None
    return refused(
        SCHEDULED, "/fulfillment_order", fulfillment_order=document,
        scheduled_for=fulfillment_order.scheduled_for.isoformat(),
    )  # fmt: skip


def in_house(fulfillment_order: FulfillmentOrder) -> int:
    """Units of it that are in the building."""
    return fulfillment_order.released + fulfillment_order.picked + fulfillment_order.packed
