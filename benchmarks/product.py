"""An installation of Lading under test: `lading up` in a folder of its own, filled through the API only."""

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO, Any

from benchmarks import load, yardstick
from benchmarks.measure import Watched
from lading.database import embedded

LADING = Path(sys.executable).parent / "lading"
START_SECONDS_MAX = 180.0
STOP_SECONDS_MAX = 60.0
JSON = dict[str, Any]


class ProductFailed(Exception):
    """The installation did not start, refused what it should have taken, or its audit found a difference."""


def request(method: str, path: str, api_key: str, body: bytes = b"") -> bytes:
    """A whole HTTP/1.1 request as bytes."""
    head = f"{method} {path} HTTP/1.1\r\nHost: {load.LOOPBACK}\r\nAuthorization: Bearer {api_key}\r\n"
    if method != "GET":
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def encode(value: object) -> bytes:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":")).encode()


def refused(results: Sequence[JSON]) -> list[JSON]:
    """The results of a batch that were not accepted: those with an HTTP status of 400 or more."""
    return [r for r in results if r.get("status", 0) >= HTTPStatus.BAD_REQUEST]


@dataclass
class Installation:
    """A running `lading up` and the merchant `bench` in it."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    log: IO[bytes]
    api_key: str

    @property
    def server(self) -> yardstick.Server:
        """Its database server as it runs now. Raises YardstickFailed while none does."""
        return yardstick.find_server(self.home / "postgres")

    @property
    def watched(self) -> Watched:
        """Its processes, for measuring."""
        return Watched(self.server.postmaster_pid, self.process.pid, self.port)

    @property
    def database(self) -> yardstick.Server:
        """The database that holds the orders."""
        return self.server.named(embedded.DATABASE)

    def call(self, method: str, path: str, body: object = None) -> JSON:
        """One request outside the measured load. Raises ProductFailed unless the answer is 200 or 201."""
        status, answer = call(self.port, method, path, self.api_key, body)
        if status not in (HTTPStatus.OK, HTTPStatus.CREATED):
            raise ProductFailed(f"{method} {path}: {status} {answer[:500]!r}")
        return dict(json.loads(answer))

    def send_all(self, path: str, batches: Sequence[Sequence[JSON]], clients: int = 2) -> None:
        """Post batches of commands; every command must be accepted. Raises ProductFailed otherwise."""

        def body(number: int) -> bytes:
            return request("POST", path, self.api_key, encode({"commands": batches[number]}))

        run_all_accepted(load.Offer(self.port, clients, range(len(batches))), body, path)

    def wait_until_ready(self) -> None:
        """Wait until it answers (again). Raises ProductFailed after START_SECONDS_MAX."""
        _wait_until(lambda: _is_ready(self.port), self.process, Path(self.log.name))

    def stop(self) -> None:
        """End it as Ctrl-C does; kill what is left after STOP_SECONDS_MAX."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


def run_all_accepted(offer: load.Offer, source: load.Source, what: str) -> load.Result:
    """Offer batch bodies; every answer must be 200 and every command in it accepted. Raises ProductFailed otherwise."""
    answers: list[tuple[int, bytes]] = []
    result = load.run(offer, source, lambda _, status, body: answers.append((status, body)))
    if result.unanswered:
        raise ProductFailed(f"{what}: {len(result.unanswered)} batches without an answer")
    for status, body in answers:
        check_accepted(status, body, what)
    return result


def check_accepted(status: int, body: bytes, what: str) -> None:
    """Raises ProductFailed unless this is the answer to a batch of which every command was accepted."""
    if status != HTTPStatus.OK:
        raise ProductFailed(f"{what}: {status} {body[:500]!r}")
    bad = refused(json.loads(body)["results"])
    if bad:
        raise ProductFailed(f"{what}: {len(bad)} refused, the first: {bad[0]}")


def call(port: int, method: str, path: str, api_key: str = "", body: object = None) -> tuple[int, bytes]:
    """One request on a connection of its own; status and body. Raises OSError where nobody answers."""
    connection = HTTPConnection(load.LOOPBACK, port, timeout=120)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {api_key}"} if api_key else {})
    try:
        connection.request(method, path, encode(body) if body is not None else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def cli(home: Path, *words: str) -> str:
    """Run one `lading` command on the installation in `home`; its standard output. Raises ProductFailed on an error."""
    done = subprocess.run([str(LADING), *words], env=environment(home), capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stdout[-2000:] + done.stderr[-2000:]
        raise ProductFailed(f"lading {' '.join(words)}: exit {done.returncode}\n{said}")
    return done.stdout


def timed_cli(home: Path, *words: str) -> tuple[str, float, float]:
    """As `cli`, with the seconds that it took and the processor seconds of the command itself."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    output = cli(home, *words)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return output, time.perf_counter() - began, used


def environment(home: Path, port: int | None = None) -> dict[str, str]:
    """The caller's environment with no other settings of Lading than these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LADING_")}
    return kept | {"LADING_HOME": str(home)} | ({"LADING_PORT": str(port)} if port else {})


def start(home: Path) -> Installation:
    """A fresh installation in `home`, which is emptied first. Raises ProductFailed where it does not come up."""
    if not LADING.exists():
        raise ProductFailed(f"{LADING} is missing: install the project into this environment first (pip install -e .)")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    port = _free_port()
    log = (home.parent / f"{home.name}.log").open("wb")
    process = subprocess.Popen(
        [str(LADING), "up"], env=environment(home, port), stdout=log, stderr=log, stdin=subprocess.DEVNULL
    )
    try:
        _wait_until(lambda: _is_ready(port), process, Path(log.name))
        merchant = json.loads(cli(home, "merchants", "create", "bench", "--json"))
        return Installation(home, port, process, log, merchant["api_key"])
    except BaseException:
        process.terminate()
        process.wait()
        log.close()
        raise


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((load.LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _is_ready(port: int) -> bool:
    try:
        return call(port, "GET", "/ready")[0] == HTTPStatus.OK
    except (OSError, HTTPException):
        return False


def _wait_until(reached: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while not reached():
        if process.poll() is not None or time.monotonic() > deadline:
            why = "ended" if process.poll() is not None else f"was not ready after {START_SECONDS_MAX:.0f} s"
            raise ProductFailed(f"lading up {why}:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.2)
