"""Accept quotes: the customer takes it."""

from lading.journal.types import Decision
from lading.operations import drafting
from lading.operations.drafting import DraftState, World
from lading.operations.registry import Batch, Verb
from lading.orders.draft_commands import AcceptDraft


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_accept(command, world, batch) for command in batch.commands]


def _accept(command: AcceptDraft, world: World, batch: Batch) -> Decision:
    draft = drafting.find(world.drafts, command.draft, command.expected_version, ("sent",), batch.now)
    if isinstance(draft, Decision):
        return draft
    draft.status, draft.answered_at = "accepted", batch.now
    return drafting.changed(draft, "draft_accepted", batch)


VERB = Verb(
    noun="drafts",
    verb="accept",
    summary="Say that the customer takes a quote: it can be converted into an order.",
    command=AcceptDraft,
    outcome=DraftState,
    refusals=(drafting.UNKNOWN_DRAFT, drafting.VERSION_CONFLICT, drafting.WRONG_STATUS),
    scope="drafts:write",
    event="draft_accepted",
    example={"draft": "D1042", "expected_version": 2},
    prefetch=drafting.prefetch,
    decide=decide,
)
