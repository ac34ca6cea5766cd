"""Place the orders of subscriptions: as any other order, and in the same transaction the subscription goes on to its next cycle.

A cycle is placed once: whoever asks again finds the subscription in another one. What is refused is kept with its name, and tried again.
"""

from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import msgspec
from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.kernel.outcomes import Refusal
from lading.operations import convert_drafts, drafting, place_orders, placing, subscribing
from lading.operations.place_orders import OrderPlaced
from lading.operations.registry import Batch, Verb
from lading.operations.subscribing import SubscriptionState
from lading.orders import draft_store, subscription_store, subscriptions
from lading.orders.commands import PlaceOrder
from lading.orders.drafts import Draft, Drafts
from lading.orders.subscription_commands import PlaceSubscription
from lading.orders.subscriptions import Subscription, Subscriptions

OTHER_CYCLE = (
    "other_cycle",
    "{subscription} is in cycle {cycle} by now: what was asked for is placed, or was skipped.",
)
NOT_DUE = ("not_due", "The next order of {subscription} is due at {next_at}.")
FITTING = ("draft", "accepted")


class SubscriptionPlaced(Struct, frozen=True):
    """What became of one cycle, and where the subscription stands."""

    state: SubscriptionState
    order: OrderPlaced | None
    """None where the order was refused."""
    refused_as: str | None
    """Why: the name of the refusal. It is tried again."""


@dataclass(slots=True)
class World:
    """The subscriptions, their drafts, and what placement looks at for those that are due."""

    subscriptions: Subscriptions
    drafts: Drafts
    asked: dict[UUID, Envelope[PlaceOrder]]
    """By subscription: the first command that may place its order."""
    placing: placing.World
    inside: Batch
    failed: dict[UUID, Decision] = field(default_factory=dict)
    """By subscription: why there is no order to be placed."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The subscriptions and their drafts, locked; then all that placement reads and locks."""
    known = await subscription_store.load(tx, (each.subscription for each in batch.commands), lock=batch.lock)
    found = await draft_store.load(tx, (str(each.draft_id) for each in known.all()), lock=batch.lock)
    written = await convert_drafts.read_known(tx, found.all())
    asked: dict[UUID, Envelope[PlaceOrder]] = {}
    failed: dict[UUID, Decision] = {}
    numbers: list[int] = []
    for envelope, number in zip(batch.envelopes, batch.numbers, strict=True):
        due = _due(envelope.command, known, batch)
        if isinstance(due, Decision) or due.id in asked or due.id in failed:
            continue
        draft = _draft(due, found, batch)
        if isinstance(draft, Decision):
            failed[due.id] = draft
            continue
        asked[due.id] = drafting.around(envelope, _order(due, draft, written))
        numbers.append(number)
    inside = drafting.inner(batch, list(asked.values()), numbers)
    drafts = {each.id: found.by_key[each.draft_id] for each in known.all() if each.draft_id in found.by_key}
    converted = [(drafts[id_], envelope) for id_, envelope in asked.items()]
    world = await place_orders.prefetch(tx, inside, partial(convert_drafts.introduce, converted))
    return World(known, found, asked, world, inside, failed)


def _draft(due: Subscription, known: Drafts, batch: Batch) -> Draft | Decision:
    draft = drafting.find(known, str(due.draft_id), None, FITTING, batch.now)
    return draft if isinstance(draft, Decision) else drafting.unapproved(draft) or draft


def _due(command: PlaceSubscription, known: Subscriptions, batch: Batch) -> Subscription | Decision:
    found = subscribing.find(known, command.subscription, None, ("active",))
    if isinstance(found, Decision):
        return found
    if found.cycle != command.cycle:
        return refused(OTHER_CYCLE, "/cycle", subscription=found.name, cycle=found.cycle)
    if found.due_at > batch.now:
        return refused(NOT_DUE, "/subscription", subscription=found.name, next_at=found.due_at.isoformat())
    return found


def _order(due: Subscription, draft: Draft, written: convert_drafts.Known) -> PlaceOrder:
    """The order of the cycle; its reference says which one it is, so that a channel has it once."""
    order = convert_drafts.order_of(draft, written, f"{due.name}-{due.cycle}")
    tenders = [msgspec.structs.replace(each, unattended=each.payer is not None) for each in order.tenders]
    order = msgspec.structs.replace(order, tenders=tenders)
    if due.prices == "kept":
        return order
    lines = [msgspec.structs.replace(line, unit_price=None) for line in order.lines]
    return msgspec.structs.replace(order, lines=lines)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; a cycle is placed once."""
    answers = dict(zip(world.asked, place_orders.decide(world.placing, world.inside), strict=True)) | world.failed
    return [_place(envelope.command, world, batch, answers) for envelope in batch.envelopes]


def _place(command: PlaceSubscription, world: World, batch: Batch, answers: dict[UUID, Decision]) -> Decision:
    due = _due(command, world.subscriptions, batch)
    if isinstance(due, Decision):
        return due
    answer = answers[due.id]
    if isinstance(answer.outcome, Refusal):
        name = answer.outcome.name
        due.fail(name, batch.now)
        decision = subscribing.changed(due, "subscription_failed", batch)
        decision.outcome = SubscriptionPlaced(subscribing.state(due), None, name)
        return decision
    if not isinstance(answer.outcome, OrderPlaced) or answer.event is None:
        return answer
    due.advance(batch.now)
    due.version += 1
    answer.event.data["subscription"] = subscriptions.told(due)
    answer.rows.append(due)
    answer.outcome = SubscriptionPlaced(subscribing.state(due), answer.outcome, None)
    return answer


VERB = Verb(
    noun="subscriptions",
    verb="place",
    summary="Place the order of one cycle of a subscription, once; the worker does it when it is due.",
    command=PlaceSubscription,
    outcome=SubscriptionPlaced,
    refusals=(subscribing.UNKNOWN_SUBSCRIPTION, subscribing.WRONG_STATUS, OTHER_CYCLE, NOT_DUE),
    scope="subscriptions:write",
    event="order_placed",
    example={"subscription": "S1042", "cycle": 1},
    prefetch=prefetch,
    decide=decide,
    draws_numbers=True,
)
