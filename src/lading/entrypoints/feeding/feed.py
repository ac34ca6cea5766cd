"""A file of stock, loaded: COPY, one comparison in SQL, and a command for each shelf that is not as the file says.

Whatever was cut off is completed by running it again: the commands have ids of their own, and a shelf that was set already is as the
file says.
"""

import asyncio
import csv
import gzip
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from lading.database import queries
from lading.database.pool import Database, Transaction
from lading.inventory.commands import AdjustStock, SetStock
from lading.inventory.rules import GOOD
from lading.journal.types import Answer, Envelope
from lading.kernel import collector
from lading.kernel.ids import first_id_at, named_id, new_id
from lading.kernel.outcomes import Refusal
from lading.kernel.trouble import Trouble
from lading.operations.execute import Executor
from lading.operations.registry import Verb, verbs
from lading.terms.ledger import TOLD_AHEAD

sql = queries.load(__file__)

BATCH_COMMANDS = 1_000
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
    began_at: datetime | None = None
    """Not earlier than this an earlier worker set shelves for it before it died; None where there was none."""


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
        if snapshot:
            await _read_later(tx, file.as_of)
        await tx.execute(sql.compare, snapshot, file.location)
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
        if snapshot and file.began_at:
            await changes.count_earlier(tx, file.began_at)
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
    await tx.stage("ANALYZE feed_row")


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
    """The shelves that change, as commands in batches."""

    def __init__(
        self, executor: Executor, merchant_id: int, actor: str, file: StockFile, tell: Tell, total: int
    ) -> None:
        self._executor = executor
        self._merchant_id = merchant_id
        self._actor = actor
        self._file = file
        self._tell = tell
        self._total = total
        self._refused: dict[str, tuple[str, list[int]]] = {}
        self._counts: dict[str, int] = {}
        self.applied = 0
        self.zeroed = 0

    async def count_earlier(self, tx: Transaction, began_at: datetime) -> None:
        """What an earlier worker applied is applied, though the book says now what the file says."""
        row = await tx.fetchrow(sql.applied_before, began_at, self._actor, self._file.reference, self._file.location)
        assert row is not None
        self.applied += row["applied"]
        self.zeroed += row["zeroed"]

    async def write(self, tx: Transaction) -> None:
        """Batch after batch, each in a transaction of its own."""
        number = done = 0
        at_once = SNAPSHOT_BATCHES_AT_ONCE if self._file.kind == "snapshot" else 1
        while rows := await tx.fetch(sql.changes, number, BATCH_COMMANDS * at_once):
            number = rows[-1]["number"]
            parts = [rows[at : at + BATCH_COMMANDS] for at in range(0, len(rows), BATCH_COMMANDS)]
            await asyncio.gather(*map(self._run, parts))
            done += len(rows)
            await self._tell("applying", done, self._total)

    async def _run(self, rows: Sequence[asyncpg.Record]) -> None:
        for verb, part in _by_verb(rows, self._file):
            works = [self._envelope(row, command) for row, command in part]
            answers = await self._executor.run(self._merchant_id, verb, works)
            for (row, _), answer in zip(part, answers, strict=True):
                self._count(row, answer)

    def _envelope(self, row: asyncpg.Record, command: Struct) -> Envelope[Any]:
        key = row["line"] or f"{row['sku']}\x1f{row['location']}\x1f{row['lot']}"
        command_id = named_id(self._merchant_id, "stock-feed", self._file.id, key)
        digest = hashlib.sha256(msgspec.json.encode(command, order="sorted")).digest()
        return Envelope(command_id, digest, self._actor, command, new_id(), new_id())

    def _count(self, row: asyncpg.Record, answer: Answer) -> None:
        if answer.accepted and row["line"] is None:
            self.zeroed += 1
        elif answer.accepted:
            self.applied += 1
        else:
            refusal = msgspec.json.decode(answer.body, type=Refusal) if answer.body else FAILED
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


def _by_verb(
    rows: Sequence[asyncpg.Record], file: StockFile
) -> Iterator[tuple[Verb, list[tuple[asyncpg.Record, Struct]]]]:
    if file.kind == "snapshot":
        yield (
            verbs()["stock.set"],
            [
                (row, SetStock(row["sku"], row["location"], row["quantity"], row["lot"], file.as_of,
                               row["reason"] or "snapshot", file.reference))
                for row in rows
            ],
        )  # fmt: skip
        return
    yield (
        verbs()["stock.adjust"],
        [
            (row, AdjustStock(row["sku"], row["location"], abs(row["quantity"]), "found" if row["quantity"] > 0 else "lost",
                              row["reason"] or "feed", row["lot"], document=file.reference))
            for row in rows
        ],
    )  # fmt: skip
