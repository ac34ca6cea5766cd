"""Void payments: what is authorised and not captured is given up, and what was said to come is not awaited any more."""

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
    order, meant = paid.order, [paid.named] if paid.named else paid.tenders
    tenders = [tender for tender in meant if tender.provider is not None]
    to_come = [tender for tender in meant if tender.expected_minor]
    if refusal := paying.too_many_requests(order, tenders):
        return refusal
    for tender in tenders:
        if tender.authorising_minor or (tender.capturing_minor and tender.open_minor):
            return refused(paying.ANSWER_AWAITED, "/order", order=str(order.number), tender=tender.number)
    tenders = [tender for tender in tenders if tender.open_minor > 0]
    if not tenders and not to_come:
        return refused(NOTHING_TO_VOID, "/order", order=paid.number)
    requests = [rules.ask(tender, "void", tender.open_minor, batch.now) for tender in tenders]
    data = {"not_awaited": [{"tender": each.number, "amount_minor": each.expected_minor} for each in to_come]}
    for tender in to_come:
        tender.expected_minor = 0
    return paying.asked(
        order, "payment_void_requested", batch, requests, [*tenders, *to_come], data if to_come else None
    )


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
