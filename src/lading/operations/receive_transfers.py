"""Receive transfers: units land at the receiver, all or some, some of them damaged."""

from collections.abc import Sequence

from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations import telling_apart, transferring
from lading.operations.moving_stock import NOT_THERE, TOO_MANY_UNITS
from lading.operations.registry import Batch, Verb
from lading.operations.transferring import TransferState, World
from lading.terms.ledger import End, Posting
from lading.transfers import rules
from lading.transfers.commands import LandedUnits, ReceiveTransfer
from lading.transfers.types import Transfer

MORE_DAMAGED = ("more_damaged", "{damaged} of line {line} cannot be damaged where {quantity} arrived.")


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The transfers and the receiver's stock."""
    return await transferring.prefetch(tx, batch, "to")


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return transferring.in_order(_receive, world, batch)


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
    parts = _parts(landed, transfer, world)
    if isinstance(parts, Decision):
        return parts
    if refusal := _refuse_room(world, transfer, parts):
        return refusal
    steps = [
        rules.step(transfer.lines[number], "in_transit", "received", units, damaged=damaged, serials=names)
        for number, units, damaged, names in parts
    ]
    occurred_at = command.occurred_at or batch.now
    transfer.received_at = transfer.received_at or occurred_at
    if not any(line.in_transit for line in transfer.lines.values()):
        transfer.closed_at = occurred_at
    return transferring.decide(
        world, transfer, steps, "transfer_received", occurred_at, closed=transfer.closed_at is not None
    )


Part = tuple[int, int, bool, tuple[str, ...]]
"""(line, units, damaged, names)"""


def _parts(landed: Sequence[LandedUnits], transfer: Transfer, world: World) -> list[Part] | Decision:
    """Good and damaged units apart, each with their names."""
    naming, parts = transferring.Naming(world, transfer), list[Part]()
    for index, each in enumerate(landed):
        line, pointer = transfer.lines[each.line], f"/lines/{index}"
        way = transferring.on_the_way(world, transfer, line)
        arrived = naming.choose(line, each.quantity, each.serials, way, None, pointer)
        if isinstance(arrived, Decision):
            return arrived
        damaged = each.damaged_serials or (arrived if each.damaged == each.quantity else ())
        if refusal := telling_apart.refuse_names(line, each.damaged, damaged, f"{pointer}/damaged_serials"):
            return refusal
        if stranger := next((name for name in damaged if name not in arrived), None):
            return refused(
                telling_apart.SERIAL_ELSEWHERE, f"{pointer}/damaged_serials", sku=line.sku, serial=stranger,
                place="not among them", expected="one that arrived",
            )  # fmt: skip
        good = tuple(name for name in arrived if name not in damaged)
        counts = ((each.quantity - each.damaged, False, good), (each.damaged, True, tuple(damaged)))
        parts += [(each.line, units, broken, names) for units, broken, names in counts if units]
    return parts


def _refuse_room(world: World, transfer: Transfer, parts: Sequence[Part]) -> Decision | None:
    there = transfer.to_location_id
    postings = [
        Posting(line.sku_id, units, None, End("damaged" if damaged else "available", there, line.lot))
        for number, units, damaged, _ in parts
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
        *transferring.REFUSALS,
    ),
    scope="stock:write",
    event="transfer_received",
    example={"transfer": "T1043", "lines": [{"line": 1, "quantity": 20, "damaged": 2}]},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
