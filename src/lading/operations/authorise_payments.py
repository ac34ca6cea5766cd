"""Authorise payments: a provider is asked to promise money. What is asked is written first; the worker calls, the answer is a command."""

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, paying
from lading.operations.paying import PaymentState, World
from lading.operations.placing import NO_PROVIDER
from lading.operations.registry import Batch, Verb
from lading.orders.types import Order
from lading.payments import rules
from lading.payments.commands import AuthorisePayment
from lading.payments.types import Tender

NOTHING_DUE = ("nothing_due", "Order {order}: all that it costs is paid or authorised.")


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders, locked, their tenders, and which provider policy names."""
    return await paying.read_world(tx, batch, policies=True)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones asked for."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[AuthorisePayment], world: World, batch: Batch) -> Decision:
    command = envelope.command
    paid = paying.find_paid(world, command)
    if isinstance(paid, Decision):
        return paid
    order, tenders = paid.order, paid.tenders
    provider = command.provider or world.policies.value("payment_provider", channel=order.channel_id)
    if provider is None:
        return refused(NO_PROVIDER, "/provider")
    return paying.too_many_tenders(order, tenders) or _authorise(command, order, provider, tenders, batch)


def _authorise(command: AuthorisePayment, order: Order, provider: str, tenders: list[Tender], batch: Batch) -> Decision:
    due = paying.unpromised(order, tenders)
    if due <= 0:
        return refused(NOTHING_DUE, "/order", order=str(order.number))
    amount = due if command.amount is None else command.amount.minor
    if refusal := paying.more_than_due(order, amount, due):
        return refusal
    tender = Tender(
        order.id, len(tenders) + 1, command.kind, command.reference, 0, 0, provider=provider, method=command.method,
        payer=command.payer, stored=False,
    )  # fmt: skip
    request = rules.ask(tender, "authorise", amount, batch.now, command.reference)
    tenders.append(tender)
    data = {"tender": tender.number, "kind": tender.kind, "provider": provider, "reference": command.reference}
    return paying.asked(order, "payment_authorisation_requested", batch, [request], [tender], data)


VERB = Verb(
    noun="payments",
    verb="authorise",
    summary="Ask a provider to promise what an order costs; the answer comes later.",
    command=AuthorisePayment,
    outcome=PaymentState,
    refusals=(
        changing.UNKNOWN_ORDER,
        changing.VERSION_CONFLICT,
        paying.OTHER_CURRENCY,
        NO_PROVIDER,
        paying.TOO_MANY_TENDERS,
        NOTHING_DUE,
        paying.MORE_THAN_DUE,
    ),
    scope="payments:write",
    event="payment_authorisation_requested",
    example={"order": "1042", "provider": "stripe", "method": "pm_card_visa"},
    prefetch=prefetch,
    decide=decide,
    creates=True,
    inverse="payments.void",
)
