"""The embedded server: made once, shared, recovered, and stopped by the last one out."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from lading.database.embedded import (
    SOCKET_PATH_MAX,
    Account,
    EmbeddedServer,
    EmbeddedServerError,
    first_unreachable,
    server_conf,
    telling_line,
)


async def ask(dsn: str, question: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


@pytest.fixture
def server(lading_home: Path) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(lading_home)
    yield server
    server.stop()


async def test_a_new_cluster_is_durable_checked_and_private(server: EmbeddedServer) -> None:
    dsn = server.start()
    for setting, value in {
        "fsync": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "jit": "off",
        "listen_addresses": "",
        "server_encoding": "UTF8",
        "max_wal_size": "4GB",
        "autovacuum_naptime": "15s",
        "TimeZone": "UTC",
    }.items():
        assert await ask(dsn, f"SHOW {setting}") == value, setting
    assert await ask(dsn, "SELECT current_database() || ' ' || session_user") == "lading postgres"
    assert server.data.stat().st_mode & 0o077 == 0


async def test_a_second_start_joins_and_keeps_the_data(server: EmbeddedServer) -> None:
    await ask(server.start(), "CREATE TABLE kept AS SELECT 1 AS answer")
    running = server.postmaster()
    other = EmbeddedServer(server.home)
    assert other.start() == server.start()
    server.stop()
    assert other.postmaster() == running
    assert await ask(other.start(), "SELECT answer FROM kept") == 1
    other.stop()
    assert other.postmaster() is None
    assert await ask(server.start(), "SELECT answer FROM kept") == 1


async def test_starts_again_after_the_server_was_killed(server: EmbeddedServer) -> None:
    dsn = server.start()
    await ask(dsn, "CREATE TABLE kept AS SELECT 1 AS answer")
    for _ in range(3):
        running = server.postmaster()
        assert running is not None
        os.kill(running.pid, signal.SIGKILL)
        assert server.start() == dsn
        assert await ask(dsn, "SELECT answer FROM kept") == 1


async def test_starts_although_the_old_pid_belongs_to_something_else_now(server: EmbeddedServer) -> None:
    dsn = server.start()
    running = server.postmaster()
    assert running is not None
    left_behind = (server.data / "postmaster.pid").read_text()
    server.stop()
    (server.data / "postmaster.pid").write_text(left_behind.replace(str(running.pid), str(os.getppid()), 1))
    assert server.start() == dsn
    assert await ask(dsn, "SELECT 1") == 1


def test_a_server_whose_starter_was_killed_is_stopped_by_the_last_one_out(lading_home: Path) -> None:
    start = "import sys, os; from pathlib import Path; from lading.database.embedded import EmbeddedServer; "
    killed = "EmbeddedServer(Path(sys.argv[1])).start(); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", start + killed, str(lading_home)], check=False)
    server = EmbeddedServer(lading_home)
    assert server.postmaster() is not None
    server.start()
    server.stop()
    assert server.postmaster() is None


async def test_processes_that_start_at_once_share_one_server(lading_home: Path) -> None:
    servers = [EmbeddedServer(lading_home) for _ in range(4)]
    assert len(set(await asyncio.gather(*(asyncio.to_thread(server.start) for server in servers)))) == 1
    for server in servers:
        assert server.postmaster() is not None
        server.stop()
    assert servers[0].postmaster() is None


async def test_a_deep_home_gets_a_short_private_socket_folder(lading_home: Path) -> None:
    server = EmbeddedServer(lading_home / ("deep" * 30))
    dsn = server.start()
    try:
        running = server.postmaster()
        assert running is not None
        assert len(os.fsencode(running.socket_dir / ".s.PGSQL.5432")) <= SOCKET_PATH_MAX
        assert running.socket_dir.stat().st_mode & 0o077 == 0
        assert await ask(dsn, "SELECT 1") == 1
    finally:
        server.stop()
        os.rmdir(server._socket_dir())


def test_another_major_says_what_to_do(server: EmbeddedServer) -> None:
    server.data.mkdir()
    (server.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(
        EmbeddedServerError, match=r"made by PostgreSQL 16.*`lading backup FILE`.*`lading restore FILE`"
    ):
        server.start()


def test_a_broken_cluster_shows_the_last_words_of_its_log(server: EmbeddedServer) -> None:
    server.start()
    server.stop()
    with (server.data / "postgresql.auto.conf").open("a") as conf:
        conf.write("no_such_setting = on\n")
    with pytest.raises(EmbeddedServerError, match=r"did not start.*postgresql\.auto\.conf. contains errors"):
        server.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user for the server")
def test_as_root_a_home_that_the_servers_user_cannot_reach_is_refused(lading_home: Path) -> None:
    closed = lading_home / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(EmbeddedServerError, match=f"cannot enter {closed}.*Choose another LADING_HOME"):
        EmbeddedServer(closed / "home").start()
    assert closed.stat().st_mode & 0o777 == 0o700


@pytest.fixture
def server_on_disk() -> Iterator[EmbeddedServer]:
    """Not in memory, which is often mounted noexec."""
    with tempfile.TemporaryDirectory(prefix="lading-home-") as home:
        Path(home).chmod(0o755)
        server = EmbeddedServer(Path(home))
        yield server
        server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user for the server")
async def test_as_root_binaries_out_of_reach_are_copied_once(
    server_on_disk: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lading.database.embedded.may_run", lambda install, account: False)
    dsn = server_on_disk.start()
    (copy,) = server_on_disk.home.glob("postgresql-*")
    assert await ask(dsn, "SELECT 1") == 1
    made = copy.stat().st_ctime_ns
    server_on_disk.start()
    assert copy.stat().st_ctime_ns == made


def test_unreachable_folders_are_found_from_the_outside_in(tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    (outer / "inner").mkdir(parents=True)
    stranger = Account("stranger", 2**16 + 1, 2**16 + 1)
    outer.chmod(0o700)
    found = first_unreachable(outer / "inner", stranger)
    assert found is not None
    assert found in (outer, *outer.parents)


def test_the_configuration_quotes_and_gives_up_safety_only_when_asked() -> None:
    assert "unix_socket_directories = '/it''s'" in server_conf(Path("/it's"), durable=True)
    assert "fsync" not in server_conf(Path("/x"), durable=True)
    assert "fsync = 'off'" in server_conf(Path("/x"), durable=False)


def test_the_telling_line_names_the_error() -> None:
    assert telling_line("a hint\nFATAL: it\nmore") == "FATAL: it"
    assert telling_line("  \n") == "(nothing)"
