"""What all verbs that change an order have in common."""

from datetime import datetime
from typing import Any

from lading.journal.types import Decision, refused
from lading.operations.registry import Batch
from lading.orders import status
from lading.orders.types import Order, Orders
from lading.terms.ledger import Event

UNKNOWN_ORDER = ("unknown_order", "There is no order {order}.")
VERSION_CONFLICT = ("version_conflict", "Order {order} has version {version} by now, not {expected}: look at it again.")


def find(orders: Orders, ref: str, expected_version: int | None = None, pointer: str = "/order") -> Order | Decision:
    """The order that the reference (id, number or document name) means, or the refusal."""
    order = orders.find(ref)
    if order is None:
        return refused(UNKNOWN_ORDER, pointer, order=ref)
    if expected_version is not None and expected_version != order.version:
        return refused(
            VERSION_CONFLICT,
            "/expected_version",
            order=str(order.number),
            version=order.version,
            expected=expected_version,
        )
    return order


def changed(order: Order, kind: str, batch: Batch, data: dict[str, Any], occurred_at: datetime | None = None) -> Event:
    """One more version of the order, and the event that says why; its age starts anew where it stands in another queue now.

    Call when its units have moved, and add the order to the decision's rows.
    """
    order.version += 1
    queue = status.stage(order.sums())
    if queue != order.stage:
        order.stage, order.queued_at = queue, batch.now
    return Event(kind, "order", order.id, occurred_at or batch.now, data)
