"""A file of stock, loaded: COPY, one comparison in SQL, and commands for the rows of stock that are not as the file says.

Whatever was cut off is completed by running it again: a row of stock that was set already is as the file says, and the commands that
tell of changes have ids of their own.
"""

import asyncio
import csv
import gzip
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import IO
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from lading.database import queries
from lading.database.pool import Database, Transaction
from lading.inventory.commands import SNAPSHOT_LINES_MAX, AdjustStock, ApplyStockFeed, SnapshotLine
from lading.inventory.rules import GOOD
from lading.inventory.store import anything_after
from lading.journal.types import Answer, Envelope, own_envelope
from lading.kernel import collector
from lading.kernel.ids import first_id_at, named_id, new_id
from lading.kernel.outcomes import Refusal
from lading.kernel.trouble import Trouble
from lading.operations.apply_stock_feeds import StockFeedApplied
from lading.operations.execute import Executor
from lading.operations.registry import verbs
from lading.terms.ledger import TOLD_AHEAD

sql = queries.load(__file__)

BATCH_ROWS = SNAPSHOT_LINES_MAX
PIECE_ROWS = 32 * BATCH_ROWS
"""Changes that are in memory at a time."""
SNAPSHOT_BATCHES_AT_ONCE = 4
"""A snapshot names each shelf once, so its batches do not wait for each other's; changes go one after the other, as the file has them."""
LINES_TOLD_MAX = 20
_PIECE_BYTES = 1_000_000
_WAITED = timedelta(minutes=5)
"""No command waits so long for its batch."""
COLUMNS = ("sku", "location", "lot", "quantity", "reason")
NEEDED = ("sku", "quantity")

WRONG = {
    "unknown_sku": "no product has this code",
    "unknown_location": "no location has this code, or none is named",
    "no_whole_number": "the quantity is no whole number",
    "too_large": "the quantity is beyond 100,000,000",
    "below_zero": "a snapshot cannot count less than nothing",
    "unreadable": "lot or reason is longer than 64 characters, or holds control characters",
    "named_twice": "an earlier row counts the same shelf",
}
"""Why a row is not taken."""

Tell = Callable[[str, int, int], Awaitable[None]]
"""Told (what is being done, how much of it, of how much)."""


class NotTaken(Struct, frozen=True):
    """Rows of a file that were not taken, for one reason."""

    reason: str
    sentence: str
    rows: int
    lines: list[int]
    """The first of them; the header is line 1."""


class Report(Struct, frozen=True):
    """What became of every row: rows = unchanged + applied + the sum of not_taken. `zeroed` shelves stood in no row."""

    rows: int
    unchanged: int
    applied: int
    zeroed: int
    not_taken: list[NotTaken]


class StockFile(Struct, frozen=True):
    """A file of stock, and how to read it."""

    id: UUID
    """Names its commands: the same feed again has no second effect."""
    reference: str
    path: Path
    kind: str
    """snapshot or delta"""
    as_of: datetime
    """The moment that a snapshot tells of."""
    location: str | None = None
    """Where rows lie that name no location."""
    complete: bool = False
    """Shelves of the file's locations that it does not name are zero."""


async def apply(database: Database, merchant_id: int, actor: str, file: StockFile, tell: Tell) -> Report:
    """Load it. Raises Trouble for a file that cannot be read; nothing of such a file is taken."""
    with collector.uncollected():
        return await _apply(database, merchant_id, actor, file, tell)


async def _apply(database: Database, merchant_id: int, actor: str, file: StockFile, tell: Tell) -> Report:
    columns = header_of(file.path)
    executor = Executor(database)
    snapshot = file.kind == "snapshot"
    async with database.write(merchant_id) as tx:
        await tx.plan_freely()
        await tx.stage(sql.make_tables)
        await _load(tx, file.path, columns, tell)
        await tell("comparing", 0, 0)
        later = snapshot and await anything_after(tx, file.as_of)
        if later:
            await _read_later(tx, file.as_of)
        await tx.execute(sql.compare, snapshot, file.location, later)
        await tx.stage("ANALYZE feed_fact")
        if snapshot:
            await tx.execute(sql.find_repeated, file.location)
            await tx.execute(sql.take_changed, file.complete, file.location)
        else:
            await tx.stage(sql.take_all)
        wrong = [NotTaken(row[0], WRONG[row[0]], row[1], row[2]) for row in await tx.staged(sql.not_taken)]
        (counted,) = await tx.staged(sql.count_rows)
        await tx.stage("CREATE INDEX ON feed_change (number)")
        changes = Changes(executor, merchant_id, actor, file, tell, counted["changed"])
        if snapshot:
            await changes.count_earlier(tx)
        await changes.write(tx)
    not_taken = wrong + changes.refusals()
    applied = changes.applied
    unchanged = counted["rows"] - applied - sum(each.rows for each in not_taken)
    return Report(counted["rows"], unchanged, applied, changes.zeroed, not_taken)


def header_of(path: Path) -> list[str]:
    """The names of the columns. Raises Trouble unless they are known and the needed ones are there."""
    try:
        with _open(path) as file:
            line = file.readline(10_000).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise Trouble(f"The first line of {path.name} cannot be read: {error}.") from None
    names = [name.strip().lower() for name in next(csv.reader([line]), [])]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise Trouble(f"{path.name} has no column {' and no '.join(missing)}; its first line must name {', '.join(COLUMNS)}"
                      " (location, lot and reason may be left out).")  # fmt: skip
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or len(set(names)) != len(names):
        raise Trouble(f"{path.name} has columns {', '.join(names)}; known, and once each, are {', '.join(COLUMNS)}.")
    return names


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if packed else path.open("rb")  # type: ignore[return-value]


async def _load(tx: Transaction, path: Path, columns: Sequence[str], tell: Tell) -> None:
    try:
        await tx.copy_csv("feed_row", columns, _pieces(path, tell))
    except (EOFError, OSError) as error:
        raise Trouble(f"{path.name} cannot be read to its end: {error}.") from None
    except asyncpg.DataError as error:
        where = str(getattr(error, "context", "") or "").partition("\n")[0].removeprefix("COPY feed_row, ")
        raise Trouble(
            f"{path.name} is no CSV of {len(columns)} columns in UTF-8: {error} ({where}, not counting the header)."
        ) from None
    await tx.stage("ANALYZE feed_row (sku, location)")


async def _read_later(tx: Transaction, as_of: datetime) -> None:
    """What came and went after the moment. The ids of events are dated by when they were told."""
    slack = TOLD_AHEAD if await tx.fetchval(sql.told_ahead, as_of) else _WAITED
    await tx.execute(sql.read_later, first_id_at(as_of - slack), as_of, list(GOOD))
    await tx.stage("ANALYZE feed_later")


async def _pieces(path: Path, tell: Tell) -> AsyncIterator[bytes]:
    for piece, done, size in _chunks(path):
        await tell("reading", done, size)
        yield piece


def _chunks(path: Path) -> Iterator[tuple[bytes, int, int]]:
    """The file without its header, unpacked: (piece, bytes read, bytes in all)."""
    size = path.stat().st_size
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        file = gzip.GzipFile(fileobj=raw) if packed else raw
        file.readline()
        while piece := file.read(_PIECE_BYTES):
            yield piece, raw.tell(), size


class Changes:
    """The rows of stock that change, in batches: a snapshot's are one command for many rows, changes one for each."""

    def __init__(
        self, executor: Executor, merchant_id: int, actor: str, file: StockFile, tell: Tell, total: int
    ) -> None:
        self._executor = executor
        self._merchant_id = merchant_id
        self._actor = actor
        self._file = file
        self._tell = tell
        self._total = total
        self._done = 0
        self._turns = asyncio.Semaphore(SNAPSHOT_BATCHES_AT_ONCE)
        self._refused: dict[str, tuple[str, list[int]]] = {}
        self._counts: dict[str, int] = {}
        self.applied = 0
        self.zeroed = 0

    async def count_earlier(self, tx: Transaction) -> None:
        """What an earlier worker applied before it died is applied, though the book says now what the file says."""
        row = await tx.fetchrow(sql.applied_before, self._file.id)
        assert row is not None
        self.applied += row["applied"]
        self.zeroed += row["zeroed"]

    async def write(self, tx: Transaction) -> None:
        """Batch after batch, each in a transaction of its own."""
        number = 0
        while rows := await tx.fetch(sql.changes, number, PIECE_ROWS):
            number = rows[-1]["number"]
            if self._file.kind == "snapshot":
                await asyncio.gather(*(self._in_turn(reason, part) for reason, part in _by_reason(rows)))
            else:
                for at in range(0, len(rows), BATCH_ROWS):
                    await self._adjust(rows[at : at + BATCH_ROWS])

    async def _in_turn(self, reason: str, rows: Sequence[asyncpg.Record]) -> None:
        async with self._turns:
            await self._set(reason, rows)
        await self._tell_done(len(rows))

    async def _tell_done(self, rows: int) -> None:
        self._done += rows
        await self._tell("applying", self._done, self._total)

    async def _set(self, reason: str, rows: Sequence[asyncpg.Record]) -> None:
        """One command. Where a fault of ours lies in one of its rows, that one is left alone in the end."""
        lines = [SnapshotLine(row["sku"], row["location"], row["quantity"], row["lot"], row["line"]) for row in rows]
        command = ApplyStockFeed(self._file.reference, lines, reason)
        work = [own_envelope(self._actor, command)]
        (answer,) = await self._executor.run(self._merchant_id, verbs()["stock-feeds.apply"], work)
        if answer.failed and len(rows) > 1:
            middle = len(rows) // 2
            await self._set(reason, rows[:middle])
            await self._set(reason, rows[middle:])
        elif answer.accepted:
            not_taken = msgspec.json.decode(answer.body, type=StockFeedApplied).not_taken
            refusals = {each.index: each.refusal for each in not_taken}
            for index, row in enumerate(rows):
                self._count(row, refusals.get(index))
        else:
            for row in rows:
                self._count(row, _refusal(answer))

    async def _adjust(self, rows: Sequence[asyncpg.Record]) -> None:
        works = [self._adjustment(row) for row in rows]
        answers = await self._executor.run(self._merchant_id, verbs()["stock.adjust"], works)
        for row, answer in zip(rows, answers, strict=True):
            self._count(row, None if answer.accepted else _refusal(answer))
        await self._tell_done(len(rows))

    def _adjustment(self, row: asyncpg.Record) -> Envelope[AdjustStock]:
        quantity, reason = row["quantity"], row["reason"] or "feed"
        command = AdjustStock(
            row["sku"], row["location"], abs(quantity), "found" if quantity > 0 else "lost", reason, row["lot"],
            document=self._file.reference,
        )  # fmt: skip
        command_id = named_id(self._merchant_id, "stock-feed", self._file.id, row["line"])
        digest = hashlib.sha256(msgspec.json.encode(command, order="sorted")).digest()
        return Envelope(command_id, digest, self._actor, command, new_id(), new_id())

    def _count(self, row: asyncpg.Record, refusal: Refusal | None) -> None:
        if refusal is None:
            self.zeroed += row["line"] is None
            self.applied += row["line"] is not None
            return
        _, lines = self._refused.setdefault(refusal.name, (refusal.message, []))
        self._counts[refusal.name] = self._counts.get(refusal.name, 0) + (row["line"] is not None)
        if row["line"] is not None and len(lines) < LINES_TOLD_MAX:
            lines.append(row["line"])

    def refusals(self) -> list[NotTaken]:
        """What the books refused, by reason; the sentence is that of the first."""
        return [
            NotTaken(name, message, self._counts[name], lines)
            for name, (message, lines) in sorted(self._refused.items())
        ]


FAILED = Refusal("failed", "A fault of ours kept it from being carried out; the log tells.")


def _refusal(answer: Answer) -> Refusal:
    return msgspec.json.decode(answer.body, type=Refusal) if answer.body else FAILED


def _by_reason(rows: Sequence[asyncpg.Record]) -> Iterator[tuple[str, Sequence[asyncpg.Record]]]:
    """The rows, which stand by reason, in parts for one command each."""
    for reason, alike in groupby(rows, itemgetter("reason")):
        part = list(alike)
        for at in range(0, len(part), BATCH_ROWS):
            yield reason or "snapshot", part[at : at + BATCH_ROWS]
