"""Complete work orders: what the kits take is used up, and what they give is available."""

from lading.assembly import rules
from lading.assembly.commands import CompleteWorkOrder
from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations import working
from lading.operations.moving_stock import TOO_MANY_UNITS, UNITS_MAX
from lading.operations.registry import Batch, Verb
from lading.operations.working import WorkOrderState, World


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The work orders and the stock of their lines."""
    return await working.prefetch(tx, batch)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_complete(command, world, batch) for command in batch.commands]


def _complete(command: CompleteWorkOrder, world: World, batch: Batch) -> Decision:
    found = working.find(command, world)
    if isinstance(found, Decision):
        return found
    order, kits = found
    for line in order.lines.values():
        there = world.shelves.units(line.sku_id, order.location_id, line.lot, "available")
        if line.role == "output" and there + kits * line.per_kit > UNITS_MAX:
            return refused(
                TOO_MANY_UNITS, "/quantity", location=world.locations[order.location_id], sku=line.sku, bucket="available",
                there=there, quantity=kits * line.per_kit, most=UNITS_MAX,
            )  # fmt: skip
    occurred_at = command.occurred_at or batch.now
    steps = rules.complete(order, kits, occurred_at)
    return working.decide(world, order, steps, kits, "work_order_completed", occurred_at)


VERB = Verb(
    noun="work-orders",
    verb="complete",
    summary="Kits are made, or taken apart, all or some: what they take is used up, what they give can be sold.",
    command=CompleteWorkOrder,
    outcome=WorkOrderState,
    refusals=(
        working.UNKNOWN_WORK_ORDER, working.VERSION_CONFLICT, working.NOTHING_LEFT, working.TOO_MANY, TOO_MANY_UNITS,
    ),
    scope="stock:write",
    event="work_order_completed",
    example={"work_order": "W1043", "quantity": 5},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
