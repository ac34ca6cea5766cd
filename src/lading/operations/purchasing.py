"""What the verbs of purchase orders have in common."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec import Struct

from lading.catalog.policies import Policies
from lading.catalog.types import Network
from lading.inbound import rules
from lading.inbound.types import PurchaseLine, PurchaseOrder, PurchaseOrders
from lading.inventory.store import Key
from lading.journal.types import Decision, refused
from lading.operations.registry import Batch
from lading.terms.ledger import Event

UNKNOWN_PURCHASE_ORDER = ("unknown_purchase_order", "There is no purchase order {purchase_order}.")
VERSION_CONFLICT = (
    "version_conflict",
    "{purchase_order} has version {version} by now, not {expected}: look at it again.",
)
NOT_OPEN = ("not_open", "{purchase_order} is {status}: nothing more is awaited of it.")
UNKNOWN_LINE = ("unknown_line", "{purchase_order} has no line {line}.")


class PurchaseOrderChanged(Struct, frozen=True):
    """How far the purchase order is now."""

    purchase_order: str
    version: int
    status: str
    """placed, partially_received, received, closed or cancelled."""
    received: int
    """Units that came in all, damaged ones included."""
    expected: int
    """Units that are still to come."""


@dataclass(slots=True)
class World:
    """The purchase orders of a batch, and what receipts look at."""

    purchase_orders: PurchaseOrders
    network: Network = field(default_factory=Network)
    policies: Policies = field(default_factory=lambda: Policies(0))
    stock: dict[Key, dict[str, int]] = field(default_factory=dict)


def find(
    world: World, ref: str, expected_version: int | None = None, *, must_be_open: bool = True
) -> PurchaseOrder | Decision:
    """The purchase order that the reference means, or the refusal."""
    found = world.purchase_orders.find(ref)
    if found is None:
        return refused(UNKNOWN_PURCHASE_ORDER, "/purchase_order", purchase_order=ref)
    if expected_version is not None and expected_version != found.version:
        return refused(
            VERSION_CONFLICT, "/expected_version", purchase_order=found.name, version=found.version,
            expected=expected_version,
        )  # fmt: skip
    if must_be_open and (found.cancelled_at or found.closed_at):
        return refused(NOT_OPEN, "/purchase_order", purchase_order=found.name, status=rules.status(found))
    return found


def find_family(purchase_order: PurchaseOrder, number: int, pointer: str) -> list[PurchaseLine] | Decision:
    """A line with what ASNs took out of it, or the refusal."""
    found = rules.family(purchase_order, number)
    if not found:
        return refused(UNKNOWN_LINE, pointer, purchase_order=purchase_order.name, line=number)
    return found


def changed(
    purchase_order: PurchaseOrder, kind: str, batch: Batch, data: dict[str, Any], occurred_at: datetime | None = None
) -> Event:
    """One more version of the purchase order, and the event that says why."""
    purchase_order.version += 1
    data["number"] = purchase_order.name
    return Event(kind, "purchase_order", purchase_order.id, occurred_at or batch.now, data)


def outcome(purchase_order: PurchaseOrder) -> PurchaseOrderChanged:
    """How far it is."""
    lines = purchase_order.lines.values()
    return PurchaseOrderChanged(
        purchase_order.name,
        purchase_order.version,
        rules.status(purchase_order),
        sum(line.received for line in lines),
        sum(line.expected for line in lines),
    )
