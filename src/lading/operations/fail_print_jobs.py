"""Fail print jobs: they wait for another attempt, or for somebody to look."""

from uuid import UUID

from lading.journal.types import Decision
from lading.operations import printing
from lading.operations.printing import NOT_OPEN, UNKNOWN_JOB, PrintJobState
from lading.operations.registry import Batch, Verb
from lading.printing.commands import FailPrintJob
from lading.printing.types import ATTEMPTS_MAX, FAILED, WAITING, PrintJob


def decide(jobs: dict[UUID, PrintJob], batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_fail(command, jobs, batch) for command in batch.commands]


def _fail(command: FailPrintJob, jobs: dict[UUID, PrintJob], batch: Batch) -> Decision:
    job = printing.find(jobs, command.job, open_=True)
    if isinstance(job, Decision):
        return job
    job.status = FAILED if job.attempts >= ATTEMPTS_MAX else WAITING
    job.due_at, job.trouble = batch.now, command.trouble
    return printing.changed(job, "print_job_failed", batch)


VERB = Verb(
    noun="print-jobs",
    verb="fail",
    summary="Say that a paper could not be printed; after three attempts somebody has to look.",
    command=FailPrintJob,
    outcome=PrintJobState,
    refusals=(UNKNOWN_JOB, NOT_OPEN),
    scope="documents:write",
    event="print_job_failed",
    example={"job": "01980a3e-7c00-7000-8000-000000000001", "trouble": "out of labels"},
    prefetch=printing.prefetch,
    decide=decide,
)
