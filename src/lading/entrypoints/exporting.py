"""An export as a stream of bytes: CSV, Parquet where the extra is installed, or (money) a journal for beancount."""

import csv
import io
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import asyncpg
from starlette.responses import Response, StreamingResponse

from lading.adapters.accounting.beancount import Balance, Entry, Journal
from lading.database.pool import Database
from lading.kernel import money
from lading.kernel.trouble import Trouble
from lading.views.exports import Export, Kind, balances, pieces

Format = Literal["csv", "parquet", "beancount"]
MEDIA_TYPES: Mapping[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "beancount": "text/plain; charset=utf-8",
}


class NoParquet(Trouble):
    """The library that writes Parquet is not installed."""


class NoJournal(Trouble):
    """Only money is written as a journal of double entries."""


async def stream(database: Database, merchant_id: int, export: Export, format_: Format) -> AsyncGenerator[bytes]:
    """All of it, of one snapshot. Raises NoParquet or NoJournal before the first byte."""
    if format_ == "beancount":
        async for piece in _journal(database, merchant_id, export):
            yield piece
        return
    writer = _Parquet(export.columns) if format_ == "parquet" else _Csv(export.columns)
    async with database.read(merchant_id) as tx:
        yield writer.head()
        async for rows in pieces(tx, export):
            yield writer.rows(rows)
    yield writer.tail()


async def download(database: Database, merchant_id: int, export: Export, format_: Format) -> Response:
    """The stream as an answer; the first piece is made before it begins. Raises NoParquet."""
    chunks = stream(database, merchant_id, export, format_)
    first = await anext(chunks)

    async def body() -> AsyncIterator[bytes]:
        yield first
        async for chunk in chunks:
            yield chunk

    headers = {"content-disposition": f'attachment; filename="{export.name}.{format_}"'}
    return StreamingResponse(body(), headers=headers, media_type=MEDIA_TYPES[format_])


async def _journal(database: Database, merchant_id: int, export: Export) -> AsyncGenerator[bytes]:
    if not export.is_money:
        raise NoJournal(f"{export.name} is no money: only money is written as a journal.")
    journal = Journal("Lading")
    async with database.read(merchant_id) as tx:
        yield journal.head().encode()
        async for rows in pieces(tx, export):
            yield journal.entries(_entry(row) for row in rows).encode()
        yield journal.tail(Balance(*row) for row in await balances(tx)).encode()


def _entry(row: asyncpg.Record) -> Entry:
    return Entry(
        row["position"], date.fromisoformat(row["day"]), row["kind"], str(row["order"]) if row["order"] else None, row["debit"],
        row["credit"], row["amount"], row["currency"],
    )  # fmt: skip


class _Csv:
    """A header, then a line for each row; moments in ISO 8601, nothing for what is empty."""

    def __init__(self, columns: Mapping[str, Kind]) -> None:
        self._columns = columns
        self._times = [index for index, kind in enumerate(columns.values()) if kind == "time"]
        self._amounts, self._booked = _columns_of(columns, "amount"), _columns_of(columns, "booked")

    def head(self) -> bytes:
        return self._lines([tuple(self._columns)])

    def rows(self, rows: list[asyncpg.Record]) -> bytes:
        return self._lines([self._told(row) for row in rows])

    def tail(self) -> bytes:
        return b""

    def _told(self, row: asyncpg.Record) -> list[Any]:
        values = _written(row, self._amounts, self._booked)
        for index in self._times:
            values[index] = values[index].isoformat()
        return values

    def _lines(self, rows: list[Any]) -> bytes:
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        return text.getvalue().encode()


def _columns_of(columns: Mapping[str, Kind], wanted: Kind) -> list[int]:
    return [index for index, kind in enumerate(columns.values()) if kind == wanted]


def _written(row: asyncpg.Record, amounts: list[int], booked: list[int]) -> list[Any]:
    """The values, money with the decimals of the row's currency; in the shop's currency by the order's rate, each rounded once."""
    values = list(row)
    for index in amounts:
        values[index] = money.from_minor(values[index], money.exponent(row["currency"]) or 0)
    for index in booked:
        if values[index] is not None:
            other = row["shop_currency"]
            minor = money.exchanged(values[index], row["currency"], other, Decimal(row["shop_rate"]))
            values[index] = money.from_minor(minor, money.exponent(other) or 0)
    return values


class _Parquet:
    """A row group for each piece."""

    def __init__(self, columns: Mapping[str, Kind]) -> None:
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            raise NoParquet("Parquet needs a library that is not installed: pip install 'lading[parquet]'.") from None
        types = {
            "text": pyarrow.string(), "integer": pyarrow.int64(), "time": pyarrow.timestamp("us", tz="UTC"), "amount": pyarrow.string(),
            "booked": pyarrow.string(),
        }  # fmt: skip
        self._amounts, self._booked = _columns_of(columns, "amount"), _columns_of(columns, "booked")
        self._arrow = pyarrow
        self._schema = pyarrow.schema([(name, types[kind]) for name, kind in columns.items()])
        self._out = _Drain()
        self._writer = pyarrow.parquet.ParquetWriter(self._out, self._schema, compression="zstd")

    def head(self) -> bytes:
        return self._out.drain()

    def rows(self, rows: list[asyncpg.Record]) -> bytes:
        values = [
            list(column) for column in zip(*(_written(row, self._amounts, self._booked) for row in rows), strict=True)
        ]
        arrays = [self._arrow.array(column, field.type) for column, field in zip(values, self._schema, strict=True)]
        self._writer.write_batch(self._arrow.RecordBatch.from_arrays(arrays, schema=self._schema))
        return self._out.drain()

    def tail(self) -> bytes:
        self._writer.close()
        return self._out.drain()


class _Drain(io.RawIOBase):
    """Takes bytes until somebody fetches them; knows how many it took in all."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._size

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._size += len(piece)
        return len(piece)

    def drain(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken
