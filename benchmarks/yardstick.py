"""What PostgreSQL does by itself: one three-line order a transaction in a stored procedure, driven by pgbench."""

import re
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from lading.database import embedded

HERE = Path(__file__).parent
DATABASE = "yardstick"
LINES_PER_ORDER = 3
COLD_CLIENTS = 32
HOT_CLIENTS = (8, 32)


class YardstickFailed(Exception):
    """psql or pgbench ended in an error, or the server is not as durable as the yardstick demands."""


@dataclass(frozen=True)
class Server:
    """A running embedded server, met as its superuser over the Unix socket."""

    socket_dir: Path
    postmaster_pid: int
    database: str = "postgres"

    @property
    def url(self) -> str:
        """For psql, pgbench and asyncpg."""
        return embedded.dsn(self.socket_dir, self.database)

    def named(self, database: str) -> "Server":
        """Another database of the same server."""
        return replace(self, database=database)


def find_server(data: Path) -> Server:
    """The server that runs on this data folder. Raises YardstickFailed where none runs."""
    running = embedded.read_postmaster(data)
    if running is None:
        raise YardstickFailed(f"no PostgreSQL runs on {data}")
    return Server(running.socket_dir, running.pid)


def sql(server: Server, *statements: str, file: Path | None = None) -> str:
    """Run statements, each a transaction of its own, then a file; returns what psql prints, one value a line."""
    command = [
        str(embedded.client_programs() / "psql"),
        "-X",
        "-q",
        "-A",
        "-t",
        "-v",
        "ON_ERROR_STOP=1",
        "-d",
        server.url,
    ]
    for statement in statements:
        command += ["-c", statement]
    if file is not None:
        command += ["-f", str(file)]
    return _run(command)


def set_up(server: Server) -> None:
    """A new, analysed yardstick database. Raises YardstickFailed unless commits of this server are durable."""
    durability = sql(server, "SHOW fsync", "SHOW synchronous_commit").split()
    if durability != ["on", "on"]:
        raise YardstickFailed(f"fsync and synchronous_commit must be on, they are {durability}")
    sql(server, f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)", f"CREATE DATABASE {DATABASE}")
    sql(server.named(DATABASE), file=HERE / "one_order_per_transaction.sql")
    sql(server.named(DATABASE), file=HERE / "one_reservation_per_transaction.sql")
    sql(server.named(DATABASE), "VACUUM ANALYZE")


def checkpoint(server: Server) -> None:
    """Every measured run starts just after a checkpoint, so that none pays for the dirty pages of the one before."""
    sql(server, "CHECKPOINT")


def per_second(server: Server, script: str, clients: int, seconds: int) -> float:
    """Transactions of that script a second: one pgbench run against what `set_up` made."""
    command = [
        str(embedded.client_programs() / "pgbench"),
        "-n",
        "-M",
        "prepared",
        "--max-tries=10",
        "-c",
        str(clients),
        "-j",
        "2",
    ]
    return parse_tps(_run([*command, "-T", str(seconds), "-f", str(HERE / script), server.named(DATABASE).url]))


def parse_tps(output: str) -> float:
    """Transactions a second from what pgbench prints. Raises YardstickFailed where the line is missing."""
    found = re.search(r"^tps = ([0-9.]+)", output, re.MULTILINE)
    if found is None:
        raise YardstickFailed(f"pgbench printed no tps: {output}")
    return float(found.group(1))


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise YardstickFailed(f"{Path(command[0]).name}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout
