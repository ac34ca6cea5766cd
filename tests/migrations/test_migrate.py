"""Migrations: forward only, in order, unchanged, under the two roles."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import msgspec
import pytest

from lading.database.migrate import (
    APP,
    OWNER,
    Migration,
    MigrationError,
    SchemaTooNew,
    SchemaTooOld,
    apply,
    check_schema,
    migrate,
    migrations,
)

Connection = asyncpg.Connection


@pytest.fixture
async def empty(empty_database_dsn: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(empty_database_dsn)
    yield connection
    await connection.close()


@pytest.fixture
async def migrated(database_dsn: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(database_dsn)
    yield connection
    await connection.close()


def migration(number: int, sql: str) -> Migration:
    return Migration(number, f"{number:04}_test", sql, f"digest of {sql}")


async def test_migrates_an_empty_database_and_then_has_nothing_to_do(empty_database_dsn: str) -> None:
    assert await migrate(empty_database_dsn) == [known.name for known in migrations()]
    assert await migrate(empty_database_dsn) == []


async def test_step_by_step_equals_at_once(empty: Connection, migrated: Connection) -> None:
    for count in range(1, len(migrations()) + 1):
        await apply(empty, migrations()[:count])
    assert await shape(empty) == await shape(migrated)


async def test_processes_that_migrate_at_the_same_time_apply_each_file_once(empty_database_dsn: str) -> None:
    applied = await asyncio.gather(*(migrate(empty_database_dsn) for _ in range(4)))
    assert sorted(name for names in applied for name in names) == [known.name for known in migrations()]


async def test_the_app_role_passes_the_check_and_owns_nothing(database_dsn: str) -> None:
    connection = await asyncpg.connect(database_dsn, server_settings={"role": APP})
    try:
        await check_schema(connection)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE public.mine (id integer)")
    finally:
        await connection.close()


async def test_every_table_belongs_to_the_owner(migrated: Connection) -> None:
    rows = await migrated.fetch("SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'public'")
    assert {row["tableowner"] for row in rows} == {OWNER}


async def test_the_roles_have_no_power_beside_the_schema(migrated: Connection) -> None:
    rows = await migrated.fetch(
        "SELECT rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolcanlogin AS mighty"
        " FROM pg_roles WHERE rolname = ANY($1)",
        [OWNER, APP],
    )
    assert [row["mighty"] for row in rows] == [False, False]


async def test_refuses_a_file_that_changed_after_it_was_applied(empty: Connection) -> None:
    first = migration(1, "CREATE TABLE a (id integer)")
    await apply(empty, [first])
    with pytest.raises(MigrationError, match="an applied migration never changes"):
        await apply(empty, [msgspec.structs.replace(first, sha256="another")])


async def test_a_failing_migration_leaves_nothing_and_names_its_line(empty: Connection) -> None:
    good, bad = (
        migration(1, "CREATE TABLE a (id integer)"),
        migration(2, "CREATE TABLE b (id integer);\nCREATE TABEL c;"),
    )
    with pytest.raises(MigrationError, match=r"0002_test \(line 2\) failed"):
        await apply(empty, [good, bad])
    assert await empty.fetchval("SELECT to_regclass('a') IS NOT NULL AND to_regclass('b') IS NULL")


async def test_a_newer_schema_is_refused_with_what_to_do(empty: Connection) -> None:
    both = [migration(1, "CREATE TABLE a (id integer)"), migration(2, "CREATE TABLE b (id integer)")]
    await apply(empty, both)
    with pytest.raises(SchemaTooNew, match="schema 2 and this Lading knows only up to 1: install"):
        await apply(empty, both[:1])


async def test_an_empty_database_is_told_to_migrate(empty: Connection) -> None:
    with pytest.raises(SchemaTooOld, match="run `lading migrate`"):
        await check_schema(empty)


async def test_a_later_migration_makes_the_check_refuse(migrated: Connection) -> None:
    await migrated.execute("INSERT INTO lading_migration (number, name, sha256) VALUES (9999, '9999_later', '')")
    with pytest.raises(SchemaTooNew, match="install the Lading that made it"):
        await check_schema(migrated)


async def shape(connection: Connection) -> list[tuple[object, ...]]:
    """Columns, constraints, indexes, policies and grants of the schema, as comparable rows."""
    queries = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
        " WHERE table_schema = 'public'",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT tablename, policyname, qual, with_check FROM pg_policies",
        "SELECT table_name, grantee, privilege_type FROM information_schema.table_privileges"
        " WHERE table_schema = 'public'",
    )
    return sorted(map(str, [tuple(row) for query in queries for row in await connection.fetch(query)]))


@pytest.fixture
async def plain_login(empty_database_dsn: str) -> AsyncIterator[str]:
    """The empty database as its owner sees it, a login without any power in the server."""
    login = f"lading_test_login_{uuid.uuid4().hex[:8]}"
    parts = urlsplit(empty_database_dsn)
    admin = await asyncpg.connect(empty_database_dsn)
    database = parts.path.lstrip("/")
    await admin.execute(f"CREATE ROLE {login} LOGIN; ALTER DATABASE {database} OWNER TO {login}")
    try:
        yield urlunsplit(parts._replace(netloc=parts.netloc.replace("postgres@", f"{login}@", 1)))
    finally:
        await admin.execute(f"ALTER DATABASE {database} OWNER TO postgres; REASSIGN OWNED BY {login} TO postgres")
        await admin.execute(f"DROP OWNED BY {login}; DROP ROLE {login}")
        await admin.close()


async def test_a_login_without_power_is_told_what_the_administrator_must_run(
    plain_login: str, migrated: Connection
) -> None:
    with pytest.raises(MigrationError, match=r"Ask the administrator to run: CREATE ROLE lading_owner"):
        await migrate(plain_login)


async def test_a_login_without_power_migrates_once_it_was_given_the_roles(
    plain_login: str, migrated: Connection
) -> None:
    await migrated.execute(f"GRANT {OWNER}, {APP} TO {urlsplit(plain_login).username}")
    assert await migrate(plain_login) == [known.name for known in migrations()]
    connection = await asyncpg.connect(plain_login, server_settings={"role": APP})
    try:
        await check_schema(connection)
    finally:
        await connection.close()
