"""Make transfers ready: their units are set aside at the sender."""

from lading.database.pool import Transaction
from lading.journal.types import Decision
from lading.operations import transferring
from lading.operations.giving_back import count_over, give_back
from lading.operations.moving_stock import NOT_THERE, TOO_MANY_UNITS
from lading.operations.registry import Batch, Verb
from lading.operations.transferring import TransferState, World
from lading.terms.ledger import End, Posting
from lading.transfers import rules
from lading.transfers.commands import ReadyTransfer


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The transfers and the sender's stock."""
    world = await transferring.prefetch(tx, batch, "from")
    world.over = await count_over(tx, batch, world.shelves.rows)
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each command sees what the earlier ones left."""
    return give_back([_ready(command, world, batch) for command in batch.commands], world.over, batch.now)


def _ready(command: ReadyTransfer, world: World, batch: Batch) -> Decision:
    transfer = transferring.find(world, command.transfer, command.expected_version, ("draft", "ready"))
    if isinstance(transfer, Decision):
        return transfer
    wanted = [(units.line, units.quantity) for units in command.lines] or transferring.all_of(transfer, "planned")
    if not wanted:
        return transferring.nothing(transfer, "planned")
    if refusal := transferring.refuse_lines(transfer, wanted, "planned"):
        return refusal
    home = transfer.from_location_id
    postings = [
        Posting(line.sku_id, units, End("available", home, line.lot), End("allocated", home, line.lot))
        for number, units in wanted
        for line in (transfer.lines[number],)
    ]
    if refusal := world.shelves.refuse(postings, transferring.codes(transfer), world.locations, "/lines"):
        return refusal
    transfer.ready_at = transfer.ready_at or batch.now
    steps = [rules.step(transfer.lines[number], "planned", "ready", units) for number, units in wanted]
    return transferring.decide(world, transfer, steps, "transfer_readied", batch.now)


VERB = Verb(
    noun="transfers",
    verb="ready",
    summary="Set the units of a transfer aside at the sender: nobody else is promised them.",
    command=ReadyTransfer,
    outcome=TransferState,
    refusals=(
        transferring.UNKNOWN_TRANSFER, transferring.VERSION_CONFLICT, transferring.WRONG_STATUS, transferring.NOTHING_LEFT,
        transferring.UNKNOWN_LINE, transferring.TOO_MANY, NOT_THERE, TOO_MANY_UNITS,
    ),
    scope="stock:write",
    event="transfer_readied",
    example={"transfer": "T1043"},
    prefetch=prefetch,
    decide=decide,
    inverse="transfers.cancel",
)  # fmt: skip
