"""Cancel work orders: what was set aside for kits that are not made is available again."""

from lading.assembly import rules
from lading.assembly.commands import CancelWorkOrder
from lading.database.pool import Transaction
from lading.journal.types import Decision
from lading.operations import working
from lading.operations.registry import Batch, Verb
from lading.operations.working import WorkOrderState, World


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The work orders and the stock of their lines."""
    return await working.prefetch(tx, batch)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_cancel(command, world, batch) for command in batch.commands]


def _cancel(command: CancelWorkOrder, world: World, batch: Batch) -> Decision:
    found = working.find(command, world)
    if isinstance(found, Decision):
        return found
    order, kits = found
    steps = rules.cancel(order, kits, batch.now)
    return working.decide(world, order, steps, kits, "work_order_cancelled", batch.now, reason=command.reason)


VERB = Verb(
    noun="work-orders",
    verb="cancel",
    summary="Kits are not made after all, all that are left or some: what was set aside is available again.",
    command=CancelWorkOrder,
    outcome=WorkOrderState,
    refusals=(working.UNKNOWN_WORK_ORDER, working.VERSION_CONFLICT, working.NOTHING_LEFT, working.TOO_MANY),
    scope="stock:write",
    event="work_order_cancelled",
    example={"work_order": "W1043", "reason": "no_demand"},
    prefetch=prefetch,
    decide=decide,
)
