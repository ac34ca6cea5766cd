"""Hold a lot."""

from lading.inventory.commands import StopLot
from lading.journal.types import Decision
from lading.operations import moving_stock, stopping_lots
from lading.operations.registry import Batch, Verb
from lading.operations.stopping_lots import LotState, World


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [stopping_lots.decide(command, "held", "lot_held", world, batch) for command in batch.commands]


VERB = Verb(
    noun="lots",
    verb="hold",
    summary="Hold a lot: its units are neither promised nor picked until it is released.",
    command=StopLot,
    outcome=LotState,
    refusals=(moving_stock.UNKNOWN_SKU, stopping_lots.UNKNOWN_LOT),
    scope="stock:write",
    event="lot_held",
    example={"sku": "MILK-1L", "lot": "L-2026-11", "reason": "complaint"},
    prefetch=stopping_lots.prefetch,
    decide=decide,
)
