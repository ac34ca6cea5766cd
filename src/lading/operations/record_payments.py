"""Record payments: money that was taken elsewhere for an order, by the channel, a till or a bank."""

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope
from lading.operations import changing, paying
from lading.operations.paying import Paid, World
from lading.operations.registry import Batch, Verb
from lading.orders import status
from lading.payments import rules
from lading.payments.commands import RecordPayment
from lading.terms.money import Money


class PaymentRecorded(Struct, frozen=True):
    """How the order stands after it."""

    order: str
    version: int
    tender: int
    """Number of the tender in its order."""
    captured: Money
    """All that was taken."""
    due: Money
    """What is still to be paid; below zero: what is owed back."""
    payment_status: str


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders, locked, and their tenders."""
    return await paying.read_world(tx, batch)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[RecordPayment], world: World, batch: Batch) -> Decision:
    paid = paying.find_paid(world, envelope.command)
    if isinstance(paid, Decision):
        return paid
    return paying.too_many_tenders(paid.order, paid.tenders) or _record(envelope.command, paid, batch)


def _record(command: RecordPayment, paid: Paid, batch: Batch) -> Decision:
    order = paid.order
    tender = rules.take(order.id, len(paid.tenders) + 1, command.kind, command.reference, command.amount.minor)
    paid.tenders.append(tender)
    order.authorised_minor += tender.authorised_minor
    order.captured_minor += tender.captured_minor
    data = {
        "tender": tender.number,
        "kind": tender.kind,
        "reference": tender.reference,
        "amount_minor": tender.captured_minor,
    }
    event = changing.changed(order, "payment_recorded", batch, data, command.occurred_at)
    outcome = PaymentRecorded(
        paid.number,
        order.version,
        tender.number,
        Money.of_minor(order.captured_minor, order.currency),
        Money.of_minor(order.due_minor, order.currency),
        status.payment_status(order.sums()),
    )
    return Decision(outcome, event, money=[rules.taken(tender, order.currency)], rows=[order, tender])


VERB = Verb(
    noun="payments",
    verb="record",
    summary="Record money that was taken for an order elsewhere.",
    command=RecordPayment,
    outcome=PaymentRecorded,
    refusals=(changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, paying.OTHER_CURRENCY, paying.TOO_MANY_TENDERS),
    scope="payments:write",
    event="payment_recorded",
    example={"order": "1042", "amount": {"amount": "24.90", "currency": "EUR"}, "kind": "bank_transfer"},
    prefetch=prefetch,
    decide=decide,
    creates=True,
)
