"""What the reader of the online retail file accepts, and what it says of the rest."""

from __future__ import annotations

import gzip
import random
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from lading.adapters.channels.online_retail.reader import FileTrouble, read_lines

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
GOOD = "536365,85123A, WHITE HEART ,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"


def written(folder: Path, content: str | bytes, packed: bool = False) -> Path:
    path = folder / "file.csv"
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if packed else data)
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_reads_gzipped_and_plain_files_alike(tmp_path: Path, packed: bool) -> None:
    quoted = '536366,M,"say ""two\nlines"", please",1,2010-12-01 08:28,1.005,,EIRE\r\n'
    first, second = read_lines(written(tmp_path, "\ufeff" + HEADER + GOOD + quoted, packed))
    assert (first.number, first.code, first.description, first.quantity) == (2, "85123A", "WHITE HEART", 6)
    assert (first.customer, first.unit_price, first.micros) == ("17850", Decimal("2.55"), 15_300_000)
    assert (second.number, second.description, second.customer) == (4, 'say "two\nlines", please', None)
    assert (second.local_time, second.price_micros) == (datetime(2010, 12, 1, 8, 28), 1_005_000)


def test_reads_the_column_names_of_the_second_edition_in_any_order(tmp_path: Path) -> None:
    header = "Country,Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID\n"
    (line,) = read_lines(written(tmp_path, header + "EIRE,1,A,x,-2,2009-12-01 07:45:00,3,15\n"))
    assert (line.country, line.invoice, line.quantity, line.customer) == ("EIRE", "1", -2, "15")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1,A,x,1.5,2010-12-01 08:26:00,2.55,,UK", "line 3: Quantity '1.5' is not a whole number"),
        ("1,A,x,1000000000000,2010-12-01 08:26:00,2.55,,UK", "line 3: Quantity '1000000000000' is not a whole number"),
        ("1,A,x,,2010-12-01 08:26:00,2.55,,UK", "line 3: Quantity '' is not a whole number"),
        ("1,A,x,1,2010-12-01 08:26:00,NaN,,UK", "line 3: UnitPrice 'NaN' is not a number"),
        ("1,A,x,1,2010-12-01 08:26:00,1.0000001,,UK", "line 3: UnitPrice '1.0000001' is not a number"),
        ("1,A,x,1,2010-02-30 08:26:00,2.55,,UK", "line 3: InvoiceDate '2010-02-30 08:26:00' is not a time"),
        ("1,A,x,1,12/1/2010 8:26,2.55,,UK", "line 3: InvoiceDate '12/1/2010 8:26' is not a time"),
        (",A,x,1,2010-12-01 08:26:00,2.55,,UK", "line 3: InvoiceNo is empty"),
        ("1, ,x,1,2010-12-01 08:26:00,2.55,,UK", "line 3: StockCode is empty"),
        ("1,A,x,1", "line 3: 4 fields instead of 8"),
        ('1,A,"x"y,1', "line 3: not a CSV record"),
        ("1,A,\0,1,2010-12-01 08:26:00,2.55,,UK", "line 3: holds a NUL character"),
        ("1,A," + "x" * 70_000, "line 3: longer than 65,536 bytes"),
    ],
)
def test_names_the_line_of_what_it_cannot_read(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(FileTrouble) as trouble:
        read_lines(written(tmp_path, HEADER + GOOD + line + "\n"))
    assert str(trouble.value).startswith(message)
    assert trouble.value.line == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        (HEADER, "the file holds a header and no invoice line"),
        ("InvoiceNo,StockCode\n", "line 1: wrong header (missing Description"),
        (HEADER.replace("Country", "Land"), "line 1: wrong header (missing Country; unknown Land); expected InvoiceNo"),
        (HEADER.strip() + ",Country\n", "line 1: wrong header (a column is repeated)"),
        ((HEADER + GOOD).encode() + b"536366,A,\xa310 voucher,1", "line 3: not UTF-8 at byte 10 (0xa3)"),
    ],
)
def test_says_what_is_wrong_with_the_file(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(FileTrouble) as trouble:
        read_lines(written(tmp_path, content))
    assert str(trouble.value).startswith(message)


def test_says_after_which_line_a_gzip_file_ends_or_is_damaged(tmp_path: Path) -> None:
    chance = random.Random(1)
    rows = [GOOD.replace("WHITE", str(chance.random())) for _ in range(20_000)]
    path = written(tmp_path, HEADER + "".join(rows), packed=True)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileTrouble, match="the gzip file is truncated") as truncated:
        read_lines(path)
    assert truncated.value.line is not None and 1_000 < truncated.value.line < 20_000
    path.write_bytes(whole[:40])
    with pytest.raises(FileTrouble, match=r"^the gzip file is truncated: its end is missing$"):
        read_lines(path)
    path.write_bytes(whole[: len(whole) // 2] + b"\xff" * 64 + whole[len(whole) // 2 + 64 :])
    with pytest.raises(FileTrouble):
        read_lines(path)
    path.write_bytes(whole[:-8] + b"\0" * 8)
    with pytest.raises(FileTrouble, match="the gzip file is damaged"):
        read_lines(path)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileTrouble, match="No such file"):
        read_lines(tmp_path / "absent.csv.gz")


def test_tells_its_progress_in_bytes_of_the_file(tmp_path: Path) -> None:
    told: list[int] = []
    path = written(tmp_path, HEADER + GOOD * 12_000, packed=True)
    read_lines(path, told.append)
    assert len(told) == 2 and told == sorted(told) and told[-1] <= path.stat().st_size
