"""Confirm picks: units of a wave's task were taken out of their bin, or were not there; what was scanned is checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.types import Sku
from lading.database.pool import Transaction
from lading.fulfillment.commands import LineUnits, ShortUnits
from lading.inbound import bins
from lading.inbound.bins import BinPosting, Contents
from lading.journal.types import Decision, Envelope, refused
from lading.operations import fulfilling, picking, requesting, waving
from lading.operations.registry import Batch, Verb
from lading.waves import rules, store
from lading.waves.commands import ConfirmPick
from lading.waves.types import PickTask, Wave, Waves

UNKNOWN_TASK = ("unknown_task", "{wave} has no task {task}.")
UNKNOWN_BARCODE = ("unknown_barcode", "No product has the bar code {barcode}.")
NOT_ON_LIST = ("not_on_list", "Nothing of {barcode} waits to be picked for {wave}.")
WRONG_PRODUCT = ("wrong_product", "{barcode} is {scanned}; the task is about {sku}.")
WRONG_BIN = ("wrong_bin", "The task is about bin {bin}, and the book knows of no {sku} in {scanned}.")
WRONG_LOT = ("wrong_lot", "The task is about lot {lot}, not {read}.")
NOT_WAITING = ("not_waiting", "{task} has {waiting} to be picked, not {quantity}.")


class PickConfirmed(Struct, frozen=True):
    """What was picked and what was short, and what is left."""

    task: str
    wave: str
    fulfillment_order: str
    order: str
    slot: int
    """Which box on the cart they go into."""
    sku: str
    bin: str | None
    picked: int
    short: int
    left: int
    """Units of the task that wait still."""
    order_stage: str


@dataclass(slots=True)
class World:
    """The orders of the tasks with their stock, the waves, and what scans mean."""

    units: fulfilling.World
    waves: Waves
    tasks: Mapping[UUID, list[PickTask]] = field(default_factory=dict)
    """By wave, in the order of the walk."""
    scanned: Mapping[str, Sku] = field(default_factory=dict)
    codes: Mapping[UUID, str] = field(default_factory=dict)
    """Of the tasks' products."""
    contents: Contents = field(default_factory=dict)


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Tasks without a lock; then their orders, the waves (shared), the tasks once more, and the stock, locked in this order."""
    commands: list[ConfirmPick] = batch.commands
    scanned = await catalog.read_skus_scanned(tx, (each.barcode for each in commands if each.barcode))
    ids = await store.find_ids(tx, (each.wave for each in commands))
    known = await store.read_waves(tx, ids, lock=None)
    numbers: set[tuple[UUID, int]] = set()
    skus: set[tuple[UUID, UUID]] = set()
    for command in commands:
        if not (wave := known.find(command.wave)):
            continue
        if command.task:
            numbers.add((wave.id, command.task))
        elif sku := scanned.get(command.barcode or ""):
            skus.add((wave.id, sku.id))
    proposed = await store.find_tasks(tx, numbers, skus)
    units = await fulfilling.read_orders(tx, batch, {str(task.order_id) for task in proposed})
    waves = await store.read_waves(tx, ids, lock="shared" if batch.lock else None)
    seen = {(task.wave_id, task.number) for task in proposed}
    tasks: dict[UUID, list[PickTask]] = {}
    for task in await store.find_tasks(tx, seen, ()):
        tasks.setdefault(task.wave_id, []).append(task)
    await fulfilling.read_shelves(tx, batch, units, days=any(each.short for each in commands), rows=True)
    await picking.read_shortages(tx, units)
    await fulfilling.read_lots(tx, batch, units)
    await fulfilling.read_serials(tx, batch, units, _named(commands, known, proposed, scanned))
    keys = {(task.sku_id, task.location_id, task.lot) for found in tasks.values() for task in found}
    codes = {sku.id: sku.code for sku in (await catalog.skus_by_id(tx, {key[0] for key in keys})).values()}
    return World(units, waves, tasks, scanned, codes, await bins.read_contents(tx, keys))


def _named(
    commands: Sequence[ConfirmPick], known: Waves, proposed: Sequence[PickTask], scanned: Mapping[str, Sku]
) -> list[tuple[str, Sequence[LineUnits]]]:
    """The serial numbers that commands name, each with an order and a line of its product."""
    named: list[tuple[str, Sequence[LineUnits]]] = []
    for command in commands:
        names = [*command.serials, *command.short_serials]
        wave, sku = known.find(command.wave), scanned.get(command.barcode or "")
        if not names or wave is None:
            continue
        for task in proposed:
            meant = task.number == command.task if command.task else sku is not None and task.sku_id == sku.id
            if meant and task.wave_id == wave.id:
                named.append((str(task.order_id), [LineUnits(task.line_number, len(names), names)]))
                break
    return named


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_confirm(envelope, world, batch) for envelope in batch.envelopes]


def _confirm(envelope: Envelope[ConfirmPick], world: World, batch: Batch) -> Decision:
    command = envelope.command
    wave = waving.find(world.waves, command.wave, ("released",))
    if isinstance(wave, Decision):
        return wave
    task = _find(command, wave, world)
    if isinstance(task, Decision):
        return task
    if refusal := _mistaken(command, task, world):
        return refusal
    order = world.units.orders.by_ref[str(task.order_id)]
    work = world.units.work[order.id]
    fulfillment_order = work.fulfillment_orders[task.fulfillment_order - 1]
    if refusal := fulfilling.held(order, "release", {task.line_number}, fulfillment_order.number):
        return refusal
    if refusal := requesting.refuse_scheduled(order, fulfillment_order, batch.now):
        return refusal
    waiting = rules.waits(task, work.allocations)
    short = command.short or 0
    picked = max(waiting - short, 0) if command.quantity is None else command.quantity
    name = f"{wave.name}-T{task.number}"
    if picked + short > waiting or not picked + short:
        return refused(NOT_WAITING, "/quantity", task=name, waiting=waiting, quantity=max(picked + short, 1))
    lines = [LineUnits(task.line_number, picked, command.serials)] if picked else []
    missing = (
        [ShortUnits(task.line_number, short, command.reason or "", command.short_serials, command.shelf_empty)]
        if short
        else []
    )
    bin_code = command.bin or task.bin
    more = {"task": {"wave_id": wave.id, "number": task.number, "picked": picked, "short": short, "bin": bin_code}}
    mine = [each for each in work.allocations if each.number == task.allocation]
    done = picking.pick(
        (order, work, fulfillment_order), (lines, missing), mine, world.units, envelope.event_id, batch, more
    )
    if not isinstance(done.outcome, picking.UnitsPicked):
        return done
    task.picked += picked
    task.short += short
    done.rows += [task, *_out_of_bin(task, bin_code, picked, short, envelope.event_id, world)]
    done.outcome = PickConfirmed(
        name, wave.name, done.outcome.fulfillment_order, done.outcome.order, task.slot, world.codes[task.sku_id], bin_code,
        picked, short, rules.waits(task, work.allocations), done.outcome.stage,
    )  # fmt: skip
    return done


def _find(command: ConfirmPick, wave: Wave, world: World) -> PickTask | Decision:
    """The task that is named, or the first one on which units of what was scanned wait."""
    tasks = world.tasks.get(wave.id, [])
    if command.task:
        found = next((task for task in tasks if task.number == command.task), None)
        return found or refused(UNKNOWN_TASK, "/task", wave=wave.name, task=command.task)
    sku = world.scanned.get(command.barcode or "")
    if sku is None:
        return refused(UNKNOWN_BARCODE, "/barcode", barcode=command.barcode)
    for task in tasks:
        if task.sku_id != sku.id or command.list not in (None, task.list):
            continue
        if command.bin not in (None, task.bin) or command.lot not in (None, task.lot):
            continue
        waiting = rules.waits(task, world.units.work[task.order_id].allocations)
        if waiting >= max((command.quantity or 0) + (command.short or 0), 1):
            return task
    return refused(NOT_ON_LIST, "/barcode", wave=wave.name, barcode=command.barcode)


def _mistaken(command: ConfirmPick, task: PickTask, world: World) -> Decision | None:
    """The refusal of a scan that is not what the task is about."""
    sku = world.codes[task.sku_id]
    if command.barcode is not None:
        scanned = world.scanned.get(command.barcode)
        if scanned is None:
            return refused(UNKNOWN_BARCODE, "/barcode", barcode=command.barcode)
        if scanned.id != task.sku_id:
            return refused(WRONG_PRODUCT, "/barcode", barcode=command.barcode, scanned=scanned.code, sku=sku)
    if command.bin not in (None, task.bin):
        held = world.contents.get((task.sku_id, task.location_id, task.lot), {})
        if not held.get(command.bin or ""):
            return refused(WRONG_BIN, "/bin", bin=task.bin or "none", sku=sku, scanned=command.bin)
    if command.lot not in (None, task.lot):
        return refused(WRONG_LOT, "/lot", lot=task.lot or "none", read=command.lot)
    return None


def _out_of_bin(
    task: PickTask, code: str | None, picked: int, short: int, event_id: UUID, world: World
) -> list[BinPosting]:
    """What the book takes out of the bin: what was picked, and what it had there in vain. What is beyond it, other bins give."""
    key = (task.sku_id, task.location_id, task.lot)
    held = world.contents.get(key, {})
    moved = []
    for units, corrects in ((picked, False), (short, True)):
        if code is not None and (gone := min(units, held.get(code, 0))):
            held[code] -= gone
            moved.append(BinPosting(event_id, *key, code, None, gone, task.order_id, corrects))
    return moved


VERB = Verb(
    noun="waves",
    verb="pick",
    summary="Say that units of a task were taken, or are short; what was scanned (product, bin, lot) is checked.",
    command=ConfirmPick,
    outcome=PickConfirmed,
    refusals=(
        waving.UNKNOWN_WAVE, waving.WRONG_STATUS, UNKNOWN_TASK, UNKNOWN_BARCODE, NOT_ON_LIST, WRONG_PRODUCT, WRONG_BIN, WRONG_LOT,
        fulfilling.ON_HOLD, requesting.SCHEDULED, NOT_WAITING, *picking.REFUSALS,
    ),
    scope="fulfillment:write",
    event="units_picked",
    example={"wave": "WV1044", "task": 3, "barcode": "4006381333931", "bin": "A-03-2", "quantity": 2},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
