"""Refund payments: money that an order owes its customer goes back through its tenders, in the order of a policy, or as store credit.

Where a provider moves the money, it is asked to; its answer comes later.

An order owes where more was taken than it costs by now: after a cancellation, or where too much was paid.
"""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, paying, refunding, returning
from lading.operations.issue_credits import NO_CUSTOMER
from lading.operations.paying import World
from lading.operations.refunding import Way
from lading.operations.registry import Batch, Verb
from lading.orders import status
from lading.orders.types import Order
from lading.payments import rules as payments
from lading.payments.commands import RefundPayment
from lading.payments.types import Tender
from lading.terms.money import Money

NOTHING_OWED = ("nothing_owed", "Nothing is owed to the customer of order {order}.")
MORE_THAN_OWED = ("more_than_owed", "Order {order} owes its customer {owed}, not {amount}.")


class PaymentRefunded(Struct, frozen=True):
    """How the order stands after it."""

    order: str
    version: int
    refunded: Money
    """What went back just now."""
    asked: Money
    """What providers were asked to give back; their answers come later."""
    due: Money
    """Below zero: what is still owed back."""
    payment_status: str
    credit: UUID | None = None
    """Store credit that it became."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders, locked, their tenders, and the policies."""
    return await paying.read_world(tx, batch, policies=True)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each refund sees what the earlier ones gave back."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[RefundPayment], world: World, batch: Batch) -> Decision:
    command = envelope.command
    paid = paying.find_paid(world, command)
    if isinstance(paid, Decision):
        return paid
    owed = -paid.order.due_minor - payments.awaited(paid.tenders)[1]
    amount = owed if command.amount is None else command.amount.minor
    if command.to == "store_credit" and paid.order.customer_id is None:
        return refused(NO_CUSTOMER, "/to", order=paid.number)
    way = refunding.way(paid.order, world.policies, command.to)
    tenders = [paid.named] if paid.named else paid.tenders
    return _refuse(paid.order, tenders, owed, amount) or _refund(
        paid.order, tenders, amount, batch, way, envelope.fresh_id
    )


def _refuse(order: Order, tenders: Sequence[Tender], owed: int, amount: int) -> Decision | None:
    """Never more than is owed, nor more than was taken."""
    number = str(order.number)
    if owed <= 0:
        return refused(NOTHING_OWED, "/order", order=number)
    said = returning.say(amount, order.currency)
    if amount > owed:
        return refused(MORE_THAN_OWED, "/amount", order=number, owed=returning.say(owed, order.currency), amount=said)
    left = refunding.refundable(tenders)
    if amount > left:
        return refused(
            refunding.MORE_THAN_CAPTURED,
            "/amount",
            order=number,
            amount=said,
            refundable=returning.say(left, order.currency),
        )
    return None


def _refund(order: Order, tenders: Sequence[Tender], amount: int, batch: Batch, way: Way, fresh_id: UUID) -> Decision:
    back = refunding.give_back(order, tenders, amount, batch.now, way, fresh_id)
    asked = sum(request.amount_minor for request in back.requests)
    data = {"amount_minor": amount - asked, **back.told} | ({"asked_minor": asked} if asked else {})
    event = changing.changed(order, "payment_refunded", batch, data)
    outcome = PaymentRefunded(
        str(order.number),
        order.version,
        Money.of_minor(amount - asked, order.currency),
        Money.of_minor(asked, order.currency),
        Money.of_minor(order.due_minor, order.currency),
        status.payment_status(order.sums()),
        back.credit.id if back.credit else None,
    )
    return Decision(outcome, event, money=back.money, rows=[order, *back.rows])


VERB = Verb(
    noun="payments",
    verb="refund",
    summary="Give back money that an order owes its customer; without an amount all of it.",
    command=RefundPayment,
    outcome=PaymentRefunded,
    refusals=(
        changing.UNKNOWN_ORDER,
        changing.VERSION_CONFLICT,
        paying.OTHER_CURRENCY,
        paying.UNKNOWN_TENDER,
        NO_CUSTOMER,
        NOTHING_OWED,
        MORE_THAN_OWED,
        refunding.MORE_THAN_CAPTURED,
    ),
    scope="payments:write",
    event="payment_refunded",
    example={"order": "1042", "amount": {"amount": "24.90", "currency": "EUR"}},
    prefetch=prefetch,
    decide=decide,
)
