"""Record returns of the past: received, restocked and refunded at once; nobody is told and nothing is to do."""

from collections.abc import Sequence

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, coming_back, refunding, returning
from lading.operations.refunding import Way
from lading.operations.registry import Batch, Verb
from lading.operations.returning import ReturnState, World
from lading.orders import kits
from lading.orders import rules as order_rules
from lading.orders.types import Order
from lading.returns import rules
from lading.returns.commands import RecordReturn, RefundedCharge
from lading.returns.types import Return, ReturnCharge
from lading.terms.ledger import MoneyPosting
from lading.terms.money import Money

TOLD_APART = (
    "units_told_apart",
    "{sku} (line {line}) is kept by lot or serial number: request its return and receive the units.",
)
UNKNOWN_CHARGE = ("unknown_charge", "Order {order} has no charge {charge} of its own.")
OTHER_CURRENCY = ("other_currency", "Order {order} is in {currency}: what is given back is too.")
MORE_THAN_CHARGED = (
    "more_than_charged",
    "Of charge {charge} of order {order} {left} is left to give back, not {amount}.",
)


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders whole, and the rows of stock that gain, locked in key order."""
    commands: list[RecordReturn] = batch.commands
    world = await returning.read_world(tx, batch, (command.order for command in commands), tenders=True)
    world.locations = await returning.read_locations(tx)
    keys = {
        (order.lines[number].sku_id, world.locations[command.location].id, "")
        for command in commands
        if command.location in world.locations and (order := world.orders.find(command.order))
        for number in kits.in_parts(order, {each.line: 0 for each in command.lines if each.line in order.lines})
    }
    named = (
        (order, each.line)
        for each_order in commands
        if (order := world.orders.find(each_order.order))
        for each in each_order.lines
    )
    world.tracking = await coming_back.read(tx, named)
    await returning.lock_stock(tx, batch, keys)
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each return sees what the earlier ones took."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[RecordReturn], world: World, batch: Batch) -> Decision:
    command = envelope.command
    order = changing.find(world.orders, command.order)
    if isinstance(order, Decision):
        return order
    if command.location not in world.locations:
        return refused(returning.UNKNOWN_LOCATION, "/location", location=command.location)
    returns = world.returns[order.id]
    refusal = (
        returning.unknown_line(command.lines, order.lines, str(order.number))
        or returning.too_many(order, command.lines)
        or _refuse_tracked(command, order, world)
        or _refuse_charges(command.charges, order, returns)
    )
    return refusal or _record(envelope, order, world, batch)


def _refuse_tracked(command: RecordReturn, order: Order, world: World) -> Decision | None:
    """The past does not say which units came back."""
    for index, each in enumerate(command.lines):
        if sku := world.tracking.skus.get(order.lines[each.line].sku_id):
            return refused(TOLD_APART, f"/lines/{index}/line", line=each.line, sku=sku.code)
    return None


def _refuse_charges(asked: Sequence[RefundedCharge], order: Order, returns: Sequence[Return]) -> Decision | None:
    """A charge gives back no more than was billed, over all returns."""
    charges = {charge.number: charge for charge in order.charges}
    left = {number: charge.amount_minor for number, charge in charges.items()}
    for earlier in returns:
        for charge in earlier.charges.values():
            left[charge.charge_number] -= charge.refunded_minor
    for index, each in enumerate(asked):
        where = f"/charges/{index}"
        if each.charge not in charges:
            return refused(UNKNOWN_CHARGE, f"{where}/charge", order=str(order.number), charge=each.charge)
        if each.amount.currency != order.currency:
            return refused(OTHER_CURRENCY, f"{where}/amount", order=str(order.number), currency=order.currency)
        if each.amount.minor > left[each.charge]:
            told = Money.of_minor(left[each.charge], order.currency).amount
            return refused(
                MORE_THAN_CHARGED,
                f"{where}/amount",
                order=str(order.number),
                charge=each.charge,
                left=told,
                amount=each.amount.amount,
            )
        left[each.charge] -= each.amount.minor
    return None


def _record(envelope: Envelope[RecordReturn], order: Order, world: World, batch: Batch) -> Decision:
    """What the tenders cannot give back stays owed on the order."""
    command = envelope.command
    location_id = world.locations[command.location].id
    returns = world.returns[order.id]
    units = kits.in_parts(order, rules.folded(command.lines))
    new = rules.new_return(
        order.id, returns, command.reason, command.reference, units, order.lines, command.returned_at
    )
    postings = [rules.restock_at_once(order.lines[line.line_number], line, location_id) for line in new.lines.values()]
    credit, money = _credit(command, order, new)
    tenders = world.tenders[order.id]
    given = max(0, min(credit, refunding.refundable(tenders)))
    back = refunding.give_back(order, tenders, given, batch.now, Way(), envelope.fresh_id)
    data = {
        "reason": new.reason,
        "reference": new.reference,
        "location_id": location_id,
        "credited_minor": credit,
        **back.told,
        "lines": [
            {
                "line": line.line_number,
                "sku_id": line.sku_id,
                "quantity": line.received,
                "refunded_minor": line.refunded_minor,
            }
            for line in new.lines.values()
        ],
        "charges": [
            {"charge": charge.charge_number, "refunded_minor": charge.refunded_minor} for charge in new.charges.values()
        ],
    }
    return returning.accepted(
        order, new, "return_recorded", batch, data, postings, [*money, *back.money], back.rows, command.returned_at
    )


def _credit(command: RecordReturn, order: Order, new: Return) -> tuple[int, list[MoneyPosting]]:
    """Reverse what the units cost, and the parts of charges."""
    credit, money = 0, []
    for line in new.lines.values():
        amount, postings = returning.refund_line(order, order.lines[line.line_number], line, line.received)
        credit += amount
        money += postings
    charges = {charge.number: charge for charge in order.charges}
    for each in command.charges:
        amount, postings = order_rules.credit_charge(order, charges[each.charge], each.amount.minor)
        row = new.charges.setdefault(each.charge, ReturnCharge(each.charge, 0, stored=False))
        row.refunded_minor += amount
        credit += amount
        money += postings
    return credit, money


VERB = Verb(
    noun="returns",
    verb="record",
    summary="Record a return of the past: received, restocked and refunded at once.",
    command=RecordReturn,
    outcome=ReturnState,
    refusals=(
        changing.UNKNOWN_ORDER,
        returning.UNKNOWN_LOCATION,
        returning.UNKNOWN_LINE,
        returning.MORE_THAN_SHIPPED,
        TOLD_APART,
        UNKNOWN_CHARGE,
        OTHER_CURRENCY,
        MORE_THAN_CHARGED,
    ),
    scope="returns:write",
    event="return_recorded",
    example={
        "order": "1042",
        "location": "HAM",
        "reason": "credit_note",
        "reference": "C536379",
        "returned_at": "2019-11-20T09:00:00+01:00",
        "lines": [{"line": 1, "quantity": 1}],
    },
    prefetch=prefetch,
    decide=decide,
    creates=True,
)
