"""Pause subscriptions: no order is placed until they are resumed."""

from lading.journal.types import Decision
from lading.operations import subscribing
from lading.operations.registry import Batch, Verb
from lading.operations.subscribing import SubscriptionState
from lading.orders.subscription_commands import PauseSubscription
from lading.orders.subscriptions import Subscriptions


def decide(known: Subscriptions, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_pause(command, known, batch) for command in batch.commands]


def _pause(command: PauseSubscription, known: Subscriptions, batch: Batch) -> Decision:
    found = subscribing.find(known, command.subscription, command.expected_version, ("active",))
    if isinstance(found, Decision):
        return found
    found.status, found.reason = "paused", command.reason
    return subscribing.changed(found, "subscription_paused", batch)


VERB = Verb(
    noun="subscriptions",
    verb="pause",
    summary="Place no order until it is resumed.",
    command=PauseSubscription,
    outcome=SubscriptionState,
    refusals=subscribing.REFUSALS,
    scope="subscriptions:write",
    event="subscription_paused",
    example={"subscription": "S1042", "reason": "holidays"},
    prefetch=subscribing.prefetch,
    decide=decide,
    inverse="subscriptions.resume",
)
