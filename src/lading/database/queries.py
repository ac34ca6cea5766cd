"""Named SQL statements, kept in the `queries.sql` beside the code that runs them."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


class Queries:
    """The statements of one file by name; asking for one that is not there is an AttributeError at once."""

    def __init__(self, statements: dict[str, str]) -> None:
        self._statements = statements

    def __getattr__(self, name: str) -> str:
        try:
            return self._statements[name]
        except KeyError:
            raise AttributeError(f"no statement is named {name}") from None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._statements.items())


@cache
def load(module_file: str) -> Queries:
    """The statements of `queries.sql` in the folder of the given module (`__file__`)."""
    text = (Path(module_file).parent / "queries.sql").read_text()
    parts = _NAME.split(text)[1:]
    return Queries(
        {name: f"-- {name}\n{body.strip().rstrip(';')}" for name, body in zip(parts[::2], parts[1::2], strict=True)}
    )


def columns(rows: Sequence[object], names: str) -> list[list[Any]]:
    """The attributes named (space-separated) of all rows, one list per attribute: what `unnest` takes."""
    wanted = names.split()
    if not rows:
        return [[] for _ in wanted]
    if len(wanted) == 1:
        return [[getattr(row, wanted[0]) for row in rows]]
    return [list(column) for column in zip(*map(attrgetter(*wanted), rows), strict=True)]


def narrowed(columns: Sequence[list[Any]]) -> list[list[Any]]:
    """The columns, each that holds one value throughout cut down to it; the first one stays whole, for it says how many rows there are.

    A statement that takes them spreads them again: `spread($2, cardinality($1))`. Few things cost more than an array's elements.
    """
    first, *others = columns
    return [first, *(column[:1] if _is_constant(column) else column for column in others)]


def _is_constant(column: list[Any]) -> bool:
    return bool(column) and column[0] == column[-1] and column.count(column[0]) == len(column)


def transposed(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Rows of `width` values as one list per column; empty lists where there are no rows."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
