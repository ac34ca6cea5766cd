"""Cancel counts: nothing comes of them."""

from lading.counts.commands import CancelCount
from lading.database.pool import Transaction
from lading.journal.types import Decision
from lading.operations import counting
from lading.operations.counting import CountState, World
from lading.operations.registry import Batch, Verb


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The counts, locked."""
    return World(await counting.load(tx, batch))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_cancel(command, world, batch) for command in batch.commands]


def _cancel(command: CancelCount, world: World, batch: Batch) -> Decision:
    count = counting.find(world.counts, command.count)
    if isinstance(count, Decision):
        return count
    count.cancelled_at, count.reason = batch.now, command.reason
    event = counting.event(count, "count_cancelled", batch, {"reason": command.reason})
    return Decision(counting.state(count), event, rows=[count])


VERB = Verb(
    noun="counts",
    verb="cancel",
    summary="Cancel a count: nothing comes of it.",
    command=CancelCount,
    outcome=CountState,
    refusals=(counting.UNKNOWN_COUNT, counting.NOT_OPEN),
    scope="count-approvals:write",
    event="count_cancelled",
    example={"count": "C1044", "reason": "opened_by_mistake"},
    prefetch=prefetch,
    decide=decide,
)
