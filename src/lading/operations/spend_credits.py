"""Spend credits: an order is paid with a gift card or store credit, as far as that reaches."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, holding_for_payment, paying
from lading.operations.authorise_payments import NOTHING_DUE
from lading.operations.paying import Paid, PaymentState, World
from lading.operations.paying_with_cards import CREDIT_OVER, MORE_THAN_BALANCE, UNKNOWN_CREDIT
from lading.operations.registry import Batch, Verb
from lading.operations.returning import say
from lading.payments import credits, rules
from lading.payments import store as payments_store
from lading.payments.commands import SpendCredit
from lading.payments.types import Credit
from lading.terms.money import Money

NOT_THEIRS = ("not_theirs", "The store credit belongs to another customer than that of order {order}.")


@dataclass(slots=True)
class Spending:
    """Orders with their tenders, and the credits that are spent."""

    paying: World
    by_id: Mapping[UUID, Credit]
    ids: Mapping[str, UUID]
    """By code."""

    def find(self, command: SpendCredit) -> Credit | None:
        """The credit that a command means."""
        id_ = command.credit or self.ids.get(command.code or "")
        return self.by_id.get(id_) if id_ else None


async def prefetch(tx: Transaction, batch: Batch) -> Spending:
    """Orders, locked, their tenders; then the credits, locked, together with those that paid for these orders before."""
    world = await paying.read_world(tx, batch)
    commands: list[SpendCredit] = batch.commands
    found = await payments_store.read_credits_by_code(tx, (each.code for each in commands if each.code))
    ids = {code: credit.id for code, credit in found.items()}
    wanted = [*ids.values(), *(each.credit for each in commands if each.credit)]
    return Spending(world, await payments_store.read_credits(tx, wanted, lock=batch.lock), ids)


def decide(world: Spending, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones spent."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[SpendCredit], world: Spending, batch: Batch) -> Decision:
    command = envelope.command
    paid = paying.find_paid(world.paying, command)
    if isinstance(paid, Decision):
        return paid
    credit = world.find(command)
    if credit is None:
        return refused(UNKNOWN_CREDIT, "/code" if command.code else "/credit")
    return _refuse(command, paid, credit, batch) or _spend(command, paid, credit, envelope.actor, batch)


def _refuse(command: SpendCredit, paid: Paid, credit: Credit, batch: Batch) -> Decision | None:
    order, number, tenders = paid.order, paid.number, paid.tenders
    if credit.customer_id is not None and credit.customer_id != order.customer_id:
        return refused(NOT_THEIRS, "/credit", order=number)
    if refusal := paying.other_currency(order, Money.of_minor(credit.balance_minor, credit.currency), "/code"):
        return refusal
    if credits.is_over(credit, batch.now) and credit.expires_at:
        return refused(CREDIT_OVER, "/code", expires_at=credit.expires_at.isoformat())
    if refusal := paying.too_many_tenders(order, tenders):
        return refusal
    due = paying.unpromised(order, tenders)
    if due <= 0:
        return refused(NOTHING_DUE, "/order", order=number)
    amount = min(due, credit.balance_minor) if command.amount is None else command.amount.minor
    if refusal := paying.more_than_due(order, amount, due):
        return refusal
    if amount <= 0 or amount > credit.balance_minor:
        left, asked = say(credit.balance_minor, order.currency), say(max(amount, 0), order.currency)
        return refused(MORE_THAN_BALANCE, "/amount", balance=left, amount=asked)
    return None


def _spend(command: SpendCredit, paid: Paid, credit: Credit, actor: str, batch: Batch) -> Decision:
    order, tenders = paid.order, paid.tenders
    due = paying.unpromised(order, tenders)
    amount = min(due, credit.balance_minor) if command.amount is None else command.amount.minor
    tender = rules.take(order.id, len(tenders) + 1, credit.kind, credit.ends_in, amount)
    credits.spend(credit, tender)
    tenders.append(tender)
    order.authorised_minor += amount
    order.captured_minor += amount
    data = {
        "tender": tender.number, "kind": tender.kind, "reference": tender.reference, "credit_id": credit.id, "amount_minor": amount,
    }  # fmt: skip
    changes = holding_for_payment.go_on(order, tenders, actor, batch.now)
    event = changing.changed(order, "credit_spent", batch, data | changes.data)
    money = [rules.taken(tender, order.currency)]
    return Decision(paying.state(order), event, money=money, rows=[order, tender, credit, *changes.rows])


VERB = Verb(
    noun="credits",
    verb="spend",
    summary="Pay an order with a gift card or store credit, as far as it reaches or for a part.",
    command=SpendCredit,
    outcome=PaymentState,
    refusals=(
        changing.UNKNOWN_ORDER,
        changing.VERSION_CONFLICT,
        UNKNOWN_CREDIT,
        NOT_THEIRS,
        paying.OTHER_CURRENCY,
        CREDIT_OVER,
        paying.TOO_MANY_TENDERS,
        NOTHING_DUE,
        paying.MORE_THAN_DUE,
        MORE_THAN_BALANCE,
    ),
    scope="payments:write",
    event="credit_spent",
    example={"order": "1042", "code": "GIFT-7K2M-99QX"},
    prefetch=prefetch,
    decide=decide,
    creates=True,
    inverse="payments.refund",
)
