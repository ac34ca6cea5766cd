"""Claim print jobs: a station takes what it shall print next, for as long as its lease lasts."""

from datetime import timedelta
from uuid import UUID

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision
from lading.kernel.ids import named_id
from lading.operations.registry import Batch, Verb
from lading.printing import store
from lading.printing.commands import ClaimPrintJobs
from lading.printing.types import ATTEMPTS_MAX, CLAIMED, FAILED, PrintJob
from lading.terms.ledger import Event


class ClaimedJob(Struct, frozen=True):
    """What is to be printed."""

    job: UUID
    kind: str
    of: str
    format: str
    copies: int


class PrintJobsClaimed(Struct, frozen=True):
    """The station's, until the lease is over; none where nothing waits."""

    jobs: list[ClaimedJob]


async def prefetch(tx: Transaction, batch: Batch) -> list[PrintJob]:
    """What the stations may take, locked."""
    commands: list[ClaimPrintJobs] = batch.commands
    most = sum(command.most for command in commands)
    return await store.take_jobs(tx, (command.station for command in commands), batch.now, most, lock=batch.lock)


def decide(waiting: list[PrintJob], batch: Batch) -> list[Decision]:
    """In order of arrival; each station gets what earlier ones left."""
    return [_claim(command, waiting, batch) for command in batch.commands]


def _claim(command: ClaimPrintJobs, waiting: list[PrintJob], batch: Batch) -> Decision:
    taken: list[PrintJob] = []
    given_up: list[PrintJob] = []
    for job in [each for each in waiting if each.station == command.station]:
        if len(taken) == command.most:
            break
        waiting.remove(job)
        if job.attempts >= ATTEMPTS_MAX:
            job.status, job.trouble = FAILED, job.trouble or "the station did not come back"
            given_up.append(job)
        else:
            job.status, job.attempts = CLAIMED, job.attempts + 1
            job.due_at = batch.now + timedelta(seconds=command.lease_seconds)
            taken.append(job)
    outcome = PrintJobsClaimed([ClaimedJob(job.id, job.kind, job.of, job.format, job.copies) for job in taken])
    if not taken and not given_up:
        return Decision(outcome)
    data = {
        "station": command.station,
        "jobs": [{"job": job.id, "kind": job.kind, "of": job.of} for job in taken],
        "given_up": [{"job": job.id, "kind": job.kind, "of": job.of} for job in given_up],
    }
    event = Event("print_jobs_claimed", "print_station", named_id("print_station", command.station), batch.now, data)
    return Decision(outcome, event, rows=[*taken, *given_up])


VERB = Verb(
    noun="print-jobs",
    verb="claim",
    summary="Take the next papers of a print station, for as long as the lease lasts.",
    command=ClaimPrintJobs,
    outcome=PrintJobsClaimed,
    refusals=(),
    scope="documents:write",
    event="print_jobs_claimed",
    example={"station": "PACK-1", "most": 5},
    prefetch=prefetch,
    decide=decide,
)
