"""`lading import online-retail`: the plan of a file, written through the operations and proven against the database.

What moves stock in is written first (openings, finds), then orders and credit notes in the order of the plan, then what
moves stock out without an order, then the queue. So no stock is ever below zero, and a run that was killed can be
finished by another.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from lading.adapters.channels.online_retail import (
    FileTrouble,
    Limits,
    Line,
    Plan,
    Reconciliation,
    plan_lines,
    read_lines,
    reconcile,
    wanted,
)
from lading.adapters.channels.online_retail.rules import minor_of
from lading.adapters.channels.online_retail.terms import MICROS, Batch, CreditNote, Kept, Order
from lading.catalog import store as catalog
from lading.catalog.commands import SaveChannel, SaveLocation
from lading.catalog.types import Network
from lading.database.pool import Database, Transaction
from lading.entrypoints.importing import known as books
from lading.entrypoints.importing.commands import Commands, chunks
from lading.entrypoints.importing.known import Loaded, Place, load_known
from lading.journal.types import Answer, Envelope
from lading.kernel.collector import uncollected
from lading.kernel.ids import new_id
from lading.kernel.trouble import Trouble
from lading.operations.execute import Executor
from lading.operations.registry import verbs

CHANNEL = "online-retail"
BATCH_COMMANDS = 1_000
LIMITS = Limits(documents=1_000, lines=20_000)
"""Large on purpose: each product's row of stock is locked and written once a batch."""
LANES = 3
"""Transactions under way at once."""
QUANTITY_MAX = 100_000_000
CODE_MAX, REFERENCE_MAX = 64, 100

Tell = Callable[[str, int, int], None]
"""Told (what is being done, how much of it, of how much)."""


class ImportTrouble(Trouble):
    """The file and the database do not go together; the sentence says why."""


class Proof(Struct, frozen=True):
    """The file's documents, counted in one place: by the plan, or in the database. Amounts in pence."""

    orders: int
    units: int
    orders_minor: int
    returns: int
    returned_units: int
    returned_minor: int
    kept: int
    kept_units: int
    kept_minor: int


class Account(Struct, frozen=True):
    """What an import ends with."""

    reconciliation: Reconciliation
    database: Proof
    """What the database holds of the file after the import."""


class Part(NamedTuple):
    """What one lane writes of a batch."""

    orders: list[Order]
    credit_notes: list[CreditNote]


class OrderNumber(Struct):
    """What is read of the answer to a recorded order."""

    number: str


async def import_file(
    database: Database, merchant_id: int, path: Path, zone: ZoneInfo, channel: str, location: str | None, tell: Tell
) -> Account:
    """Load the file; what is loaded already stays as it is. Raises Trouble for what the user can mend."""
    with uncollected():
        return await _import(database, merchant_id, path, zone, channel, location, tell)


def read(path: Path, tell: Tell) -> list[Line]:
    """The lines of the file, checked. Raises FileTrouble."""
    size = path.stat().st_size if path.is_file() else 0
    lines = read_lines(path, lambda done: tell("reading", done, size))
    check(lines)
    return lines


async def _import(
    database: Database, merchant_id: int, path: Path, zone: ZoneInfo, channel: str, location: str | None, tell: Tell
) -> Account:
    lines = read(path, tell)
    executor = Executor(database)
    place = await find_place(database, executor, merchant_id, channel, location)
    tell("comparing", 0, 0)
    async with database.read(merchant_id) as tx:
        loaded = await load_known(tx, place, wanted(lines))
    tell("planning", 0, 0)
    plan = plan_lines(lines, zone, loaded.known, LIMITS)
    account = reconcile(lines, plan)
    await Loader(executor, merchant_id, Commands(merchant_id, place), tell, loaded).write(plan)
    async with database.read(merchant_id) as tx:
        return Account(account, await prove(tx, place, plan))


def check(lines: Iterable[Line]) -> None:
    """What a file may hold and the books may not. Raises FileTrouble that names the line."""
    for line in lines:
        if not -QUANTITY_MAX <= line.quantity <= QUANTITY_MAX:
            raise FileTrouble(f"a Quantity of {line.quantity:,} is beyond {QUANTITY_MAX:,}", line.number)
        if len(line.code) > CODE_MAX or len(line.invoice) > REFERENCE_MAX or len(line.customer or "") > REFERENCE_MAX:
            raise FileTrouble(
                f"a StockCode has at most {CODE_MAX} characters, InvoiceNo and CustomerID {REFERENCE_MAX}", line.number
            )


async def find_place(
    database: Database, executor: Executor, merchant_id: int, channel: str, location: str | None
) -> Place:
    """The channel, made where it is new; the location, made only where none was named. Raises ImportTrouble."""
    network = await _network(database, merchant_id)
    code = location or CHANNEL
    if location and network.location_by_code(location) is None:
        raise ImportTrouble(f"There is no location {location}: save it first, or leave --location out.")
    if channel not in network.channels:
        await _save(executor, merchant_id, "channels.save", SaveChannel(channel, "Online Retail"))
    if network.location_by_code(code) is None:
        made = SaveLocation(code, "Online Retail warehouse", "warehouse", "Europe/London", "GB")
        await _save(executor, merchant_id, "locations.save", made)
    network = await _network(database, merchant_id)
    found = network.location_by_code(code)
    if found is None or channel not in network.channels:
        raise ImportTrouble(f"The channel {channel} or the location {code} could not be made.")
    return Place(channel, network.channels[channel], code, found.id)


async def _network(database: Database, merchant_id: int) -> Network:
    async with database.read(merchant_id) as tx:
        return await catalog.read_network(tx)


async def _save(executor: Executor, merchant_id: int, verb: str, command: Struct) -> None:
    digest = hashlib.sha256(msgspec.json.encode(command, order="sorted")).digest()
    envelope = Envelope(new_id(), digest, f"import:{CHANNEL}", command, new_id(), new_id())
    accept(await executor.run(merchant_id, verbs()[verb], [envelope]))


def accept(answers: Sequence[Answer]) -> None:
    """Raises ImportTrouble with the reason of the first command that was refused or failed."""
    for answer in answers:
        if not answer.accepted:
            reason = msgspec.json.decode(answer.body)["message"] if answer.body else "an error that the log names"
            raise ImportTrouble(
                f"The import stopped: {reason} What was written stays; the same import again goes on from there."
            )


@dataclass(slots=True)
class Loader:
    """Writes a plan, batch after batch; each batch is a transaction."""

    executor: Executor
    merchant_id: int
    commands: Commands
    tell: Tell
    loaded: Loaded
    done: int = 0
    total: int = 0
    """Lines that the plan writes."""
    _verbs: dict[str, Any] = field(default_factory=lambda: dict(verbs()))

    async def write(self, plan: Plan) -> None:
        """All that the plan makes. Raises ImportTrouble."""
        make, batches = self.commands, plan.batches
        self.total = sum(weight(order) for batch in batches for order in batch.orders)
        await self._all("products.save", map(make.product, plan.new_products))
        await self._all("stock.receive", (make.opening(item) for batch in batches for item in batch.openings))
        await self._all("stock.adjust", (make.adjustment(item) for batch in batches for item in batch.gains))
        await self._in_order(batches)
        await self._all("stock.adjust", (make.adjustment(item) for batch in batches for item in batch.losses))
        await self._all("unmatched-returns.keep", (make.kept(item) for batch in batches for item in batch.kept))

    async def _all(self, verb: str, envelopes: Iterable[Envelope[Any]]) -> None:
        parts = chunks([[envelope] for envelope in envelopes], BATCH_COMMANDS)
        await _settled([self._run(verb, part) for part in parts])

    async def _in_order(self, batches: Sequence[Batch]) -> None:
        """Orders and credit notes as planned, lane beside lane: while the server writes for one, the next is decided.

        No lane is at the orders of a batch before all of them are done with the batch before the last: what came back with it is needed.
        """
        lanes: list[list[asyncio.Task[None]]] = [[] for _ in range(LANES)]
        for number, parts in enumerate(apart(batches, LANES)):
            before = [lane[number - 2] for lane in lanes] if number > 1 else []
            for lane, part in zip(lanes, parts, strict=True):
                lane.append(asyncio.create_task(self._part(part, [*before, *lane[-1:]])))
        await _settled([task for lane in lanes for task in lane])

    async def _part(self, part: Part, before: Sequence[asyncio.Task[None]]) -> None:
        await asyncio.gather(*before)
        if part.orders:
            await self._record(part.orders)
        await self._credit_notes(part.credit_notes)

    async def _record(self, orders: Sequence[Order]) -> None:
        answers = await self._run("orders.record", list(map(self.commands.order, orders)))
        for order, answer in zip(orders, answers, strict=True):
            number = msgspec.json.decode(answer.body, type=OrderNumber).number
            self.loaded.numbers[order.external_reference] = number
            self.done += weight(order)
        self.tell("writing", self.done, self.total)

    async def _credit_notes(self, notes: Sequence[CreditNote]) -> None:
        """The returns of one note are never in two transactions."""
        groups = [
            [self.commands.returned(item, note.invoice, note.occurred_at, self.loaded.numbers) for item in note.returns]
            for note in notes
        ]
        for part in chunks(groups, BATCH_COMMANDS):
            await self._run("returns.record", part)

    async def _run(self, verb: str, envelopes: Sequence[Envelope[Any]]) -> list[Answer]:
        answers = await self.executor.run(self.merchant_id, self._verbs[verb], envelopes)
        accept(answers)
        return answers


async def _settled(work: Iterable[Awaitable[object]]) -> None:
    """All of it, whatever becomes of one; then raises what the first of it raised, and so did all that came after that."""
    for end in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(end, BaseException):
            raise end


def weight(order: Order) -> int:
    """Lines of the file in an order."""
    return len(order.lines) + len(order.charges)


def apart(batches: Iterable[Batch], count: int) -> Iterator[list[Part]]:
    """Each batch for so many lanes of about the same weight. All that a customer has is in one lane: credit notes follow the orders that
    they take back, and no two transactions meet the same new customer.
    """
    lane_of: dict[str, int] = {}
    weights = [0] * count

    def lane(customer: str | None) -> int:
        lightest = weights.index(min(weights))
        return lane_of.setdefault(customer, lightest) if customer else lightest

    for batch in batches:
        parts = [Part([], []) for _ in range(count)]
        for order in batch.orders:
            chosen = lane(order.customer)
            parts[chosen].orders.append(order)
            weights[chosen] += weight(order)
        for note in batch.credit_notes:
            parts[lane(note.customer)].credit_notes.append(note)
        yield parts


def expected(plan: Plan) -> Proof:
    """What the plan says that the database holds of the file at the end."""
    orders = [order for batch in _everything(plan) for order in batch.orders]
    returns = [item for batch in _everything(plan) for note in batch.credit_notes for item in note.returns]
    kept = [item for batch in _everything(plan) for item in batch.kept]
    refunds = [line.refund_minor for item in returns for line in item.lines]
    refunds += [charge.amount_minor for item in returns for charge in item.charges]
    return Proof(
        len(orders),
        sum(line.quantity for order in orders for line in order.lines),
        sum(order.total_minor for order in orders),
        len(returns),
        sum(line.quantity for item in returns for line in item.lines),
        sum(refunds),
        len(kept),
        sum(item.quantity for item in kept),
        sum(kept_minor(item) for item in kept),
    )


def kept_minor(item: Kept) -> int:
    """What the item comes to, in pence."""
    return minor_of(item.quantity * int(item.unit_price * MICROS))


def _everything(plan: Plan) -> Iterator[Batch]:
    yield plan.before
    yield from plan.batches


async def prove(tx: Transaction, place: Place, plan: Plan) -> Proof:
    """Count the file's documents in the database. Raises ImportTrouble where they are not what the plan says."""
    batches = list(_everything(plan))
    orders = [order.external_reference for batch in batches for order in batch.orders]
    notes = [note.invoice for batch in batches for note in batch.credit_notes]
    returned = {item.order for batch in batches for note in batch.credit_notes for item in note.returns}
    kept = [item.key for batch in batches for item in batch.kept]
    found = Proof(
        *(await tx.fetch(books.sql.loaded_orders, place.channel_id, orders))[0],
        *(await tx.fetch(books.sql.loaded_returns, place.channel_id, sorted(returned), notes))[0],
        *(await tx.fetch(books.sql.kept_items, place.channel_id, kept))[0],
    )
    planned = expected(plan)
    differing = [
        f"{name.replace('_', ' ')}: {getattr(found, name):,} instead of {getattr(planned, name):,}"
        for name in Proof.__struct_fields__
        if getattr(found, name) != getattr(planned, name)
    ]
    if differing:
        raise ImportTrouble(f"The database does not hold what the plan says ({'; '.join(differing)}).")
    return found


def render_proof(proof: Proof) -> str:
    """Three lines for people."""
    return "\n".join(
        (
            "",
            "counted in the database afterwards, equal to the plan",
            *(
                f"  {count:>9,}  {name}, {units:,} units, {minor / 100:,.2f} GBP"
                for name, count, units, minor in (
                    ("orders", proof.orders, proof.units, proof.orders_minor),
                    ("returns", proof.returns, proof.returned_units, proof.returned_minor),
                    ("items in the queue", proof.kept, proof.kept_units, proof.kept_minor),
                )
            ),
            "",
        )
    )
