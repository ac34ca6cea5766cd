"""Create subscriptions: a draft says what is ordered, the contract when."""

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope
from lading.operations import drafting, subscribing
from lading.operations.registry import Batch, Verb
from lading.operations.subscribing import SubscriptionState
from lading.orders import draft_store
from lading.orders.drafts import Drafts
from lading.orders.subscription_commands import CreateSubscription
from lading.orders.subscriptions import Subscription

FITTING = ("draft", "accepted")


async def prefetch(tx: Transaction, batch: Batch) -> Drafts:
    """The drafts, locked."""
    return await draft_store.load(tx, (command.draft for command in batch.commands), lock=batch.lock)


def decide(known: Drafts, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [
        _create(envelope, number, known, batch) for envelope, number in zip(batch.envelopes, batch.numbers, strict=True)
    ]


def _create(envelope: Envelope[CreateSubscription], number: int, known: Drafts, batch: Batch) -> Decision:
    command = envelope.command
    draft = drafting.find(known, command.draft, None, FITTING, batch.now)
    if isinstance(draft, Decision):
        return draft
    if refusal := drafting.unapproved(draft):
        return refusal
    new = Subscription(
        envelope.fresh_id, number, draft.id, "active", 1, command.every, command.unit, command.first_at.day, command.prices, 1,
        command.orders_max, command.first_at, 0, None, None, batch.now, stored=False,
    )  # fmt: skip
    return subscribing.changed(new, "subscription_created", batch)


VERB = Verb(
    noun="subscriptions",
    verb="create",
    summary="Place the order that a draft describes again and again: every so many days, weeks or months.",
    command=CreateSubscription,
    outcome=SubscriptionState,
    refusals=(drafting.UNKNOWN_DRAFT, drafting.WRONG_STATUS, drafting.NOT_APPROVED),
    scope="subscriptions:write",
    event="subscription_created",
    example={
        "draft": "D1042",
        "unit": "month",
        "every": 1,
        "first_at": "2099-12-01T08:00:00+01:00",
        "prices": "current",
    },
    prefetch=prefetch,
    decide=decide,
    creates=True,
    draws_numbers=True,
    inverse="subscriptions.cancel",
)
