"""Pack parcels of what was picked."""

from collections.abc import Sequence

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.journal.types import Decision, refused
from lading.operations import changing, fulfilling, naming
from lading.operations.fulfilling import World
from lading.operations.registry import Batch, Verb
from lading.shipping.commands import PackedUnits, PackParcel
from lading.shipping.types import Parcel, ParcelLine

NOTHING_TO_PACK = ("nothing_to_pack", "Nothing of {fulfillment_order} is picked and waits for a parcel.")
NOT_PICKED = ("not_picked", "{waiting} units of line {line} are picked for {document}, not {quantity}.")


class ParcelPacked(Struct, frozen=True):
    """The parcel, and where the order stands."""

    parcel: str
    fulfillment_order: str
    order: str
    version: int
    stage: str
    units: int


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders with allocations and parcels, and the stock where their units lie."""
    commands: list[PackParcel] = batch.commands
    world = await fulfilling.read_world(tx, batch, (command.fulfillment_order for command in commands), parcels=True)
    await fulfilling.read_serials(tx, batch, world)
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_pack(command, world, batch) for command in batch.commands]


def _pack(command: PackParcel, world: World, batch: Batch) -> Decision:
    found = fulfilling.find_fulfillment_order(world, command.fulfillment_order)
    if isinstance(found, Decision):
        return found
    order, work, fulfillment_order = found
    document = fulfilling.name(order, "F", fulfillment_order.number)
    if refusal := fulfilling.held(order, "release", (), fulfillment_order.number):
        return refusal
    left = rules.waiting(work.of(fulfillment_order.number), "picked")
    if not rules.total(left):
        return refused(NOTHING_TO_PACK, "/fulfillment_order", fulfillment_order=document)
    if refusal := fulfilling.refuse_lines(command.lines, dict(left), NOT_PICKED, document, "/lines"):
        return refusal
    parcels = world.parcels[order.id]
    lines: Sequence[PackedUnits] = command.lines or [
        PackedUnits(line, units) for line, units in fulfilling.not_held(order, "release", left).items() if units
    ]
    if refusal := fulfilling.held(order, "release", {each.line for each in lines}):
        return refusal
    allocations = work.of(fulfillment_order.number)
    chosen = fulfilling.choose_lines(lines, allocations, order, world, "picked", {}, "/lines")
    if isinstance(chosen, Decision):
        return chosen
    moves = fulfilling.take_lines(work, allocations, chosen, "picked", "packed", world)
    parcel = Parcel(
        order.id, len(parcels) + 1, fulfillment_order.number, fulfillment_order.location_id, "packed", batch.now,
        None, None, command.weight_grams, batch.now, lines=_contents(moves), stored=False,
    )  # fmt: skip
    parcels.append(parcel)
    postings = fulfilling.post(order, moves, world)
    data = {
        "parcel": parcel.number, "fulfillment_order": fulfillment_order.number, "location_id": parcel.location_id,
        "weight_grams": parcel.weight_grams, "moves": rules.told(moves),
    }  # fmt: skip
    event = changing.changed(order, "parcel_packed", batch, data)
    outcome = ParcelPacked(
        fulfilling.name(order, "P", parcel.number), document, str(order.number), order.version, fulfilling.stage(order),
        sum(line.quantity for line in parcel.lines),
    )  # fmt: skip
    rows = [order, fulfillment_order, parcel, *(moved.allocation for moved in moves)]
    return Decision(outcome, event, postings, (), rows)


def _contents(moves: Sequence[rules.Move]) -> list[ParcelLine]:
    """Units by allocation; a line that the command names twice is one row."""
    units: dict[tuple[int, int], tuple[int, tuple[str, ...]]] = {}
    for moved in moves:
        key = (moved.allocation.number, moved.allocation.line_number)
        quantity, serials = units.get(key, (0, ()))
        units[key] = (quantity + moved.quantity, serials + moved.serials)
    return [ParcelLine(*key, *told) for key, told in units.items()]


VERB = Verb(
    noun="parcels",
    verb="pack",
    summary="Pack units that were picked for a fulfillment order into a parcel, all or some.",
    command=PackParcel,
    outcome=ParcelPacked,
    refusals=(
        fulfilling.UNKNOWN_FULFILLMENT_ORDER, fulfilling.ON_HOLD, NOTHING_TO_PACK, fulfilling.UNKNOWN_LINE,
        NOT_PICKED, *naming.REFUSALS,
    ),
    scope="fulfillment:write",
    event="parcel_packed",
    example={"fulfillment_order": "1042-F1", "lines": [{"line": 1, "quantity": 2}], "weight_grams": 840},
    prefetch=prefetch,
    decide=decide,
    creates=True,
)  # fmt: skip
