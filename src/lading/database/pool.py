"""Connections and transactions. Whoever has a Transaction sees the rows of one merchant and no others."""

import asyncio
import contextlib
from collections.abc import AsyncIterable, AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

APPLICATION_ROLE = "lading_app"

# Tables grow faster than their statistics. A generic nested loop over an index is right for every batch, however young the table
# (bench/NOTES: planned on stale statistics, joins against unnest became sequential scans, ten times the real work). That it looks rows up
# by their keys, and not all rows of a merchant for each batch, comes of what migrate.ONE_MERCHANT says.
_WRITING_PLANS = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
# Lists and pages touch a few rows that are in memory, or on a disk without a head: a jump costs what a step does.
# With the server's default of 4 a page of 50 rows out of 25,000 is planned as a scan of them all.
_READING_PLANS = {"random_page_cost": "1.1"}


_CONNECT_SECONDS_MAX = 10.0


class _Column:
    """Values of which none is a list. asyncpg walks an array twice, the first time only to find arrays within it: that took a tenth of
    the processor time of placing orders, so the first walk meets nothing here."""

    __slots__ = ("_searched", "_values")

    def __init__(self, values: list[Any]) -> None:
        self._values, self._searched = values, False

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Any]:
        self._searched = not self._searched
        return iter(() if self._searched else self._values)


def _plain(argument: Any) -> Any:
    return _Column(argument) if type(argument) is list else argument


class Transaction:
    """An open transaction of one merchant. Every statement gets the merchant's id as $1."""

    def __init__(self, connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]", merchant_id: int) -> None:
        self._connection = connection
        self.merchant_id = merchant_id
        self.statements = 0

    async def fetch(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        """All rows."""
        self.statements += 1
        return await self._connection.fetch(sql, self.merchant_id, *map(_plain, arguments))

    async def fetchrow(self, sql: str, *arguments: Any) -> asyncpg.Record | None:
        """The first row, or None."""
        self.statements += 1
        return await self._connection.fetchrow(sql, self.merchant_id, *map(_plain, arguments))

    async def fetchval(self, sql: str, *arguments: Any) -> Any:
        """The first column of the first row, or None."""
        self.statements += 1
        return await self._connection.fetchval(sql, self.merchant_id, *map(_plain, arguments))

    async def execute(self, sql: str, *arguments: Any) -> int:
        """Run a statement for its effect; the number of rows it touched."""
        self.statements += 1
        status: str = await self._connection.execute(sql, self.merchant_id, *map(_plain, arguments))
        return int(status.rpartition(" ")[2]) if status[-1].isdigit() else 0

    async def walk(self, sql: str, piece: int) -> AsyncIterator[list[asyncpg.Record]]:
        """All rows, so many at a time, through a cursor of this transaction."""
        self.statements += 1
        cursor = await self._connection.cursor(sql, self.merchant_id)
        while rows := await cursor.fetch(piece):
            yield rows

    async def stage(self, script: str) -> None:
        """Run statements without arguments: temporary tables of this transaction, which know no merchant."""
        await self._connection.execute(script)

    async def staged(self, sql: str) -> list[asyncpg.Record]:
        """Rows of temporary tables."""
        return await self._connection.fetch(sql)

    async def copy_csv(self, table: str, columns: Sequence[str], source: AsyncIterable[bytes]) -> None:
        """Fill a temporary table with CSV, the header left out. Raises asyncpg.DataError that names the line."""
        await self._connection.copy_to_table(table, source=source, columns=columns, format="csv", encoding="utf-8")

    async def plan_freely(self) -> None:
        """From here on any plan will do: this transaction compares whole tables, whose statistics it has just made."""
        await self._connection.execute(
            "SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on;"
            " SET LOCAL enable_mergejoin = on; SET LOCAL work_mem = '256MB'"
        )


class Database:
    """The pools of one process: one that commits batches, one that reads lists and pages."""

    def __init__(self, dsn: str, *, writers: int = 6, readers: int = 6) -> None:
        self.dsn = dsn
        self._sizes = writers, readers
        self._writing: asyncpg.Pool[asyncpg.Record]
        self._reading: asyncpg.Pool[asyncpg.Record]

    @classmethod
    async def connect(cls, dsn: str, *, writers: int = 6, readers: int = 6) -> "Database":
        """A database with open pools. Raises OSError or asyncpg.PostgresError where the server cannot be reached."""
        database = cls(dsn, writers=writers, readers=readers)
        await database.open()
        return database

    async def open(self) -> None:
        """Open both pools on the running loop; both or none."""
        writers, readers = self._sizes
        self._writing = await _pool(self.dsn, writers, {"application_name": "lading-write", **_WRITING_PLANS})
        try:
            self._reading = await _pool(self.dsn, readers, {"application_name": "lading-read", **_READING_PLANS})
        except BaseException:
            await self._writing.close()
            raise

    async def close(self) -> None:
        """Close both pools; open transactions are rolled back."""
        await self._writing.close()
        await self._reading.close()

    @asynccontextmanager
    async def write(self, merchant_id: int) -> AsyncIterator[Transaction]:
        """A READ COMMITTED transaction that commits at the end, or rolls back on an exception."""
        async with self._open(self._writing, merchant_id, "") as transaction:
            yield transaction

    @asynccontextmanager
    async def read(self, merchant_id: int) -> AsyncIterator[Transaction]:
        """A snapshot that changes nothing: REPEATABLE READ READ ONLY."""
        async with self._open(self._reading, merchant_id, "ISOLATION LEVEL REPEATABLE READ READ ONLY") as transaction:
            yield transaction

    @asynccontextmanager
    async def outside(self) -> AsyncIterator["asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"]:
        """A connection before the merchant is known: sees merchants and logins only."""
        async with self._reading.acquire() as connection:
            yield connection

    @asynccontextmanager
    async def _open(
        self, pool: "asyncpg.Pool[asyncpg.Record]", merchant_id: int, mode: str
    ) -> AsyncIterator[Transaction]:
        async with pool.acquire() as connection:
            try:
                # One simple query, one round trip; int() is all the validation that the literal needs.
                await connection.execute(f"BEGIN {mode}; SET LOCAL lading.merchant_id = '{int(merchant_id)}'")
                yield Transaction(connection, merchant_id)
                await connection.execute("COMMIT")
            except BaseException:
                await _undisturbed(_roll_back(connection))
                raise


async def _undisturbed(work: Coroutine[Any, Any, None]) -> None:
    """Do it to its end, even where whoever asked has left, and is told so at every step; the caller raises what it was told first."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    task.result()


async def _roll_back(connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]") -> None:
    """Roll back where that can be; a connection that broke is ended, and what broke it is told, not this."""
    try:
        if not connection.is_closed():
            await connection.execute("ROLLBACK")
    except Exception:
        with contextlib.suppress(asyncpg.InterfaceError):  # The pool has it back: it found out first.
            connection.terminate()


async def _pool(dsn: str, size: int, settings: dict[str, str]) -> "asyncpg.Pool[asyncpg.Record]":
    return await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size,
        timeout=_CONNECT_SECONDS_MAX,
        server_settings={"role": APPLICATION_ROLE, "jit": "off", "timezone": "UTC", **settings},
        reset=_keep_session,
        statement_cache_size=512,
        max_cached_statement_lifetime=0,
    )


async def _keep_session(_: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Nothing to reset: settings are SET LOCAL, and the pool rolls an open transaction back by itself."""
