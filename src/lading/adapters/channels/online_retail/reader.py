"""Reads the lines of a file, gzipped or plain, and says by line what is wrong with it."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from typing import IO, Final, TypeVar, cast

from lading.adapters.channels.online_retail.terms import MICROS, Line
from lading.kernel.trouble import Trouble

COLUMNS: Final = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
OTHER_NAMES: Final = {"Invoice": "InvoiceNo", "Price": "UnitPrice", "Customer ID": "CustomerID"}
"""Names of the same columns in the second edition of the data."""

LINE_BYTES_MAX: Final = 65_536
PROGRESS_LINES: Final = 5_000
QUANTITY_MAX: Final = 2_147_483_647
_GZIP_MAGIC: Final = b"\x1f\x8b"
_BUFFER_BYTES: Final = 1 << 18
_QUANTITY: Final = re.compile(r"[+-]?[0-9]{1,10}", re.ASCII)
_PRICE: Final = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", re.ASCII)
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?", re.ASCII)
_CUSTOMER: Final = re.compile(r"([0-9]+)\.0+", re.ASCII)

Progress = Callable[[int], None]
"""Told the compressed bytes that were read so far."""


class FileTrouble(Trouble):
    """The file cannot be read; the sentence names the line, or the last one that could be read, where there is one."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message if line is None else f"line {line:,}: {message}")
        self.line = line


def read_lines(path: Path, progress: Progress | None = None) -> list[Line]:
    """All lines of the file in its order. Raises FileTrouble, also for a file that is absent or holds no line."""
    try:
        with path.open("rb") as raw:
            return parse_lines(_texts(raw, progress))
    except OSError as error:
        raise FileTrouble(f"cannot read {path}: {error.strerror or error}") from error


def parse_lines(texts: Iterator[str]) -> list[Line]:
    """The lines below the header. Raises FileTrouble that names the line."""
    reader = csv.reader(texts, strict=True)
    try:
        header = next(reader, None)
        if header is None:
            raise FileTrouble("the file is empty; expected a header of " + ", ".join(COLUMNS))
        parse = _Parser(_column_order(header))
        lines = [parse.line(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise FileTrouble(f"not a CSV record: {error}", reader.line_num) from error
    if not lines:
        raise FileTrouble("the file holds a header and no invoice line")
    return lines


def _texts(raw: IO[bytes], progress: Progress | None) -> Iterator[str]:
    """Each line as text. Only one buffer is held, never the whole file, whatever it unpacks to."""
    magic = raw.read(2)
    raw.seek(0)
    packed = magic == _GZIP_MAGIC
    stream = io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=raw)), _BUFFER_BYTES) if packed else raw
    number = 0
    try:
        while data := stream.readline(LINE_BYTES_MAX + 1):
            number += 1
            yield _text(data, number)
            if progress is not None and number % PROGRESS_LINES == 0:
                progress(raw.tell())
    except EOFError as error:
        raise FileTrouble("the gzip file is truncated: its end is missing", number or None) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise FileTrouble(f"the gzip file is damaged ({error})", number or None) from error


def _text(data: bytes, number: int) -> str:
    """One line decoded. Raises FileTrouble for what is not UTF-8, holds NUL or is longer than any real line."""
    if len(data) > LINE_BYTES_MAX:
        raise FileTrouble(f"longer than {LINE_BYTES_MAX:,} bytes", number)
    try:
        text = data.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise FileTrouble(f"not UTF-8 at byte {error.start + 1} (0x{data[error.start]:02x})", number) from error
    if "\0" in text:
        raise FileTrouble("holds a NUL character", number)
    return text


def _column_order(header: Sequence[str]) -> tuple[int, ...]:
    """Where each column stands. Raises FileTrouble for a missing, unknown or repeated one."""
    names = [OTHER_NAMES.get(name.strip(), name.strip()) for name in header]
    missing = [name for name in COLUMNS if name not in names]
    unknown = [name for name in names if name not in COLUMNS]
    if missing or unknown or len(names) != len(COLUMNS):
        faults = [f"missing {', '.join(missing)}"] if missing else []
        faults += [f"unknown {', '.join(unknown)}"] if unknown else []
        fault = "; ".join(faults) or "a column is repeated"
        raise FileTrouble(f"wrong header ({fault}); expected {', '.join(COLUMNS)}", 1)
    return tuple(names.index(name) for name in COLUMNS)


T = TypeVar("T")


class _Remembered(dict[str, T]):
    """What texts mean; most of them come again, so each is read once."""

    def __init__(self, read: Callable[[str], T]) -> None:
        self._read = read

    def __missing__(self, text: str) -> T:
        found = self[text] = self._read(text)
        return found


class _Parser:
    """Turns rows into lines."""

    def __init__(self, order: Sequence[int]) -> None:
        self._fields = itemgetter(*order)
        self._invoices = _Remembered(lambda text: _named(text, "InvoiceNo"))
        self._codes = _Remembered(lambda text: _named(text, "StockCode"))
        self._texts = _Remembered(str.strip)
        self._quantities = _Remembered(_quantity)
        self._times = _Remembered(_local_time)
        self._prices = _Remembered(_price)
        self._customers = _Remembered(_customer)

    def line(self, number: int, row: Sequence[str]) -> Line:
        """Raises FileTrouble that names the line and the column."""
        if len(row) != len(COLUMNS):
            raise FileTrouble(f"{len(row)} fields instead of {len(COLUMNS)}", number)
        invoice, code, description, quantity, time, price, customer, country = self._fields(row)
        try:
            decimal, micros = self._prices[price]
            return Line(
                number,
                self._invoices[invoice],
                self._codes[code],
                self._texts[description],
                self._quantities[quantity],
                self._times[time],
                decimal,
                micros,
                self._customers[customer],
                self._texts[country],
            )
        except FileTrouble as trouble:
            raise FileTrouble(str(trouble), number) from None


def _named(text: str, column: str) -> str:
    if not (found := text.strip()):
        raise FileTrouble(f"{column} is empty")
    return found


def _quantity(text: str) -> int:
    if not _QUANTITY.fullmatch(text) or abs(int(text)) > QUANTITY_MAX:
        raise FileTrouble(f"Quantity {_quoted(text)} is not a whole number of at most {QUANTITY_MAX:,}")
    return int(text)


def _price(text: str) -> tuple[Decimal, int]:
    if not _PRICE.fullmatch(text):
        raise FileTrouble(f"UnitPrice {_quoted(text)} is not a number with at most six decimals")
    price = Decimal(text)
    return price, int(price * MICROS)


def _local_time(text: str) -> datetime:
    try:
        if _TIME.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise FileTrouble(f"InvoiceDate {_quoted(text)} is not a time like 2011-08-31 17:45:00")


def _customer(text: str) -> str | None:
    """'17850.0' is customer 17850: the number went through a spreadsheet. Absent is None."""
    bare = text.strip()
    match = _CUSTOMER.fullmatch(bare)
    return match[1] if match else bare or None


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "...")
