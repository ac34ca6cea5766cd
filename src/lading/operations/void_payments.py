"""Void payments: what is authorised and not captured is given up."""

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, paying
from lading.operations.paying import PaymentState, World
from lading.operations.registry import Batch, Verb
from lading.payments import rules
from lading.payments.commands import VoidPayment

NOTHING_TO_VOID = ("nothing_to_void", "Order {order}: nothing is authorised that could be given up.")


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders, locked, and their tenders."""
    return await paying.read_world(tx, batch)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[VoidPayment], world: World, batch: Batch) -> Decision:
    """A void gives up whatever is left at the provider, so nothing else may be on its way there."""
    command = envelope.command
    paid = paying.find_paid(world, command)
    if isinstance(paid, Decision):
        return paid
    order = paid.order
    tenders = [paid.named] if paid.named else [tender for tender in paid.tenders if tender.provider is not None]
    if refusal := paying.too_many_requests(order, tenders):
        return refusal
    for tender in tenders:
        if tender.authorising_minor or (tender.capturing_minor and tender.open_minor):
            return refused(paying.ANSWER_AWAITED, "/order", order=str(order.number), tender=tender.number)
    tenders = [tender for tender in tenders if tender.open_minor > 0]
    if not tenders:
        return refused(NOTHING_TO_VOID, "/order", order=str(order.number))
    requests = [rules.ask(tender, "void", tender.open_minor, batch.now) for tender in tenders]
    return paying.asked(order, "payment_void_requested", batch, requests, tenders)


VERB = Verb(
    noun="payments",
    verb="void",
    summary="Ask providers to give up what they promised and nobody captured; the answer comes later.",
    command=VoidPayment,
    outcome=PaymentState,
    refusals=(
        changing.UNKNOWN_ORDER,
        changing.VERSION_CONFLICT,
        paying.UNKNOWN_TENDER,
        paying.TOO_MANY_REQUESTS,
        paying.ANSWER_AWAITED,
        NOTHING_TO_VOID,
    ),
    scope="payments:write",
    event="payment_void_requested",
    example={"order": "1042"},
    prefetch=prefetch,
    decide=decide,
)
