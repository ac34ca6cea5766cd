"""Pick units for fulfillment orders, and say which of them are short."""

from collections.abc import Sequence

from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment.commands import LineUnits, PickUnits
from lading.journal.types import Decision, Envelope, refused
from lading.operations import fulfilling, picking, requesting
from lading.operations.fulfilling import Named, World
from lading.operations.registry import Batch, Verb

NOTHING_TO_PICK = ("nothing_to_pick", "Nothing of {fulfillment_order} waits to be picked.")
NOT_RELEASED = ("not_released", "{document} has {waiting} of line {line} to be picked, not {quantity}.")


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders and their allocations, and the stock where they lie."""
    commands: list[PickUnits] = batch.commands
    names = (command.fulfillment_order for command in commands)
    short = any(command.short for command in commands)
    world = await fulfilling.read_world(tx, batch, names, days=short, rows=True)
    await picking.read_shortages(tx, world)
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
    return picking.pick(
        found, (lines, command.short), work.of(fulfillment_order.number), world, envelope.event_id, batch
    )


VERB = Verb(
    noun="fulfillment-orders",
    verb="pick",
    summary="Pick units for a fulfillment order, all or some; what is short is written off and looked for elsewhere.",
    command=PickUnits,
    outcome=picking.UnitsPicked,
    refusals=(
        fulfilling.UNKNOWN_FULFILLMENT_ORDER, fulfilling.ON_HOLD, requesting.SCHEDULED, NOTHING_TO_PICK, fulfilling.UNKNOWN_LINE,
        NOT_RELEASED, *picking.REFUSALS,
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
