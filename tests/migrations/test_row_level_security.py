"""Row-level security is the second lock: every table that names a merchant is closed to all other merchants."""

from __future__ import annotations

import asyncpg

from lading.database.migrate import APP
from lading.diagnosis import WITHOUT_POLICY

NAMES_A_MERCHANT = """
    SELECT c.relname, c.relrowsecurity AND NOT c.relforcerowsecurity AND EXISTS (
               SELECT FROM pg_policy p
                WHERE p.polrelid = c.oid AND p.polcmd = '*'
                  AND pg_get_expr(p.polqual, p.polrelid) = '(merchant_id = current_merchant())')
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'merchant_id' AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
"""

KEYS = """
    SELECT i.indexrelid::regclass::text
      FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'merchant_id' AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND i.indkey[0] <> a.attnum AND NOT c.relname = ANY($1)
"""


async def test_every_table_of_a_merchant_has_its_policy(database_dsn: str) -> None:
    connection = await asyncpg.connect(database_dsn)
    try:
        guarded = dict(await connection.fetch(NAMES_A_MERCHANT))
        assert {name for name, closed in guarded.items() if not closed} == WITHOUT_POLICY
        assert len(guarded) > 20
    finally:
        await connection.close()


async def test_the_merchant_leads_every_key_and_index(database_dsn: str) -> None:
    connection = await asyncpg.connect(database_dsn)
    try:
        assert [row[0] for row in await connection.fetch(KEYS, list(WITHOUT_POLICY))] == []
    finally:
        await connection.close()


async def test_without_a_chosen_merchant_the_app_sees_nothing(database_dsn: str) -> None:
    connection = await asyncpg.connect(database_dsn)
    try:
        insert = "INSERT INTO journal_head (merchant_id, last_at) VALUES (1, now()), (2, now())"
        await connection.execute(insert)
        await connection.execute(f"SET ROLE {APP}")
        assert await connection.fetchval("SELECT count(*) FROM journal_head") == 0
        await connection.execute("SET lading.merchant_id = '2'")
        assert await connection.fetch("SELECT merchant_id FROM journal_head") == [(2,)]
    finally:
        await connection.close()
