"""Ship transfers: the units leave the sender."""

from lading.database.pool import Transaction
from lading.inventory.types import Key
from lading.journal.types import Decision
from lading.operations import transferring
from lading.operations.moving_stock import NOT_THERE
from lading.operations.registry import Batch, Verb
from lading.operations.transferring import TransferState, World
from lading.terms.ledger import End
from lading.transfers import rules
from lading.transfers.commands import LineUnits, ShipTransfer


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The transfers and the sender's stock."""
    return await transferring.prefetch(tx, batch, "from")


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return transferring.in_order(_ship, world, batch)


def _ship(command: ShipTransfer, world: World, batch: Batch) -> Decision:
    transfer = transferring.find(world, command.transfer, command.expected_version, ("ready",))
    if isinstance(transfer, Decision):
        return transfer
    leaving = command.lines or [LineUnits(*units) for units in transferring.all_of(transfer, "ready")]
    if refusal := transferring.refuse_lines(transfer, ((each.line, each.quantity) for each in leaving), "ready"):
        return refusal
    naming, named = transferring.Naming(world, transfer), []
    for index, units in enumerate(leaving):
        line = transfer.lines[units.line]
        shelf = End("allocated", transfer.from_location_id, line.lot)
        names = naming.choose(line, units.quantity, units.serials, line.serials, shelf, f"/lines/{index}")
        if isinstance(names, Decision):
            return names
        named.append(names)
    gone: dict[Key, int] = {}
    for units in leaving:
        line = transfer.lines[units.line]
        key = (line.sku_id, transfer.from_location_id, line.lot)
        if (key, command.occurred_at) not in world.counted.first:  # else a count has missed them already
            gone[key] = gone.get(key, 0) + units.quantity
    if refusal := world.shelves.refuse_leaving(gone, transferring.codes(transfer), world.locations, "/lines"):
        return refusal
    steps = [
        rules.step(transfer.lines[each.line], "ready", "in_transit", each.quantity, serials=names)
        for each, names in zip(leaving, named, strict=True)
    ]
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
        transferring.TOO_MANY, *transferring.REFUSALS, NOT_THERE,
    ),
    scope="stock:write",
    event="transfer_shipped",
    example={"transfer": "T1043"},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
