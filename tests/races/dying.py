"""A process whose children die where they are told to.

Run as `python -m tests.races.dying DSN MERCHANT`. It reads one task a line (see Task), does it in a child of its own, and writes a
line: what the child said, or null where the child was killed.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import traceback
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from lading.database import failpoints
from lading.database.pool import Database
from lading.entrypoints.feeding import feed, queue
from lading.entrypoints.files import Files
from lading.operations.registry import verbs
from tests.races.shop import Shop, envelope

FAULT = 3
"""The exit code of a child that failed in any other way."""


class Task(Struct):
    """What one child does."""

    point: str | None = None
    """Where it dies; None where it lives."""
    reach: int = 1
    """Which arrival at the point is its last."""
    verb: str = ""
    commands: list[tuple[UUID, dict[str, Any]]] = []
    """A batch of one verb, run twice: the second time, every answer must have been given before."""
    files: str = ""
    """Instead of a batch: load the next stock feed, if one is left, from this folder."""


class Heard(Struct):
    """One answer."""

    accepted: bool
    replayed: bool
    body: str


def arm(task: Task) -> None:
    """Die at the point, as by kill -9: nothing is said, closed or rolled back."""
    arrivals = 0

    async def die() -> None:
        nonlocal arrivals
        arrivals += 1
        if arrivals == task.reach:
            os.kill(os.getpid(), signal.SIGKILL)

    if task.point:
        failpoints.arm(task.point, die)


async def work(dsn: str, merchant_id: int, task: Task) -> list[Heard]:
    """What the child has to say: the answers of both runs, or nothing."""
    database = await Database.connect(dsn)
    arm(task)
    if task.files:
        feed.BATCH_ROWS = 1
        queue.LEASE = -timedelta(seconds=1)
        await queue.run_one(database, Files(Path(task.files), database), merchant_id)
        return []
    shop, verb = Shop(database, merchant_id), verbs()[task.verb]
    heard: list[Heard] = []
    for _ in range(2):
        batch = [envelope(verb, payload, id_) for id_, payload in task.commands]
        answers = await shop.run(task.verb, batch)
        heard += [Heard(answer.accepted, answer.replayed, answer.body.decode()) for answer in answers]
    return heard


def child(dsn: str, merchant_id: int, task: Task, said: int) -> None:
    """Never returns."""
    try:
        body = msgspec.json.encode(asyncio.run(work(dsn, merchant_id, task)))
        with os.fdopen(said, "wb") as file:
            file.write(body)
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(FAULT)


def main(dsn: str, merchant_id: int) -> None:
    """What all children need is loaded before the first of them is born."""
    dict(verbs())
    for line in sys.stdin.buffer:
        task = msgspec.json.decode(line, type=Task)
        hear, say = os.pipe()
        pid = os.fork()
        if not pid:
            child(dsn, merchant_id, task, say)
        os.close(say)
        with os.fdopen(hear, "rb") as file:
            body = file.read()
        _, status = os.waitpid(pid, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if not killed and status:
            sys.exit("a child failed")
        sys.stdout.buffer.write((b"null" if killed else body) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    logging.disable()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    main(sys.argv[1], int(sys.argv[2]))
