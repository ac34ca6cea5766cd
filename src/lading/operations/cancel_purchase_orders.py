"""Cancel purchase orders: what is still to come, all or some of it, was called off."""

from lading.inbound.commands import CancelPurchaseOrder
from lading.journal.types import Decision, refused
from lading.operations import purchasing
from lading.operations.purchasing import PurchaseOrderChanged, World
from lading.operations.registry import Batch, Verb

NOT_EXPECTED = ("not_expected", "Line {line} of {purchase_order} expects {expected} more, not {quantity}.")


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_cancel(command, world, batch) for command in batch.commands]


def _cancel(command: CancelPurchaseOrder, world: World, batch: Batch) -> Decision:
    found = purchasing.find(world, command.purchase_order, command.expected_version)
    if isinstance(found, Decision):
        return found
    if refusal := purchasing.refuse_lines(found, (each.line for each in command.lines)):
        return refusal
    asked: dict[int, int] = {}
    for index, each in enumerate(command.lines):
        asked[each.line] = asked.get(each.line, 0) + each.quantity
        expected = found.lines[each.line].expected
        if asked[each.line] > expected:
            return refused(
                NOT_EXPECTED, f"/lines/{index}/quantity", purchase_order=found.name, line=each.line,
                quantity=asked[each.line], expected=expected,
            )  # fmt: skip
    lines = purchasing.call_off(found, sorted(asked.items()) or purchasing.all_expected(found))
    whole = not purchasing.all_expected(found)
    if whole:
        found.cancelled_at = batch.now
    told = [{**each, "sku_id": found.lines[each["line"]].sku_id} for each in lines]
    data = {"reason": command.reason, "lines": told, "whole": whole}
    event = purchasing.changed(found, "purchase_order_cancelled", batch, data)
    return Decision(purchasing.outcome(found), event, rows=[found])


VERB = Verb(
    noun="purchase-orders",
    verb="cancel",
    summary="Call off what is still to come of a purchase order, all or some.",
    command=CancelPurchaseOrder,
    outcome=PurchaseOrderChanged,
    refusals=(
        purchasing.UNKNOWN_PURCHASE_ORDER, purchasing.VERSION_CONFLICT, purchasing.NOT_OPEN, purchasing.UNKNOWN_LINE,
        NOT_EXPECTED,
    ),
    scope="purchasing:write",
    event="purchase_order_cancelled",
    example={"purchase_order": "PO1042", "reason": "supplier_out_of_stock", "lines": [{"line": 1, "quantity": 40}]},
    prefetch=purchasing.prefetch,
    decide=decide,
)  # fmt: skip
