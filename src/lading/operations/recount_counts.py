"""Have lines of a count counted once more: the next pass replaces what the one before found."""

from lading.counts import rules
from lading.counts.commands import RecountLines
from lading.counts.types import StockCount
from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations import counting
from lading.operations.counting import CountState, World
from lading.operations.registry import Batch, Verb

NOTHING_DIFFERS = ("nothing_differs", "Nothing that was counted in {count} differs from the book.")
PASSES_MAX = 100
TOO_MANY_PASSES = ("too_many_passes", "Line {line} of {count} was counted {most} times: that is enough.")


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The counts, locked."""
    return World(await counting.load(tx, batch))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; a line whose pass nobody has counted yet stays as it is."""
    return [_recount(command, world, batch) for command in batch.commands]


def _recount(command: RecountLines, world: World, batch: Batch) -> Decision:
    count = counting.find(world.counts, command.count)
    if isinstance(count, Decision):
        return count
    for index, number in enumerate(command.lines):
        if number not in count.lines:
            return refused(counting.UNKNOWN_LINE, f"/lines/{index}", count=count.name, line=number)
    numbers = sorted(set(command.lines)) or _differing(count)
    if not numbers:
        return refused(NOTHING_DIFFERS, "/lines", count=count.name)
    asked = [count.lines[number] for number in numbers if count.lines[number].entry is not None]
    for line in asked:
        if line.wanted >= PASSES_MAX:
            return refused(TOO_MANY_PASSES, "/lines", count=count.name, line=line.number, most=PASSES_MAX)
    if not asked:
        return Decision(counting.state(count))
    for line in asked:
        line.wanted += 1
        line.changed = True
    lines = [{"line": line.number, "sku": line.sku, "sku_id": line.sku_id, "pass": line.wanted} for line in asked]
    event = counting.event(count, "recount_asked", batch, {"lines": lines})
    return Decision(counting.state(count), event, rows=[count])


def _differing(count: StockCount) -> list[int]:
    return [number for number, line in count.lines.items() if line.entry and rules.differs(line)]


VERB = Verb(
    noun="counts",
    verb="recount",
    summary="Have lines counted once more, or all that differ from the book.",
    command=RecountLines,
    outcome=CountState,
    refusals=(counting.UNKNOWN_COUNT, counting.NOT_OPEN, counting.UNKNOWN_LINE, NOTHING_DIFFERS, TOO_MANY_PASSES),
    scope="count-approvals:write",
    event="recount_asked",
    example={"count": "C1044", "lines": [2]},
    prefetch=prefetch,
    decide=decide,
)
