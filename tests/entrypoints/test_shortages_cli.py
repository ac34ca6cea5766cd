"""The shortage resolver on the command line: first the plan, then its execution."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lading.entrypoints.cli.main import run

LINE = json.dumps([{"sku": "MUG", "quantity": 4, "unit_price": {"amount": "1.00", "currency": "EUR"}}])
PLACE = ["--kind", "warehouse", "--country", "DE", "--time-zone", "Europe/Berlin"]


def test_the_plan_is_shown_and_then_carried_out(
    database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LADING_DATABASE_URL", database_dsn)
    monkeypatch.setenv("LADING_HOME", str(tmp_path))
    to = json.dumps({"country": "DE", "city": "Kiel"})
    for words in (
        ["merchants", "create", "shop"],
        ["products", "save", "--sku", "MUG", "--name", "Mug"],
        ["channels", "save", "--code", "web", "--name", "Web"],
        *(["locations", "save", "--code", code, "--name", code, *PLACE] for code in ("HAM", "MUC")),
        ["stock", "receive", "--sku", "MUG", "--location", "HAM", "--quantity", "4", "--reason", "opening"],
        ["orders", "place", "--channel", "web", "--currency", "EUR", "--lines", LINE, "--ship-to", to],
        ["stock", "adjust", "--sku", "MUG", "--location", "HAM", "--quantity", "3", "--kind", "lost", "--reason", "fire",
         "--held-too", "true"],
        ["stock", "receive", "--sku", "MUG", "--location", "MUC", "--quantity", "9", "--reason", "opening"],
    ):  # fmt: skip
        assert run(words) == 0, words
    capsys.readouterr()
    assert run(["shortages", "resolve"]) == 0
    told = capsys.readouterr().out
    assert "order 1001" in told and "elsewhere" in told and "Another place has it." in told
    assert run(["shortages", "resolve", "--apply"]) == 0
    assert "2 commands carried out." in capsys.readouterr().out
    assert run(["shortages", "resolve"]) == 0
    assert "Nothing is short." in capsys.readouterr().out
    assert run(["audit"]) == 0
