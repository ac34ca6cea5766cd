"""Put back units: somebody laid on the shelf again what was cancelled after it had been picked.

On the book the units were available from the cancellation on; this says that they lie where the book says.
"""

from collections.abc import Sequence

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment.commands import BackUnits, PutBackUnits
from lading.journal.types import Decision, refused
from lading.operations import changing, fulfilling
from lading.operations.fulfilling import World
from lading.operations.registry import Batch, Verb

NOTHING_TO_PUT_BACK = ("nothing_to_put_back", "Nothing of {fulfillment_order} has to be put back.")
NOT_TO_PUT_BACK = ("not_to_put_back", "{document} has {waiting} of line {line} to be put back, not {quantity}.")


class UnitsPutBack(Struct, frozen=True):
    """How much was put back, and how much lies on carts still."""

    fulfillment_order: str
    order: str
    version: int
    units: int
    left: int


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders and their allocations; no stock moves."""
    return await fulfilling.read_world(tx, batch, (each.fulfillment_order for each in batch.commands), stock=False)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left. A hold stops nobody from undoing."""
    return [_put_back(command, world, batch) for command in batch.commands]


def _put_back(command: PutBackUnits, world: World, batch: Batch) -> Decision:
    found = fulfilling.find_fulfillment_order(world, command.fulfillment_order)
    if isinstance(found, Decision):
        return found
    order, work, fulfillment_order = found
    document = fulfilling.name(order, "F", fulfillment_order.number)
    allocations = work.of(fulfillment_order.number)
    left = rules.waiting(allocations, "put_back")
    if not rules.total(left):
        return refused(NOTHING_TO_PUT_BACK, "/fulfillment_order", fulfillment_order=document)
    if refusal := fulfilling.refuse_lines(command.lines, dict(left), NOT_TO_PUT_BACK, document, "/lines"):
        return refusal
    lines: Sequence[BackUnits] = command.lines or [BackUnits(line, units) for line, units in left.items() if units]
    laid = [each for units in lines for each in rules.put_back(allocations, units.line, units.quantity)]
    data = {
        "fulfillment_order": fulfillment_order.number,
        "location_id": fulfillment_order.location_id,
        "put_back": [{"allocation": each.number, "line": each.line_number, "quantity": units} for each, units in laid],
    }
    event = changing.changed(order, "units_put_back", batch, data)
    units = sum(units for _, units in laid)
    outcome = UnitsPutBack(document, str(order.number), order.version, units, rules.total(left) - units)
    return Decision(outcome, event, (), (), [order, *(each for each, _ in laid)])


VERB = Verb(
    noun="fulfillment-orders",
    verb="put-back",
    summary="Say that units which were cancelled after their pick lie on the shelf again, all or some.",
    command=PutBackUnits,
    outcome=UnitsPutBack,
    refusals=(
        fulfilling.UNKNOWN_FULFILLMENT_ORDER, NOTHING_TO_PUT_BACK, fulfilling.UNKNOWN_LINE, NOT_TO_PUT_BACK,
    ),
    scope="fulfillment:write",
    event="units_put_back",
    example={"fulfillment_order": "1042-F1", "lines": [{"line": 1, "quantity": 1}]},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
