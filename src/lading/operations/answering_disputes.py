"""What the verbs about answers to disputes have in common: the world they look at, and what speaks against an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.database.pool import Transaction
from lading.invoices import store as invoices
from lading.invoices.types import Invoice
from lading.journal.types import Decision, refused
from lading.operations import changing, paying
from lading.operations.paying import Pays
from lading.operations.registry import Batch
from lading.orders.types import Order
from lading.payments import store as payments_store
from lading.payments.store import DisputeKey
from lading.payments.types import Dispute, DisputeAnswer, Tender
from lading.shipping import store as shipping
from lading.shipping.store import ParcelsByOrder
from lading.terms.money import Money

UNKNOWN_DISPUTE = ("unknown_dispute", "Tender {tender} of order {order} has no dispute {reference}.")
CLOSED = ("dispute_closed", "The dispute {reference} is {status} already.")
AWAITED = ("answer_to_dispute_awaited", "The provider has not said yet what became of the last answer to {reference}.")
ANSWERED = ("dispute_answered_already", "Evidence against {reference} was given: banks take it once.")
NO_PROVIDER = ("not_at_a_provider", "No provider moved the money of tender {tender}: answer the bank yourself.")
REFUSALS = (
    changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, paying.UNKNOWN_TENDER, UNKNOWN_DISPUTE, CLOSED, NO_PROVIDER, AWAITED, ANSWERED,
)  # fmt: skip


class Shown(Struct, frozen=True):
    """A piece of evidence."""

    what: str
    """parcel, invoice, file or words"""
    name: str
    """1042-P1, INV-000017, the purpose of a file; empty for words."""
    tracking: str | None = None
    """Carrier and number of a parcel."""
    delivered_at: datetime | None = None


class DisputeAnswerState(Struct, frozen=True):
    """An answer that the provider is given, and what it shows."""

    order: str
    version: int
    tender: int
    reference: str
    number: int
    """Of the answer in its dispute."""
    task: str
    """evidence, or accept: the merchant gives in."""
    amount: Money
    answer_by: datetime | None
    evidence: list[Shown]


@dataclass(slots=True)
class World(paying.World):
    """Orders with tenders and disputes, and what can be shown of them."""

    answers: dict[DisputeKey, list[DisputeAnswer]] = field(default_factory=dict)
    parcels: ParcelsByOrder = field(default_factory=dict)
    invoices: Mapping[UUID, Sequence[Invoice]] = field(default_factory=dict)
    files: frozenset[bytes] = frozenset()
    """Of those that the batch names, the ones that were handed in."""


@dataclass(slots=True)
class Open:
    """A dispute that can be answered."""

    order: Order
    tender: Tender
    dispute: Dispute
    before: list[DisputeAnswer]


async def read_world(tx: Transaction, batch: Batch) -> World:
    """Orders, locked, their tenders, the disputes and their answers so far."""
    found = await paying.read_world(tx, batch)
    world = World(found.orders, found.tenders)
    named = ((world.orders.find(command.order), command) for command in batch.commands)
    keys = [(order.id, command.tender, command.reference) for order, command in named if order]
    world.disputes = await payments_store.read_disputes(tx, keys)
    world.answers = await payments_store.read_dispute_answers(tx, keys)
    return world


async def read_evidence(tx: Transaction, batch: Batch, world: World) -> None:
    """What was sent of the orders and billed, and which of the named files there are."""
    ids = sorted({order.id for order in world.orders.by_ref.values()})
    world.parcels = await shipping.read_parcels(tx, ids)
    world.invoices = await invoices.read_invoices(tx, ids)
    named = {bytes.fromhex(each.sha256) for command in batch.commands for each in command.files}
    if named:
        world.files = await payments_store.read_files(tx, named)


def find(command: Pays, reference: str, world: World) -> Open | Decision:
    """The dispute that a command means, where it can still be answered."""
    found = paying.find_tender(world, command)
    if isinstance(found, Decision):
        return found
    order, tender = found
    key = (order.id, tender.number, reference)
    dispute = world.disputes.get(key)
    if dispute is None:
        return refused(
            UNKNOWN_DISPUTE, "/reference", order=str(order.number), tender=tender.number, reference=reference
        )
    if dispute.status != "open":
        return refused(CLOSED, "/reference", reference=reference, status=dispute.status)
    if tender.provider is None:
        return refused(NO_PROVIDER, "/tender", tender=tender.number)
    before = world.answers.setdefault(key, [])
    if any(each.status == "pending" for each in before):
        return refused(AWAITED, "/reference", reference=reference)
    if any(each.status == "succeeded" for each in before):
        return refused(ANSWERED, "/reference", reference=reference)
    return Open(order, tender, dispute, before)


def answer(found: Open, new: DisputeAnswer, shown: list[Shown], batch: Batch) -> Decision:
    """The decision: the order has a version more, the event says what is shown, and the answer waits for its provider."""
    order, dispute = found.order, found.dispute
    found.before.append(new)
    data: dict[str, Any] = {
        "tender": new.tender_number, "reference": new.reference, "number": new.number, "task": new.task,
        "amount_minor": dispute.amount_minor, "parcels": new.parcels, "invoices": new.invoices, "files": new.files,
        "words": new.words is not None,
    }  # fmt: skip
    event = changing.changed(order, "dispute_answered", batch, data)
    outcome = DisputeAnswerState(
        str(order.number), order.version, new.tender_number, new.reference, new.number, new.task,
        Money.of_minor(dispute.amount_minor, order.currency), dispute.answer_by, shown,
    )  # fmt: skip
    return Decision(outcome, event, rows=[order, new])


def new_answer(found: Open, task: str, batch: Batch, words: str | None = None) -> DisputeAnswer:
    """The next answer to the dispute; nothing is shown yet."""
    dispute = found.dispute
    number = len(found.before) + 1
    return DisputeAnswer(
        dispute.order_id, dispute.tender_number, dispute.reference, number, task, words, [], [], [], "pending", batch.now, batch.now,
        stored=False,
    )  # fmt: skip
