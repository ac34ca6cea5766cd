"""Write off lines: units that a carrier lost are given up, and what they cost is owed back."""

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations import changing, fulfilling, returning
from lading.operations.registry import Batch, Verb
from lading.operations.returning import World
from lading.orders import kits
from lading.orders import rules as order_rules
from lading.orders.commands import WriteOffLines
from lading.orders.types import Order
from lading.returns import rules
from lading.terms.ledger import MoneyPosting
from lading.terms.money import Money

NOTHING_LOST = (
    "nothing_lost",
    "No carrier lost anything of order {order} that is not written off: track its parcel as lost first.",
)
MORE_THAN_LOST = (
    "more_than_lost",
    "{lost} of line {line} of order {order} are lost and not written off, not {quantity}.",
)


class LinesWrittenOff(Struct, frozen=True):
    """How much was written off, and where the order and its money stand."""

    order: str
    version: int
    stage: str
    written_off: int
    due: Money
    """What the customer still owes; below zero, what is owed to the customer."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders, locked, and what their returns gave back. No stock moves."""
    commands: list[WriteOffLines] = batch.commands
    return await returning.read_world(tx, batch, (each.order for each in commands))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_write_off(command, world, batch) for command in batch.commands]


def _write_off(command: WriteOffLines, world: World, batch: Batch) -> Decision:
    order = changing.find(world.orders, command.order, command.expected_version)
    if isinstance(order, Decision):
        return order
    lost = {number: rules.lost_left(line, world.returns[order.id]) for number, line in order.lines.items()}
    if refusal := returning.unknown_line(command.lines, order.lines, f"Order {order.number}"):
        return refusal
    if not any(lost.values()):
        return refused(NOTHING_LOST, "/order", order=str(order.number))
    asked = kits.in_parts(order, rules.folded(command.lines))
    for number, quantity in asked.items():
        if quantity > lost[number]:
            return refused(
                MORE_THAN_LOST, returning.pointer(command.lines, order.lines[number].part_of or number),
                order=str(order.number), line=number, lost=lost[number], quantity=quantity,
            )  # fmt: skip
    return _written_off(order, asked or {number: units for number, units in lost.items() if units}, batch)


def _written_off(order: Order, units: dict[int, int], batch: Batch) -> Decision:
    owed, money = order.adjusted_minor, list[MoneyPosting]()
    for number, quantity in units.items():
        money += order_rules.credit_returned(order, order.lines[number], quantity)[1]
    told = [{"line": number, "quantity": quantity} for number, quantity in units.items()]
    data = {"lines": told, "adjusted_minor": order.adjusted_minor - owed}
    event = changing.changed(order, "lines_written_off", batch, data)
    due = Money.of_minor(order.due_minor, order.currency)
    outcome = LinesWrittenOff(str(order.number), order.version, fulfilling.stage(order), sum(units.values()), due)
    return Decision(outcome, event, [], money, [order])


VERB = Verb(
    noun="lines",
    verb="write-off",
    summary="Give up units that a carrier lost: what they cost is owed back; without lines all of them.",
    command=WriteOffLines,
    outcome=LinesWrittenOff,
    refusals=(
        changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, returning.UNKNOWN_LINE, NOTHING_LOST, MORE_THAN_LOST,
    ),
    scope="orders:write",
    event="lines_written_off",
    example={"order": "1042", "lines": [{"line": 1, "quantity": 1}]},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
