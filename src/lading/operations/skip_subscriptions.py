"""Skip an order of subscriptions."""

from lading.journal.types import Decision
from lading.operations import subscribing
from lading.operations.registry import Batch, Verb
from lading.operations.subscribing import SubscriptionState
from lading.orders.subscription_commands import SkipSubscription
from lading.orders.subscriptions import Subscriptions


def decide(known: Subscriptions, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_skip(command, known, batch) for command in batch.commands]


def _skip(command: SkipSubscription, known: Subscriptions, batch: Batch) -> Decision:
    found = subscribing.find(known, command.subscription, command.expected_version, ("active", "paused"))
    if isinstance(found, Decision):
        return found
    found.advance(batch.now)
    return subscribing.changed(found, "subscription_skipped", batch)


VERB = Verb(
    noun="subscriptions",
    verb="skip",
    summary="Leave out the next order.",
    command=SkipSubscription,
    outcome=SubscriptionState,
    refusals=subscribing.REFUSALS,
    scope="subscriptions:write",
    event="subscription_skipped",
    example={"subscription": "S1042", "expected_version": 3},
    prefetch=subscribing.prefetch,
    decide=decide,
)
