"""`lading up`: everything starts, dies, comes back and stops as one."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from lading.app import PortError, listen
from lading.database.embedded import read_postmaster
from lading.supervisor import back_off

ROOT = Path(__file__).parents[2]


class Installation:
    """A running `lading up` with the tiny parts."""

    def __init__(self, home: Path, port: int, *arguments: str) -> None:
        self.home, self.port, self.log = home, port, home / f"log-{port}"
        environ = {name: value for name, value in os.environ.items() if not name.startswith("LADING_")}
        with self.log.open("w") as log:  # not a pipe: nobody would empty it while the test waits
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.installation.tiny", *arguments],
                cwd=ROOT,
                env=environ | {"LADING_HOME": str(home), "LADING_PORT": str(port), "LADING_WEB_PROCESSES": "2"},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def await_ready(self) -> None:
        assert self.process.stdout is not None
        ready = any(line == "ready to be looked at\n" for line in iter(self.process.stdout.readline, ""))
        assert ready, self.end()[1]

    def end(self) -> tuple[str, str]:
        """What it wrote on stdout and stderr, after it has ended by itself."""
        out, _ = self.process.communicate(timeout=60)
        return out, self.log.read_text()

    def children(self) -> list[psutil.Process]:
        found = []
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):  # ended, or a zombie, by now
                if "lading.app" in child.cmdline():
                    found.append(child)
        return found

    def pids(self) -> dict[str, int]:
        """The children by name; one that is just being started has none yet."""
        return {child.cmdline()[-1]: child.pid for child in self.children() if "-m" in child.cmdline()[:2]}

    def get(self, path: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def server_pid(self) -> int | None:
        found = read_postmaster(self.home / "postgres")
        return None if found is None else found.pid

    def kill(self) -> None:
        """For the end of a failed test: nothing stays behind."""
        if self.process.poll() is None:
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.communicate(timeout=40)
        self.process.kill()
        self.process.communicate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(true: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


@pytest.fixture
def installation(lading_home: Path) -> Iterator[Installation]:
    running = Installation(lading_home, free_port())
    try:
        running.await_ready()
        yield running
    finally:
        running.kill()


def test_starts_everything_and_ctrl_c_stops_it_cleanly(installation: Installation) -> None:
    answers = [json.loads(installation.get("/who")) for _ in range(40)]
    assert {answer["server"] for answer in answers} == {str(installation.home / "postgres")}
    assert len({answer["pid"] for answer in answers}) == 2
    assert sorted(child.cmdline()[-1] for child in installation.children()) == ["web-1", "web-2", "worker"]
    children = installation.children()
    installation.process.send_signal(signal.SIGINT)
    out, err = installation.end()
    assert out == "Stopping ...\nLading has stopped.\n"
    assert "Traceback" not in err
    assert installation.process.returncode == 0
    assert not any(child.is_running() for child in children)
    assert installation.server_pid() is None


def test_open_requests_finish_before_the_end(installation: Installation) -> None:
    answers: list[str] = []
    asking = threading.Thread(target=lambda: answers.append(installation.get("/slow")))
    asking.start()
    time.sleep(0.3)
    installation.process.send_signal(signal.SIGTERM)
    asking.join()
    assert answers == ["done"]


def test_a_killed_child_comes_back(installation: Installation) -> None:
    before = installation.pids()
    os.kill(before["web-1"], signal.SIGKILL)
    os.kill(before["worker"], signal.SIGKILL)

    def changed() -> set[str]:
        now = installation.pids()
        return {name for name, pid in now.items() if pid != before[name]} if now.keys() == before.keys() else set()

    eventually(changed)
    eventually(lambda: changed() == {"web-1", "worker"})
    assert {installation.get("/health") for _ in range(20)} == {"ok"}


def test_a_killed_server_comes_back(installation: Installation) -> None:
    first = installation.server_pid()
    assert first is not None
    os.kill(first, signal.SIGKILL)
    eventually(lambda: installation.server_pid() not in (None, first))
    eventually(lambda: installation.get("/who").startswith("{"))


def test_a_killed_supervisor_leaves_no_child_and_the_next_one_takes_the_server_over(installation: Installation) -> None:
    children, server = installation.children(), installation.server_pid()
    installation.process.kill()
    installation.process.wait()
    psutil.wait_procs(children, timeout=20)
    assert not any(child.is_running() for child in children)
    assert installation.server_pid() == server
    second = Installation(installation.home, free_port())
    try:
        second.await_ready()
        assert second.server_pid() == server
        second.process.send_signal(signal.SIGTERM)
        second.end()
        assert second.server_pid() is None
    finally:
        second.kill()


def test_a_port_in_use_is_one_sentence(installation: Installation) -> None:
    second = Installation(installation.home, installation.port)
    out, err = second.end()
    assert (out, second.process.returncode) == ("", 1)
    sentence = (
        f"Port {installation.port} on 127.0.0.1 is in use: stop what uses it, or choose another with LADING_PORT."
    )
    assert err.strip() == sentence
    assert installation.get("/health") == "ok"


def test_an_application_that_cannot_start_ends_the_start(lading_home: Path) -> None:
    running = Installation(lading_home, free_port(), "broken_app")
    _, err = running.end()
    assert running.process.returncode == 1
    assert "this application cannot be made" in err
    assert "while starting. Its log above says why." in err.strip().splitlines()[-1]
    assert running.server_pid() is None


def test_listening_sockets_are_one_each_and_a_second_lading_is_refused() -> None:
    port = free_port()
    sockets = listen("127.0.0.1", port, 2)
    try:
        assert len(sockets) == 2
        with pytest.raises(PortError, match="is in use"):
            listen("127.0.0.1", port, 2)
    finally:
        for listening in sockets:
            listening.close()


def test_an_address_of_another_machine_is_one_sentence() -> None:
    with pytest.raises(PortError, match=r"192\.0\.2\.1 is not an address of this machine"):
        listen("192.0.2.1", free_port(), 1)


def test_back_off_doubles_and_is_bounded() -> None:
    assert [back_off(failures) for failures in range(3)] == [0.2, 0.4, 0.8]
    assert back_off(1_000) == 5
