"""Placing the orders of subscriptions that are due."""

import hashlib
from datetime import datetime

import msgspec

from lading.database import queries
from lading.database.pool import Database
from lading.journal.types import Envelope
from lading.kernel.ids import named_id, new_id
from lading.operations.execute import Executor
from lading.operations.registry import verbs
from lading.orders.subscription_commands import PlaceSubscription

sql = queries.load(__file__)

ACTOR = "worker:subscriptions"
VERB = "subscriptions.place"
PIECE = 200
"""Subscriptions of one batch."""


async def place(database: Database, executor: Executor, merchant_id: int, now: datetime) -> int:
    """One batch of what is due by then, the longest first; how many there were (PIECE: there may be more).

    Each command is named by its cycle and try: whoever sends it again, another worker too, places nothing more.
    """
    async with database.read(merchant_id) as tx:
        due = [tuple(row) for row in await tx.fetch(sql.due_subscriptions, now, PIECE)]
    batch = []
    for id_, cycle, failures in due:
        command = PlaceSubscription(str(id_), cycle)
        digest = hashlib.sha256(msgspec.json.encode(command)).digest()
        command_id = named_id(merchant_id, ACTOR, VERB, id_, cycle, failures)
        batch.append(Envelope(command_id, digest, ACTOR, command, new_id(), new_id()))
    if batch:
        await executor.run(merchant_id, verbs()[VERB], batch)
    return len(due)
