"""Move stock between buckets: what can be sold, what is damaged, what waits for somebody's look."""

from lading.inventory.commands import MoveStock
from lading.journal.types import Decision
from lading.operations import moving_stock, telling_apart
from lading.operations.giving_back import give_back
from lading.operations.moving_stock import StockMoved, World
from lading.operations.registry import Batch, Verb


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each command sees what the earlier ones left."""
    decisions = [moving_stock.decide(envelope, "moved", world, batch) for envelope in batch.envelopes]
    return give_back(decisions, world.over, batch.now)


VERB = Verb(
    noun="stock",
    verb="move",
    summary="Move units between buckets at one location: available, damaged, quality_hold.",
    command=MoveStock,
    outcome=StockMoved,
    refusals=(
        moving_stock.UNKNOWN_SKU, moving_stock.UNKNOWN_LOCATION, *telling_apart.REFUSALS, moving_stock.NOT_THERE,
        moving_stock.TOO_MANY_UNITS, telling_apart.SERIAL_ELSEWHERE,
    ),
    scope="stock:write",
    event="stock_moved",
    example={
        "sku": "MUG-BLUE", "location": "HAM", "quantity": 4, "source": "available", "target": "quality_hold",
        "reason": "wet_carton",
    },
    prefetch=moving_stock.prefetch,
    decide=decide,
)  # fmt: skip
