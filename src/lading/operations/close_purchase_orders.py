"""Close purchase orders: what has not come by now is not awaited any more."""

from lading.inbound.commands import ClosePurchaseOrder
from lading.journal.types import Decision
from lading.operations import purchasing
from lading.operations.purchasing import PurchaseOrderChanged, World
from lading.operations.registry import Batch, Verb


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_close(command, world, batch) for command in batch.commands]


def _close(command: ClosePurchaseOrder, world: World, batch: Batch) -> Decision:
    found = purchasing.find(world, command.purchase_order, command.expected_version)
    if isinstance(found, Decision):
        return found
    missing = purchasing.call_off(found, purchasing.all_expected(found))
    found.closed_at = batch.now
    lines = [{**each, "sku_id": found.lines[each["line"]].sku_id} for each in missing]
    event = purchasing.changed(found, "purchase_order_closed", batch, {"reason": command.reason, "lines": lines})
    return Decision(purchasing.outcome(found), event, rows=[found])


VERB = Verb(
    noun="purchase-orders",
    verb="close",
    summary="Say that nothing more of a purchase order is awaited, whatever is missing.",
    command=ClosePurchaseOrder,
    outcome=PurchaseOrderChanged,
    refusals=(purchasing.UNKNOWN_PURCHASE_ORDER, purchasing.VERSION_CONFLICT, purchasing.NOT_OPEN),
    scope="purchasing:write",
    event="purchase_order_closed",
    example={"purchase_order": "PO1042", "reason": "short_delivery_accepted"},
    prefetch=purchasing.prefetch,
    decide=decide,
)
