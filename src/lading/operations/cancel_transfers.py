"""Cancel transfers: what was set aside goes back on the shelf; what is on its way came home, or is lost."""

from lading.database.pool import Transaction
from lading.journal.types import Decision
from lading.operations import settling_transfers, transferring
from lading.operations.moving_stock import NOT_THERE, TOO_MANY_UNITS
from lading.operations.registry import Batch, Verb
from lading.operations.settling_transfers import NOT_SETTLED
from lading.operations.transferring import TransferState, World
from lading.transfers import rules
from lading.transfers.commands import CancelTransfer


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The transfers and the sender's stock."""
    return await transferring.prefetch(tx, batch, "from")


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return transferring.in_order(_cancel, world, batch)


def _cancel(command: CancelTransfer, world: World, batch: Batch) -> Decision:
    transfer = transferring.find(world, command.transfer, command.expected_version, ("draft", "ready", "in_transit"))
    if isinstance(transfer, Decision):
        return transfer
    steps = settling_transfers.settle(world, transfer, command.lines, rest=None)
    if isinstance(steps, Decision):
        return steps
    for line in transfer.lines.values():
        steps += [
            rules.step(line, counter, "cancelled", units)
            for counter in ("ready", "planned")
            if (units := getattr(line, counter))
        ]
    transfer.cancelled_at = occurred_at = command.occurred_at or batch.now
    return transferring.decide(world, transfer, steps, "transfer_cancelled", occurred_at, reason=command.reason)


VERB = Verb(
    noun="transfers",
    verb="cancel",
    summary="Cancel a transfer; of units on their way say whether they came home or are lost.",
    command=CancelTransfer,
    outcome=TransferState,
    refusals=(
        transferring.UNKNOWN_TRANSFER, transferring.VERSION_CONFLICT, transferring.WRONG_STATUS, transferring.UNKNOWN_LINE,
        transferring.TOO_MANY, NOT_SETTLED, NOT_THERE, TOO_MANY_UNITS, *transferring.REFUSALS,
    ),
    scope="stock:write",
    event="transfer_cancelled",
    example={"transfer": "T1043", "reason": "truck_broke_down", "lines": [{"line": 1, "came_home": 20, "lost": 4}]},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
