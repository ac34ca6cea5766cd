"""Post provider fees: what a provider kept of a payment, as its report tells it, is an expense in the ledger. Each movement counts once.

Nothing of the order changes: it is as it was, and prepared edits of it stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations.registry import Batch, Verb
from lading.payments import rules
from lading.payments import store as payments_store
from lading.payments.commands import PostProviderFee
from lading.payments.types import PaidThere, ProviderFee
from lading.terms.ledger import PROVIDER_FEES, Event, MoneyPosting
from lading.terms.money import Money

UNKNOWN_PAYMENT = ("unknown_payment", "{provider} moved nothing here that it calls {payment}.")
OTHER_CURRENCY = ("other_currency", "Payment {payment} is in {currency}, the fee in {paid_in}.")
OTHER_FEE = ("other_fee", "Of movement {movement} a fee of {fee} was posted already.")

FeeKey = tuple[str, str]
"""Account and movement."""


class FeePosted(Struct, frozen=True):
    """Where it stands now."""

    order: str
    tender: int
    fee: Money
    again: bool
    """It was posted before, and counts once."""


@dataclass(slots=True)
class World:
    """The tenders by account and payment, and what was posted of the movements."""

    paid: Mapping[tuple[str, str], PaidThere]
    posted: dict[FeeKey, ProviderFee]


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """No locks: a movement that somebody else posts meanwhile is found by its key."""
    commands: list[PostProviderFee] = batch.commands
    paid = await payments_store.find_paid_there(tx, ((each.provider, each.payment) for each in commands))
    return World(paid, await payments_store.read_fees(tx, ((each.provider, each.movement) for each in commands)))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_post(envelope, world, batch) for envelope in batch.envelopes]


def _post(envelope: Envelope[PostProviderFee], world: World, batch: Batch) -> Decision:
    command, fee = envelope.command, envelope.command.fee
    found = world.paid.get((command.provider, command.payment))
    if found is None:
        return refused(UNKNOWN_PAYMENT, "/payment", provider=command.provider, payment=command.payment)
    if found.currency != fee.currency:
        return refused(OTHER_CURRENCY, "/fee", payment=command.payment, currency=found.currency, paid_in=fee.currency)
    known = world.posted.get((command.provider, command.movement))
    outcome = FeePosted(str(found.order_number), found.tender_number, fee, known is not None)
    if known:
        if (known.order_id, known.tender_number, known.amount_minor) == (
            found.order_id,
            found.tender_number,
            fee.minor,
        ):
            return Decision(outcome)
        told = Money.of_minor(known.amount_minor, fee.currency)
        return refused(OTHER_FEE, "/movement", movement=command.movement, fee=f"{told.amount} {told.currency}")
    new = ProviderFee(command.provider, command.movement, found.order_id, found.tender_number, fee.minor)
    world.posted[(command.provider, command.movement)] = new
    data = {
        "tender": new.tender_number, "provider": new.provider, "movement": new.movement, "amount_minor": new.amount_minor,
    }  # fmt: skip
    event = Event("provider_fee_posted", "order", new.order_id, command.at or batch.now, data)
    return Decision(outcome, event, money=[_posting(new, found.kind, fee)], rows=[new])


def _posting(fee: ProviderFee, kind: str, amount: Money) -> MoneyPosting:
    ends = (PROVIDER_FEES, rules.account_of(kind))
    debit, credit = ends if fee.amount_minor > 0 else ends[::-1]
    return MoneyPosting(fee.order_id, debit, credit, abs(fee.amount_minor), amount.currency, fee.tender_number)


VERB = Verb(
    noun="provider-fees",
    verb="post",
    summary="Post what a provider kept of a payment, as its report tells it; each movement of the report counts once.",
    command=PostProviderFee,
    outcome=FeePosted,
    refusals=(UNKNOWN_PAYMENT, OTHER_CURRENCY, OTHER_FEE),
    scope="payments:write",
    event="provider_fee_posted",
    example={
        "provider": "stripe", "payment": "pi_3Nq", "movement": "txn_3Nq", "fee": {"amount": "0.59", "currency": "EUR"},
    },
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
