"""Refund returns: what received units cost goes back, kind by kind, through the tenders in the order of a policy, or as store credit."""

from collections.abc import Mapping
from typing import Any

from lading.catalog import store as catalog
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, refunding, returning
from lading.operations.issue_credits import NO_CUSTOMER
from lading.operations.registry import Batch, Verb
from lading.operations.returning import Found, ReturnState, World
from lading.orders.types import Order
from lading.returns import rules
from lading.returns.commands import RefundReturn
from lading.terms.ledger import MoneyPosting

NOT_REFUNDABLE = (
    "not_refundable",
    "{document} has {unrefunded} of line {line} received and not refunded yet, not {quantity}.",
)


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders, their returns and their tenders, and the policies."""
    world = await returning.read_world(tx, batch, (command.document for command in batch.commands), tenders=True)
    _, world.policies = await catalog.read_setup(tx, ())
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each refund sees what the earlier ones gave back."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[RefundReturn], world: World, batch: Batch) -> Decision:
    command = envelope.command
    found = returning.find(world, command.document, command.expected_version)
    if isinstance(found, Decision):
        return found
    lines = found.document.lines
    if refusal := returning.unknown_line(command.lines, lines, found.name):
        return refusal
    units = rules.folded(command.lines) or {
        number: line.unrefunded for number, line in lines.items() if line.unrefunded
    }
    for number, quantity in units.items():
        if quantity > lines[number].unrefunded:
            return refused(
                NOT_REFUNDABLE,
                returning.pointer(command.lines, number),
                document=found.name,
                line=number,
                quantity=quantity,
                unrefunded=lines[number].unrefunded,
            )
    if not units:
        return Decision(returning.state(found.order, found.document))
    if command.to == "store_credit" and found.order.customer_id is None:
        return refused(NO_CUSTOMER, "/to", order=str(found.order.number))
    return _refuse_more(found.order, units, world) or _refund(found, units, world, batch, envelope)


def _refuse_more(order: Order, units: Mapping[int, int], world: World) -> Decision | None:
    """Never more than was taken."""
    amount = sum(
        order.lines[number].cost_minor(order.lines[number].refunded + quantity)
        - order.lines[number].cost_minor(order.lines[number].refunded)
        for number, quantity in units.items()
    )
    left = refunding.refundable(world.tenders[order.id])
    if amount > left:
        return refused(
            refunding.MORE_THAN_CAPTURED,
            "/lines",
            order=str(order.number),
            amount=returning.say(amount, order.currency),
            refundable=returning.say(left, order.currency),
        )
    return None


def _refund(
    found: Found, units: Mapping[int, int], world: World, batch: Batch, envelope: Envelope[RefundReturn]
) -> Decision:
    order, document = found.order, found.document
    credit, money, told = 0, [], []
    for number, quantity in units.items():
        amount, postings = returning.refund_line(order, order.lines[number], document.lines[number], quantity)
        credit += amount
        money += postings
        told.append({"line": number, "quantity": quantity, "refunded_minor": amount})
    paid: list[MoneyPosting] = []
    touched: list[object] = []
    given: dict[str, Any] = {"refunds": []}
    if credit > 0:
        way = refunding.way(order, world.policies, envelope.command.to)
        back = refunding.give_back(order, world.tenders[order.id], credit, batch.now, way, envelope.fresh_id)
        paid, touched, given = back.money, back.rows, back.told
    data: dict[str, Any] = {"credited_minor": credit, "lines": told, **given}
    return returning.accepted(order, document, "return_refunded", batch, data, [], [*money, *paid], touched)


VERB = Verb(
    noun="returns",
    verb="refund",
    summary="Give back what received units cost; without lines of all that was received and not refunded yet.",
    command=RefundReturn,
    outcome=ReturnState,
    refusals=(
        returning.UNKNOWN_RETURN,
        changing.VERSION_CONFLICT,
        returning.UNKNOWN_LINE,
        NOT_REFUNDABLE,
        NO_CUSTOMER,
        refunding.MORE_THAN_CAPTURED,
    ),
    scope="returns:write",
    event="return_refunded",
    example={"document": "1042-R1"},
    prefetch=prefetch,
    decide=decide,
)
