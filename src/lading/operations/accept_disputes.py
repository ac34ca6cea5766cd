"""Accept disputes: the merchant gives in, and the bank keeps the money. It is lost as soon as the provider says so."""

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope
from lading.operations import answering_disputes
from lading.operations.answering_disputes import REFUSALS, DisputeAnswerState, World
from lading.operations.registry import Batch, Verb
from lading.payments.commands import AcceptDispute


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders, locked, with their disputes."""
    return await answering_disputes.read_world(tx, batch)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_accept(envelope, world, batch) for envelope in batch.envelopes]


def _accept(envelope: Envelope[AcceptDispute], world: World, batch: Batch) -> Decision:
    found = answering_disputes.find(envelope.command, envelope.command.reference, world)
    if isinstance(found, Decision):
        return found
    return answering_disputes.answer(found, answering_disputes.new_answer(found, "accept", batch), [], batch)


VERB = Verb(
    noun="disputes",
    verb="accept",
    summary="Give in to a dispute: the bank keeps the money.",
    command=AcceptDispute,
    outcome=DisputeAnswerState,
    refusals=REFUSALS,
    scope="payments:write",
    event="dispute_answered",
    example={"order": "1042", "tender": 1, "reference": "dp_1Nq"},
    prefetch=prefetch,
    decide=decide,
)
