"""Refuse approvals: an order that waited for one is cancelled, a draft has to be revised."""

from dataclasses import dataclass

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope
from lading.operations import approving, cancel_lines, changing, drafting, fulfilling
from lading.operations.approving import ApprovalState
from lading.operations.cancel_lines import NOTHING_TO_CANCEL, LinesCancelled
from lading.operations.registry import Batch, Verb
from lading.operations.withdrawing import NOT_CANCELLABLE
from lading.orders import draft_store
from lading.orders.commands import CancelLines
from lading.orders.draft_commands import RefuseApproval
from lading.orders.drafts import Drafts


@dataclass(slots=True)
class World:
    """Drafts, and what cancelling looks at for orders."""

    drafts: Drafts
    cancelling: fulfilling.World
    inside: Batch


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Drafts first, then the orders and all that cancelling them needs, locked."""
    commands: list[RefuseApproval] = batch.commands
    drafts = await draft_store.load(tx, (each.draft for each in commands if each.draft), lock=batch.lock)
    envelopes = [
        drafting.around(each, CancelLines(each.command.order, each.command.reason))
        for each in batch.envelopes if each.command.order
    ]  # fmt: skip
    inside = drafting.inner(batch, envelopes, [])
    return World(drafts, await cancel_lines.prefetch(tx, inside), inside)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_refuse(envelope, world, batch) for envelope in batch.envelopes]


def _refuse(envelope: Envelope[RefuseApproval], world: World, batch: Batch) -> Decision:
    command = envelope.command
    if command.draft:
        draft = approving.of_draft(world.drafts, command.draft, command.expected_version, batch)
        if isinstance(draft, Decision):
            return draft
        return approving.decide_draft(draft, envelope.actor, batch, approved=False, reason=command.reason)
    order = changing.find(world.cancelling.orders, command.order or "", command.expected_version)
    if isinstance(order, Decision):
        return order
    waiting = approving.of_order(order)
    if isinstance(waiting, Decision):
        return waiting
    one = drafting.inner(batch, [drafting.around(envelope, CancelLines(command.order or "", command.reason))], [])
    (decision,) = cancel_lines.decide(world.cancelling, one)
    if not isinstance(decision.outcome, LinesCancelled) or decision.event is None:
        return decision
    decision.event.data["approval"] = "refused"
    decision.outcome = approving.state_of_order(order, approved=False)
    return decision


VERB = Verb(
    noun="approvals",
    verb="refuse",
    summary="Refuse an approval: the order is cancelled, the draft has to be revised.",
    command=RefuseApproval,
    outcome=ApprovalState,
    refusals=(
        drafting.UNKNOWN_DRAFT, drafting.WRONG_STATUS, changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT,
        approving.NOTHING_TO_APPROVE, NOTHING_TO_CANCEL, NOT_CANCELLABLE,
    ),
    scope="approvals:write",
    event="approval_refused",
    example={"draft": "D1042", "reason": "too_cheap"},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
