"""What the verbs of a transfer have in common: finding it, taking steps with its units, telling where it stands."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.database.pool import Transaction
from lading.inventory import lots
from lading.inventory import rules as inventory_rules
from lading.inventory import store as inventory
from lading.inventory.limits import Allowance
from lading.inventory.lots import SerialKey, Serials
from lading.journal.types import Decision, refused
from lading.operations import telling_apart, telling_late
from lading.operations.giving_back import Over
from lading.operations.registry import Batch
from lading.operations.shelves import Shelves
from lading.operations.telling_late import Counted
from lading.terms.ledger import End, Event, Posting
from lading.transfers import rules, store
from lading.transfers.rules import Step
from lading.transfers.types import Transfer, TransferLine, Transfers

UNKNOWN_TRANSFER = ("unknown_transfer", "There is no transfer {transfer}.")
VERSION_CONFLICT = ("version_conflict", "{transfer} has version {version} by now, not {expected}: look at it again.")
WRONG_STATUS = ("wrong_status", "{transfer} is {status}; this can be done while it is {fitting}.")
UNKNOWN_LINE = ("unknown_line", "{transfer} has no line {line}.")
TOO_MANY = ("too_many", "{transfer} has {there} of line {line} {counter}, not {quantity}.")
NOTHING_LEFT = ("nothing_left", "{transfer} has no units that are {counter}.")


class TransferState(Struct, frozen=True):
    """Where a transfer stands now, in units over all its lines."""

    transfer: str
    id: UUID
    status: str
    version: int
    planned: int
    ready: int
    in_transit: int
    received: int
    damaged: int
    """Among those received."""
    came_home: int
    lost: int
    cancelled: int


@dataclass(slots=True)
class World:
    """Transfers, the codes of all locations, and the rows of stock that their units leave or reach."""

    transfers: Transfers
    locations: dict[UUID, str]
    shelves: Shelves
    over: Over = field(default_factory=Over)
    """Reservations at the sender's rows whose time is over."""
    allowances: Mapping[UUID, Allowance] = field(default_factory=dict)
    """What may be taken of products with limits, where the verb asked for it."""
    serials: Serials = field(default_factory=dict)
    """Units with names: those on their way with the transfers, and those that the commands name."""
    counted: Counted = field(default_factory=Counted)
    """Of what is told late."""


async def prefetch(tx: Transaction, batch: Batch, place: Literal["from", "to"]) -> World:
    """The transfers, locked; then the rows of stock at the sender or at the receiver, locked in key order."""
    transfers = await store.load(tx, (command.transfer for command in batch.commands), lock=batch.lock)
    world = await read_stock(tx, batch, transfers, place)
    world.counted = await telling_late.read(tx, batch, _moved(batch, transfers, place))
    return world


def _moved(
    batch: Batch, transfers: Transfers, place: Literal["from", "to"]
) -> Iterator[tuple[inventory.Key, datetime | None]]:
    for command in batch.commands:
        if transfer := transfers.find(command.transfer):
            location_id = transfer.from_location_id if place == "from" else transfer.to_location_id
            for line in transfer.lines.values():
                yield (line.sku_id, location_id, line.lot), command.occurred_at


async def read_stock(tx: Transaction, batch: Batch, transfers: Transfers, place: Literal["from", "to"]) -> World:
    """The rows of stock at the sender or at the receiver, locked in key order."""
    network = await catalog.read_network(tx)
    keys = {
        (line.sku_id, transfer.from_location_id if place == "from" else transfer.to_location_id, line.lot)
        for transfer in transfers.all()
        for line in transfer.lines.values()
    }
    rows = await inventory.stock_rows(tx, keys, lock=batch.lock)
    locations = {location.id: location.code for location in network.locations.values()}
    named = await _names(tx, batch, transfers)
    return World(transfers, locations, Shelves(rows), serials=await lots.read_serials(tx, named, lock=batch.lock))


async def _names(tx: Transaction, batch: Batch, transfers: Transfers) -> set[SerialKey]:
    """Serials that the batch may be about, where products of the transfers have any."""
    lines = [line for transfer in transfers.all() for line in transfer.lines.values() if line.tracking == "serial"]
    if not lines:
        return set()
    keys = {(line.sku_id, name) for line in lines for name in line.serials}
    keys.update(await lots.serials_of_transfers(tx, (transfer.id for transfer in transfers.all())))
    for command in batch.commands:
        transfer = transfers.find(command.transfer)
        for units in command.lines if transfer else ():
            if transfer and (line := transfer.lines.get(units.line)):
                given = (*getattr(units, "serials", ()), *getattr(units, "lost_serials", ()))
                keys.update((line.sku_id, name) for name in given)
    return keys


def on_the_way(world: World, transfer: Transfer, line: TransferLine) -> list[str]:
    """Names of the units of the line's product and lot that left with the transfer and are not there yet."""
    return sorted(
        serial.serial
        for serial in world.serials.values()
        if (serial.sku_id, serial.lot, serial.transfer_id) == (line.sku_id, line.lot, transfer.id)
    )


class Naming:
    """Which names the units of one command have; each stands there once."""

    def __init__(self, world: World, transfer: Transfer) -> None:
        self._world, self._transfer = world, transfer
        self._used: set[SerialKey] = set()

    def choose(
        self,
        line: TransferLine,
        quantity: int,
        given: Sequence[str],
        pool: Sequence[str],
        source: End | None,
        pointer: str,
    ) -> tuple[str, ...] | Decision:
        """The names that are given, or the pool where it has as many; they must be at that end (None: on their way)."""
        if line.tracking != "serial":
            return telling_apart.refuse_names(line, quantity, given, pointer) or ()
        left = [name for name in pool if (line.sku_id, name) not in self._used]
        names = tuple(given) or (tuple(left) if len(left) == quantity else ())
        if refusal := telling_apart.refuse_names(line, quantity, names, pointer):
            return refusal
        if again := next((name for name in names if (line.sku_id, name) in self._used), None):
            return refused(telling_apart.SERIAL_TWICE, f"{pointer}/serials", serial=again)
        if refusal := self._elsewhere(line, names, source, pointer):
            return refusal
        self._used.update((line.sku_id, name) for name in names)
        return names

    def _elsewhere(self, line: TransferLine, names: Sequence[str], source: End | None, pointer: str) -> Decision | None:
        if source is not None:
            return telling_apart.elsewhere(line, names, source, self._world.serials, pointer)
        way = on_the_way(self._world, self._transfer, line)
        stranger = next((name for name in names if name not in way), None)
        if stranger is None:
            return None
        found = self._world.serials.get((line.sku_id, stranger))
        return refused(
            telling_apart.SERIAL_ELSEWHERE, f"{pointer}/serials", sku=line.sku, serial=stranger,
            place=(found.place if found else "unknown").replace("_", " "),
            expected=f"on its way with {self._transfer.name}",
        )  # fmt: skip


REFUSALS = (
    telling_apart.SERIALS_NOT_KEPT, telling_apart.SERIALS_REQUIRED, telling_apart.SERIAL_TWICE, telling_apart.SERIAL_ELSEWHERE,
)  # fmt: skip
"""What `Naming` may say."""


def find(world: World, ref: str, expected_version: int | None, fitting: Sequence[str]) -> Transfer | Decision:
    """The transfer, or why nothing can be done with it."""
    transfer = world.transfers.find(ref)
    if transfer is None:
        return refused(UNKNOWN_TRANSFER, "/transfer", transfer=ref)
    if expected_version is not None and expected_version != transfer.version:
        return refused(
            VERSION_CONFLICT, "/expected_version", transfer=transfer.name, version=transfer.version,
            expected=expected_version,
        )  # fmt: skip
    if transfer.status not in fitting:
        said = " or ".join(status.replace("_", " ") for status in fitting)
        return refused(
            WRONG_STATUS, "/transfer", transfer=transfer.name, status=transfer.status.replace("_", " "), fitting=said
        )
    return transfer


def refuse_lines(transfer: Transfer, wanted: Iterable[tuple[int, int]], counter: str) -> Decision | None:
    """Refuse a line that is not there, or more units of (line, quantity) than stand in the counter, summed over the command."""
    left = {number: getattr(line, counter) for number, line in transfer.lines.items()}
    for index, (number, quantity) in enumerate(wanted):
        if number not in left:
            return refused(UNKNOWN_LINE, f"/lines/{index}/line", transfer=transfer.name, line=number)
        if quantity > left[number]:
            return refused(
                TOO_MANY, f"/lines/{index}/quantity", transfer=transfer.name, line=number, quantity=quantity,
                there=left[number], counter=counter.replace("_", " "),
            )  # fmt: skip
        left[number] -= quantity
    return None


def all_of(transfer: Transfer, counter: str) -> list[tuple[int, int]]:
    """(line, quantity) of all that stands there."""
    return [(number, units) for number, line in transfer.lines.items() if (units := getattr(line, counter))]


def nothing(transfer: Transfer, counter: str) -> Decision:
    """The refusal where a command would move no unit."""
    return refused(NOTHING_LEFT, "/transfer", transfer=transfer.name, counter=counter.replace("_", " "))


def state(transfer: Transfer) -> TransferState:
    """Where it stands."""
    counters = ("planned", "ready", "in_transit", "received", "damaged", "came_home", "lost", "cancelled")
    sums = [sum(getattr(line, counter) for line in transfer.lines.values()) for counter in counters]
    return TransferState(transfer.name, transfer.id, transfer.status, transfer.version, *sums)


def decide(
    world: World, transfer: Transfer, steps: Sequence[Step], kind: str, occurred_at: datetime, **more: Any
) -> Decision:
    """The steps are taken already: one more version, one event, a posting for each unit that moved."""
    postings: list[Posting] = []
    for step in steps:
        if moved := rules.posting(transfer, step):
            names = () if step.source == "planned" else step.serials
            postings += inventory_rules.by_name(moved, names)
            for name in names:
                serial = world.serials[(step.line.sku_id, name)]
                if moved.target is None:
                    inventory_rules.send(serial, transfer.id)
                else:
                    inventory_rules.put(serial, moved.target)
    world.shelves.move(postings)
    transfer.version += 1
    data = {
        "transfer": transfer.name, "from_location_id": transfer.from_location_id, "to_location_id": transfer.to_location_id,
        "steps": [rules.told(step) for step in steps], **more,
    }  # fmt: skip
    return Decision(state(transfer), Event(kind, "transfer", transfer.id, occurred_at, data), postings, rows=[transfer])


def in_order(rule: Callable[[Any, World, Batch], Decision], world: World, batch: Batch) -> list[Decision]:
    """The rule's decisions, each seeing what the earlier ones left; what was counted since stays as it was counted."""
    return [
        telling_late.take_back(rule(envelope.command, world, batch), envelope, world.counted, world.shelves.rows)
        for envelope in batch.envelopes
    ]


def codes(transfer: Transfer) -> dict[UUID, str]:
    """Products of the lines."""
    return {line.sku_id: line.sku for line in transfer.lines.values()}
