"""Decline quotes: the customer does not take it, and what was kept for it is kept no longer."""

from lading.journal.types import Decision
from lading.operations import drafting
from lading.operations.drafting import DraftState, World
from lading.operations.registry import Batch, Verb
from lading.orders.draft_commands import DeclineDraft


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_decline(command, world, batch) for command in batch.commands]


def _decline(command: DeclineDraft, world: World, batch: Batch) -> Decision:
    draft = drafting.find(
        world.drafts, command.draft, command.expected_version, ("sent", "accepted", "expired"), batch.now
    )
    if isinstance(draft, Decision):
        return draft
    draft.status, draft.answered_at, draft.reason = "declined", batch.now, command.reason
    return drafting.let_go(draft, drafting.changed(draft, "draft_declined", batch), world.reservations, batch.now)


VERB = Verb(
    noun="drafts",
    verb="decline",
    summary="Say that the customer does not take a quote.",
    command=DeclineDraft,
    outcome=DraftState,
    refusals=(drafting.UNKNOWN_DRAFT, drafting.VERSION_CONFLICT, drafting.WRONG_STATUS),
    scope="drafts:write",
    event="draft_declined",
    example={"draft": "D1042", "reason": "too_expensive"},
    prefetch=drafting.prefetch_all,
    decide=decide,
)
