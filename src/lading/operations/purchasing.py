"""What the verbs of purchase orders have in common."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import Struct

from lading.database.pool import Transaction
from lading.inbound import rules
from lading.inbound import store as inbound
from lading.inbound.types import PurchaseOrder, PurchaseOrders
from lading.journal.types import Decision, refused
from lading.operations.registry import Batch
from lading.terms.ledger import Event

UNKNOWN_PURCHASE_ORDER = ("unknown_purchase_order", "There is no purchase order {purchase_order}.")
VERSION_CONFLICT = (
    "version_conflict",
    "{purchase_order} has version {version} by now, not {expected}: look at it again.",
)
NOT_OPEN = ("not_open", "{purchase_order} is {status}: nothing more is awaited of it.")
UNKNOWN_ASN = ("unknown_asn", "There is no ASN {asn}.")
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
    """The purchase orders of a batch."""

    purchase_orders: PurchaseOrders


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The purchase orders that the commands name, locked."""
    refs = (getattr(command, "purchase_order", None) or command.asn for command in batch.commands)
    return World(await inbound.load(tx, list(refs), lock=batch.lock))


def asn_number(ref: str) -> int | None:
    """1 of PO1042-A1; None where a whole purchase order is meant."""
    _, dash, number = ref.partition("-A")
    return int(number) if dash and ref.startswith("PO") else None


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


def refuse_lines(found: PurchaseOrder, numbers: Iterable[int]) -> Decision | None:
    """The refusal of the first line that is not there."""
    for index, number in enumerate(numbers):
        if number not in found.lines:
            return refused(UNKNOWN_LINE, f"/lines/{index}/line", purchase_order=found.name, line=number)
    return None


def call_off(found: PurchaseOrder, wanted: Sequence[tuple[int, int]]) -> list[dict[str, int]]:
    """Units of lines that do not come any more, as events tell it."""
    for number, quantity in wanted:
        found.lines[number].cancelled += quantity
    return [{"line": number, "quantity": quantity} for number, quantity in wanted]


def all_expected(found: PurchaseOrder) -> list[tuple[int, int]]:
    """(line, units) of all that is still to come."""
    return [(line.number, line.expected) for line in found.lines.values() if line.expected]


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
