"""Drop drafts: nothing comes of it, and what was kept for it is kept no longer."""

from lading.journal.types import Decision
from lading.operations import drafting
from lading.operations.drafting import DraftState, World
from lading.operations.registry import Batch, Verb
from lading.orders.draft_commands import DropDraft
from lading.orders.drafts import OPEN


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_drop(command, world, batch) for command in batch.commands]


def _drop(command: DropDraft, world: World, batch: Batch) -> Decision:
    draft = drafting.find(
        world.drafts, command.draft, command.expected_version, (*OPEN, "declined", "expired"), batch.now
    )
    if isinstance(draft, Decision):
        return draft
    draft.status, draft.reason = "dropped", command.reason
    return drafting.let_go(draft, drafting.changed(draft, "draft_dropped", batch), world.reservations, batch.now)


VERB = Verb(
    noun="drafts",
    verb="drop",
    summary="Give a draft or quote up.",
    command=DropDraft,
    outcome=DraftState,
    refusals=(drafting.UNKNOWN_DRAFT, drafting.VERSION_CONFLICT, drafting.WRONG_STATUS),
    scope="drafts:write",
    event="draft_dropped",
    example={"draft": "D1042", "reason": "no_answer"},
    prefetch=drafting.prefetch_all,
    decide=decide,
)
