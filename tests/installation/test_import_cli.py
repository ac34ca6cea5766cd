"""`lading import online-retail` as a person runs it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from lading.entrypoints.cli.main import run

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
SALE = "536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
CREDIT = "C536379,85123a,HOLDER,-2,2010-12-01 09:41:00,2.55,17850.0,United Kingdom\n"


@pytest.fixture
def installation(database_dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty merchant."""
    monkeypatch.setenv("LADING_DATABASE_URL", database_dsn)
    assert run(["merchants", "create", "shop", "--currency", "GBP"]) == 0
    capsys.readouterr()


@pytest.mark.usefixtures("installation")
def test_it_ends_with_an_account_of_every_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file.csv"
    file.write_text(HEADER + SALE + CREDIT)
    assert run(["import", "online-retail", str(file)]) == 0
    told = capsys.readouterr().out
    assert "every line once, the sum exact" in told
    assert "85123A (1 lines), 85123a (1 lines)" in told
    assert "1  returns, 2 units, 5.10 GBP" in told

    assert run(["import", "online-retail", str(file), "--json"]) == 0
    account = json.loads(capsys.readouterr().out)
    assert account["reconciliation"]["documents"]["orders"] == 0
    assert account["reconciliation"]["amount"] == "10.200000"
    assert account["database"]["orders"] == 1


@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (gzip.compress((HEADER + SALE * 5_000).encode(), mtime=0)[:300], (), "truncated"),
        ((HEADER + "536365,85123A,X,1.5,2010-12-01 08:26:00,2.55,,EIRE\n").encode(), (), "line 2: Quantity '1.5'"),
        ((HEADER + SALE).encode(), ("--time-zone", "Mars/Base"), "no time zone"),
        ((HEADER + SALE).encode(), ("--location", "NOWHERE"), "There is no location NOWHERE"),
        ((HEADER + SALE).encode(), ("--merchant", "other"), "There is no merchant other"),
    ],
    ids=["cut off", "half a unit", "no zone", "no location", "no merchant"],
)
def test_what_is_wrong_is_one_sentence_and_exit_code_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, options: tuple[str, ...], said: str
) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(content)
    assert run(["import", "online-retail", str(file), *options]) == 1
    told = capsys.readouterr()
    assert said in told.err and told.out == ""
