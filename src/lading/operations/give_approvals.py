"""Give approvals: an order that waited for one goes on, a draft may be sent and converted."""

from dataclasses import dataclass

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope
from lading.operations import approving, changing, drafting
from lading.operations.approving import ApprovalState
from lading.operations.registry import Batch, Verb
from lading.orders import draft_store, holds
from lading.orders import store as orders_store
from lading.orders.draft_commands import GiveApproval
from lading.orders.drafts import Drafts
from lading.orders.types import Orders


@dataclass(slots=True)
class World:
    """Drafts and orders."""

    drafts: Drafts
    orders: Orders


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Drafts first, then orders, locked."""
    commands: list[GiveApproval] = batch.commands
    drafts = await draft_store.load(tx, (each.draft for each in commands if each.draft), lock=batch.lock)
    return World(drafts, await orders_store.load(tx, (each.order for each in commands if each.order), lock=batch.lock))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_give(envelope, world, batch) for envelope in batch.envelopes]


def _give(envelope: Envelope[GiveApproval], world: World, batch: Batch) -> Decision:
    command = envelope.command
    if command.draft:
        draft = approving.of_draft(world.drafts, command.draft, command.expected_version, batch)
        return (
            draft
            if isinstance(draft, Decision)
            else approving.decide_draft(draft, envelope.actor, batch, approved=True)
        )
    order = changing.find(world.orders, command.order or "", command.expected_version)
    if isinstance(order, Decision):
        return order
    waiting = approving.of_order(order)
    if isinstance(waiting, Decision):
        return waiting
    holds.lift(order, [waiting.hold], envelope.actor, batch.now)
    waiting.hold.approved_minor = order.charged_minor + order.adjusted_minor
    lifted = {"numbers": [waiting.hold.number], "kinds": [waiting.hold.kind]}
    event = changing.changed(
        order, "approval_given", batch, {"holds_lifted": lifted, "approved_minor": waiting.hold.approved_minor}
    )
    return Decision(approving.state_of_order(order, approved=True), event, rows=[order, waiting.hold])


VERB = Verb(
    noun="approvals",
    verb="give",
    summary="Approve an order, or a draft, that costs more than may go without.",
    command=GiveApproval,
    outcome=ApprovalState,
    refusals=(
        drafting.UNKNOWN_DRAFT, drafting.WRONG_STATUS, changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT,
        approving.NOTHING_TO_APPROVE,
    ),
    scope="approvals:write",
    event="approval_given",
    example={"order": "1042"},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
