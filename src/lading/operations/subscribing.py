"""What the verbs of subscriptions have in common."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations.registry import Batch
from lading.orders import subscription_store, subscriptions
from lading.orders.subscriptions import Subscription, Subscriptions
from lading.terms.ledger import Event

UNKNOWN_SUBSCRIPTION = ("unknown_subscription", "There is no subscription {subscription}.")
VERSION_CONFLICT = (
    "version_conflict",
    "{subscription} has version {version} by now, not {expected}: look at it again.",
)
WRONG_STATUS = ("wrong_status", "{subscription} is {status}; this can be done while it is {fitting}.")
REFUSALS = (UNKNOWN_SUBSCRIPTION, VERSION_CONFLICT, WRONG_STATUS)


class SubscriptionState(Struct, frozen=True):
    """Where a subscription stands now."""

    subscription: str
    id: UUID
    version: int
    status: str
    """active, paused, cancelled or ended"""
    cycle: int
    """Of the next order."""
    next_at: datetime | None
    """When that is due; None where none is."""


async def prefetch(tx: Transaction, batch: Batch) -> Subscriptions:
    """The subscriptions, locked."""
    return await subscription_store.load(tx, (each.subscription for each in batch.commands), lock=batch.lock)


def find(
    known: Subscriptions, ref: str, expected_version: int | None, fitting: Collection[str]
) -> Subscription | Decision:
    """The subscription that the reference means where it stands as it should, or the refusal."""
    found = known.find(ref)
    if found is None:
        return refused(UNKNOWN_SUBSCRIPTION, "/subscription", subscription=ref)
    if expected_version is not None and expected_version != found.version:
        return refused(
            VERSION_CONFLICT,
            "/expected_version",
            subscription=found.name,
            version=found.version,
            expected=expected_version,
        )
    if found.status not in fitting:
        fits = " or ".join(fitting)
        return refused(WRONG_STATUS, "/subscription", subscription=found.name, status=found.status, fitting=fits)
    return found


def changed(found: Subscription, kind: str, batch: Batch) -> Decision:
    """One more version of it, and the event that says why. Call when it stands as it shall."""
    found.version += kind != "subscription_created"
    data = {"subscription": subscriptions.told(found)}
    return Decision(state(found), Event(kind, "subscription", found.id, batch.now, data), rows=[found])


def state(found: Subscription) -> SubscriptionState:
    """The answer of most verbs here."""
    due = found.due_at if found.status == "active" else None
    return SubscriptionState(found.name, found.id, found.version, found.status, found.cycle, due)
