"""Each status is stated twice, in Python and as a generated column; here both answer the same questions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lading.audit.checks import STATUSES
from lading.orders.status import STAGES
from lading.terms.ledger import LINE_STAGES, RETURN_STAGES

MONEY = ("charged_minor", "adjusted_minor", "authorised_minor", "captured_minor", "refunded_minor")
COLUMNS = ("ordered", *LINE_STAGES, *RETURN_STAGES, "active_holds", *MONEY)

EXPRESSIONS = """
SELECT a.attname, pg_get_expr(d.adbin, d.adrelid)
  FROM pg_attribute AS a JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = 'orders'::regclass AND a.attgenerated <> ''
"""

Sums = Mapping[str, int]


class Columns:
    """The expressions of the generated columns, asked without a table."""

    def __init__(self, connection: asyncpg.Connection[asyncpg.Record], expressions: Mapping[str, str]) -> None:
        self.connection = connection
        self.names = sorted(expressions)
        parts = ", ".join(f"{expressions[name]} AS {name}" for name in self.names)
        arrays = ", ".join(f"${number}::bigint[]" for number in range(1, len(COLUMNS) + 1))
        quoted = ", ".join(f'"{name}"' for name in COLUMNS)
        self.statement = f"SELECT {parts} FROM unnest({arrays}) WITH ORDINALITY AS o ({quoted}, nth) ORDER BY nth"

    async def answers(self, sums: Sequence[Sums]) -> list[asyncpg.Record]:
        return await self.connection.fetch(self.statement, *([row[name] for row in sums] for name in COLUMNS))


async def open_columns(dsn: str) -> Columns:
    connection = await asyncpg.connect(dsn)
    return Columns(connection, dict(await connection.fetch(EXPRESSIONS)))


@pytest.fixture
def asked(database_dsn: str) -> Iterator[tuple[asyncio.Runner, Columns]]:
    with asyncio.Runner() as runner:
        columns = runner.run(open_columns(database_dsn))
        yield runner, columns
        runner.run(columns.connection.close())


UNITS = st.fixed_dictionaries({name: st.integers(0, 2) for name in (*LINE_STAGES, *RETURN_STAGES, "active_holds")})
AMOUNTS = st.fixed_dictionaries({name: st.integers(0, 3) for name in MONEY} | {"adjusted_minor": st.integers(-3, 1)})


@st.composite
def sums(draw: st.DrawFn) -> Sums:
    """The sums of an order: all its units are somewhere, few of them so that every border is met."""
    units = draw(UNITS)
    sparse = draw(st.sets(st.sampled_from(LINE_STAGES), max_size=3))
    units |= {name: 0 for name in LINE_STAGES if name not in sparse}
    return {**units, **draw(AMOUNTS), "ordered": sum(units[name] for name in LINE_STAGES)}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(sums(), min_size=50, max_size=50))
def test_the_rules_in_python_equal_the_generated_columns(
    asked: tuple[asyncio.Runner, Columns], rows: list[Sums]
) -> None:
    runner, columns = asked
    assert columns.names == sorted(STATUSES)
    for row, answer in zip(rows, runner.run(columns.answers(rows)), strict=True):
        assert dict(answer) == {name: rule(row) for name, rule in STATUSES.items()}


@given(row=sums())
def test_an_open_order_stands_in_exactly_one_queue(row: Sums) -> None:
    stage, lifecycle = STATUSES["stage"](row), STATUSES["lifecycle"](row)
    assert stage in STAGES
    assert (stage in ("done", "coming_back")) == (lifecycle in ("completed", "cancelled"))
