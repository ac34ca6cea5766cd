"""Cancel subscriptions: no order is placed any more."""

from lading.journal.types import Decision
from lading.operations import subscribing
from lading.operations.registry import Batch, Verb
from lading.operations.subscribing import SubscriptionState
from lading.orders.subscription_commands import CancelSubscription
from lading.orders.subscriptions import Subscriptions


def decide(known: Subscriptions, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_cancel(command, known, batch) for command in batch.commands]


def _cancel(command: CancelSubscription, known: Subscriptions, batch: Batch) -> Decision:
    found = subscribing.find(known, command.subscription, command.expected_version, ("active", "paused"))
    if isinstance(found, Decision):
        return found
    found.status, found.reason = "cancelled", command.reason
    return subscribing.changed(found, "subscription_cancelled", batch)


VERB = Verb(
    noun="subscriptions",
    verb="cancel",
    summary="Place no order any more; orders that were placed stay.",
    command=CancelSubscription,
    outcome=SubscriptionState,
    refusals=subscribing.REFUSALS,
    scope="subscriptions:write",
    event="subscription_cancelled",
    example={"subscription": "S1042", "reason": "moved_away"},
    prefetch=subscribing.prefetch,
    decide=decide,
)
