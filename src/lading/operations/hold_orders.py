"""Hold orders: somebody has to decide before they go on."""

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, fulfilling
from lading.operations.fulfilling import World
from lading.operations.registry import Batch, Verb
from lading.orders import holds, status
from lading.orders.commands import HoldOrder
from lading.orders.holds import Terms
from lading.orders.types import Hold, Order

NOTHING_TO_HOLD = ("nothing_to_hold", "Nothing of order {order} is in the house any more.")
IN_PAST = ("in_past", "{expires_at} is over already.")
HOLDS_MAX = 1_000
TOO_MANY = ("too_many_holds", "Order {order} has had {count} holds, more than anybody reads.")


class OrderHeld(Struct, frozen=True):
    """The kinds of hold that stand now, and where the order stands."""

    order: str
    version: int
    stage: str
    holds: list[str]


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders; no stock."""
    return await fulfilling.read_world(tx, batch, (command.order for command in batch.commands), stock=False)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_hold(envelope, world, batch) for envelope in batch.envelopes]


def _hold(envelope: Envelope[HoldOrder], world: World, batch: Batch) -> Decision:
    command = envelope.command
    order = changing.find(world.orders, command.order, command.expected_version)
    if isinstance(order, Decision):
        return order
    if refusal := _refuse(command, order, world, batch):
        return refusal
    terms = Terms(
        command.kind, tuple(sorted(set(command.stops))), holds.bought(order, command.lines), _numbers(command),
        command.reason, command.note, command.expires_at,
    )  # fmt: skip
    if any(_is_the_same(hold, terms) for hold in holds.active(order)):
        return Decision(outcome(order))
    hold = holds.place(order, terms, envelope.actor, batch.now)
    event = changing.changed(order, "order_held", batch, {"number": hold.number, **holds.told([hold])[0]})
    return Decision(outcome(order), event, (), (), [order, hold])


def _refuse(command: HoldOrder, order: Order, world: World, batch: Batch) -> Decision | None:
    if not any(order.sum(stage) for stage in status.IN_HOUSE):
        return refused(NOTHING_TO_HOLD, "/order", order=str(order.number))
    for index, line in enumerate(command.lines):
        if line not in order.lines:
            document = f"order {order.number}"
            return refused(fulfilling.UNKNOWN_LINE, f"/lines/{index}", document=document, line=line)
    for index, name in enumerate(command.fulfillment_orders):
        found = fulfilling.find_fulfillment_order(world, name)
        if isinstance(found, Decision) or found[0] is not order:
            kind = fulfilling.UNKNOWN_FULFILLMENT_ORDER
            return refused(kind, f"/fulfillment_orders/{index}", fulfillment_order=name)
    if command.expires_at and command.expires_at <= batch.now:
        return refused(IN_PAST, "/expires_at", expires_at=command.expires_at.isoformat())
    if len(order.holds) >= HOLDS_MAX:
        return refused(TOO_MANY, "/order", order=str(order.number), count=len(order.holds))
    return None


def _numbers(command: HoldOrder) -> tuple[int, ...]:
    return tuple(sorted({int(name.partition("-F")[2]) for name in command.fulfillment_orders}))


def _is_the_same(hold: Hold, terms: Terms) -> bool:
    """Whether such a hold stands already: of the same kind, on the same."""
    return (hold.kind, tuple(hold.lines), tuple(hold.fulfillment_orders)) == (
        terms.kind, terms.lines, terms.fulfillment_orders,
    )  # fmt: skip


def outcome(order: Order) -> OrderHeld:
    """How the order's holds stand."""
    return OrderHeld(str(order.number), order.version, fulfilling.stage(order), fulfilling.holds(order))


VERB = Verb(
    noun="orders",
    verb="hold",
    summary="Hold an order, lines of it or fulfillment orders: what the hold names is stopped until it is lifted.",
    command=HoldOrder,
    outcome=OrderHeld,
    refusals=(
        changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, NOTHING_TO_HOLD, fulfilling.UNKNOWN_LINE,
        fulfilling.UNKNOWN_FULFILLMENT_ORDER, IN_PAST, TOO_MANY,
    ),
    scope="orders:write",
    event="order_held",
    example={"order": "1042", "kind": "fraud_review", "stops": ["release", "capture", "ship"], "note": "Three cards in one hour."},
    prefetch=prefetch,
    decide=decide,
    inverse="holds.release",
)  # fmt: skip
