"""What the verbs of the print queue have in common."""

from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations.registry import Batch
from lading.printing import store
from lading.printing.types import CLAIMED, DROPPED, FAILED, PRINTED, WAITING, PrintJob
from lading.terms.ledger import Event

UNKNOWN_JOB = ("unknown_print_job", "There is no print job {job}.")
NOT_OPEN = ("print_job_closed", "The print job over {paper} {of} is {status} already.")
NOT_PRINTED = ("print_job_open", "The print job over {paper} {of} is {status}: it is printed anyway.")

OPEN = (WAITING, CLAIMED)
CLOSED = (PRINTED, FAILED, DROPPED)


class PrintJobState(Struct, frozen=True):
    """The job as it is now."""

    job: UUID
    station: str
    status: str


async def prefetch(tx: Transaction, batch: Batch) -> dict[UUID, PrintJob]:
    """The jobs that the batch names, locked."""
    return await store.read_jobs(tx, (command.job for command in batch.commands), lock=batch.lock)


def find(jobs: dict[UUID, PrintJob], id_: UUID, *, open_: bool) -> PrintJob | Decision:
    """The job, or the refusal where there is none, or where it is (not) over."""
    job = jobs.get(id_)
    if job is None:
        return refused(UNKNOWN_JOB, "/job", job=str(id_))
    if (job.status in OPEN) != open_:
        kind = NOT_OPEN if open_ else NOT_PRINTED
        return refused(kind, "/job", paper=job.kind, of=job.of, status=job.status)
    return job


def changed(job: PrintJob, kind: str, batch: Batch, **data: Any) -> Decision:
    """The decision that the job changed."""
    told = {"kind": job.kind, "of": job.of, "station": job.station, "status": job.status, **data}
    event = Event(kind, "print_job", job.id, batch.now, told)
    return Decision(PrintJobState(job.id, job.station, job.status), event, rows=[job])


def born(job: PrintJob, batch: Batch) -> Decision:
    """The decision that puts it into the queue."""
    names = ("format", "copies", "language", "paper")
    data = {name: getattr(job, name) for name in names}
    return changed(job, "print_job_added", batch, **data, sha256=job.sha256.hex() if job.sha256 else None)
