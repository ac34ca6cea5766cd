"""A process to be killed: clients that buy one unit each, remember every answer in a file, and ask again what they never heard.

Run as `python -m tests.races.buyers DSN MERCHANT FILE LIMIT`. A line of the file is one answer: number, accepted or not, digest.
It ends once every order below LIMIT has its answer.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
import sys
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import structlog

from lading.access.store import Caller
from lading.database.pool import Database
from lading.entrypoints.service import Service
from lading.journal.types import Answer, Envelope
from lading.kernel.ids import ZERO
from lading.operations.registry import verbs
from tests.races.shop import envelope, order

PLACE = verbs()["orders.place"]
BATCHERS, SINGLES = 3, 8
BATCH_MAX = 8
CALLER = Caller(0, ZERO, "key:test", "test", frozenset({"*"}))

Answers = dict[int, tuple[bool, str]]
"""Accepted or not, and a digest of the answer, by the number of the order."""


def command(number: int) -> Envelope[Any]:
    """The order of that number: the same id and the same body in every life of the process."""
    return envelope(PLACE, order(("A", 1), priority=number % 7), uuid.uuid5(ZERO, f"order {number}"))


def line(number: int, answer: Answer) -> str:
    return f"{number} {int(answer.accepted)} {hashlib.sha256(answer.body).hexdigest()}\n"


def heard(file: Path) -> Answers:
    """What the file remembers. Raises AssertionError where one order heard two answers; a torn last line was never heard."""
    answers: Answers = {}
    for text in file.read_text().splitlines(keepends=True) if file.exists() else []:
        if text.endswith("\n"):
            number, accepted, digest = text.split()
            answer = (accepted == "1", digest)
            assert answers.setdefault(int(number), answer) == answer, f"order {number} heard two answers"
    return answers


class Buyers:
    """All clients of one life."""

    def __init__(self, service: Service, merchant_id: int, file: Path, limit: int) -> None:
        self.service = service
        self.caller = Caller(merchant_id, CALLER.id, CALLER.actor, CALLER.name, CALLER.scopes)
        settled = heard(file)
        self.numbers: Iterator[int] = (number for number in range(limit) if number not in settled)
        # Unbuffered: what was heard is in the file before the next command is sent.
        self.file = file.open("ab", buffering=0)

    async def buy_in_batches(self) -> None:
        """Batches of a few commands, straight to the executor."""
        while numbers := [number for _, number in zip(range(random.randint(1, BATCH_MAX)), self.numbers, strict=False)]:
            await self.settle(numbers, alone=False)

    async def buy_alone(self) -> None:
        """One command at a time, through the lane."""
        for number in self.numbers:
            await self.settle([number], alone=True)

    async def settle(self, numbers: Sequence[int], *, alone: bool) -> None:
        """Ask until there is an answer for each."""
        while True:
            works = [command(number) for number in numbers]
            try:
                if alone:
                    answers = [await self.service.submit(self.caller, PLACE, works[0])]
                else:
                    answers = await self.service.run(self.caller, PLACE, works)
            except Exception:
                await asyncio.sleep(0.05)
                continue
            if not any(answer.failed for answer in answers):
                self.file.write("".join(map(line, numbers, answers)).encode())
                return


async def main(dsn: str, merchant_id: int, file: Path, limit: int) -> None:
    database = await connected(dsn)
    buyers = Buyers(Service(database), merchant_id, file, limit)
    clients = [buyers.buy_in_batches() for _ in range(BATCHERS)] + [buyers.buy_alone() for _ in range(SINGLES)]
    await asyncio.gather(*clients)
    await database.close()


async def connected(dsn: str) -> Database:
    """Wait for a server that is just coming back."""
    while True:
        try:
            return await Database.connect(dsn)
        except Exception:
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    logging.disable()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])))
