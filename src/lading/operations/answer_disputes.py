"""Answer disputes: evidence is put together from the order, and given to the provider that the bank's customer was paid through."""

from lading.database.pool import Transaction
from lading.invoices.types import INVOICE, Invoice
from lading.journal.types import Decision, Envelope, refused
from lading.operations import answering_disputes
from lading.operations.answering_disputes import REFUSALS, DisputeAnswerState, Open, Shown, World
from lading.operations.registry import Batch, Verb
from lading.payments.commands import AnswerDispute

TOO_LATE = ("evidence_too_late", "Evidence against {reference} was taken until {answer_by}.")
UNKNOWN_FILE = ("unknown_file", "No file with the SHA-256 {sha256} was handed in.")
NOTHING_TO_SHOW = (
    "nothing_to_show",
    "Order {order} was neither sent nor billed, and no words or files say more: there is no evidence.",
)


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders, locked, with their disputes, what was sent of them and billed, and the files."""
    world = await answering_disputes.read_world(tx, batch)
    await answering_disputes.read_evidence(tx, batch, world)
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees the answers of the earlier ones."""
    return [_answer(envelope, world, batch) for envelope in batch.envelopes]


def _answer(envelope: Envelope[AnswerDispute], world: World, batch: Batch) -> Decision:
    command = envelope.command
    found = answering_disputes.find(command, command.reference, world)
    if isinstance(found, Decision):
        return found
    if found.dispute.answer_by and found.dispute.answer_by < batch.now:
        until = f"{found.dispute.answer_by:%Y-%m-%d %H:%M} UTC"
        return refused(TOO_LATE, "/reference", reference=command.reference, answer_by=until)
    for index, each in enumerate(command.files):
        if bytes.fromhex(each.sha256) not in world.files:
            return refused(UNKNOWN_FILE, f"/files/{index}/sha256", sha256=each.sha256)
    new = answering_disputes.new_answer(found, "evidence", batch, command.words or None)
    bill = _bill(found, world) if command.invoice else None
    shown = _parcels(found, world) + ([Shown("invoice", bill.name)] if bill else [])
    new.parcels = [
        parcel.number for parcel in world.parcels[found.order.id] if parcel.shipped_at or parcel.delivered_at
    ]
    new.invoices = [bill.number] if bill else []
    new.files = [(each.purpose, each.sha256) for each in command.files]
    shown += [Shown("file", each.purpose) for each in command.files]
    if new.words:
        shown.append(Shown("words", ""))
    if not shown:
        return refused(NOTHING_TO_SHOW, "/words", order=str(found.order.number))
    return answering_disputes.answer(found, new, shown, batch)


def _parcels(found: Open, world: World) -> list[Shown]:
    return [
        Shown(
            "parcel", f"{found.order.number}-P{parcel.number}",
            " ".join(filter(None, (parcel.carrier, parcel.tracking_number))) or None, parcel.delivered_at,
        )
        for parcel in world.parcels[found.order.id]
        if parcel.shipped_at or parcel.delivered_at
    ]  # fmt: skip


def _bill(found: Open, world: World) -> Invoice | None:
    """The first invoice: banks take one receipt."""
    return next((each for each in world.invoices[found.order.id] if each.kind == INVOICE), None)


VERB = Verb(
    noun="disputes",
    verb="answer",
    summary="Give the bank evidence against a dispute: parcels with tracking and delivery, invoices, files and words. Banks take it once.",
    command=AnswerDispute,
    outcome=DisputeAnswerState,
    refusals=(*REFUSALS, TOO_LATE, UNKNOWN_FILE, NOTHING_TO_SHOW),
    scope="payments:write",
    event="dispute_answered",
    example={
        "order": "1042",
        "tender": 1,
        "reference": "dp_1Nq",
        "words": "The neighbor signed for it: Mr. Ohm, Elbweg 9.",
    },
    prefetch=prefetch,
    decide=decide,
)
