"""`lading print`: a print station. It asks a server for papers, and gives each to a program or into a folder."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from lading.kernel.trouble import Trouble

PAUSE_SECONDS = 2.0
LEASE_SECONDS = 120
COMMAND_SECONDS_MAX = 60


def print_station(
    station: str, *, server: str, key: str, command: str = "", folder: Path | None = None, once: bool = False
) -> None:
    """Print what is queued for STATION, until it is stopped.

    Parameters
    ----------
    station
        The name under which papers are queued, such as PACK-1.
    server
        Where Lading runs, such as http://127.0.0.1:8480.
    key
        An API key with the scopes documents:read and documents:write.
    command
        What prints a file, such as "lp -d zebra {file}"; {copies} is how often.
    folder
        Where files are laid instead.
    once
        Print what waits, and stop.
    """
    if bool(command) == (folder is not None):
        raise Trouble("Say either --command or --folder.")
    with httpx.Client(base_url=server, headers={"authorization": f"Bearer {key}"}, timeout=30) as client:
        while True:
            done = _look(client, station, command, folder)
            if once and not done:
                return
            if not done:
                time.sleep(PAUSE_SECONDS)


def _look(client: httpx.Client, station: str, command: str, folder: Path | None) -> int:
    """Take what waits and print it: how many. A server that cannot be reached is asked again, but for the first time."""
    waiting = _answer(client.get("/v1/print-jobs", params={"station": station, "status": "waiting", "limit": 1}))
    claimed = _answer(client.get("/v1/print-jobs", params={"station": station, "status": "claimed", "limit": 1}))
    if not waiting["items"] and not claimed["items"]:
        return 0
    lease = {"station": station, "lease_seconds": LEASE_SECONDS}
    jobs = _answer(client.post("/v1/print-jobs/claim", json=lease))["jobs"]
    for job in jobs:
        _print(client, job, command, folder)
    return len(jobs)


def _print(client: httpx.Client, job: dict[str, Any], command: str, folder: Path | None) -> None:
    name = f"{job['kind']}-{job['of']}-{job['job']}.{job['format']}".replace("/", "_")
    try:
        file = client.get(f"/v1/print-jobs/{job['job']}/file")
        if file.status_code != 200:
            raise Trouble(str(file.json().get("detail", file.status_code)))
        _give(file.content, name, job["copies"], command, folder)
    except (Trouble, OSError, subprocess.SubprocessError) as error:
        said = " ".join(str(error).split())[:300] or type(error).__name__
        print(f"{job['kind']} of {job['of']}: {said}")
        _answer(client.post("/v1/print-jobs/fail", json={"job": job["job"], "trouble": said}))
        return
    print(f"{job['kind']} of {job['of']}: printed")
    _answer(client.post("/v1/print-jobs/finish", json={"job": job["job"], "sha256": file.headers["x-sha256"]}))


def _give(content: bytes, name: str, copies: int, command: str, folder: Path | None) -> None:
    """To the program, or into the folder. Raises OSError or SubprocessError."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        return
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, name)
        path.write_bytes(content)
        words = [word.format(file=path, copies=copies) for word in shlex.split(command)]
        subprocess.run(words, check=True, timeout=COMMAND_SECONDS_MAX, capture_output=True)


def _answer(response: httpx.Response) -> dict[str, Any]:
    """The JSON of an answer. Raises Trouble where it is a refusal."""
    told: dict[str, Any] = response.json()
    if response.status_code >= 400:
        raise Trouble(str(told.get("detail") or told.get("title") or response.status_code))
    return told
