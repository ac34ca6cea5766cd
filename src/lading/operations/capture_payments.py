"""Capture payments: money that was authorised is taken, in part or whole, as often as the provider allows."""

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, paying
from lading.operations.fulfilling import ON_HOLD
from lading.operations.paying import PaymentState, World
from lading.operations.registry import Batch, Verb
from lading.operations.returning import say
from lading.payments import rules
from lading.payments.commands import CapturePayment

NOTHING_TO_CAPTURE = (
    "nothing_to_capture",
    "Order {order}: nothing is due that is authorised and not captured already.",
)
MORE_THAN_AUTHORISED = (
    "more_than_authorised",
    "{amount} is more than what is left of order {order}'s authorisations: {authorised}.",
)


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders, locked, and their tenders."""
    return await paying.read_world(tx, batch)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones take."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[CapturePayment], world: World, batch: Batch) -> Decision:
    command = envelope.command
    paid = paying.find_paid(world, command)
    if isinstance(paid, Decision):
        return paid
    order, tenders = paid.order, [paid.named] if paid.named else paid.tenders
    if refusal := paying.on_hold(order) or paying.too_many_requests(order, tenders):
        return refusal
    due, left = paying.open_due(order, paid.tenders), sum(tender.open_minor for tender in tenders)
    amount = min(due, left) if command.amount is None else command.amount.minor
    if min(due, left) <= 0:
        return refused(NOTHING_TO_CAPTURE, "/order", order=str(order.number))
    if refusal := paying.more_than_due(order, amount, due):
        return refusal
    if amount > left:
        told, authorised = say(amount, order.currency), say(left, order.currency)
        return refused(MORE_THAN_AUTHORISED, "/amount", order=str(order.number), amount=told, authorised=authorised)
    requests = rules.capture(tenders, amount, batch.now)
    return paying.asked(order, "payment_capture_requested", batch, requests, paying.touched(tenders, requests))


VERB = Verb(
    noun="payments",
    verb="capture",
    summary="Ask providers to take what they promised, all that is due or a part; the answer comes later.",
    command=CapturePayment,
    outcome=PaymentState,
    refusals=(
        changing.UNKNOWN_ORDER,
        changing.VERSION_CONFLICT,
        paying.OTHER_CURRENCY,
        paying.UNKNOWN_TENDER,
        ON_HOLD,
        paying.TOO_MANY_REQUESTS,
        NOTHING_TO_CAPTURE,
        paying.MORE_THAN_DUE,
        MORE_THAN_AUTHORISED,
    ),
    scope="payments:write",
    event="payment_capture_requested",
    example={"order": "1042", "amount": {"amount": "24.90", "currency": "EUR"}},
    prefetch=prefetch,
    decide=decide,
    inverse="payments.refund",
)
