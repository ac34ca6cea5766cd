"""Reprint: the paper of a job once more, as it was."""

from uuid import UUID

from lading.journal.types import Decision, Envelope
from lading.operations import printing
from lading.operations.printing import NOT_PRINTED, UNKNOWN_JOB, PrintJobState
from lading.operations.registry import Batch, Verb
from lading.printing.commands import ReprintJob
from lading.printing.types import WAITING, PrintJob


def decide(jobs: dict[UUID, PrintJob], batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_reprint(envelope, jobs, batch) for envelope in batch.envelopes]


def _reprint(envelope: Envelope[ReprintJob], jobs: dict[UUID, PrintJob], batch: Batch) -> Decision:
    command = envelope.command
    old = printing.find(jobs, command.job, open_=False)
    if isinstance(old, Decision):
        return old
    job = PrintJob(
        envelope.fresh_id, command.station or old.station, old.kind, old.of, old.format, command.copies, old.language, old.paper,
        batch.now, WAITING, batch.now, 0, old.sha256, stored=False,
    )  # fmt: skip
    return printing.born(job, batch)


VERB = Verb(
    noun="print-jobs",
    verb="reprint",
    summary="Print a paper once more, as it was printed.",
    command=ReprintJob,
    outcome=PrintJobState,
    refusals=(UNKNOWN_JOB, NOT_PRINTED),
    scope="documents:write",
    event="print_job_added",
    example={"job": "01980a3e-7c00-7000-8000-000000000001"},
    prefetch=printing.prefetch,
    decide=decide,
    creates=True,
)
