"""Answer payments: what a provider says became of a request. The worker that called says it, and so does the provider's webhook.

Both may say it, late, twice and in any order: what counts is the furthest that a request came to.
"""

from typing import Any

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, holding_for_payment, paying
from lading.operations.holding_for_payment import Changes
from lading.operations.paying import PaymentState, World
from lading.operations.registry import Batch, Verb
from lading.operations.returning import say
from lading.orders.holds import Terms
from lading.orders.types import Order
from lading.payments import rules
from lading.payments import store as payments_store
from lading.payments.commands import AnswerPayment
from lading.payments.port import Told
from lading.payments.types import PaymentRequest, Tender

UNKNOWN_REQUEST = ("unknown_request", "Tender {tender} of order {order}: nobody asked its provider for {request}.")
NO_ROOM = (
    "no_room",
    "Request {request} of tender {tender} of order {order}: {amount} is more than the tender holds. Somebody has to look at it.",
)


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders, locked, their tenders, and the requests that are answered."""
    world = await paying.read_world(tx, batch, policies=True)
    found = ((world.orders.find(command.order), command) for command in batch.commands)
    keys = [(order.id, command.tender, command.request) for order, command in found if order]
    world.requests = await payments_store.read_requests(tx, keys)
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones told."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[AnswerPayment], world: World, batch: Batch) -> Decision:
    command = envelope.command
    found = paying.find_tender(world, command)
    if isinstance(found, Decision):
        return found
    order, tender = found
    request = world.requests.get((order.id, command.tender, command.request))
    if request is None:
        return refused(
            UNKNOWN_REQUEST, "/request", order=str(order.number), tender=command.tender, request=command.request
        )
    minor = command.amount.minor if command.amount else None
    told = Told(
        command.outcome, minor, command.reference, command.code, command.expires_at, command.once, command.grows
    )
    if not rules.is_news(request, told):
        return Decision(paying.state(order))
    if not rules.fits(tender, request, told):
        amount = say(request.amount_minor if minor is None else minor, order.currency)
        number = str(order.number)
        return refused(NO_ROOM, "/amount", order=number, tender=tender.number, request=request.number, amount=amount)
    return _settle(order, tender, request, told, world, envelope.actor, batch)


def _settle(
    order: Order, tender: Tender, request: PaymentRequest, told: Told, world: World, actor: str, batch: Batch
) -> Decision:
    before = request.status
    settled = rules.settle(tender, request, told, order.currency, batch.now)
    order.authorised_minor += settled.authorised_minor
    order.captured_minor += settled.captured_minor
    order.refunded_minor += settled.refunded_minor
    data: dict[str, Any] = {
        "tender": tender.number,
        "request": request.number,
        "kind": request.kind,
        "outcome": told.outcome,
        "before": before,
        "amount_minor": request.amount_minor,
        "reference": request.reference,
        "code": told.code,
        "at": batch.now,
    }
    if request.kind == "authorise" and told.outcome == "succeeded":
        data |= {"expires_at": tender.expires_at, "once": tender.once, "grows": tender.grows}
    changes = _holds(order, request, told, world, actor, batch)
    event = changing.changed(order, "payment_answered", batch, data | changes.data)
    return Decision(paying.state(order), event, money=settled.money, rows=[order, tender, request, *changes.rows])


def _holds(order: Order, request: PaymentRequest, told: Told, world: World, actor: str, batch: Batch) -> Changes:
    """What is promised or paid goes on; what failed waits for somebody."""
    if request.kind not in ("authorise", "capture") or told.outcome == "waiting":
        return Changes()
    tenders = world.tenders[order.id]
    if told.outcome == "succeeded":
        return holding_for_payment.go_on(order, tenders, actor, batch.now)
    terms = Terms(holding_for_payment.FAILED, reason=told.code)
    return holding_for_payment.stop(order, tenders, terms, world.policies, actor, batch.now)


VERB = Verb(
    noun="payments",
    verb="answer",
    summary="Take in what a provider said became of a request; said again or out of order it does no harm.",
    command=AnswerPayment,
    outcome=PaymentState,
    refusals=(changing.UNKNOWN_ORDER, paying.OTHER_CURRENCY, paying.UNKNOWN_TENDER, UNKNOWN_REQUEST, NO_ROOM),
    scope="payment-answers:write",
    event="payment_answered",
    example={"order": "1042", "tender": 1, "request": 2, "outcome": "succeeded", "reference": "ch_3Nq"},
    prefetch=prefetch,
    decide=decide,
)
