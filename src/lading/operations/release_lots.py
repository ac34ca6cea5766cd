"""Release a lot that was held or recalled."""

from lading.inventory.commands import StopLot
from lading.journal.types import Decision
from lading.operations import moving_stock, stopping_lots
from lading.operations.registry import Batch, Verb
from lading.operations.stopping_lots import LotState, World


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [stopping_lots.decide(command, "ok", "lot_released", world, batch) for command in batch.commands]


VERB = Verb(
    noun="lots",
    verb="release",
    summary="Release a lot that was held or recalled: its units are promised again until they expire.",
    command=StopLot,
    outcome=LotState,
    refusals=(moving_stock.UNKNOWN_SKU, stopping_lots.UNKNOWN_LOT),
    scope="stock:write",
    event="lot_released",
    example={"sku": "MILK-1L", "lot": "L-2026-11", "reason": "complaint"},
    prefetch=stopping_lots.prefetch,
    decide=decide,
)
