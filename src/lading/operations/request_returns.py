"""Request returns: the customer announces what comes back, inside the window that policies give."""

from lading.catalog import store as catalog
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, returning
from lading.operations.registry import Batch, Verb
from lading.operations.returning import ReturnState, World
from lading.orders import kits
from lading.orders.types import Order
from lading.returns import rules
from lading.returns import store as returns_store
from lading.returns.commands import RequestReturn

OUTSIDE_RETURN_WINDOW = (
    "outside_return_window",
    "Line {line} of order {order} was delivered at {delivered_at}: a return may be requested within {days} {days:day|days}.",
)


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders and their returns, when they were delivered, and the policies for what was bought."""
    world = await returning.read_world(tx, batch, (command.order for command in batch.commands))
    orders = {order.id: order for order in world.orders.by_ref.values()}
    world.delivered_at = await returns_store.delivered_at(tx, sorted(orders))
    skus = {line.sku_id for order in orders.values() for line in order.lines.values()}
    _, world.policies = await catalog.read_setup(tx, sorted(skus))
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each request sees what the earlier ones asked for."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[RequestReturn], world: World, batch: Batch) -> Decision:
    command = envelope.command
    order = changing.find(world.orders, command.order, command.expected_version)
    if isinstance(order, Decision):
        return order
    refusal = (
        returning.unknown_line(command.lines, order.lines, f"Order {order.number}")
        or _too_late(command, order, world, batch)
        or returning.too_many(order, command.lines)
    )
    return refusal or _request(command, order, world, batch)


def _too_late(command: RequestReturn, order: Order, world: World, batch: Batch) -> Decision | None:
    """Orders of the past have no window: nobody knows what was promised then."""
    if order.history:
        return None
    delivered_at = world.delivered_at.get(order.id)
    for index, each in enumerate(command.lines):
        sku_id = kits.sold_as(order, order.lines[each.line]).sku_id
        days = world.policies.value("return_window_days", channel=order.channel_id, sku=sku_id)
        if delivered_at is not None and rules.window_is_over(delivered_at, days, batch.now):
            return refused(
                OUTSIDE_RETURN_WINDOW,
                f"/lines/{index}",
                order=str(order.number),
                line=each.line,
                days=days,
                delivered_at=delivered_at.isoformat(timespec="minutes"),
            )
    return None


def _request(command: RequestReturn, order: Order, world: World, batch: Batch) -> Decision:
    returns = world.returns[order.id]
    units = kits.in_parts(order, rules.folded(command.lines))
    new = rules.new_return(order.id, returns, command.reason, command.reference, units, order.lines, batch.now)
    postings = [rules.announce(order.lines[number], new, quantity) for number, quantity in units.items()]
    data = {
        "reason": new.reason,
        "reference": new.reference,
        "lines": [{"line": number, "quantity": quantity} for number, quantity in units.items()],
    }
    return returning.accepted(order, new, "return_requested", batch, data, postings)


VERB = Verb(
    noun="returns",
    verb="request",
    summary="Announce units of an order that come back.",
    command=RequestReturn,
    outcome=ReturnState,
    refusals=(
        changing.UNKNOWN_ORDER,
        changing.VERSION_CONFLICT,
        returning.UNKNOWN_LINE,
        OUTSIDE_RETURN_WINDOW,
        returning.MORE_THAN_SHIPPED,
    ),
    scope="returns:write",
    event="return_requested",
    example={"order": "1042", "reason": "does_not_fit", "lines": [{"line": 1, "quantity": 1}]},
    prefetch=prefetch,
    decide=decide,
    creates=True,
    inverse="returns.cancel",
)
