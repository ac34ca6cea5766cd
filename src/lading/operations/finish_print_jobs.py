"""Finish print jobs: they are on paper."""

from uuid import UUID

from lading.journal.types import Decision
from lading.operations import printing
from lading.operations.printing import NOT_OPEN, UNKNOWN_JOB, PrintJobState
from lading.operations.registry import Batch, Verb
from lading.printing.commands import FinishPrintJob
from lading.printing.types import PRINTED, PrintJob


def decide(jobs: dict[UUID, PrintJob], batch: Batch) -> list[Decision]:
    """In order of arrival. Who printed it says so even where the lease was over: it is on paper."""
    return [_finish(command, jobs, batch) for command in batch.commands]


def _finish(command: FinishPrintJob, jobs: dict[UUID, PrintJob], batch: Batch) -> Decision:
    job = printing.find(jobs, command.job, open_=True)
    if isinstance(job, Decision):
        return job
    job.status, job.trouble = PRINTED, None
    job.sha256 = bytes.fromhex(command.sha256) if command.sha256 else job.sha256
    return printing.changed(job, "print_job_finished", batch, sha256=job.sha256.hex() if job.sha256 else None)


VERB = Verb(
    noun="print-jobs",
    verb="finish",
    summary="Say that a paper was printed.",
    command=FinishPrintJob,
    outcome=PrintJobState,
    refusals=(UNKNOWN_JOB, NOT_OPEN),
    scope="documents:write",
    event="print_job_finished",
    example={"job": "01980a3e-7c00-7000-8000-000000000001"},
    prefetch=printing.prefetch,
    decide=decide,
)
