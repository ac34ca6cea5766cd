"""Every thread about oversell that the field complains of has a test that bears its number, and the table says which."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent
NAME = re.compile(r"test_field_(\d\d)_\w+")
THREAD = re.compile(r"[\w/]+(#| PR#)\d+")
OVERSELL = set(range(1, 15))
"""The list's part about oversell and drift."""


def found_tests() -> dict[str, tuple[Path, str]]:
    """(file, docstring) of each test of a thread, by its name."""
    return {
        node.name: (path, ast.get_docstring(node) or "")
        for path in sorted(TESTS.rglob("test_*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.name.startswith("test_field_")
    }


def test_each_thread_about_oversell_has_a_test() -> None:
    assert {int(found[1]) for name in found_tests() if (found := NAME.fullmatch(name))} >= OVERSELL


def test_a_test_of_a_thread_says_whose_it_is() -> None:
    found = found_tests()
    assert [name for name in found if not NAME.fullmatch(name)] == []
    named = {name[:13] for name, (_, told) in found.items() if THREAD.search(told)}
    assert {name[:13] for name in found} == named


def test_the_table_names_the_tests_that_there_are() -> None:
    """In the row of its number, linked to its file."""
    rows = [line for line in (TESTS / "README.md").read_text(encoding="utf-8").splitlines() if re.match(r"\| \d", line)]
    written = {
        (name, path, int(row.split("|")[1]))
        for row in rows
        for name, path in re.findall(r"\[`(\w+)`\]\(([\w/.]+)\)", row)
    }
    there = {(name, path.relative_to(TESTS).as_posix(), int(name[11:13])) for name, (path, _) in found_tests().items()}
    assert written == there
