"""Change purchase orders: another date, another number of units."""

from lading.inbound.commands import ChangedLine, ChangePurchaseOrder
from lading.inbound.types import PurchaseLine, PurchaseOrder
from lading.journal.types import Decision, refused
from lading.operations import purchasing
from lading.operations.purchasing import PurchaseOrderChanged, World
from lading.operations.registry import Batch, Verb

FEWER_THAN_CAME = (
    "fewer_than_came",
    "{settled} of line {line} came already, or will not come: it cannot be about {quantity}.",
)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_change(command, world, batch) for command in batch.commands]


def _change(command: ChangePurchaseOrder, world: World, batch: Batch) -> Decision:
    found = purchasing.find(world, command.purchase_order, command.expected_version)
    if isinstance(found, Decision):
        return found
    if refusal := _refuse(command, found):
        return refusal
    lines = [told for each in command.lines if (told := _apply(each, found.lines[each.line]))]
    if not lines:
        return Decision(purchasing.outcome(found))
    event = purchasing.changed(found, "purchase_order_changed", batch, {"lines": lines})
    return Decision(purchasing.outcome(found), event, rows=[found])


def _refuse(command: ChangePurchaseOrder, found: PurchaseOrder) -> Decision | None:
    if refusal := purchasing.refuse_lines(found, (each.line for each in command.lines)):
        return refusal
    for index, each in enumerate(command.lines):
        line = found.lines[each.line]
        settled = line.received + line.cancelled
        if each.quantity is not None and each.quantity < settled:
            return refused(
                FEWER_THAN_CAME, f"/lines/{index}/quantity", line=each.line, settled=settled, quantity=each.quantity
            )
    return None


def _apply(change: ChangedLine, line: PurchaseLine) -> dict[str, object] | None:
    """What of the line is another one now; None where it is the same."""
    before = line.due_at, line.ordered
    line.due_at = change.due_at or line.due_at
    line.ordered = line.ordered if change.quantity is None else change.quantity
    if (line.due_at, line.ordered) == before:
        return None
    return {"line": line.number, "sku_id": line.sku_id, "due_at": line.due_at, "quantity": line.ordered}


VERB = Verb(
    noun="purchase-orders",
    verb="change",
    summary="Change when lines of a purchase order are due, or how many units were bought.",
    command=ChangePurchaseOrder,
    outcome=PurchaseOrderChanged,
    refusals=(
        purchasing.UNKNOWN_PURCHASE_ORDER, purchasing.VERSION_CONFLICT, purchasing.NOT_OPEN, purchasing.UNKNOWN_LINE,
        FEWER_THAN_CAME,
    ),
    scope="purchasing:write",
    event="purchase_order_changed",
    example={"purchase_order": "PO1042", "lines": [{"line": 1, "due_at": "2099-12-10T08:00:00+01:00"}]},
    prefetch=purchasing.prefetch,
    decide=decide,
)  # fmt: skip
