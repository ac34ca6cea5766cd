"""Release holds: the order goes on where it stood."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, fulfilling
from lading.operations.registry import Batch, Verb
from lading.orders import holds
from lading.orders import store as orders_store
from lading.orders.commands import ReleaseHold
from lading.orders.types import Hold, Order, Orders

NEEDS_APPROVAL = (
    "needs_approval",
    "Order {order} waits for an approval: it is given or refused by who may, not lifted.",
)


class HoldsReleased(Struct, frozen=True):
    """The kinds of hold that were lifted and that still stand, and where the order stands."""

    order: str
    version: int
    stage: str
    released: list[str]
    holds: list[str]


async def prefetch(tx: Transaction, batch: Batch) -> Orders:
    """The orders."""
    return await orders_store.load(tx, (command.order for command in batch.commands), lock=batch.lock)


def decide(orders: Orders, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_release(envelope, orders, batch) for envelope in batch.envelopes]


def _release(envelope: Envelope[ReleaseHold], orders: Orders, batch: Batch) -> Decision:
    command = envelope.command
    order = changing.find(orders, command.order, command.expected_version)
    if isinstance(order, Decision):
        return order
    if command.kind == holds.APPROVAL or _names_approval(order, command.number):
        return refused(NEEDS_APPROVAL, "/kind", order=str(order.number))
    lifted = [hold for hold in holds.active(order) if _is_meant(hold, command, batch.now)]
    event = None
    if lifted:
        holds.lift(order, lifted, envelope.actor, batch.now)
        data: dict[str, Any] = {"numbers": [hold.number for hold in lifted], "kinds": [hold.kind for hold in lifted]}
        data |= {"over": True} if command.only_over else {}
        data |= {"reason": command.reason} if command.reason else {}
        event = changing.changed(order, "holds_released", batch, data)
    outcome = HoldsReleased(
        str(order.number),
        order.version,
        fulfilling.stage(order),
        [hold.kind for hold in lifted],
        fulfilling.holds(order),
    )
    return Decision(outcome, event, (), (), [order, *lifted] if lifted else [])


def _names_approval(order: Order, number: int | None) -> bool:
    return any(hold.number == number and hold.kind == holds.APPROVAL for hold in holds.active(order))


def _is_meant(hold: Hold, command: ReleaseHold, now: datetime) -> bool:
    over = hold.expires_at is not None and hold.expires_at <= now
    return hold.kind != holds.APPROVAL and (
        command.kind in (None, hold.kind) and command.number in (None, hold.number) and (over or not command.only_over)
    )


VERB = Verb(
    noun="holds",
    verb="release",
    summary="Lift one hold, the holds of one kind, or all of them. Lifting what is not there changes nothing.",
    command=ReleaseHold,
    outcome=HoldsReleased,
    refusals=(changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, NEEDS_APPROVAL),
    scope="orders:write",
    event="holds_released",
    example={"order": "1042", "kind": "fraud_review"},
    prefetch=prefetch,
    decide=decide,
    inverse="orders.hold",
)
