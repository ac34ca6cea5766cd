"""Ship transfers: the units leave the sender."""

from lading.database.pool import Transaction
from lading.journal.types import Decision
from lading.operations import transferring
from lading.operations.registry import Batch, Verb
from lading.operations.transferring import TransferState, World
from lading.transfers import rules
from lading.transfers.commands import ShipTransfer


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The transfers and the sender's stock."""
    return await transferring.prefetch(tx, batch, "from")


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_ship(command, world, batch) for command in batch.commands]


def _ship(command: ShipTransfer, world: World, batch: Batch) -> Decision:
    transfer = transferring.find(world, command.transfer, command.expected_version, ("ready",))
    if isinstance(transfer, Decision):
        return transfer
    leaving = [(units.line, units.quantity) for units in command.lines] or transferring.all_of(transfer, "ready")
    if refusal := transferring.refuse_lines(transfer, leaving, "ready"):
        return refusal
    steps = [rules.step(transfer.lines[number], "ready", "in_transit", units) for number, units in leaving]
    for line in transfer.lines.values():
        steps += [
            rules.step(line, counter, "cancelled", units)
            for counter in ("ready", "planned")
            if (units := getattr(line, counter))
        ]
    transfer.shipped_at = occurred_at = command.occurred_at or batch.now
    return transferring.decide(world, transfer, steps, "transfer_shipped", occurred_at)


VERB = Verb(
    noun="transfers",
    verb="ship",
    summary="Say that a transfer left its sender; what stays behind goes back on the shelf.",
    command=ShipTransfer,
    outcome=TransferState,
    refusals=(
        transferring.UNKNOWN_TRANSFER, transferring.VERSION_CONFLICT, transferring.WRONG_STATUS, transferring.UNKNOWN_LINE,
        transferring.TOO_MANY,
    ),
    scope="stock:write",
    event="transfer_shipped",
    example={"transfer": "T1043"},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
