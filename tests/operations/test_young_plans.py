"""On tables that nobody has analysed yet, what batches and the worker run looks rows up by their keys.

A plan that reads all that a merchant has, or compares it with each key of a batch, costs nothing while a table is empty, and is kept while
the table grows. So it is looked at as it is planned in an empty database: what it does there is what it does to a merchant's first load.
`test_views_plans` looks at the same statements once more, on many rows with fresh statistics.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

import lading
from lading.database import queries
from lading.database.pool import Database, Transaction
from lading.entrypoints.worker import young
from tests.conftest import execute

SET_UP = {
    "api_key", "attribute", "carton", "channel", "journal_head", "location", "location_group", "login", "merchant", "parcel_rate", "policy",
}  # fmt: skip
"""Few rows, made by hand: they are read as a whole."""
WHOLE = {
    "codes": "an import asks for every product",
    "end_wave_orders": "an index holds those of open waves alone",
    "kept_of": "an index holds the limited products alone",
    "latest_orders": "the last ones of an index that is walked backwards",
}
FOLDERS = {"views", "audit", "entrypoints/feeding"}
"""Planned with other costs: test_views_plans; whole tables are compared in hashes; tables of a transaction, analysed as they are filled."""


def statements() -> Iterator[tuple[str, str]]:
    """The statements of all rooms and of the worker, each with its name."""
    root = Path(lading.__file__).parent
    for file in sorted(root.rglob("queries.sql")):
        if file.parent.relative_to(root).as_posix() not in FOLDERS:
            yield from queries.load(str(file))


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All steps of a plan; the index of a bitmap knows its table."""
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(
            ({"Relation Name": plan.get("Relation Name")} if "Bitmap" in inner["Node Type"] else {}) | inner
        )


def read_whole(plan: dict[str, Any]) -> Iterator[str]:
    """The tables of which a plan reads all that a merchant has, once or to compare it with each key."""
    for node in nodes(plan):
        table, scan = node.get("Relation Name"), node["Node Type"]
        found_by = set(re.findall(r'(\w+)"? [=<>]', node.get("Index Cond", ""))) - {"merchant_id"}
        if scan.endswith("Scan") and scan != "Bitmap Heap Scan" and table not in (None, "pg_class") and not found_by:
            yield table
        if "Join Filter" in node and node["Plans"][1]["Node Type"] == "Materialize":
            yield from (inner["Relation Name"] for inner in nodes(node["Plans"][1]) if "Relation Name" in inner)


async def plan_for_any(tx: Transaction, statement: str) -> Any:
    """The plan of the prepared statement, where the transaction plans for any arguments."""
    await tx.stage(f"PREPARE any_plan AS {statement}")
    ((count,),) = await tx.staged(
        "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'any_plan'"
    )
    nulls = f"({', '.join(['NULL'] * count)})" if count else ""
    ((text,),) = await tx.staged(f"EXPLAIN (FORMAT JSON) EXECUTE any_plan{nulls}")
    await tx.stage("DEALLOCATE any_plan")
    return msgspec.json.decode(text)[0]["Plan"]


async def all_read_whole(tx: Transaction) -> dict[str, set[str]]:
    """The tables, beside those of the set-up, that statements read whole as they are planned now."""
    plans = [(name, await plan_for_any(tx, statement)) for name, statement in statements() if name not in WHOLE]
    return {name: found for name, plan in plans if (found := set(read_whole(plan)) - SET_UP)}


async def test_on_young_tables_rows_are_looked_up_by_their_keys(database: Database) -> None:
    async with database.write(1) as tx:
        if tx._connection.get_server_version() < (18,):
            pytest.skip("older servers take no statistics from outside: plans are right from the first ANALYZE on")
        assert not await all_read_whole(tx)


async def test_every_table_says_that_one_merchant_may_have_all_of_it(database_dsn: str) -> None:
    connection = await asyncpg.connect(database_dsn)
    rows = await connection.fetch(
        "SELECT c.relname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'merchant_id'"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attoptions IS DISTINCT FROM '{n_distinct=1}'"
    )
    await connection.close()
    assert not rows


async def test_a_table_that_nobody_has_analysed_is_analysed_once_something_is_in_it(database: Database) -> None:
    await execute(database.dsn, "ALTER TABLE search_term SET (autovacuum_enabled = off)")
    async with database.write(1) as tx:
        await tx.execute(
            "INSERT INTO search_term (merchant_id, word, subject_kind, subject_id)"
            " SELECT $1, 'word', 'sku', gen_random_uuid() FROM generate_series(1, 2000)"
        )
        await tx.execute("INSERT INTO consumer (merchant_id, name, position) VALUES ($1, 'search', 0)")
    assert await young.analyse(database) == ["search_term"]
    assert await young.analyse(database) == []
    async with database.outside() as connection:
        rows = await connection.fetch(
            "SELECT relname, reltuples FROM pg_class WHERE relname IN ('search_term', 'consumer') ORDER BY 1"
        )
    assert [tuple(row) for row in rows] == [("consumer", -1), ("search_term", 2_000)]
