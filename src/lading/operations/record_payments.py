"""Record payments: money that was taken elsewhere for an order, by the channel, a till or a bank."""

from typing import Any

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, holding_for_payment, paying
from lading.operations.paying import Paid, World
from lading.operations.registry import Batch, Verb
from lading.orders import status
from lading.payments import rules
from lading.payments.commands import RecordPayment
from lading.payments.types import Tender
from lading.terms.money import Money

NOT_AWAITED = ("not_awaited", "Nothing is to come by tender {tender} of order {order}.")


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
    command = envelope.command
    paid = paying.find_paid(world, command)
    if isinstance(paid, Decision):
        return paid
    if paid.named is not None and not paid.named.expected_minor:
        return refused(NOT_AWAITED, "/tender", order=paid.number, tender=paid.named.number)
    awaited = (tender for tender in paid.tenders if tender.expected_minor and tender.kind == command.kind)
    tender = paid.named or next(awaited, None)
    if tender is None and (refusal := paying.too_many_tenders(paid.order, paid.tenders)):
        return refusal
    return _record(command, paid, tender, envelope.actor, batch)


def _record(command: RecordPayment, paid: Paid, awaited: Tender | None, actor: str, batch: Batch) -> Decision:
    """A tender of its own, or what one brings that was said to come."""
    order, amount = paid.order, command.amount.minor
    if awaited is None:
        tender = rules.take(order.id, len(paid.tenders) + 1, command.kind, command.reference, amount)
        paid.tenders.append(tender)
    else:
        tender = awaited
        rules.come(tender, amount, command.reference)
    order.authorised_minor += amount
    order.captured_minor += amount
    data: dict[str, Any] = {
        "tender": tender.number, "kind": tender.kind, "reference": command.reference, "amount_minor": amount,
    }  # fmt: skip
    data |= {"expected_minor": tender.expected_minor} if awaited else {}
    changes = holding_for_payment.go_on(order, paid.tenders, actor, batch.now)
    event = changing.changed(order, "payment_recorded", batch, data | changes.data, command.occurred_at)
    outcome = PaymentRecorded(
        paid.number,
        order.version,
        tender.number,
        Money.of_minor(order.captured_minor, order.currency),
        Money.of_minor(order.due_minor, order.currency),
        status.payment_status(order.sums()),
    )
    money = [rules.taken(tender, order.currency, amount)]
    return Decision(outcome, event, money=money, rows=[order, tender, *changes.rows])


VERB = Verb(
    noun="payments",
    verb="record",
    summary="Record money that was taken for an order elsewhere.",
    command=RecordPayment,
    outcome=PaymentRecorded,
    refusals=(
        changing.UNKNOWN_ORDER,
        changing.VERSION_CONFLICT,
        paying.OTHER_CURRENCY,
        paying.UNKNOWN_TENDER,
        NOT_AWAITED,
        paying.TOO_MANY_TENDERS,
    ),
    scope="payments:write",
    event="payment_recorded",
    example={"order": "1042", "amount": {"amount": "24.90", "currency": "EUR"}, "kind": "bank_transfer"},
    prefetch=prefetch,
    decide=decide,
    creates=True,
)
