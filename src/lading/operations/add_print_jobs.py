"""Add print jobs: a paper that a station is to print. Whether there is what it is about shows when it is made."""

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope
from lading.operations import printing
from lading.operations.printing import PrintJobState
from lading.operations.registry import Batch, Verb
from lading.printing.commands import AddPrintJob
from lading.printing.types import WAITING, PrintJob


async def prefetch(tx: Transaction, batch: Batch) -> None:
    """Nothing is needed."""


def decide(nothing: None, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_add(envelope, batch) for envelope in batch.envelopes]


def _add(envelope: Envelope[AddPrintJob], batch: Batch) -> Decision:
    command = envelope.command
    job = PrintJob(
        envelope.fresh_id, command.station, command.kind, command.of, command.format, command.copies, command.language, command.paper,
        batch.now, WAITING, batch.now, 0, stored=False,
    )  # fmt: skip
    return printing.born(job, batch)


VERB = Verb(
    noun="print-jobs",
    verb="add",
    summary="Put a paper into the queue of a print station.",
    command=AddPrintJob,
    outcome=PrintJobState,
    refusals=(),
    scope="documents:write",
    event="print_job_added",
    example={"kind": "label", "of": "1042-P1", "format": "zpl", "station": "PACK-1"},
    prefetch=prefetch,
    decide=decide,
    creates=True,
)
