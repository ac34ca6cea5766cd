"""Cancel lines: units that are not wanted any more, as long as they are not shipped."""

from msgspec import Struct

from lading.database.pool import Transaction
from lading.inventory import limit_store
from lading.journal.types import Decision, refused
from lading.operations import changing, fulfilling, limiting, naming, withdrawing
from lading.operations.fulfilling import World
from lading.operations.registry import Batch, Verb
from lading.operations.withdrawing import NOT_CANCELLABLE, PART_OF_KIT
from lading.orders.commands import CancelLines
from lading.terms.money import Money

NOTHING_TO_CANCEL = ("nothing_to_cancel", "Nothing of order {order} can be cancelled any more.")


class LinesCancelled(Struct, frozen=True):
    """How much was cancelled, and where the order and its money stand."""

    order: str
    version: int
    stage: str
    cancelled: int
    due: Money
    """What the customer still owes; below zero, what is owed to the customer."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders with their allocations, and the stock where their units lie."""
    commands: list[CancelLines] = batch.commands
    parcels = any(command.unpack for command in commands)
    world = await fulfilling.read_world(tx, batch, (each.order for each in commands), parcels=parcels, days=True)
    await fulfilling.read_kit_policies(tx, world)
    await fulfilling.read_serials(tx, batch, world)
    world.taken = await limit_store.read_pool_takes(tx, {order.id for order in world.orders.by_ref.values()})
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_cancel(command, world, batch) for command in batch.commands]


def _cancel(command: CancelLines, world: World, batch: Batch) -> Decision:
    order = changing.find(world.orders, command.order, command.expected_version)
    if isinstance(order, Decision):
        return order
    wanted = withdrawing.choose(order, command.lines, world, unpack=command.unpack)
    if isinstance(wanted, Decision):
        return wanted
    if not wanted.lines:
        return refused(NOTHING_TO_CANCEL, "/order", order=str(order.number))
    owed = order.adjusted_minor
    done = withdrawing.withdraw(order, wanted, world, batch.now)
    data = {"reason": command.reason, **done.told(), "adjusted_minor": order.adjusted_minor - owed}
    if done.pools:
        data["pools"] = done.pools
    if done.bookings:
        data["bookings"] = done.bookings
    event = changing.changed(order, "lines_cancelled", batch, data)
    due = Money.of_minor(order.due_minor, order.currency)
    outcome = LinesCancelled(str(order.number), order.version, fulfilling.stage(order), done.units, due)
    rows = [order, *done.rows(world.work[order.id]), *limiting.pool_uses(order, done.pools)]
    return Decision(outcome, event, done.postings, done.money, rows)


VERB = Verb(
    noun="lines",
    verb="cancel",
    summary="Cancel units that are not shipped, the least advanced first; without lines all that can be.",
    command=CancelLines,
    outcome=LinesCancelled,
    refusals=(
        changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, NOTHING_TO_CANCEL, PART_OF_KIT, fulfilling.UNKNOWN_LINE,
        NOT_CANCELLABLE, *naming.REFUSALS,
    ),
    scope="orders:write",
    event="lines_cancelled",
    example={"order": "1042", "reason": "customer_request", "lines": [{"line": 1, "quantity": 1}]},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
