"""Drop print jobs that nobody wants any more."""

from uuid import UUID

from lading.journal.types import Decision
from lading.operations import printing
from lading.operations.printing import NOT_OPEN, UNKNOWN_JOB, PrintJobState
from lading.operations.registry import Batch, Verb
from lading.printing.commands import DropPrintJob
from lading.printing.types import DROPPED, PrintJob


def decide(jobs: dict[UUID, PrintJob], batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_drop(command, jobs, batch) for command in batch.commands]


def _drop(command: DropPrintJob, jobs: dict[UUID, PrintJob], batch: Batch) -> Decision:
    job = printing.find(jobs, command.job, open_=True)
    if isinstance(job, Decision):
        return job
    job.status = DROPPED
    return printing.changed(job, "print_job_dropped", batch)


VERB = Verb(
    noun="print-jobs",
    verb="drop",
    summary="Take a paper out of the queue.",
    command=DropPrintJob,
    outcome=PrintJobState,
    refusals=(UNKNOWN_JOB, NOT_OPEN),
    scope="documents:write",
    event="print_job_dropped",
    example={"job": "01980a3e-7c00-7000-8000-000000000001"},
    prefetch=printing.prefetch,
    decide=decide,
)
