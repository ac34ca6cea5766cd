"""Receive transfers: units land at the receiver, all or some, some of them damaged."""

from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations import transferring
from lading.operations.moving_stock import NOT_THERE, TOO_MANY_UNITS
from lading.operations.registry import Batch, Verb
from lading.operations.transferring import TransferState, World
from lading.terms.ledger import End, Posting
from lading.transfers import rules
from lading.transfers.commands import LandedUnits, ReceiveTransfer
from lading.transfers.types import Transfer

MORE_DAMAGED = ("more_damaged", "{damaged} units of line {line} cannot be damaged where {quantity} arrived.")


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The transfers and the receiver's stock."""
    return await transferring.prefetch(tx, batch, "to")


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_receive(command, world, batch) for command in batch.commands]


def _receive(command: ReceiveTransfer, world: World, batch: Batch) -> Decision:
    transfer = transferring.find(
        world, command.transfer, command.expected_version, ("in_transit", "partially_received")
    )
    if isinstance(transfer, Decision):
        return transfer
    for index, each in enumerate(command.lines):
        if each.damaged > each.quantity:
            return refused(
                MORE_DAMAGED, f"/lines/{index}/damaged", line=each.line, damaged=each.damaged, quantity=each.quantity
            )
    landed = command.lines or [LandedUnits(*units) for units in transferring.all_of(transfer, "in_transit")]
    if refusal := transferring.refuse_lines(transfer, ((each.line, each.quantity) for each in landed), "in_transit"):
        return refusal
    parts = [
        (each.line, units, damaged)
        for each in landed
        for units, damaged in ((each.quantity - each.damaged, False), (each.damaged, True))
        if units
    ]
    if refusal := _refuse_room(world, transfer, parts):
        return refusal
    steps = [
        rules.step(transfer.lines[number], "in_transit", "received", units, damaged=damaged)
        for number, units, damaged in parts
    ]
    occurred_at = command.occurred_at or batch.now
    transfer.received_at = transfer.received_at or occurred_at
    if not any(line.in_transit for line in transfer.lines.values()):
        transfer.closed_at = occurred_at
    return transferring.decide(
        world, transfer, steps, "transfer_received", occurred_at, closed=transfer.closed_at is not None
    )


def _refuse_room(world: World, transfer: Transfer, parts: list[tuple[int, int, bool]]) -> Decision | None:
    there = transfer.to_location_id
    postings = [
        Posting(line.sku_id, units, None, End("damaged" if damaged else "available", there, line.lot))
        for number, units, damaged in parts
        for line in (transfer.lines[number],)
    ]
    return world.shelves.refuse(postings, transferring.codes(transfer), world.locations, "/lines")


VERB = Verb(
    noun="transfers",
    verb="receive",
    summary="Say what of a transfer arrived, all or some, and how many units of it are damaged.",
    command=ReceiveTransfer,
    outcome=TransferState,
    refusals=(
        transferring.UNKNOWN_TRANSFER, transferring.VERSION_CONFLICT, transferring.WRONG_STATUS, MORE_DAMAGED,
        transferring.UNKNOWN_LINE, transferring.TOO_MANY, NOT_THERE, TOO_MANY_UNITS,
    ),
    scope="stock:write",
    event="transfer_received",
    example={"transfer": "T1043", "lines": [{"line": 1, "quantity": 20, "damaged": 2}]},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
