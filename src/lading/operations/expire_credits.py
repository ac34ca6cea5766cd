"""Expire credits: the time of a gift card or store credit is over, and what is left of it is not owed any more."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations.issue_credits import CreditState, state
from lading.operations.paying_with_cards import UNKNOWN_CREDIT
from lading.operations.registry import Batch, Verb
from lading.payments import credits
from lading.payments import store as payments_store
from lading.payments.commands import ExpireCredit
from lading.payments.types import Credit
from lading.terms.ledger import Event

Credits = Mapping[UUID, Credit]


async def prefetch(tx: Transaction, batch: Batch) -> Credits:
    """The credits, locked."""
    return await payments_store.read_credits(tx, (command.credit for command in batch.commands), lock=batch.lock)


def decide(world: Credits, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[ExpireCredit], world: Credits, batch: Batch) -> Decision:
    """One of which nothing is left stays as it is; so does one whose time is not over, unless there is a reason."""
    command = envelope.command
    credit = world.get(command.credit)
    if credit is None:
        return refused(UNKNOWN_CREDIT, "/credit")
    is_over = credits.is_over(credit, batch.now)
    if credit.balance_minor == 0 or not (is_over or command.reason):
        return Decision(state(credit))
    data: dict[str, Any] = {"kind": credit.kind, "currency": credit.currency, "amount_minor": credit.balance_minor}
    if not is_over:
        credit.expires_at = batch.now
        data |= {"expires_at": batch.now, "reason": command.reason}
    money = [credits.expire(credit)]
    return Decision(
        state(credit), Event("credit_expired", "credit", credit.id, batch.now, data), money=money, rows=[credit]
    )


VERB = Verb(
    noun="credits",
    verb="expire",
    summary="Take what is left of a gift card or store credit off what is owed: its time is over, or a reason ends it.",
    command=ExpireCredit,
    outcome=CreditState,
    refusals=(UNKNOWN_CREDIT,),
    scope="payments:write",
    event="credit_expired",
    example={"credit": "01990a5b-7c1e-7000-8000-000000000001"},
    prefetch=prefetch,
    decide=decide,
)
