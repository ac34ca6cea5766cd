"""Receive stock from a supplier."""

from lading.inventory.commands import ReceiveStock
from lading.journal.types import Decision
from lading.operations import moving_stock, telling_apart
from lading.operations.moving_stock import StockMoved, World
from lading.operations.registry import Batch, Verb


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [moving_stock.decide(envelope, "received", world, batch) for envelope in batch.envelopes]


VERB = Verb(
    noun="stock",
    verb="receive",
    summary="Receive units from a supplier; they can be promised at once.",
    command=ReceiveStock,
    outcome=StockMoved,
    refusals=(
        moving_stock.UNKNOWN_SKU, moving_stock.UNKNOWN_LOCATION, *telling_apart.REFUSALS, moving_stock.TOO_MANY_UNITS,
        telling_apart.OTHER_EXPIRY, telling_apart.SERIAL_ELSEWHERE,
    ),
    scope="stock:write",
    event="stock_received",
    example={"sku": "MUG-BLUE", "location": "HAM", "quantity": 120, "reason": "purchase", "document": "PO-77", "lot": "L-2026-11",
             "expires_on": "2099-11-30"},
    prefetch=moving_stock.prefetch,
    decide=decide,
)  # fmt: skip
