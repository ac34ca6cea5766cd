"""A process to be killed: clients that have orders billed, remember every answer in a file, and ask again what they never heard.

Run as `python -m tests.races.billers DSN MERCHANT FILE LIMIT`. It goes over the orders 1001, 1002, ... as often as LIMIT allows; each
time one more unit of an order is cancelled or all is billed, so that invoices and credit notes are issued by turns.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import uuid
from pathlib import Path
from typing import Any

import structlog

from lading.access.store import Caller
from lading.entrypoints.service import Service
from lading.journal.types import Envelope
from lading.kernel.ids import ZERO
from lading.operations.registry import Verb, verbs
from tests.races.buyers import CALLER, connected, heard, line
from tests.races.shop import envelope

ORDERS = 40
UNITS = 200
CLIENTS = 8


def command(number: int) -> tuple[Verb, Envelope[Any]]:
    """The same id and the same body in every life of the process."""
    order, turn = str(1001 + number % ORDERS), number // ORDERS
    if turn % 2:
        gone = {"order": order, "reason": "late", "lines": [{"line": 1, "quantity": 1}]}
        verb, payload = verbs()["lines.cancel"], gone
    else:
        verb, payload = verbs()["invoices.issue"], {"order": order, "bill": "all"}
    return verb, envelope(verb, payload, uuid.uuid5(ZERO, f"bill {number}"))


async def bill(service: Service, caller: Caller, client: int, limit: int, known: set[int], file: Any) -> None:
    """Every CLIENTS-th order is this client's, so that its commands come in their order."""
    for number in range(limit):
        if number % ORDERS % CLIENTS != client or number in known:
            continue
        verb, work = command(number)
        while True:
            try:
                answer = await service.submit(caller, verb, work)
            except Exception:
                await asyncio.sleep(0.05)
                continue
            if not answer.failed:
                file.write(line(number, answer).encode())
                break


async def main(dsn: str, merchant_id: int, path: Path, limit: int) -> None:
    database = await connected(dsn)
    caller = Caller(merchant_id, CALLER.id, CALLER.actor, CALLER.name, CALLER.scopes)
    service, known = Service(database), set(heard(path))
    with path.open("ab", buffering=0) as file:
        await asyncio.gather(*(bill(service, caller, client, limit, known, file) for client in range(CLIENTS)))
    await database.close()


if __name__ == "__main__":
    logging.disable()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])))
