"""The reader of the feed that tells when availability crossed a level; and a slow walk over all products for what no event tells.

It looks by a dry run first, so that only what is to be told makes a command. Its cursor moves after the commands were answered: a worker
that dies in between looks again, and what was told is not told twice.
"""

from collections.abc import Sequence
from uuid import UUID

from lading.database import queries
from lading.database.pool import Transaction
from lading.entrypoints.worker.following import follow
from lading.inventory.commands import CheckAvailability
from lading.journal.types import own_envelope
from lading.kernel.ids import ZERO
from lading.operations.execute import Executor
from lading.operations.registry import verbs

sql = queries.load(__file__)

CONSUMER = "availability"
ACTOR = "rule:availability"
EVENTS_MAX = 1_000
SKUS_MAX = 1_000


class Levels:
    """Watches what can be promised, for all merchants."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def read_on(self, tx: Transaction) -> bool:
        """Take the next piece of the feed; False where there is nothing to take, or another worker is at it."""
        return await follow(tx, CONSUMER, self._look_at_touched)

    async def _look_at_touched(self, tx: Transaction, position: int) -> int:
        if not await tx.fetchval(sql.levels_are_set):
            head: int = await tx.fetchval(sql.head)
            return head
        rows = await tx.fetch(sql.watched_skus, position, EVENTS_MAX)
        codes = [row["code"] for row in rows if row["code"] is not None]
        for first in range(0, len(codes), SKUS_MAX):
            await self._look(tx.merchant_id, codes[first : first + SKUS_MAX])
        last: int = next(row["position"] for row in rows if row["code"] is None)
        return last

    async def walk_on(self, tx: Transaction, after: UUID) -> UUID | None:
        """Look at the next products of all; where to go on: ZERO at the end, None where no level is set."""
        if not await tx.fetchval(sql.levels_are_set):
            return None
        rows = await tx.fetch(sql.walk_watched, after, SKUS_MAX)
        await self._look(tx.merchant_id, [row["code"] for row in rows if row["watched"]])
        return rows[-1]["id"] if len(rows) == SKUS_MAX else ZERO

    async def _look(self, merchant_id: int, codes: Sequence[str]) -> None:
        """Tell what crossed a level."""
        if not codes:
            return
        verb = verbs()["availability.check"]
        batch = [own_envelope(ACTOR, CheckAvailability(code)) for code in codes]
        decisions = await self._executor.preview(merchant_id, verb, batch)
        crossed = [envelope for envelope, decision in zip(batch, decisions, strict=True) if decision.event]
        if crossed:
            await self._executor.run(merchant_id, verb, crossed)
