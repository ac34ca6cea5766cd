"""Send drafts: a quote waits for the customer's answer."""

from lading.journal.types import Decision
from lading.operations import drafting
from lading.operations.drafting import DraftState, World
from lading.operations.registry import Batch, Verb
from lading.orders.draft_commands import SendDraft


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_send(command, world, batch) for command in batch.commands]


def _send(command: SendDraft, world: World, batch: Batch) -> Decision:
    draft = drafting.find(world.drafts, command.draft, command.expected_version, ("draft", "sent"), batch.now)
    if isinstance(draft, Decision):
        return draft
    if refusal := drafting.unapproved(draft) or drafting.in_past(command.expires_at, batch.now):
        return refusal
    draft.status, draft.sent_at = "sent", batch.now
    draft.expires_at = command.expires_at or draft.expires_at
    return drafting.changed(draft, "draft_sent", batch)


VERB = Verb(
    noun="drafts",
    verb="send",
    summary="Say that a draft went to the customer as a quote.",
    command=SendDraft,
    outcome=DraftState,
    refusals=(
        drafting.UNKNOWN_DRAFT,
        drafting.VERSION_CONFLICT,
        drafting.WRONG_STATUS,
        drafting.NOT_APPROVED,
        drafting.IN_PAST,
    ),
    scope="drafts:write",
    event="draft_sent",
    example={"draft": "D1042", "expires_at": "2099-12-31T12:00:00+01:00"},
    prefetch=drafting.prefetch,
    decide=decide,
)
