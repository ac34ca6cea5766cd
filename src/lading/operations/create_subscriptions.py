"""Create subscriptions: a draft says what is ordered, the contract when."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from lading.catalog import store as catalog
from lading.catalog.schedule import is_zone
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import drafting, subscribing
from lading.operations.registry import Batch, Verb
from lading.operations.save_locations import UNKNOWN_TIME_ZONE
from lading.operations.subscribing import SubscriptionState
from lading.orders import draft_store
from lading.orders.drafts import Drafts
from lading.orders.subscription_commands import CreateSubscription
from lading.orders.subscriptions import Subscription

FITTING = ("draft", "accepted")


@dataclass(slots=True)
class World:
    """The drafts, and where the merchant's clock stands."""

    drafts: Drafts
    time_zone: str


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The drafts, locked; the merchant's time zone."""
    found = await draft_store.load(tx, (command.draft for command in batch.commands), lock=batch.lock)
    return World(found, (await catalog.read_zone(tx)).key)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [
        _create(envelope, number, world, batch) for envelope, number in zip(batch.envelopes, batch.numbers, strict=True)
    ]


def _create(envelope: Envelope[CreateSubscription], number: int, world: World, batch: Batch) -> Decision:
    command = envelope.command
    draft = drafting.find(world.drafts, command.draft, None, FITTING, batch.now)
    if isinstance(draft, Decision):
        return draft
    if refusal := drafting.unapproved(draft):
        return refusal
    zone = command.time_zone or world.time_zone
    if not is_zone(zone):
        return refused(UNKNOWN_TIME_ZONE, "/time_zone", time_zone=zone)
    day = command.first_at.astimezone(ZoneInfo(zone)).day
    new = Subscription(
        envelope.fresh_id, number, draft.id, "active", 1, command.every, command.unit, day, command.prices, 1,
        command.orders_max, command.first_at, 0, None, None, batch.now, zone, stored=False,
    )  # fmt: skip
    return subscribing.changed(new, "subscription_created", batch)


VERB = Verb(
    noun="subscriptions",
    verb="create",
    summary="Place the order that a draft describes again and again: every so many days, weeks or months.",
    command=CreateSubscription,
    outcome=SubscriptionState,
    refusals=(drafting.UNKNOWN_DRAFT, drafting.WRONG_STATUS, drafting.NOT_APPROVED, UNKNOWN_TIME_ZONE),
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
