"""Dispute payments: a customer's bank took money back; the provider says so, and later how it ended."""

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, holding_for_payment, paying
from lading.operations.paying import PaymentState, World
from lading.operations.registry import Batch, Verb
from lading.operations.returning import say
from lading.orders.holds import WITH_MONEY, Terms
from lading.payments import disputes
from lading.payments import store as payments_store
from lading.payments.commands import DisputePayment

MORE_THAN_TAKEN = (
    "more_than_taken",
    "{amount} is in dispute, but of tender {tender} of order {order} only {captured} was taken.",
)


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders, locked, their tenders, and the disputes that are told of."""
    world = await paying.read_world(tx, batch, policies=True)
    found = ((world.orders.find(command.order), command) for command in batch.commands)
    keys = [(order.id, command.tender, command.reference) for order, command in found if order]
    world.disputes = await payments_store.read_disputes(tx, keys)
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; told twice, or the end before the beginning, it does no harm."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[DisputePayment], world: World, batch: Batch) -> Decision:
    command = envelope.command
    found = paying.find_tender(world, command)
    if isinstance(found, Decision):
        return found
    order, tender = found
    if command.amount.minor > tender.captured_minor:
        return refused(
            MORE_THAN_TAKEN, "/amount", order=str(order.number), tender=tender.number,
            amount=say(command.amount.minor, order.currency), captured=say(tender.captured_minor, order.currency),
        )  # fmt: skip
    key = (order.id, tender.number, command.reference)
    known = world.disputes.get(key)
    if not disputes.is_news(known, command.status, command.answer_by):
        return Decision(paying.state(order))
    dispute = world.disputes[key] = known or disputes.new(
        tender, command.reference, command.amount.minor, command.reason, command.answer_by, batch.now
    )
    before = dispute.status if known else None
    money = disputes.tell(tender, dispute, before, command.status, command.answer_by, order.currency, batch.now)
    data = {
        "tender": tender.number, "reference": dispute.reference, "amount_minor": dispute.amount_minor, "reason": dispute.reason,
        "status": dispute.status, "before": before, "answer_by": dispute.answer_by, "at": batch.now,
    }  # fmt: skip
    terms = Terms(holding_for_payment.DISPUTED, WITH_MONEY, reason=dispute.reason)
    tenders = world.tenders[order.id]
    changes = holding_for_payment.dispute(order, tenders, terms, world.policies, envelope.actor, batch.now)
    event = changing.changed(order, "payment_disputed", batch, data | changes.data)
    return Decision(paying.state(order), event, money=money, rows=[order, tender, dispute, *changes.rows])


VERB = Verb(
    noun="payments",
    verb="dispute",
    summary="Take in that a bank took money back, or how that ended.",
    command=DisputePayment,
    outcome=PaymentState,
    refusals=(changing.UNKNOWN_ORDER, paying.OTHER_CURRENCY, paying.UNKNOWN_TENDER, MORE_THAN_TAKEN),
    scope="payment-answers:write",
    event="payment_disputed",
    example={
        "order": "1042",
        "tender": 1,
        "reference": "dp_1Nq",
        "amount": {"amount": "24.90", "currency": "EUR"},
        "reason": "product_not_received",
    },
    prefetch=prefetch,
    decide=decide,
)
