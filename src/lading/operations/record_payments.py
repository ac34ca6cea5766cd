"""Record payments: money that was taken elsewhere for an order, by the channel, a till or a bank."""

from dataclasses import dataclass

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing
from lading.operations.registry import Batch, Verb
from lading.orders import status
from lading.orders import store as orders_store
from lading.orders.types import Order, Orders
from lading.payments import rules
from lading.payments import store as payments_store
from lading.payments.commands import RecordPayment
from lading.payments.store import TendersByOrder
from lading.terms.money import Money

OTHER_CURRENCY = ("other_currency", "Order {order} is in {currency}, the payment in {paid_in}.")
TENDERS_MAX = 100
TOO_MANY_TENDERS = ("too_many_tenders", "Order {order} has {tenders} payments already.")


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


@dataclass(slots=True)
class World:
    """Orders and their tenders."""

    orders: Orders
    tenders: TendersByOrder


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders, locked, and their tenders."""
    orders = await orders_store.load(tx, (command.order for command in batch.commands), lock=batch.lock)
    ids = sorted({order.id for order in orders.by_ref.values()})
    return World(orders, await payments_store.read_tenders(tx, ids, lock=batch.lock))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[RecordPayment], world: World, batch: Batch) -> Decision:
    command = envelope.command
    order = changing.find(world.orders, command.order, command.expected_version)
    if isinstance(order, Decision):
        return order
    if command.amount.currency != order.currency:
        return refused(
            OTHER_CURRENCY,
            "/amount/currency",
            order=str(order.number),
            currency=order.currency,
            paid_in=command.amount.currency,
        )
    if len(world.tenders[order.id]) >= TENDERS_MAX:
        return refused(TOO_MANY_TENDERS, "/order", order=str(order.number), tenders=TENDERS_MAX)
    return _record(command, order, world, batch)


def _record(command: RecordPayment, order: Order, world: World, batch: Batch) -> Decision:
    tenders = world.tenders[order.id]
    tender = rules.take(order.id, len(tenders) + 1, command.kind, command.reference, command.amount.minor)
    tenders.append(tender)
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
        str(order.number),
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
    refusals=(changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, OTHER_CURRENCY, TOO_MANY_TENDERS),
    scope="payments:write",
    event="payment_recorded",
    example={"order": "1042", "amount": {"amount": "24.90", "currency": "EUR"}, "kind": "bank_transfer"},
    prefetch=prefetch,
    decide=decide,
    creates=True,
)
