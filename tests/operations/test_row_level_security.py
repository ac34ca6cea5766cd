"""One merchant never sees another's rows, whatever the statement says; and the journal knows no person."""

from __future__ import annotations

import asyncpg
import pytest

from lading.access import store as access
from tests.operations.books.life import live
from tests.races.shop import PEOPLE, open_shop

WITHOUT_POLICY = {
    "merchant": "read before the merchant is known: its slug and id",
    "login": "people's logins: the e-mail address says which merchant is theirs",
}
"""The tables that everybody who is connected may read, and why."""

BOOKKEEPING = {"lading_migration"}
"""Tables of the installation, not of a merchant."""

TABLES = """
SELECT c.relname AS name, c.relrowsecurity AS secured, c.relforcerowsecurity AS forced,
       (SELECT count(*) FROM pg_policy AS p WHERE p.polrelid = c.oid) AS policies,
       EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'merchant_id') AS of_merchant
  FROM pg_class AS c
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
 ORDER BY c.relname
"""

POLICIES = """
SELECT c.relname AS name, pg_get_expr(p.polqual, p.polrelid) AS visible, p.polcmd = '*' AS everything,
       p.polroles = ARRAY['lading_app'::regrole::oid] AS of_application
  FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid
 ORDER BY c.relname
"""


async def rows(dsn: str, statement: str) -> list[asyncpg.Record]:
    """As a superuser."""
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()


async def test_every_table_of_a_merchant_is_closed_by_one_policy(database_dsn: str) -> None:
    tables = await rows(database_dsn, TABLES)
    of_merchants = {row["name"] for row in tables if row["of_merchant"]}
    secured = {row["name"] for row in tables if row["secured"]}
    assert secured == of_merchants - set(WITHOUT_POLICY)
    assert {row["name"] for row in tables} - of_merchants == BOOKKEEPING | {"merchant"}
    assert not any(row["forced"] for row in tables), "the owner must see all rows: backups and data migrations"
    policies = await rows(database_dsn, POLICIES)
    assert {row["name"] for row in policies} == secured and len(policies) == len(secured)
    for row in policies:
        assert row["visible"] == "(merchant_id = current_merchant())" and row["everything"] and row["of_application"]


async def test_the_application_has_no_power_beside_its_policies(database_dsn: str) -> None:
    roles = await rows(
        database_dsn,
        "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb AS mighty,"
        " pg_has_role(oid, 'lading_owner', 'MEMBER') AS owner FROM pg_roles WHERE rolname = 'lading_app'",
    )
    assert [(row["mighty"], row["owner"]) for row in roles] == [(False, False)]
    owned = await rows(database_dsn, "SELECT FROM pg_class WHERE relowner = 'lading_app'::regrole")
    assert owned == []


async def test_nobody_sees_or_changes_the_rows_of_another_merchant(database_dsn: str) -> None:
    tables = [row["name"] for row in await rows(database_dsn, TABLES) if row["of_merchant"] and row["secured"]]
    async with open_shop(database_dsn, "full") as full, open_shop(database_dsn, "empty") as empty:
        await live(full)
        await access.create_key(full.database, full.merchant_id, "key")
        for table in tables:
            async with empty.database.write(empty.merchant_id) as tx:
                seen = await tx.fetch(f"SELECT merchant_id FROM {table} WHERE $1::int IS NOT NULL")
                assert {row["merchant_id"] for row in seen} <= {empty.merchant_id}, table
                allowed = await tx.fetchrow(
                    "SELECT has_table_privilege($2, 'UPDATE') AS changes, has_table_privilege($2, 'DELETE') AS deletes"
                    " WHERE $1::int IS NOT NULL",
                    table,
                )
                assert allowed
                if allowed["changes"]:
                    sql = f"UPDATE {table} SET merchant_id = merchant_id WHERE merchant_id <> $1"
                    assert await tx.execute(sql) == 0, table
                if allowed["deletes"]:
                    assert await tx.execute(f"DELETE FROM {table} WHERE merchant_id <> $1") == 0, table
        assert await full.audit() == []
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            async with empty.database.write(empty.merchant_id) as tx:
                await tx.execute(
                    "INSERT INTO consumer VALUES ($1::int + $2::int, 'x', 0)", full.merchant_id - empty.merchant_id
                )


async def test_without_a_merchant_nothing_of_any_merchant_is_seen(database_dsn: str) -> None:
    async with open_shop(database_dsn) as shop:
        await shop.stock_up(1)
        async with shop.database.outside() as connection:
            for table in ("sku", "stock", "event", "posting", "command", "journal_head"):
                assert await connection.fetch(f"SELECT FROM {table}") == [], table


async def test_the_journal_knows_no_person(database_dsn: str) -> None:
    words = [word.casefold() for text in PEOPLE for word in (text, *text.split()) if len(word) > 3]
    async with open_shop(database_dsn) as shop:
        await live(shop)
        people = str(await shop.fetch("SELECT * FROM party_version WHERE merchant_id = $1"))
        assert PEOPLE[0] in people, "the person is there, where people may be"
        for table in ("event", "command", "posting", "money_posting", "orders", "order_line", "tender"):
            told = await shop.fetch(f"SELECT t::text AS told FROM {table} AS t WHERE merchant_id = $1")
            assert told, table
            for row in told:
                assert not [word for word in words if word in row["told"].casefold()], (table, row["told"])
