"""The worker's part of stock feeds: claim one that is due, load it, and say what became of it."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from lading.database import queries
from lading.database.pool import Database
from lading.entrypoints.feeding.feed import Report, StockFile, Tell, apply
from lading.entrypoints.files import Files
from lading.inventory.commands import FinishStockFeed, RowsNotTaken
from lading.journal.types import Envelope
from lading.kernel.ids import named_id, new_id
from lading.kernel.trouble import Trouble
from lading.operations.execute import Executor
from lading.operations.registry import verbs

sql = queries.load(__file__)
log = structlog.get_logger()

ACTOR = "worker:stock-feeds"
LEASE = timedelta(minutes=2)
"""Longer than the pause between two signs of life; a worker that died is replaced after it."""
ATTEMPTS_MAX = 5
SIGN_OF_LIFE_SECONDS = 2.0
GIVEN_UP = (
    f"It could not be loaded in {ATTEMPTS_MAX} attempts because of a fault of ours; the log tells. Send it again."
)


async def nobody(doing: str, done: int, total: int) -> None:
    """Nobody else looks on."""


class Claimed(Struct, frozen=True):
    """A feed that is to be loaded now."""

    file: StockFile
    attempts: int


async def run_one(
    database: Database, files: Files, merchant_id: int, *, reference: str | None = None, tell: Tell = nobody
) -> bool:
    """Load the next feed that is due (or this one), if there is one. What was cut off before goes on where it was."""
    claimed = await _claim(database, files, merchant_id, reference)
    if claimed is None:
        return False
    reference = claimed.file.reference
    progress = Progress(database, merchant_id, claimed.file.id, tell)
    if claimed.attempts > ATTEMPTS_MAX:
        await _finish(database, merchant_id, claimed.file, FinishStockFeed(reference, trouble=GIVEN_UP))
        return True
    try:
        report = await apply(database, merchant_id, ACTOR, claimed.file, progress.tell)
    except Trouble as trouble:
        await _finish(database, merchant_id, claimed.file, FinishStockFeed(reference, trouble=str(trouble)))
        return True
    await _finish(database, merchant_id, claimed.file, told(reference, report))
    return True


def told(reference: str, report: Report) -> FinishStockFeed:
    """The report as the command that keeps it."""
    not_taken = [RowsNotTaken(each.reason, each.sentence[:300], each.rows, each.lines) for each in report.not_taken]
    return FinishStockFeed(reference, report.rows, report.unchanged, report.applied, report.zeroed, not_taken)


async def _claim(database: Database, files: Files, merchant_id: int, reference: str | None) -> Claimed | None:
    now = datetime.now(UTC)
    async with database.write(merchant_id) as tx:
        row = await tx.fetchrow(sql.claim_feed, now, now + LEASE, reference)
    if row is None:
        return None
    id_, attempts, reference, kind, as_of, location, complete, sha256 = row
    file = StockFile(id_, reference, files.path(sha256), kind, as_of, location, complete)
    return Claimed(file, attempts)


async def _finish(database: Database, merchant_id: int, file: StockFile, command: FinishStockFeed) -> None:
    digest = hashlib.sha256(msgspec.json.encode(command, order="sorted")).digest()
    work: Envelope[Any] = Envelope(
        named_id(merchant_id, "stock-feed", file.id, "finished"), digest, ACTOR, command, new_id(), new_id()
    )
    (answer,) = await Executor(database).run(merchant_id, verbs()["stock-feeds.finish"], [work])
    log.info("stock_feed_finished", reference=file.reference, accepted=answer.accepted, trouble=command.trouble)


class Progress:
    """Signs of life: how far it is, and a lease that goes on."""

    def __init__(self, database: Database, merchant_id: int, feed_id: UUID, also: Tell) -> None:
        self._database = database
        self._merchant_id = merchant_id
        self._feed_id = feed_id
        self._also = also
        self._told_at = datetime.min.replace(tzinfo=UTC)

    async def tell(self, doing: str, done: int, total: int) -> None:
        """Write it down, at most every two seconds."""
        await self._also(doing, done, total)
        now = datetime.now(UTC)
        if (now - self._told_at).total_seconds() >= SIGN_OF_LIFE_SECONDS:
            self._told_at = now
            async with self._database.write(self._merchant_id) as tx:
                await tx.execute(sql.sign_of_life, self._feed_id, now + LEASE, doing, done, total)
