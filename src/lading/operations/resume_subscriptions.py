"""Resume subscriptions: they go on with the next date of their rhythm."""

from lading.journal.types import Decision
from lading.operations import subscribing
from lading.operations.registry import Batch, Verb
from lading.operations.subscribing import SubscriptionState
from lading.orders.subscription_commands import ResumeSubscription
from lading.orders.subscriptions import Subscriptions


def decide(known: Subscriptions, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_resume(command, known, batch) for command in batch.commands]


def _resume(command: ResumeSubscription, known: Subscriptions, batch: Batch) -> Decision:
    found = subscribing.find(known, command.subscription, command.expected_version, ("paused",))
    if isinstance(found, Decision):
        return found
    found.status, found.reason, found.failures, found.failed_as = "active", None, 0, None
    found.retry_at = None
    found.next_at = command.next_at or found.next_at
    while found.next_at <= batch.now:
        found.next_at = found.after(found.next_at)
    return subscribing.changed(found, "subscription_resumed", batch)


VERB = Verb(
    noun="subscriptions",
    verb="resume",
    summary="Go on with the next date of its rhythm; what was missed is not ordered.",
    command=ResumeSubscription,
    outcome=SubscriptionState,
    refusals=subscribing.REFUSALS,
    scope="subscriptions:write",
    event="subscription_resumed",
    example={"subscription": "S1042"},
    prefetch=subscribing.prefetch,
    decide=decide,
    inverse="subscriptions.pause",
)
