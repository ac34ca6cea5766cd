"""Hold orders: somebody has to decide before they go on."""

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations import changing, fulfilling
from lading.operations.registry import Batch, Verb
from lading.orders import rules, status
from lading.orders import store as orders_store
from lading.orders.commands import HoldOrder
from lading.orders.types import Order, Orders

NOTHING_TO_HOLD = ("nothing_to_hold", "Nothing of order {order} is in the house any more.")


class OrderHeld(Struct, frozen=True):
    """The kinds of hold that stand now, and where the order stands."""

    order: str
    version: int
    stage: str
    holds: list[str]


async def prefetch(tx: Transaction, batch: Batch) -> Orders:
    """The orders."""
    return await orders_store.load(tx, (command.order for command in batch.commands), lock=batch.lock)


def decide(orders: Orders, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_hold(command, orders, batch) for command in batch.commands]


def _hold(command: HoldOrder, orders: Orders, batch: Batch) -> Decision:
    order = changing.find(orders, command.order, command.expected_version)
    if isinstance(order, Decision):
        return order
    if not any(order.sum(stage) for stage in status.IN_HOUSE):
        return refused(NOTHING_TO_HOLD, "/order", order=str(order.number))
    if command.kind in fulfilling.holds(order):
        return Decision(outcome(order))
    hold = rules.hold(order, command.kind, command.note, batch.now)
    event = changing.changed(order, "order_held", batch, {"number": hold.number, "kind": hold.kind})
    return Decision(outcome(order), event, (), (), [order, hold])


def outcome(order: Order) -> OrderHeld:
    """How the order's holds stand."""
    return OrderHeld(str(order.number), order.version, fulfilling.stage(order), fulfilling.holds(order))


VERB = Verb(
    noun="orders",
    verb="hold",
    summary="Hold an order: nothing of it is released, picked, packed or shipped until the hold is lifted.",
    command=HoldOrder,
    outcome=OrderHeld,
    refusals=(changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, NOTHING_TO_HOLD),
    scope="orders:write",
    event="order_held",
    example={"order": "1042", "kind": "fraud_review", "note": "Three cards in one hour."},
    prefetch=prefetch,
    decide=decide,
    inverse="holds.release",
)
