"""Issue credits: a gift card or store credit, which the merchant owes its holder."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing
from lading.operations.registry import Batch, Verb
from lading.orders import store as orders_store
from lading.orders.types import Orders
from lading.payments import credits
from lading.payments import store as payments_store
from lading.payments.commands import IssueCredit
from lading.payments.types import Credit
from lading.terms.ledger import Event
from lading.terms.money import Money

CODE_TAKEN = ("code_taken", "There is a gift card with this code already.")
NO_CUSTOMER = ("no_customer", "Order {order} has no customer who could get store credit.")


class CreditState(Struct, frozen=True):
    """A gift card or store credit as it stands."""

    credit: UUID
    kind: str
    ends_in: str | None
    """The last four characters of a gift card's code."""
    balance: Money
    expires_at: datetime | None


@dataclass(slots=True)
class World:
    """Gift cards of those codes, and the orders whose customers get store credit."""

    by_code: dict[str, Credit]
    orders: Orders


def state(credit: Credit) -> CreditState:
    """The answer of every verb about credits."""
    balance = Money.of_minor(credit.balance_minor, credit.currency)
    return CreditState(credit.id, credit.kind, credit.ends_in, balance, credit.expires_at)


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders, and who has those codes."""
    orders = await orders_store.load(tx, (each.order for each in batch.commands if each.order), lock=batch.lock)
    found = await payments_store.read_credits_by_code(tx, (each.code for each in batch.commands if each.code))
    return World(found, orders)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[IssueCredit], world: World, batch: Batch) -> Decision:
    command, customer_id = envelope.command, None
    if command.order is not None:
        order = changing.find(world.orders, command.order)
        if isinstance(order, Decision):
            return order
        if (customer_id := order.customer_id) is None:
            return refused(NO_CUSTOMER, "/order", order=str(order.number))
    if command.code is not None and command.code in world.by_code:
        return refused(CODE_TAKEN, "/code")
    kind, amount = "gift_card" if command.code else "store_credit", command.amount
    credit = Credit(
        envelope.fresh_id, kind, command.code, customer_id, amount.currency, amount.minor, amount.minor, batch.now,
        command.expires_at, stored=False,
    )  # fmt: skip
    if command.code is not None:
        world.by_code[command.code] = credit
    data = {
        "kind": kind, "currency": credit.currency, "amount_minor": credit.issued_minor, "customer_id": customer_id,
        "expires_at": credit.expires_at, "reason": command.reason, "at": batch.now,
    }  # fmt: skip
    event = Event("credit_issued", "credit", credit.id, batch.now, data)
    return Decision(state(credit), event, money=[credits.issued(credit)], rows=[credit])


VERB = Verb(
    noun="credits",
    verb="issue",
    summary="Issue a gift card (with a code) or store credit (to the customer of an order).",
    command=IssueCredit,
    outcome=CreditState,
    refusals=(changing.UNKNOWN_ORDER, NO_CUSTOMER, CODE_TAKEN),
    scope="payments:write",
    event="credit_issued",
    example={"code": "GIFT-7K2M-99QX", "amount": {"amount": "50.00", "currency": "EUR"}, "reason": "sold"},
    prefetch=prefetch,
    decide=decide,
    creates=True,
)
