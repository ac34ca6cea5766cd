"""Lapse payments: an authorisation is over, and nobody here gave it up."""

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope
from lading.operations import changing, holding_for_payment, paying
from lading.operations.paying import PaymentState, World
from lading.operations.registry import Batch, Verb
from lading.orders.holds import Terms
from lading.payments import rules
from lading.payments.commands import LapsePayment


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders, locked, their tenders, and the policies."""
    return await paying.read_world(tx, batch, policies=True)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[LapsePayment], world: World, batch: Batch) -> Decision:
    """What is being captured or given up just now is left to its own answer."""
    found = paying.find_tender(world, envelope.command)
    if isinstance(found, Decision):
        return found
    order, tender = found
    settled = rules.give_up(tender, tender.authorised_minor, order.currency)
    if tender.provider is None or not settled.money:
        return Decision(paying.state(order))
    tender.expires_at = batch.now
    order.authorised_minor += settled.authorised_minor
    data = {"tender": tender.number, "amount_minor": -settled.authorised_minor, "expires_at": batch.now}
    changes = holding_for_payment.stop(
        order, world.tenders[order.id], Terms(holding_for_payment.LAPSED), world.policies, envelope.actor, batch.now
    )
    event = changing.changed(order, "payment_lapsed", batch, data | changes.data)
    return Decision(paying.state(order), event, money=settled.money, rows=[order, tender, *changes.rows])


VERB = Verb(
    noun="payments",
    verb="lapse",
    summary="Take in that an authorisation is over: it expired, or its provider took it back.",
    command=LapsePayment,
    outcome=PaymentState,
    refusals=(changing.UNKNOWN_ORDER, paying.UNKNOWN_TENDER),
    scope="payment-answers:write",
    event="payment_lapsed",
    example={"order": "1042", "tender": 1},
    prefetch=prefetch,
    decide=decide,
)
