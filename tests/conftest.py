"""One database server per machine's test run, one migrated template, one fresh clone per test that asks for it.

All xdist workers (and runs side by side in the same checkout) share the embedded server; the last one out stops it.
With LADING_TEST_DATABASE_URL the tests use that server instead: its login must be a superuser.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from hypothesis import settings

from lading.database.embedded import EmbeddedServer, may_run, packaged_install, server_account
from lading.database.migrate import ONE_MERCHANT, migrate, migrations

Result = TypeVar("Result")

# A law that holds is not broken by a busy machine.
settings.register_profile("lading", deadline=None)
settings.load_profile("lading")

CHECKOUT = Path(__file__).parents[1]
CLONE_PREFIX = "lading_test_"
MEMORY_BYTES_MIN = 2 * 2**30


def run_apart(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine from a fixture that is not async, in a thread: the test's own event loop stays untouched."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def with_database(dsn: str, database: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


async def execute(dsn: str, statement: str) -> None:
    """One statement on a connection of its own."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a file lock: one process at a time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def shared_home() -> Path:
    """The test server's home: outside the checkout, because root's server user may be shut out of it."""
    name = hashlib.sha256(f"{CHECKOUT}-{os.getuid()}".encode()).hexdigest()[:10]
    home = quick_folder() / f"lading-tests-{name}"
    home.mkdir(mode=0o755, exist_ok=True)
    if home.stat().st_uid != os.getuid():
        raise RuntimeError(f"{home} belongs to someone else")
    return home


def quick_folder() -> Path:
    """A folder in memory where there is room: a clone takes 12 ms there and 250 ms on a container's disk."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or shutil.disk_usage(memory).free < MEMORY_BYTES_MIN:
        return Path(tempfile.gettempdir())
    if os.geteuid() == 0 and not may_run(packaged_install(), server_account()):
        return Path(tempfile.gettempdir())  # The binaries are copied into the home, and memory is often mounted noexec.
    return memory


@pytest.fixture(scope="session")
def server_dsn() -> Iterator[str]:
    """A superuser's DSN of the server that the tests use."""
    given = os.environ.get("LADING_TEST_DATABASE_URL")
    if given:
        yield given
        return
    server = EmbeddedServer(shared_home(), durable=False)
    with alone(server.home / "tests.lock"):
        first = server.postmaster() is None
        dsn = server.start()
        if first:
            run_apart(drop_leftovers(dsn))
    yield dsn
    server.stop()


async def drop_leftovers(dsn: str) -> None:
    """Drop what killed runs left behind; nobody uses it, for the server was not running."""
    connection = await asyncpg.connect(with_database(dsn, "postgres"))
    try:
        rows = await connection.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", CLONE_PREFIX)
        for row in rows:
            await connection.execute(f"DROP DATABASE {row['datname']} WITH (FORCE)")
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def template(server_dsn: str) -> str:
    """The name of the database that has every migration and no rows; made once per state of the migrations."""
    done = (*(migration.sha256 for migration in migrations()), ONE_MERCHANT)
    digest = hashlib.sha256("".join(done).encode()).hexdigest()[:12]
    name = f"{CLONE_PREFIX}template_{digest}"
    with alone(shared_home() / "template.lock"):
        run_apart(make_template(server_dsn, name))
    return name


async def make_template(dsn: str, name: str) -> None:
    """Migrate a new database, then rename it: what has the template's name is complete."""
    connection = await asyncpg.connect(with_database(dsn, "postgres"))
    try:
        if await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            return
        await connection.execute(f"DROP DATABASE IF EXISTS {name}_new WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name}_new TEMPLATE template0 ENCODING 'UTF8'")
        await migrate(with_database(dsn, f"{name}_new"))
        await connection.execute(f"ALTER DATABASE {name}_new RENAME TO {name}")
    finally:
        await connection.close()


@pytest.fixture
def database_dsn(server_dsn: str, template: str) -> Iterator[str]:
    """The DSN of a fresh database with the whole schema and no rows, dropped after the test."""
    with fresh_database(server_dsn, template) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def shared_dsn(server_dsn: str, template: str) -> Iterator[str]:
    """The DSN of a database that this process keeps for all its tests; each has merchants of its own there."""
    with fresh_database(server_dsn, template) as dsn:
        yield dsn


@pytest.fixture
def empty_database_dsn(server_dsn: str) -> Iterator[str]:
    """The DSN of a fresh database without any schema, dropped after the test."""
    with fresh_database(server_dsn, "template0") as dsn:
        yield dsn


@contextlib.contextmanager
def fresh_database(server_dsn: str, template: str) -> Iterator[str]:
    """A clone of the template for as long as the context lasts."""
    name = f"{CLONE_PREFIX}{uuid.uuid4().hex}"
    admin = with_database(server_dsn, "postgres")
    run_apart(execute(admin, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
    try:
        yield with_database(server_dsn, name)
    finally:
        run_apart(execute(admin, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


@pytest.fixture
def lading_home() -> Iterator[Path]:
    """A fresh LADING_HOME, removed after; unlike pytest's tmp_path, the embedded server's user can reach it."""
    home = Path(tempfile.mkdtemp(prefix="lading-home-", dir=quick_folder()))
    home.chmod(0o755)
    yield home
    shutil.rmtree(home, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright's event loop runs on in the process, and no other may start beside it."""
    items.sort(key=lambda item: CHECKOUT / "tests" / "browser" in item.path.parents)
