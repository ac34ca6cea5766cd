"""A process to be killed: clients that reserve one unit each, every other one of which places its order with it.

Run as `python -m tests.races.reservers DSN MERCHANT FILE LIMIT`; the file is that of `tests.races.buyers`, a digest is of both answers.
Every third reservation is over after a second, so that its units go to somebody else, given back by whoever needs them.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import structlog

from lading.entrypoints.service import Service
from lading.journal.types import Answer, Envelope
from lading.kernel.ids import ZERO
from lading.operations.registry import verbs
from tests.races.buyers import BATCHERS, SINGLES, Buyers, connected
from tests.races.shop import envelope, order

PLACE, RESERVE = verbs()["orders.place"], verbs()["reservations.reserve"]


def reservation(number: int) -> Envelope[Any]:
    """The reservation of that number: the same id and the same body in every life of the process."""
    fields = {"lines": [{"sku": "A", "quantity": 1}], "seconds": 600 if number % 3 else 1}
    return envelope(RESERVE, fields, uuid.uuid5(ZERO, f"reservation {number}"))


def conversion(number: int, reserved: Answer) -> Envelope[Any] | None:
    """The order that takes its unit, where it has one and shall have one."""
    if number % 2 or not reserved.accepted:
        return None
    kept = msgspec.json.decode(reserved.body)["reservation"]
    return envelope(PLACE, order(("A", 1), reservation=kept), uuid.uuid5(ZERO, f"conversion {number}"))


def line(number: int, reserved: Answer, placed: Answer | None) -> str:
    last = placed or reserved
    digest = hashlib.sha256(reserved.body + (placed.body if placed else b"")).hexdigest()
    return f"{number} {int(last.accepted)} {digest}\n"


class Reservers(Buyers):
    """All clients of one life."""

    async def settle(self, numbers: Sequence[int], *, alone: bool) -> None:
        """Ask until there is an answer for each: first for the reservations, then for the orders that take them."""
        reserved = await self.ask(RESERVE, [reservation(number) for number in numbers], alone=alone)
        orders = {
            number: work
            for number, answer in zip(numbers, reserved, strict=True)
            if (work := conversion(number, answer))
        }
        placed: dict[int, Answer] = {}
        if orders:
            answers = await self.ask(PLACE, list(orders.values()), alone=alone)
            placed = dict(zip(orders, answers, strict=True))
        heard = (line(number, answer, placed.get(number)) for number, answer in zip(numbers, reserved, strict=True))
        self.file.write("".join(heard).encode())

    async def ask(self, verb: Any, works: Sequence[Envelope[Any]], *, alone: bool) -> list[Answer]:
        """The answers, however often it takes."""
        while True:
            try:
                if alone:
                    answers = [await self.service.submit(self.caller, verb, work) for work in works]
                else:
                    answers = await self.service.run(self.caller, verb, list(works))
            except Exception:
                await asyncio.sleep(0.05)
                continue
            if not any(answer.failed for answer in answers):
                return answers


async def main(dsn: str, merchant_id: int, file: Path, limit: int) -> None:
    database = await connected(dsn)
    clients = Reservers(Service(database), merchant_id, file, limit)
    batchers = [clients.buy_in_batches() for _ in range(BATCHERS)]
    await asyncio.gather(*batchers, *(clients.buy_alone() for _ in range(SINGLES)))
    await database.close()


if __name__ == "__main__":
    logging.disable()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])))
