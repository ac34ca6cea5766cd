"""Layouts from files, and the benches of walks and dense waves, on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from lading.entrypoints.cli.bench_waves import check, read
from lading.entrypoints.cli.main import run
from lading.layouts import files
from lading.waves.densest import Dense, densest

CSV = "bin,aisle,x_cm,position_cm\nA-1,A,0,150\nA-2,A,0,900\nB-1,B,300,400\n"
INSTANCE = """5 5 5
2 0 3 2 1
2 1 1 3 1
2 2 1 4 2
4 0 1 2 2 3 1 4 1
1 1 1
4 0 2 1 1 2 1 4 1
4 0 2 1 1 2 2 4 1
3 1 2 3 1 4 2
4 0 2 1 1 3 1 4 1
4 1 1 2 2 3 1 4 2
5 12
"""
"""The densest wave has 5 units for each aisle."""


def test_a_layout_is_read_from_a_file_and_its_bins_with_it(
    database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LADING_DATABASE_URL", database_dsn)
    monkeypatch.setenv("LADING_HOME", str(tmp_path))
    place = ["--kind", "warehouse", "--country", "DE", "--time-zone", "Europe/Berlin"]
    assert run(["merchants", "create", "shop"]) == 0
    assert run(["locations", "save", "--code", "HAM", "--name", "Hamburg", *place]) == 0
    (file := tmp_path / "plan.csv").write_text(CSV)
    assert run(["layouts", "import", "HAM", str(file), "--depot", "150"]) == 0
    assert "2 aisles and 3 bins" in capsys.readouterr().out
    assert run(["layouts", "show", "HAM"]) == 0
    told = capsys.readouterr().out
    assert "B-1" in told and "150" in told
    assert run(["layouts", "import", "MUC", str(file)]) == 1
    assert "There is no location MUC" in capsys.readouterr().err
    assert run(["audit"]) == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("bin,aisle\nA-1,A\n", "x_cm, position_cm is missing"),
        ("bin,aisle,x_cm,position_cm\nA-1,A,0,far\n", "line 2: position_cm is 'far'"),
        ("bin,aisle,x_cm,position_cm\nA-1,A,0,1\nA-2,A,9,2\n", "line 3: aisle A begins at 0 above, and at 9 here"),
        ("bin,aisle,x_cm,position_cm\n,A,0,1\n", "line 2 names no bin"),
        ("bin,aisle,x_cm,position_cm\n", "no bin in it"),
    ],
)
def test_a_wrong_line_is_told(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        files.read("plan.csv", text, None, None)


def test_the_benches_print_what_they_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "datasets" / "a").mkdir(parents=True)
    (tmp_path / "datasets" / "a" / "instance_0020.txt").write_text(INSTANCE)
    (tmp_path / "best_objectives_a.csv").write_text("dataset,instance,best_objective\na,instance_0020.txt,5.0\n")
    assert run(["bench", "waves", str(tmp_path), "--seconds", "0.2"]) == 0
    assert "mean of value / best known: 1.0000" in capsys.readouterr().out
    assert run(["bench", "routes", "--warehouses", "3"]) == 0
    assert "1 block: 0" in capsys.readouterr().out


def test_the_checker_believes_nobody() -> None:
    problem = read(INSTANCE)
    found = densest(problem, iter([False] * 3 + [True] * 999).__next__)
    assert found and check(problem, found) == ""
    assert check(problem, Dense(10, [0, 0], [1])) != ""
    assert check(problem, Dense(found.units + 1, found.orders, found.aisles)) != ""
    assert check(problem, Dense(sum(units for _, units in problem.orders[0]) + 4, [0, 3], [2])) != ""
