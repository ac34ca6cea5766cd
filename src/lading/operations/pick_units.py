"""Pick units for fulfillment orders, and say which of them are short."""

from collections.abc import Sequence

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment.commands import LineUnits, PickUnits
from lading.fulfillment.types import Allocation
from lading.inventory.lots import SerialKey
from lading.journal.types import Decision, refused
from lading.operations import changing, fulfilling, naming
from lading.operations.fulfilling import Named, World
from lading.operations.registry import Batch, Verb

NOTHING_TO_PICK = ("nothing_to_pick", "Nothing of {fulfillment_order} waits to be picked.")
NOT_RELEASED = ("not_released", "{waiting} units of line {line} wait to be picked for {document}, not {quantity}.")

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
    world = await fulfilling.read_world(tx, batch, names, days=any(command.short for command in commands))
    await fulfilling.read_lots(tx, world)
    named: list[tuple[str, Sequence[Named]]] = []
    for command in commands:
        named += [(command.fulfillment_order, command.lines), (command.fulfillment_order, command.short)]
    await fulfilling.read_serials(tx, batch, world, named)
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_pick(command, world, batch) for command in batch.commands]


def _pick(command: PickUnits, world: World, batch: Batch) -> Decision:
    found = fulfilling.find_fulfillment_order(world, command.fulfillment_order)
    if isinstance(found, Decision):
        return found
    order, work, fulfillment_order = found
    document = fulfilling.name(order, "F", fulfillment_order.number)
    if refusal := fulfilling.held(order):
        return refusal
    left = rules.waiting(work.of(fulfillment_order.number), "released")
    if not rules.total(left):
        return refused(NOTHING_TO_PICK, "/fulfillment_order", fulfillment_order=document)
    if refusal := fulfilling.refuse_lines(command.short, left, NOT_RELEASED, document, "/short"):
        return refusal
    if refusal := fulfilling.refuse_lines(command.lines, everything := dict(left), NOT_RELEASED, document, "/lines"):
        return refusal
    lines: Sequence[LineUnits] = command.lines or [
        LineUnits(line, units) for line, units in everything.items() if units
    ]
    allocations = work.of(fulfillment_order.number)
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
    data = {
        "fulfillment_order": fulfillment_order.number,
        "location_id": fulfillment_order.location_id,
        "moves": rules.told(moves),
        "short": [{"line": each.line, "quantity": each.quantity, "reason": each.reason} for each in command.short],
    }
    days, given_back = world.diary.give_back(order.id, moves)
    if given_back:
        data["bookings"] = given_back
    event = changing.changed(order, "units_picked", batch, data)
    outcome = UnitsPicked(
        document, str(order.number), order.version, fulfilling.stage(order),
        sum(each.quantity for each in lines), sum(each.quantity for each in command.short),
    )  # fmt: skip
    return Decision(
        outcome, event, postings, (), [order, fulfillment_order, *(moved.allocation for moved in moves), *days]
    )


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
        fulfilling.UNKNOWN_FULFILLMENT_ORDER, fulfilling.ON_HOLD, NOTHING_TO_PICK, fulfilling.UNKNOWN_LINE,
        NOT_RELEASED, LOT_STOPPED, *naming.REFUSALS,
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
