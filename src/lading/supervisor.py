"""Keeps child processes running: restart with back-off, orderly stop, and no orphan even if the supervisor is killed.

A child's standard input is its lifeline: the first line is its briefing, and the end of the stream means that the
supervisor is gone, whatever became of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

BACKOFF_SECONDS_FIRST: Final = 0.2
BACKOFF_SECONDS_MAX: Final = 5.0
STEADY_SECONDS: Final = 60.0
"""A child that lived this long starts again with the first back-off."""
STOP_SECONDS: Final = 20.0
"""How long a child may take after SIGTERM before SIGKILL."""
LIFELINE: Final = 0
"""The file descriptor of a child's standard input."""

log = structlog.get_logger()


@dataclass(frozen=True)
class ChildSpec:
    """What to run: `python -m MODULE NAME`."""

    name: str
    module: str
    briefing: bytes
    """One line without a line end, written to the child's standard input; secrets may stand here."""
    descriptors: tuple[int, ...] = ()
    """File descriptors that the child inherits under the same numbers."""


class Supervisor:
    """Runs the children until `stop` is called."""

    def __init__(self, specs: Sequence[ChildSpec]) -> None:
        self._specs = specs
        self._stopping = asyncio.Event()
        self.first_death: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Resolves with a sentence when a child ends unasked for the first time."""

    def stop(self) -> None:
        """Ask for the end; `run` returns when every child has ended."""
        self._stopping.set()

    async def run(self) -> None:
        """Start all children, restart what dies, and stop them all at the end, also when cancelled."""
        await asyncio.gather(*(self._keep(spec) for spec in self._specs))

    async def _keep(self, spec: ChildSpec) -> None:
        failures = 0
        while not self._stopping.is_set():
            started = time.monotonic()
            code = await self._run_once(spec)
            if self._stopping.is_set():
                return
            failures = 0 if time.monotonic() - started > STEADY_SECONDS else failures
            delay = back_off(failures)
            failures += 1
            log.error("child ended", child=spec.name, exit_code=code, restart_in_seconds=delay)
            if not self.first_death.done():
                self.first_death.set_result(f"The process {spec.name} ended with {code} while starting.")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)

    async def _run_once(self, spec: ChildSpec) -> int:
        process = await spawn(spec)
        log.info("child started", child=spec.name, pid=process.pid)
        ended = asyncio.ensure_future(process.wait())
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((ended, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            await terminate(process)
        return await ended


def back_off(failures: int) -> float:
    """Seconds before the next start after so many failures in a row."""
    return min(BACKOFF_SECONDS_MAX, BACKOFF_SECONDS_FIRST * 2.0 ** min(failures, 16))


async def spawn(spec: ChildSpec) -> Process:
    """Start a child in a session of its own: Ctrl-C reaches only the supervisor, which stops the child in order."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", spec.module, spec.name),
        stdin=PIPE,
        pass_fds=spec.descriptors,
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(spec.briefing + b"\n")
    return process


async def terminate(process: Process) -> None:
    """SIGTERM, patience, SIGKILL; nothing if it has ended already."""
    with contextlib.suppress(ProcessLookupError):
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            log.error("child killed: it did not stop in time", pid=process.pid)
            process.kill()
            await process.wait()


def read_briefing() -> bytes:
    """In the child: the first line of the lifeline, read byte by byte so that nothing behind it is swallowed."""
    line = bytearray()
    while (byte := os.read(LIFELINE, 1)) not in (b"", b"\n"):
        line += byte
    return bytes(line)


def watch_lifeline(stop: Callable[[], None]) -> None:
    """In the child: when the supervisor is gone call `stop`, and after STOP_SECONDS end without being asked again."""

    def wait() -> None:
        while os.read(LIFELINE, 1):
            pass
        stop()
        time.sleep(STOP_SECONDS)
        os._exit(1)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
