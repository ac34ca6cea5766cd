"""Approvals: what costs more than policy lets go waits until somebody with the right says yes or no, an order as a draft."""

from dataclasses import dataclass

from msgspec import Struct

from lading.journal.types import Decision, refused
from lading.operations import drafting
from lading.operations.registry import Batch
from lading.orders import holds
from lading.orders.drafts import OPEN, Draft, Drafts
from lading.orders.types import Hold, Order
from lading.terms.money import Money

NOTHING_TO_APPROVE = ("nothing_to_approve", "{document} waits for nobody's approval.")


class ApprovalState(Struct, frozen=True):
    """What was decided about what."""

    document: str
    """Number of the order, or D1042 for a draft."""
    version: int
    approved: bool
    total: Money
    """What was decided about."""


@dataclass(slots=True, frozen=True)
class Waiting:
    """An order that waits for its approval, with the hold that says so."""

    order: Order
    hold: Hold


def of_order(order: Order) -> Waiting | Decision:
    """The hold that waits for an approval, or the refusal."""
    hold = next((each for each in holds.active(order) if each.kind == holds.APPROVAL), None)
    if hold is None:
        return refused(NOTHING_TO_APPROVE, "/order", document=f"Order {order.number}")
    return Waiting(order, hold)


def of_draft(known: Drafts, ref: str, expected_version: int | None, batch: Batch) -> Draft | Decision:
    """The draft that waits for an approval, or the refusal."""
    draft = drafting.find(known, ref, expected_version, OPEN, batch.now)
    if isinstance(draft, Decision):
        return draft
    if draft.approval != "needed":
        return refused(NOTHING_TO_APPROVE, "/draft", document=draft.name)
    return draft


def state_of_order(order: Order, *, approved: bool) -> ApprovalState:
    """What was decided about an order."""
    total = Money.of_minor(order.charged_minor + order.adjusted_minor, order.currency)
    return ApprovalState(str(order.number), order.version, approved, total)


def decide_draft(draft: Draft, actor: str, batch: Batch, *, approved: bool, reason: str | None = None) -> Decision:
    """The draft is approved, or not; the event says so."""
    draft.approval, draft.approved_by = ("given" if approved else "refused"), actor
    kind = "approval_given" if approved else "approval_refused"
    draft.reason = reason
    decision = drafting.changed(draft, kind, batch)
    total = Money.of_minor(draft.total_minor, draft.currency)
    decision.outcome = ApprovalState(draft.name, draft.version, approved, total)
    return decision
