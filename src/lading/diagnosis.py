"""`lading doctor`: looks at an installation from the outside in and says what is wrong and what to do about it.

Each check is a function that returns findings; what a later check needs and an earlier one did not find is left out.
"""

from __future__ import annotations

import asyncio
import importlib.resources
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

import asyncpg
import msgspec

from lading.app import PortError, is_healthy, listen
from lading.database.embedded import EmbeddedServer, packaged_install
from lading.database.migrate import APP, OLDEST_POSTGRESQL, OWNER, Connection, check_schema
from lading.entrypoints.taxing import open_account
from lading.kernel.trouble import Trouble
from lading.settings import Settings, TaxAccount, unknown_variables, without_password
from lading.taxes.port import ServiceAway

NEWEST_POSTGRESQL: Final = 18
"""The newest version that the test suite runs on."""
OLDEST_PYTHON: Final = (3, 11)
FREE_BYTES_MIN: Final = 200 * 2**20
FREE_BYTES_COMFORT: Final = 2 * 2**30
WITHOUT_POLICY: Final = frozenset({"login"})
"""Tables that name a merchant and are read before the merchant is known."""
DURABLE: Final = ("fsync", "synchronous_commit", "full_page_writes")


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    verdict: Literal["good", "doubtful", "wrong"]
    subject: str
    """One or two words: 'disk', 'schema'."""
    text: str
    """What is there, and what to do unless it is good."""


def good(subject: str, text: str) -> Finding:
    """As it should be."""
    return Finding("good", subject, text)


def doubtful(subject: str, text: str) -> Finding:
    """It works, but somebody should look."""
    return Finding("doubtful", subject, text)


def wrong(subject: str, text: str) -> Finding:
    """Lading cannot do its work, or not safely."""
    return Finding("wrong", subject, text)


def examine(
    settings: Settings, environ: Mapping[str, str], explain: Callable[[BaseException], str | None]
) -> list[Finding]:
    """All findings, from the program over the machine to the database; `explain` puts an error into a sentence.

    An embedded server that is not running is started for the examination and stopped after it; a database that does
    not exist yet is not made.
    """
    findings = [python(), *misspelt(environ), assets(), *disk(settings.home), asyncio.run(port(settings))]
    findings += asyncio.run(tax_accounts(settings))
    return [*findings, *server(settings, explain)]


def python() -> Finding:
    """The Python that runs this."""
    version = sys.version_info
    text = f"Python {version.major}.{version.minor}.{version.micro}"
    if version < OLDEST_PYTHON:
        return wrong("python", f"{text} is too old: Lading needs 3.11 or newer.")
    return good("python", text)


def misspelt(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Variables that look like settings and are none."""
    for name in unknown_variables(environ):
        yield doubtful("settings", f"{name} is set and means nothing; `lading config` lists the names.")


def assets() -> Finding:
    """The console's style sheet and scripts, which the build fetches."""
    vendor = importlib.resources.files("lading.entrypoints.console") / "static" / "vendor" / "tabler.min.css"
    if not vendor.is_file():
        return wrong("console", "The console's style sheets are missing: install Lading again with pip.")
    return good("console", "style sheets and scripts are in place")


def disk(home: Path) -> Iterator[Finding]:
    """The home folder: there or makeable, writable, with room."""
    folder = next(path for path in (home, *home.parents) if path.exists())
    if not os.access(folder, os.W_OK | os.X_OK):
        yield wrong("home", f"{folder} cannot be written by this user: choose another LADING_HOME.")
        return
    yield good("home", f"{home}" if folder == home else f"{home} (will be made)")
    free = shutil.disk_usage(folder).free
    text = f"{free / 2**30:.1f} GB free for {home}"
    if free < FREE_BYTES_MIN:
        yield wrong("disk", f"{text}: PostgreSQL will soon refuse to write. Free some space.")
    elif free < FREE_BYTES_COMFORT:
        yield doubtful("disk", f"{text}: little for a database that grows.")
    else:
        yield good("disk", text)


async def port(settings: Settings) -> Finding:
    """The web port: free, ours, or taken by something else."""
    where = f"{settings.host}:{settings.port}"
    try:
        for listening in listen(settings.host, settings.port, 1):
            listening.close()
    except PortError as error:
        if await is_healthy(settings.host, settings.port):
            return good("port", f"Lading answers on {where}")
        return wrong("port", str(error))
    return good("port", f"{where} is free; Lading is not running")


async def tax_accounts(settings: Settings) -> list[Finding]:
    """What each tax service says of its account."""
    findings = []
    for code, account in sorted(settings.tax_accounts.items()):
        subject = f"taxes: {code}"
        if account.api_base and not account.api_base.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            findings.append(wrong(subject, "Its api_base is not https: the license key would be sent for all to read."))
            continue
        service = open_account(account)
        try:
            fault = await service.check()
            findings.append(wrong(subject, fault) if fault else good(subject, f"{account.adapter} answers"))
        except ServiceAway as error:
            findings.append(doubtful(subject, f"{error} Orders wait on hold, or are refused by policy, until it does."))
        finally:
            await service.close()
    return findings


async def tax_policies(connection: Connection, accounts: Mapping[str, TaxAccount]) -> list[Finding]:
    """Merchants whose taxes an account shall calculate that is not there, or not theirs."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT m.slug, p.name, p.value #>> '{}' AS value
          FROM policy AS p JOIN merchant AS m ON m.id = p.merchant_id
         WHERE p.superseded_by IS NULL AND (p.name = 'tax_service' OR (p.name = 'taxes' AND p.value = '"service"'))
         ORDER BY 1, 2, 3
        """
    )
    named = {row["slug"] for row in rows if row["name"] == "tax_service" and row["value"]}
    findings = []
    for slug in sorted({row["slug"] for row in rows if row["name"] == "taxes"} - named):
        findings.append(wrong("taxes", f"{slug}: a service shall calculate, and the policy tax_service names none."))
    for row in rows:
        if row["name"] != "tax_service" or not row["value"]:
            continue
        account = accounts.get(row["value"])
        if account is None:
            findings.append(wrong("taxes", f"{row['slug']}: lading.toml has no [tax_accounts.{row['value']}]."))
        elif account.merchant not in (None, row["slug"]):
            findings.append(wrong("taxes", f"{row['slug']}: {row['value']} is kept for {account.merchant} alone."))
    return findings


def server(settings: Settings, explain: Callable[[BaseException], str | None]) -> list[Finding]:
    """The server and what is in it."""
    embedded = None
    try:
        if settings.database_url is not None:
            return [
                good("server", without_password(settings.database_url)),
                *asyncio.run(database(settings.database_url, settings.tax_accounts)),
            ]
        packaged_install()
        embedded = EmbeddedServer(settings.home)
        if not (embedded.data / "PG_VERSION").exists():
            return [good("server", "embedded; there is no database yet: `lading up` makes it")]
        running = embedded.postmaster() is not None
        dsn = embedded.start()
        found = "running" if running else "not running; it starts and stops well"
        return [good("server", f"embedded, {found}"), *asyncio.run(database(dsn, settings.tax_accounts))]
    except Exception as error:
        text = explain(error)
        if text is None:
            raise
        return [wrong("server", text)]
    finally:
        if embedded is not None:
            embedded.stop()


async def database(dsn: str, tax_accounts: Mapping[str, TaxAccount] = MappingProxyType({})) -> list[Finding]:
    """Version, durability, schema, roles and row-level security; and what policies say of tax services."""
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        findings = [version(connection.get_server_version().major), *await durability(connection)]
        roles_found = await roles(connection)
        findings += roles_found
        if any(finding.verdict == "wrong" for finding in roles_found):
            return findings
        found = await schema(connection)
        findings += [found, *await row_level_security(connection)]
        return findings if found.verdict == "wrong" else [*findings, *await tax_policies(connection, tax_accounts)]
    finally:
        await connection.close()


def version(major: int) -> Finding:
    """The server's major version."""
    if major < OLDEST_POSTGRESQL:
        return wrong("version", f"PostgreSQL {major} is too old: Lading needs {OLDEST_POSTGRESQL} or newer.")
    if major > NEWEST_POSTGRESQL:
        return doubtful("version", f"PostgreSQL {major} is newer than what Lading is tested on ({NEWEST_POSTGRESQL}).")
    return good("version", f"PostgreSQL {major}")


async def durability(connection: Connection) -> list[Finding]:
    """What makes an acknowledged order survive a power cut."""
    rows = await connection.fetch("SELECT name, setting FROM pg_settings WHERE name = ANY($1)", list(DURABLE))
    off = sorted(row["name"] for row in rows if row["setting"] == "off")
    if off:
        return [wrong("durability", f"{', '.join(off)} is off: a power cut may lose or spoil orders. Switch it on.")]
    return [good("durability", f"{', '.join(DURABLE)} are on")]


async def roles(connection: Connection) -> list[Finding]:
    """The two roles: there, without might, and open to this login."""
    rows = await connection.fetch(
        "SELECT rolname, rolsuper OR rolbypassrls AS mighty, pg_has_role(current_user, oid, 'MEMBER') AS ours"
        " FROM pg_roles WHERE rolname = ANY($1)",
        [OWNER, APP],
    )
    found = {row["rolname"]: row for row in rows}
    findings = []
    for role in (OWNER, APP):
        if role not in found:
            findings.append(wrong("roles", f"The role {role} is missing: run `lading migrate`."))
        elif found[role]["mighty"]:
            findings.append(
                wrong("roles", f"{role} passes by row-level security: ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS.")
            )
        elif not found[role]["ours"]:
            findings.append(wrong("roles", f"This login may not become {role}: GRANT {role} TO it."))
    return findings or [good("roles", f"{OWNER} and {APP} have no power beside the schema")]


async def schema(connection: Connection) -> Finding:
    """The number of the last migration, against what this Lading brings."""
    try:
        await check_schema(connection)
    except Trouble as trouble:
        return wrong("schema", str(trouble))
    return good("schema", f"up to date ({await connection.fetchval('SELECT max(number) FROM lading_migration')})")


async def row_level_security(connection: Connection) -> list[Finding]:
    """Every table that names a merchant is closed to the others, open to backups, and owned by the owner."""
    rows = await connection.fetch(
        """
        SELECT c.relname AS name, c.relrowsecurity AS closed, c.relforcerowsecurity AS forced,
               pg_get_userbyid(c.relowner) AS owner,
               EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid) AS has_policy
          FROM pg_class c
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
           AND EXISTS (SELECT FROM pg_attribute a
                        WHERE a.attrelid = c.oid AND a.attname = 'merchant_id' AND NOT a.attisdropped)
         ORDER BY c.relname
        """
    )
    findings = []
    open_ = [row["name"] for row in rows if not (row["closed"] and row["has_policy"])]
    for name in sorted(set(open_) - WITHOUT_POLICY):
        findings.append(wrong("isolation", f"The table {name} shows every merchant's rows to all: it has no policy."))
    for row in rows:
        if row["forced"]:
            findings.append(wrong("isolation", f"{row['name']} has FORCE ROW LEVEL SECURITY: backups would be empty."))
        if row["owner"] != OWNER:
            findings.append(
                wrong("isolation", f"{row['name']} belongs to {row['owner']}: ALTER TABLE ... OWNER TO {OWNER}.")
            )
    return findings or [good("isolation", f"row-level security guards {len(rows) - len(open_)} tables")]
