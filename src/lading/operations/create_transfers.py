"""Create transfers: drafts of what shall be moved between two locations."""

from collections.abc import Mapping
from dataclasses import dataclass

from lading.catalog import store as catalog
from lading.catalog.types import Location, Sku
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import transferring
from lading.operations.moving_stock import UNKNOWN_LOCATION, UNKNOWN_SKU
from lading.operations.registry import Batch, Verb
from lading.operations.transferring import TransferState
from lading.terms.ledger import Event
from lading.transfers import store
from lading.transfers.commands import CreateTransfer
from lading.transfers.types import Transfer, TransferLine

SAME_LOCATION = ("same_location", "From {location} to {location} there is no way: name two locations.")
LOT_NEEDED = ("lot_needed", "{sku} is kept in lots: say which.")
REFERENCE_TAKEN = ("reference_taken", "{transfer} bears the reference {reference} already.")


@dataclass(slots=True)
class World:
    """Products and locations by code, and who bears the references of the batch."""

    skus: Mapping[str, Sku]
    locations: Mapping[str, Location]
    references: dict[str, int]


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Products, locations, references."""
    commands: list[CreateTransfer] = batch.commands
    skus = await catalog.read_skus(tx, (line.sku for command in commands for line in command.lines))
    network = await catalog.read_network(tx)
    references = await store.taken_references(tx, (command.reference for command in commands if command.reference))
    return World(skus, {location.code: location for location in network.locations.values()}, references)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; the same reference is taken once."""
    return [
        _refuse(envelope.command, world) or _create(envelope, number, world, batch)
        for envelope, number in zip(batch.envelopes, batch.numbers, strict=True)
    ]


def _refuse(command: CreateTransfer, world: World) -> Decision | None:
    for pointer, code in (("/from_location", command.from_location), ("/to_location", command.to_location)):
        if code not in world.locations:
            return refused(UNKNOWN_LOCATION, pointer, location=code)
    if command.from_location == command.to_location:
        return refused(SAME_LOCATION, "/to_location", location=command.to_location)
    for index, line in enumerate(command.lines):
        if line.sku not in world.skus:
            return refused(UNKNOWN_SKU, f"/lines/{index}/sku", sku=line.sku)
        if world.skus[line.sku].tracking == "lot" and not line.lot:
            return refused(LOT_NEEDED, f"/lines/{index}/lot", sku=line.sku)
    if command.reference in world.references:
        taken = f"T{world.references[command.reference]}"
        return refused(REFERENCE_TAKEN, "/reference", transfer=taken, reference=command.reference)
    return None


def _create(envelope: Envelope[CreateTransfer], number: int, world: World, batch: Batch) -> Decision:
    command = envelope.command
    transfer = Transfer(
        envelope.fresh_id, number, command.reference, world.locations[command.from_location].id,
        world.locations[command.to_location].id, command.due_at, batch.now, stored=False,
    )  # fmt: skip
    for line_number, line in enumerate(command.lines, 1):
        sku = world.skus[line.sku]
        transfer.lines[line_number] = TransferLine(line_number, sku.id, sku.code, line.lot, line.quantity)
    if command.reference:
        world.references[command.reference] = number
    data = {
        "transfer": transfer.name, "number": number, "reference": transfer.reference,
        "from_location_id": transfer.from_location_id, "to_location_id": transfer.to_location_id, "due_at": transfer.due_at,
        "lines": [
            {"line": line.number, "sku_id": line.sku_id, "sku": line.sku, "lot": line.lot, "quantity": line.quantity}
            for line in transfer.lines.values()
        ],
    }  # fmt: skip
    event = Event("transfer_created", "transfer", transfer.id, batch.now, data)
    return Decision(transferring.state(transfer), event, rows=[transfer])


VERB = Verb(
    noun="transfers",
    verb="create",
    summary="Draft a transfer of stock between two locations; nothing moves yet.",
    command=CreateTransfer,
    outcome=TransferState,
    refusals=(UNKNOWN_LOCATION, SAME_LOCATION, UNKNOWN_SKU, LOT_NEEDED, REFERENCE_TAKEN),
    scope="stock:write",
    event="transfer_created",
    example={
        "from_location": "HAM",
        "to_location": "MUC",
        "due_at": "2099-11-30T12:00:00+01:00",
        "lines": [{"sku": "MUG-BLUE", "quantity": 24}],
        "reference": "REPL-7",
    },
    prefetch=prefetch,
    decide=decide,
    creates=True,
    draws_numbers=True,
)
