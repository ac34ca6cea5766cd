"""Make transfers ready: their units are set aside at the sender."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from lading.catalog import store as catalog
from lading.catalog.rules import ranking
from lading.database.pool import Transaction
from lading.inventory import limit_store
from lading.inventory import store as inventory
from lading.inventory.limits import Allowance
from lading.inventory.types import Shelf
from lading.journal import store as journal
from lading.journal.types import Decision, refused
from lading.operations import telling_apart, transferring
from lading.operations.giving_back import count_over, give_back
from lading.operations.moving_stock import NOT_THERE, TOO_MANY_UNITS, UNITS_MAX
from lading.operations.registry import Batch, Verb
from lading.operations.transferring import TransferState, World
from lading.sourcing.rules import Ranking
from lading.terms.ledger import End, Posting
from lading.transfers import rules, store
from lading.transfers.commands import ReadyTransfer
from lading.transfers.types import Transfer

KEPT_BACK = ("kept_back", "{location} may give {most} {sku}, not {quantity}: the others are kept or claimed.")


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The transfers, the gates of products with limits, the sender's stock; reservations there whose time is over hold nothing back."""
    transfers = await store.load(tx, (command.transfer for command in batch.commands), lock=batch.lock)
    sku_ids = {line.sku_id for transfer in transfers.all() for line in transfer.lines.values()}
    limited = await _limited(tx, sku_ids)
    if limited and batch.lock:
        await limit_store.lock_gate(tx, limited)
    world = await transferring.read_stock(tx, batch, transfers, "from")
    if await _limited(tx, sku_ids) != limited:
        raise journal.LostRace("first limit of a product")
    if limited:
        network, policies = await catalog.read_setup(tx, limited)
        fills = ranking(network, policies)
        limits = await limit_store.read_limits(tx, limited, batch.now)
        supplies = await inventory.read_supplies(tx, dict.fromkeys(limited, UNITS_MAX), batch.now)
        world.allowances = {sku_id: Allowance(limits[sku_id], _free(supplies[sku_id], fills)) for sku_id in limited}
    world.over = await count_over(tx, batch, world.shelves.rows)
    return world


async def _limited(tx: Transaction, sku_ids: Iterable[UUID]) -> set[UUID]:
    """Products that others may have claims on."""
    return {sku.id for sku in (await catalog.skus_by_id(tx, sku_ids)).values() if sku.limited}


def _free(shelves: Iterable[Shelf], fills: Ranking) -> dict[UUID, int]:
    """Units by location that fills orders."""
    free = dict.fromkeys(fills, 0)
    for shelf in shelves:
        if shelf.location_id in free:
            free[shelf.location_id] += shelf.available
    return free


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
    named = _names(command, transfer, world)
    if isinstance(named, Decision):
        return named
    if refusal := _kept_back(world, transfer, wanted):
        return refusal
    transfer.ready_at = transfer.ready_at or batch.now
    steps = [
        rules.step(transfer.lines[number], "planned", "ready", units, serials=named[index] if named else ())
        for index, (number, units) in enumerate(wanted)
    ]
    return transferring.decide(world, transfer, steps, "transfer_readied", batch.now)


def _names(command: ReadyTransfer, transfer: Transfer, world: World) -> list[tuple[str, ...]] | Decision:
    """The names that somebody gave already, line by line: each is on the shelf, and meant once."""
    naming = transferring.Naming(world, transfer)
    named = []
    for index, units in enumerate(command.lines):
        line, pointer = transfer.lines[units.line], f"/lines/{index}"
        if again := next((name for name in units.serials if name in line.serials), None):
            return refused(telling_apart.SERIAL_TWICE, f"{pointer}/serials", serial=again)
        shelf = End("available", transfer.from_location_id, line.lot)
        names = naming.choose(line, units.quantity, units.serials, (), shelf, pointer) if units.serials else ()
        if isinstance(names, Decision):
            return names
        named.append(names)
    return named


def _kept_back(world: World, transfer: Transfer, wanted: Sequence[tuple[int, int]]) -> Decision | None:
    """The refusal of units that are kept for channels or claimed by somebody; otherwise they are taken."""
    units: dict[UUID, int] = {}
    for number, quantity in wanted:
        sku_id = transfer.lines[number].sku_id
        if sku_id in world.allowances:
            units[sku_id] = units.get(sku_id, 0) + quantity
    home = transfer.from_location_id
    for sku_id, quantity in units.items():
        if (most := world.allowances[sku_id].at(home, None)) < quantity:
            facts = {"location": world.locations[home], "sku": transferring.codes(transfer)[sku_id]}
            return refused(KEPT_BACK, "/lines", **facts, most=most, quantity=quantity)
    for sku_id, quantity in units.items():
        world.allowances[sku_id].grant(home, None, quantity)
    return None


VERB = Verb(
    noun="transfers",
    verb="ready",
    summary="Set the units of a transfer aside at the sender: nobody else is promised them.",
    command=ReadyTransfer,
    outcome=TransferState,
    refusals=(
        transferring.UNKNOWN_TRANSFER, transferring.VERSION_CONFLICT, transferring.WRONG_STATUS, transferring.NOTHING_LEFT,
        transferring.UNKNOWN_LINE, transferring.TOO_MANY, NOT_THERE, TOO_MANY_UNITS, *transferring.REFUSALS,
        KEPT_BACK,
    ),
    scope="stock:write",
    event="transfer_readied",
    example={"transfer": "T1043"},
    prefetch=prefetch,
    decide=decide,
    inverse="transfers.cancel",
)  # fmt: skip
