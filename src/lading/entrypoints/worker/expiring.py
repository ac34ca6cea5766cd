"""Giving back the units of reservations whose time is over. Nobody waits for it: they are free when read, whether it ran or not."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from lading.database import queries
from lading.database.pool import Database
from lading.inventory.commands import ExpireReservation
from lading.journal.types import Envelope
from lading.kernel.ids import named_id, new_id
from lading.operations.execute import Executor
from lading.operations.registry import verbs

sql = queries.load(__file__)

ACTOR = "worker:reservations"
VERB = "reservations.expire"
PIECE = 1_000
"""Lines in one batch."""


async def expire(database: Database, executor: Executor, merchant_id: int, now: datetime) -> int:
    """One batch of what is over by then, the oldest first; how many lines were due (PIECE: there may be more)."""
    async with database.read(merchant_id) as tx:
        due = [(row[0], row[1]) for row in await tx.fetch(sql.due_reservations, now, PIECE)]
    if due:
        await executor.run(merchant_id, verbs()[VERB], _commands(merchant_id, due))
    return len(due)


def _commands(merchant_id: int, due: Sequence[tuple[UUID, datetime]]) -> list[Envelope[ExpireReservation]]:
    """One command a reservation; its id is the same whoever sends it, and another one after the reservation was extended."""
    envelopes = []
    for reservation, expires_at in dict.fromkeys(due):
        command = ExpireReservation(reservation)
        digest = hashlib.sha256(msgspec.json.encode(command)).digest()
        command_id = named_id(merchant_id, ACTOR, VERB, reservation, expires_at.isoformat())
        envelopes.append(Envelope(command_id, digest, ACTOR, command, new_id(), new_id()))
    return envelopes
