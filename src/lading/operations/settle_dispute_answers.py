"""Settle answers to disputes: the provider has passed an answer on, or will not take it. What the bank makes of it, it says later."""

from typing import Any

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import answering_disputes, changing, paying
from lading.operations.answering_disputes import World
from lading.operations.registry import Batch, Verb
from lading.payments.commands import SettleDisputeAnswer

UNKNOWN_ANSWER = ("unknown_answer", "The dispute {reference} has no answer {number}.")


class DisputeAnswerSettled(Struct, frozen=True):
    """Where it stands."""

    order: str
    version: int
    reference: str
    number: int
    status: str
    """pending, succeeded or failed"""
    code: str | None


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders, locked, with their disputes."""
    return await answering_disputes.read_world(tx, batch)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; said again it does no harm."""
    return [_settle(envelope, world, batch) for envelope in batch.envelopes]


def _settle(envelope: Envelope[SettleDisputeAnswer], world: World, batch: Batch) -> Decision:
    command = envelope.command
    found = paying.find_tender(world, command)
    if isinstance(found, Decision):
        return found
    order, tender = found
    answers = world.answers.get((order.id, tender.number, command.reference), [])
    if command.number > len(answers):
        return refused(UNKNOWN_ANSWER, "/number", reference=command.reference, number=command.number)
    answer = answers[command.number - 1]
    if answer.status == "pending":
        answer.status, answer.due_at, answer.settled_at = "failed" if command.code else "succeeded", None, batch.now
        answer.code = command.code
        data: dict[str, Any] = {
            "tender": tender.number, "reference": answer.reference, "number": answer.number, "task": answer.task,
            "status": answer.status, "code": answer.code, "at": batch.now,
        }  # fmt: skip
        event = changing.changed(order, "dispute_answer_settled", batch, data)
        rows: list[object] = [order, answer]
    else:
        event, rows = None, []
    outcome = DisputeAnswerSettled(
        str(order.number), order.version, answer.reference, answer.number, answer.status, answer.code
    )
    return Decision(outcome, event, rows=rows)


VERB = Verb(
    noun="dispute-answers",
    verb="settle",
    summary="Take in what a provider said of an answer to a dispute.",
    command=SettleDisputeAnswer,
    outcome=DisputeAnswerSettled,
    refusals=(changing.UNKNOWN_ORDER, paying.UNKNOWN_TENDER, UNKNOWN_ANSWER),
    scope="payment-answers:write",
    event="dispute_answer_settled",
    example={"order": "1042", "tender": 1, "reference": "dp_1Nq", "number": 1},
    prefetch=prefetch,
    decide=decide,
)
