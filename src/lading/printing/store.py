"""Loading and saving print jobs."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from lading.database import queries
from lading.database.pool import Transaction
from lading.printing.types import PrintJob

sql = queries.load(__file__)


async def read_jobs(tx: Transaction, ids: Iterable[UUID], *, lock: bool) -> dict[UUID, PrintJob]:
    """These jobs, locked in key order."""
    rows = await tx.fetch(sql.lock_jobs if lock else sql.read_jobs, sorted(set(ids)))
    return {row[0]: PrintJob(*row) for row in rows}


async def take_jobs(
    tx: Transaction, stations: Iterable[str], now: datetime, most: int, *, lock: bool
) -> list[PrintJob]:
    """What these stations may take now, the longest waiting first; nothing that somebody else is about to take."""
    rows = await tx.fetch(sql.lock_due_jobs if lock else sql.read_due_jobs, sorted(set(stations)), now, most)
    return [PrintJob(*row) for row in rows]


async def save_jobs(tx: Transaction, jobs: Sequence[PrintJob]) -> None:
    """Insert new ones, save what changed of the others."""
    new = sorted((job for job in jobs if not job.stored), key=lambda job: job.id)
    if new:
        names = "id station kind of format copies language paper asked_at status due_at attempts sha256"
        await tx.execute(sql.insert_jobs, *queries.columns(new, names))
    known = [job for job in jobs if job.stored]
    if known:
        await tx.execute(sql.update_jobs, *queries.columns(known, "id status due_at attempts sha256 trouble"))
