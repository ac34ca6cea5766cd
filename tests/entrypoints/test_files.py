"""A file of stock by HTTP and by the command line, as its user sends it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lading.entrypoints.cli.main import run


@pytest.fixture
def installation(database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LADING_DATABASE_URL", database_dsn)
    monkeypatch.setenv("LADING_HOME", str(tmp_path / "home"))
    assert run(["merchants", "create", "shop"]) == 0
    assert run(["products", "save", "--sku", "MUG", "--name", "Mug"]) == 0
    place = ["--name", "Hamburg", "--kind", "warehouse", "--country", "DE", "--time-zone", "Europe/Berlin"]
    assert run(["locations", "save", "--code", "HAM", *place]) == 0


@pytest.mark.usefixtures("installation")
def test_a_file_is_loaded_with_a_report_and_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "stock.csv"
    file.write_text("sku,quantity\nMUG,12\nCUP,1\n")
    capsys.readouterr()
    assert run(["stock-feeds", "load", str(file), "--location", "HAM"]) == 1, "a row was not taken"
    told = capsys.readouterr().out
    assert "applied                        1" in told
    assert "no product has this code (lines 3)" in told
    assert run(["stock-feeds", "load", str(file), "--location", "HAM", "--json"]) == 1
    again = json.loads(capsys.readouterr().out)
    assert (again["rows"], again["applied"]) == (2, 1), "the same feed, not another one"
    assert run(["stock", "list", "--sku", "MUG", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["items"][0]["on_hand"] == 12


@pytest.mark.usefixtures("installation")
def test_what_cannot_be_loaded_is_said_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "stock.csv"
    file.write_text("article,quantity\nMUG,12\n")
    assert run(["stock-feeds", "load", str(file)]) == 1
    assert "has no column sku" in capsys.readouterr().err
    file.write_text("sku,quantity\nMUG,12\n")
    assert run(["stock-feeds", "load", str(file), "--location", "ROM"]) == 1
    assert "There is no location ROM" in capsys.readouterr().err
