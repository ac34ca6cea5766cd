"""The composition root: `up` is the supervisor; `python -m lading.app NAME` is one of its children."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import importlib
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Final, Protocol

import msgspec
import structlog
import uvloop

from lading import settings as settings_module
from lading.database.embedded import EmbeddedServer
from lading.database.migrate import migrate
from lading.kernel.trouble import Trouble
from lading.logs import configure_logs
from lading.settings import Settings, without_password
from lading.supervisor import ChildSpec, Supervisor, read_briefing, watch_lifeline

BACKLOG: Final = 2048
READY_SECONDS: Final = 60.0
"""How long the web processes may take until /health answers."""
SERVER_POLL_SECONDS: Final = 0.5
DRAIN_SECONDS: Final = 10
"""How long a web process lets open requests finish."""

log = structlog.get_logger()


class Parts(msgspec.Struct, frozen=True):
    """What the installation is put together from, as import paths: children are new processes."""

    web: str = "lading.entrypoints.web:create_app"
    """`(settings, dsn) -> ASGI application`"""
    worker: str = "lading.entrypoints.worker.main:run"
    """`async (settings, dsn) -> None`, runs until it is cancelled"""
    prepare: str = "lading.entrypoints.first_run:prepare"
    """`async (settings, dsn) -> list[str]`: seeds an empty database and returns the lines to print"""


class Briefing(msgspec.Struct, frozen=True):
    """What a child is told on its lifeline."""

    role: str
    """'web' or 'worker'"""
    target: str
    settings: msgspec.Raw
    dsn: str
    descriptor: int | None = None
    """The listening socket of a web process."""


class PortError(Trouble):
    """The address that was asked for cannot be listened on."""


class StartError(Trouble):
    """A process of the installation did not come up."""


class Printer(Protocol):
    """Where messages for the person at the terminal go."""

    def __call__(self, line: str, /) -> None: ...


def print_now(line: str) -> None:
    """Print at once, also into a pipe."""
    print(line, flush=True)


def up(settings: Settings, parts: Parts | None = None, say: Printer = print_now) -> None:
    """Run the whole installation until SIGINT or SIGTERM. Raises Trouble for what the user can mend."""
    configure_logs(settings.log_level, "up")
    sockets = listen(settings.host, settings.port, settings.web_processes)
    try:
        say(database_line(settings))
        with database(settings) as (dsn, server):
            uvloop.run(_supervise(settings, parts or Parts(), say, Connected(dsn, server, sockets)))
    finally:
        for listening in sockets:
            listening.close()
    say("Lading has stopped.")


def database_line(settings: Settings) -> str:
    """What is being started or used, for the person who waits."""
    if settings.database_url is not None:
        return f"Using the database {without_password(settings.database_url)} ..."
    new = not (settings.home / "postgres").exists()
    return f"{'Making' if new else 'Starting'} the database under {settings.home} ..."


class Connected:
    """What the supervisor holds for its children: database and listening sockets."""

    def __init__(self, dsn: str, server: EmbeddedServer | None, sockets: Sequence[socket.socket]) -> None:
        self.dsn = dsn
        self.server = server
        self.sockets = sockets


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[tuple[str, EmbeddedServer | None]]:
    """The DSN of the database: the user's own, or the embedded server's, which runs for as long as this lasts."""
    if settings.database_url is not None:
        yield settings.database_url, None
        return
    server = EmbeddedServer(settings.home)
    try:
        yield server.start(), server
    finally:
        server.stop()


def listen(host: str, port: int, count: int) -> list[socket.socket]:
    """One listening socket for each web process, held here, so that a process that dies loses no connection.

    On Linux each process has its own socket and the kernel spreads connections; elsewhere all share one.
    Raises PortError.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        _bind(family, address, shared=False).close()  # SO_REUSEPORT alone would silently share with another Lading.
        if sys.platform != "linux":
            return [_bind(family, address, shared=False)] * count
        return [_bind(family, address, shared=True) for _ in range(count)]
    except socket.gaierror as error:
        raise PortError(
            f"The host {host!r} is not known here: set LADING_HOST to an address of this machine."
        ) from error
    except OSError as error:
        raise PortError(_port_sentence(host, port, error)) from error


def _bind(family: int, address: Any, shared: bool) -> socket.socket:
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def _port_sentence(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use: stop what uses it, or choose another with LADING_PORT."
    if error.errno == errno.EACCES:
        return f"Port {port} is reserved for root: choose one above 1023 with LADING_PORT."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine: set LADING_HOST."
    return f"Cannot listen on {host}:{port}: {error.strerror}."


async def _supervise(settings: Settings, parts: Parts, say: Printer, connected: Connected) -> None:
    """Migrate, prepare, keep the children and the server running; returns after a signal, all children ended."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    work = asyncio.ensure_future(_work(settings, parts, say, connected))
    signalled = asyncio.ensure_future(stopping.wait())
    await asyncio.wait((work, signalled), return_when=asyncio.FIRST_COMPLETED)
    signalled.cancel()
    if not work.done():
        say("Stopping ...")
        work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work


async def _work(settings: Settings, parts: Parts, say: Printer, connected: Connected) -> None:
    applied = await migrate(connected.dsn)
    if applied:
        say(f"Brought the schema up to {applied[-1]} ...")
    lines = await resolve(parts.prepare)(settings, connected.dsn)
    supervisor = Supervisor(children(settings, parts, connected))
    running = asyncio.ensure_future(supervisor.run())
    tending = asyncio.ensure_future(_keep_server(connected.server))
    try:
        await _until_ready(settings, supervisor)
        for line in lines:
            say(line)
        await asyncio.wait((running, tending), return_when=asyncio.FIRST_COMPLETED)
    finally:
        supervisor.stop()
        tending.cancel()
        await asyncio.gather(running, tending, return_exceptions=True)


def children(settings: Settings, parts: Parts, connected: Connected) -> list[ChildSpec]:
    """The web processes, each with its socket, and the worker."""
    told = msgspec.Raw(settings_module.encode(settings))
    specs = []
    for number, listening in enumerate(connected.sockets, 1):
        briefing = Briefing("web", parts.web, told, connected.dsn, listening.fileno())
        specs.append(ChildSpec(f"web-{number}", __name__, msgspec.json.encode(briefing), (listening.fileno(),)))
    briefing = Briefing("worker", parts.worker, told, connected.dsn)
    return [*specs, ChildSpec("worker", __name__, msgspec.json.encode(briefing))]


async def _keep_server(server: EmbeddedServer | None) -> None:
    """Start the embedded server again when it was killed; the DSN stays the same."""
    while True:
        await asyncio.sleep(SERVER_POLL_SECONDS)
        if server is not None and server.postmaster() is None:
            log.error("the embedded PostgreSQL is gone; starting it again")
            try:
                await asyncio.to_thread(server.start)
            except Trouble as trouble:
                log.error("the embedded PostgreSQL did not start", reason=str(trouble))


async def _until_ready(settings: Settings, supervisor: Supervisor) -> None:
    """Wait until /health answers 200. Raises StartError if a child ends before, or after READY_SECONDS."""
    async with asyncio.timeout(READY_SECONDS) as patience:
        try:
            while not await is_healthy(settings.host, settings.port):
                if supervisor.first_death.done():
                    raise StartError(f"{supervisor.first_death.result()} Its log above says why.")
                await asyncio.sleep(0.05)
        except asyncio.CancelledError as error:
            if patience.expired():
                raise StartError(f"No answer from /health after {READY_SECONDS:.0f} seconds.") from error
            raise


async def is_healthy(host: str, port: int) -> bool:
    """True if the web process that got the connection answers /health with 200 within two seconds."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return (await reader.readline()).split()[1:2] == [b"200"]
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


def resolve(target: str) -> Callable[..., Any]:
    """The function that 'package.module:name' names."""
    module, _, name = target.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def child_main() -> None:
    """One child: told on its lifeline what to be; ends on SIGTERM or when the supervisor is gone."""
    briefing = msgspec.json.decode(read_briefing(), type=Briefing)
    settings = settings_module.decode(bytes(briefing.settings))
    name = sys.argv[1]
    configure_logs(settings.log_level, name)
    if briefing.role == "web":
        _serve_web(briefing, settings)
    else:
        uvloop.run(_run_worker(resolve(briefing.target)(settings, briefing.dsn)))


def _serve_web(briefing: Briefing, settings: Settings) -> None:
    import uvicorn  # only web processes need it

    assert briefing.descriptor is not None
    listening = socket.socket(fileno=briefing.descriptor)
    application = resolve(briefing.target)(settings, briefing.dsn)
    config = uvicorn.Config(
        application,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    server = uvicorn.Server(config)
    application.state.is_stopping = lambda: server.should_exit  # open event streams end themselves

    def stop() -> None:
        server.should_exit = True

    watch_lifeline(stop)
    server.run(sockets=[listening])
    if not server.started:
        sys.exit(3)


async def _run_worker(work: Awaitable[None]) -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    loop.add_signal_handler(signal.SIGTERM, task.cancel)

    def stop() -> None:
        loop.call_soon_threadsafe(task.cancel)

    watch_lifeline(stop)
    with contextlib.suppress(asyncio.CancelledError):
        await task


if __name__ == "__main__":
    child_main()
