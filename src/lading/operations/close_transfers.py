"""Close transfers that arrived in part: the rest will not come."""

from lading.database.pool import Transaction
from lading.journal.types import Decision
from lading.operations import settling_transfers, transferring
from lading.operations.moving_stock import NOT_THERE, TOO_MANY_UNITS
from lading.operations.registry import Batch, Verb
from lading.operations.transferring import TransferState, World
from lading.transfers.commands import CloseTransfer


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The transfers and the sender's stock, where units may come home to."""
    return await transferring.prefetch(tx, batch, "from")


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return transferring.in_order(_close, world, batch)


def _close(command: CloseTransfer, world: World, batch: Batch) -> Decision:
    transfer = transferring.find(world, command.transfer, command.expected_version, ("partially_received",))
    if isinstance(transfer, Decision):
        return transfer
    steps = settling_transfers.settle(world, transfer, command.lines, rest="lost")
    if isinstance(steps, Decision):
        return steps
    transfer.closed_at = occurred_at = command.occurred_at or batch.now
    return transferring.decide(world, transfer, steps, "transfer_closed", occurred_at, reason=command.reason)


VERB = Verb(
    noun="transfers",
    verb="close",
    summary="Expect nothing more of a transfer that arrived in part: the rest came home, or is lost.",
    command=CloseTransfer,
    outcome=TransferState,
    refusals=(
        transferring.UNKNOWN_TRANSFER, transferring.VERSION_CONFLICT, transferring.WRONG_STATUS, transferring.UNKNOWN_LINE,
        transferring.TOO_MANY, NOT_THERE, TOO_MANY_UNITS, *transferring.REFUSALS,
    ),
    scope="stock:write",
    event="transfer_closed",
    example={"transfer": "T1043", "reason": "lost_on_the_way"},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
