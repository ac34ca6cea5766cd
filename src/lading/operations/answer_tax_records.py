"""Answer tax records: what a tax service said of an invoice or credit note that it was asked to record.

Nothing of the order changes: it is as it was, and prepared edits of it stand.
"""

from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations.registry import Batch, Verb
from lading.taxes import store as taxes
from lading.taxes.commands import AnswerTaxRecord
from lading.taxes.store import RequestKey
from lading.taxes.types import TaxRequest, settle
from lading.terms.ledger import Event

UNKNOWN_RECORD = ("unknown_tax_record", "No tax service was asked to record document {document} of that order.")
World = dict[RequestKey, TaxRequest]


class TaxRecordState(Struct, frozen=True):
    """Where it stands."""

    order_id: UUID
    document: int
    status: str
    """pending, succeeded or failed"""
    reference: str | None
    code: str | None


def state(request: TaxRequest) -> TaxRecordState:
    """As an outcome."""
    return TaxRecordState(request.order_id, request.document, request.status, request.reference, request.code)


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The requests, locked."""
    keys = [(command.order_id, "record", command.document) for command in batch.commands]
    return await taxes.read_requests(tx, keys, lock=batch.lock)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; what was recorded stays recorded, whatever is said later."""
    return [_answer(envelope, world, batch) for envelope in batch.envelopes]


def _answer(envelope: Envelope[AnswerTaxRecord], world: World, batch: Batch) -> Decision:
    command = envelope.command
    request = world.get((command.order_id, "record", command.document))
    if request is None:
        return refused(UNKNOWN_RECORD, "/document", document=command.document)
    if request.status != "pending":
        return Decision(state(request))
    settle(request, command.reference, command.code, batch.now)
    return Decision(state(request), event("tax_record_answered", request, batch), rows=[request])


def event(kind: str, request: TaxRequest, batch: Batch) -> Event:
    """What became of it, as the journal keeps it."""
    data: dict[str, Any] = {
        "document": request.document, "service": request.service, "status": request.status, "reference": request.reference,
        "code": request.code, "at": batch.now,
    }  # fmt: skip
    return Event(kind, "order", request.order_id, batch.now, data)


VERB = Verb(
    noun="tax-records",
    verb="answer",
    summary="Take in what a tax service said of an invoice or credit note that it was asked to record.",
    command=AnswerTaxRecord,
    outcome=TaxRecordState,
    refusals=(UNKNOWN_RECORD,),
    scope="tax-answers:write",
    event="tax_record_answered",
    example={"order_id": "01990a5b-7c1e-7000-8000-000000000001", "document": 1, "reference": "123456789"},
    prefetch=prefetch,
    decide=decide,
)
