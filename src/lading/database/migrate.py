"""Migrations: plain SQL files, forward only, each in a transaction of its own, under one advisory lock.

Two roles without a login carry the rights: `lading_owner` owns the schema and migrates, `lading_app` works under
row-level security. Whoever logs in becomes one of them by SET ROLE.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import re
from collections.abc import Sequence
from typing import Final, TypeAlias

import asyncpg
import msgspec

from lading.kernel.trouble import Trouble

OWNER: Final = "lading_owner"
APP: Final = "lading_app"
OLDEST_POSTGRESQL: Final = 15
ADVISORY_LOCK: Final = 0x4C4144494E47
"""'LADING' in ASCII: one migration at a time in a database."""

ONE_MERCHANT: Final = """
DO $$
DECLARE found record;
BEGIN
    FOR found IN SELECT c.relname::text AS name, a.attoptions IS NULL AS unsaid,
                        NOT EXISTS (SELECT FROM pg_stats AS s WHERE s.schemaname = 'public' AND s.tablename = c.relname
                                                                AND s.attname = 'merchant_id') AS unknown
                   FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'merchant_id'
                  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND pg_get_userbyid(c.relowner) = current_user LOOP
        IF found.unsaid THEN
            EXECUTE format('ALTER TABLE public.%I ALTER COLUMN merchant_id SET (n_distinct = 1)', found.name);
        END IF;
        IF found.unknown AND current_setting('server_version_num')::integer >= 180000 THEN
            PERFORM pg_restore_attribute_stats('schemaname', 'public', 'relname', found.name, 'attname', 'merchant_id', 'inherited', false,
                                               'null_frac', 0::real, 'avg_width', 4, 'n_distinct', 1::real);
        END IF;
    END LOOP;
END $$
"""
"""All rows of a table may be one merchant's: said as a statistic, for what PostgreSQL assumes without one is 200 merchants. Then to read
all that a merchant has looks cheaper than to look up ten keys, and a plan that was made so is kept while the table grows."""

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

ROLES_BY_HAND: Final = (
    "CREATE ROLE lading_owner NOLOGIN; CREATE ROLE lading_app NOLOGIN; "
    "GRANT lading_owner, lading_app TO <login>; GRANT CREATE ON DATABASE <database> TO lading_owner; "
    "ALTER SCHEMA public OWNER TO lading_owner;"
)


class Migration(msgspec.Struct, frozen=True):
    """One file of migrations/."""

    number: int
    """1 for 0001_..., without gaps."""
    name: str
    """The file's name without `.sql`."""
    sql: str
    sha256: str
    """Hex digest of the file; what was applied must never change."""


class MigrationError(Trouble):
    """The database cannot be migrated."""


class SchemaTooNew(Trouble):
    """The database was migrated by a newer Lading."""


class SchemaTooOld(Trouble):
    """The database lacks migrations that this Lading needs."""


def migrations() -> list[Migration]:
    """The migrations that this Lading brings, in order. Raises MigrationError if their numbers have a gap."""
    folder = importlib.resources.files("lading.database") / "migrations"
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    result = [_migration(file.name, file.read_bytes()) for file in found]
    if [migration.number for migration in result] != list(range(1, len(result) + 1)):
        raise MigrationError(f"The migrations are not numbered without gaps: {', '.join(m.name for m in result)}.")
    return result


def _migration(file_name: str, content: bytes) -> Migration:
    matched = re.fullmatch(r"(\d{4})_[a-z0-9_]+\.sql", file_name)
    if matched is None:
        raise MigrationError(f"A migration is named NNNN_what_it_does.sql, not {file_name}.")
    return Migration(int(matched[1]), file_name[:-4], content.decode("utf-8"), hashlib.sha256(content).hexdigest())


async def migrate(dsn: str) -> list[str]:
    """Apply the missing migrations and return their names; an empty list when there were none.

    Makes the roles where they are missing. Raises MigrationError and SchemaTooNew.
    """
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "public"})
    try:
        return await apply(connection, migrations())
    finally:
        await connection.close()


async def prepare_database(dsn: str) -> None:
    """Make the roles and give them the schema, but no table: what a restore needs. Raises MigrationError."""
    connection = await asyncpg.connect(dsn)
    try:
        await _refuse_old_server(connection)
        await _make_roles(connection)
    finally:
        await connection.close()


async def apply(connection: Connection, known: Sequence[Migration]) -> list[str]:
    """Apply those of `known` that the database lacks, in order; the connection must be outside a transaction."""
    await connection.execute("SELECT pg_advisory_lock($1)", ADVISORY_LOCK)
    try:
        await _refuse_old_server(connection)
        await _make_roles(connection)
        await _make_table(connection)
        applied = await applied_migrations(connection)
        _refuse_foreign(applied, known)
        missing = known[len(applied) :]
        for migration in missing:
            await _apply_one(connection, migration)
        async with connection.transaction():
            await connection.execute(f"SET LOCAL ROLE {OWNER}; {ONE_MERCHANT}")
        return [migration.name for migration in missing]
    finally:
        if not connection.is_closed():
            await connection.execute("SELECT pg_advisory_unlock($1)", ADVISORY_LOCK)


async def check_schema(connection: Connection) -> None:
    """Do nothing if the database has exactly the schema of this Lading. Raises SchemaTooNew or SchemaTooOld."""
    try:
        have = await connection.fetchval("SELECT coalesce(max(number), 0) FROM public.lading_migration")
    except asyncpg.UndefinedTableError:
        have = 0
    compare_schema(have, len(migrations()))


def compare_schema(have: int, need: int) -> None:
    """Raise SchemaTooNew or SchemaTooOld unless the numbers of the last migrations are equal."""
    if have > need:
        raise SchemaTooNew(
            f"The database has schema {have} and this Lading knows only up to {need}: "
            f"install the Lading that made it, or a newer one."
        )
    if have < need:
        raise SchemaTooOld(
            f"The database has schema {have} and this Lading needs {need}: run `lading migrate`, or `lading up`, "
            f"which does it."
        )


async def applied_migrations(connection: Connection) -> list[tuple[int, str, str]]:
    """(number, name, sha256) of what the database has, in order."""
    rows = await connection.fetch("SELECT number, name, sha256 FROM public.lading_migration ORDER BY number")
    return [(row["number"], row["name"], row["sha256"]) for row in rows]


def _refuse_foreign(applied: Sequence[tuple[int, str, str]], known: Sequence[Migration]) -> None:
    if len(applied) > len(known):
        compare_schema(len(applied), len(known))
    for (number, name, sha256), migration in zip(applied, known, strict=False):
        if (number, sha256) != (migration.number, migration.sha256):
            raise MigrationError(
                f"Migration {name} was applied to this database in another form than {migration.name} has here: "
                f"an applied migration never changes. Use the Lading that made the database."
            )


async def _apply_one(connection: Connection, migration: Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL ROLE {OWNER}")
            await connection.execute(migration.sql)
            await connection.execute(
                "INSERT INTO public.lading_migration (number, name, sha256) VALUES ($1, $2, $3)",
                *(migration.number, migration.name, migration.sha256),
            )
    except (asyncpg.SyntaxOrAccessError, asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
        raise MigrationError(
            f"Migration {migration.name}{_line(migration.sql, error)} failed and nothing of it was kept: {error}."
        ) from error


def _line(sql: str, error: asyncpg.PostgresError) -> str:
    """' (line 12)' where PostgreSQL says at which character it stopped."""
    position = getattr(error, "position", None)
    if not position:
        return ""
    return f" (line {sql[: int(position)].count(chr(10)) + 1})"


async def _refuse_old_server(connection: Connection) -> None:
    version = connection.get_server_version()
    if version.major < OLDEST_POSTGRESQL:
        raise MigrationError(f"PostgreSQL {version.major} is too old: Lading needs {OLDEST_POSTGRESQL} or newer.")


async def _make_roles(connection: Connection) -> None:
    """Create the roles, let the login become either, and give the schema to the owner; each only where it is not so."""
    try:
        for role in (OWNER, APP):
            await _make_role(connection, role)
            await _join_role(connection, role)
        owner = await connection.fetchval("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'public'")
        if owner != OWNER:
            database = await connection.fetchval("SELECT quote_ident(current_database())")
            await connection.execute(f"GRANT CREATE ON DATABASE {database} TO {OWNER}")
            await connection.execute(f"ALTER SCHEMA public OWNER TO {OWNER}")
    except asyncpg.InsufficientPrivilegeError as error:
        raise MigrationError(
            f"This login may not set up Lading's roles ({error}). Ask the administrator to run: {ROLES_BY_HAND}"
        ) from error


async def _make_role(connection: Connection, role: str) -> None:
    mighty = await connection.fetchval("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = $1", role)
    if mighty:
        raise MigrationError(
            f"The role {role} is a superuser or passes by row-level security: "
            f"ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS."
        )
    if mighty is None:
        try:
            await connection.execute(f"CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE")
        except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            return  # Roles belong to the whole server: another database's migration was quicker.


async def _join_role(connection: Connection, role: str) -> None:
    """Let this login SET ROLE: being an administrator of the role (PostgreSQL 16 and newer) is not yet that right."""
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL ROLE {role}")
    except asyncpg.InsufficientPrivilegeError:
        await connection.execute(f"GRANT {role} TO CURRENT_USER")


async def _make_table(connection: Connection) -> None:
    async with connection.transaction():
        await connection.execute(f"SET LOCAL ROLE {OWNER}")
        await connection.execute(
            """
            CREATE TABLE IF NOT EXISTS public.lading_migration (
                number     integer PRIMARY KEY,
                name       text NOT NULL,
                sha256     text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now())
            """
        )
        await connection.execute(f"GRANT USAGE ON SCHEMA public TO {APP}")
        await connection.execute(f"GRANT SELECT ON public.lading_migration TO {APP}")
