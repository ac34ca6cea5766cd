"""Pick units for fulfillment orders, and say which of them are short."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment.commands import LineUnits, PickUnits
from lading.fulfillment.rules import Move
from lading.fulfillment.types import Allocation
from lading.inventory.lots import SerialKey
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, fulfilling, naming, requesting
from lading.operations.fulfilling import Named, World
from lading.operations.registry import Batch, Verb
from lading.shortages.rules import open_shortage
from lading.shortages.types import Cause, Shortage, told
from lading.terms.ledger import End, Posting

NOTHING_TO_PICK = ("nothing_to_pick", "Nothing of {fulfillment_order} waits to be picked.")
NOT_RELEASED = ("not_released", "{waiting} units of line {line} wait to be picked for {document}, not {quantity}.")

NAMED_UNITS = (
    "named_units",
    "Units of line {line} have serial numbers: say which are missing, the shelf is not empty for all.",
)
LOT_STOPPED = ("lot_stopped", "Lot {lot} of line {line} is {status}: swap the lot, or release it.")


class UnitsPicked(Struct, frozen=True):
    """What was picked and what was short, and where the order stands."""

    fulfillment_order: str
    order: str
    version: int
    stage: str
    picked: int
    short: int


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders and their allocations, and the stock where they lie."""
    commands: list[PickUnits] = batch.commands
    names = (command.fulfillment_order for command in commands)
    short = [units for command in commands for units in command.short]
    empty = any(units.shelf_empty for units in short)
    world = await fulfilling.read_world(tx, batch, names, days=bool(short), rows=empty)
    await fulfilling.read_lots(tx, batch, world)
    named: list[tuple[str, Sequence[Named]]] = []
    for command in commands:
        named += [(command.fulfillment_order, command.lines), (command.fulfillment_order, command.short)]
    await fulfilling.read_serials(tx, batch, world, named)
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_pick(envelope, world, batch) for envelope in batch.envelopes]


def _pick(envelope: Envelope[PickUnits], world: World, batch: Batch) -> Decision:
    command = envelope.command
    found = fulfilling.find_fulfillment_order(world, command.fulfillment_order)
    if isinstance(found, Decision):
        return found
    order, work, fulfillment_order = found
    document = fulfilling.name(order, "F", fulfillment_order.number)
    if refusal := fulfilling.held(order, "release", (), fulfillment_order.number):
        return refusal
    if refusal := requesting.refuse_scheduled(order, fulfillment_order, batch.now):
        return refusal
    left = rules.waiting(work.of(fulfillment_order.number), "released")
    if not rules.total(left):
        return refused(NOTHING_TO_PICK, "/fulfillment_order", fulfillment_order=document)
    if refusal := fulfilling.refuse_lines(command.short, left, NOT_RELEASED, document, "/short"):
        return refusal
    if refusal := fulfilling.refuse_lines(command.lines, everything := dict(left), NOT_RELEASED, document, "/lines"):
        return refusal
    lines: Sequence[LineUnits] = command.lines or [
        LineUnits(line, units) for line, units in fulfilling.not_held(order, "release", everything).items() if units
    ]
    if refusal := fulfilling.held(order, "release", {each.line for each in lines}):
        return refusal
    allocations = work.of(fulfillment_order.number)
    if refusal := _named_in_vain(command, allocations):
        return refusal
    if refusal := _stopped(lines, allocations, world):
        return refusal
    used: dict[SerialKey, int] = {}
    picked = fulfilling.choose_lines(lines, allocations, order, world, "released", used, "/lines")
    if isinstance(picked, Decision):
        return picked
    short = fulfilling.choose_lines(command.short, allocations, order, world, "released", used, "/short")
    if isinstance(short, Decision):
        return short
    good = [each for each in allocations if _may_go(each, world)]
    moves = [
        *fulfilling.take_lines(work, good, picked, "released", "picked", world),
        *fulfilling.take_lines(work, allocations, short, "released", "open", world),
    ]
    postings = fulfilling.post(order, moves, world)
    data: dict[str, Any] = {
        "fulfillment_order": fulfillment_order.number,
        "location_id": fulfillment_order.location_id,
        "moves": rules.told(moves),
        "short": [{"line": each.line, "quantity": each.quantity, "reason": each.reason} for each in command.short],
    }
    data |= requesting.accept_silently(fulfillment_order)
    world.shelves.move(postings)
    lost, shortages = _empty(command, moves, document, envelope, world, batch)
    if shortages:
        data["shortages"] = [told(shortage) for shortage in shortages]
    if lost:
        data["shelf_empty"] = [{"sku_id": posting.sku_id, "quantity": posting.quantity} for posting in lost]
    days, given_back = world.diary.give_back(order.id, moves)
    if given_back:
        data["bookings"] = given_back
    event = changing.changed(order, "units_picked", batch, data)
    outcome = UnitsPicked(
        document, str(order.number), order.version, fulfilling.stage(order),
        sum(each.quantity for each in lines), sum(each.quantity for each in command.short),
    )  # fmt: skip
    rows = [order, fulfillment_order, *(moved.allocation for moved in moves), *days, *shortages]
    return Decision(outcome, event, [*postings, *lost], (), rows)


def _named_in_vain(command: PickUnits, allocations: Sequence[Allocation]) -> Decision | None:
    """The refusal of an empty shelf where units have names: each of them has to be looked for."""
    named = {each.line_number for each in allocations if each.tracking == "serial"}
    for index, units in enumerate(command.short):
        if units.shelf_empty and units.line in named:
            return refused(NAMED_UNITS, f"/short/{index}/shelf_empty", line=units.line)
    return None


def _empty(
    command: PickUnits, moves: Sequence[Move], document: str, envelope: Envelope[PickUnits], world: World, batch: Batch
) -> tuple[list[Posting], list[Shortage]]:
    """Where a picker found the shelf empty, what is free there on the book is lost, and what others hold there is short."""
    reasons = {units.line: units.reason for units in command.short if units.shelf_empty}
    rows = {
        (moved.allocation.sku_id, moved.allocation.location_id, moved.allocation.lot): reasons[
            moved.allocation.line_number
        ]
        for moved in moves
        if moved.target == "open" and moved.allocation.line_number in reasons
    }
    lost: list[Posting] = []
    shortages: list[Shortage] = []
    for key, reason in sorted(rows.items()):
        row = world.shelves.row(key)
        if free := row.get("available", 0):
            lost.append(Posting(key[0], free, End("available", key[1], key[2]), End("lost")))
        held = row.get("allocated", 0) + row.get("reserved", 0) - row.get("short", 0)
        if held > 0:
            cause = Cause(envelope.event_id, batch.now, False)
            shortages.append(open_shortage(key, held, "short_pick", reason, document, cause))
            row["short"] = row.get("short", 0) + held
    world.shelves.move(lost)
    return lost, shortages


def _may_go(allocation: Allocation, world: World) -> bool:
    """Whether its lot may leave the building."""
    lot = world.lots.get((allocation.sku_id, allocation.lot))
    return lot is None or lot.status == "ok"


def _stopped(lines: Sequence[LineUnits], allocations: Sequence[Allocation], world: World) -> Decision | None:
    """The refusal of a line that would take units of a lot which is held or recalled."""
    stopped = [each for each in allocations if each.released and not _may_go(each, world)]
    if not stopped:
        return None
    good = rules.waiting((each for each in allocations if each not in stopped), "released")
    for index, units in enumerate(lines):
        good[units.line] = good.get(units.line, 0) - units.quantity
        bad = next((each for each in stopped if each.line_number == units.line), None)
        if bad and good[units.line] < 0:
            status = world.lots[(bad.sku_id, bad.lot)].status
            return refused(LOT_STOPPED, f"/lines/{index}", lot=bad.lot, line=units.line, status=status)
    return None


VERB = Verb(
    noun="fulfillment-orders",
    verb="pick",
    summary="Pick units for a fulfillment order, all or some; what is short is written off and looked for elsewhere.",
    command=PickUnits,
    outcome=UnitsPicked,
    refusals=(
        fulfilling.UNKNOWN_FULFILLMENT_ORDER, fulfilling.ON_HOLD, requesting.SCHEDULED, NOTHING_TO_PICK, fulfilling.UNKNOWN_LINE,
        NOT_RELEASED, NAMED_UNITS, LOT_STOPPED, *naming.REFUSALS,
    ),
    scope="fulfillment:write",
    event="units_picked",
    example={
        "fulfillment_order": "1042-F1",
        "lines": [{"line": 1, "quantity": 2}],
        "short": [{"line": 2, "quantity": 1, "reason": "not_found"}],
    },
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
