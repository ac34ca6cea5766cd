"""Transfers."""

from __future__ import annotations

from tests.operations.books.spoiling import Spoil
from tests.races.shop import DAY, Shop


async def move(shop: Shop) -> None:
    """A transfer that arrived in part with damage, the rest of it lost; and one that is set aside."""
    way = {"from_location": "BER", "to_location": "HAM", "due_at": DAY}
    sent, ready = await shop.do(
        "transfers.create",
        {**way, "reference": "X-1", "lines": [{"sku": "B", "quantity": 5}]},
        {**way, "lines": [{"sku": "A", "quantity": 2}]},
    )
    await shop.do("transfers.ready", *({"transfer": each["transfer"]} for each in (sent, ready)))
    await shop.do("transfers.ship", {"transfer": sent["transfer"], "lines": [{"line": 1, "quantity": 4}]})
    landed = [{"line": 1, "quantity": 3, "damaged": 1}]
    await shop.do("transfers.receive", {"transfer": sent["transfer"], "lines": landed})
    await shop.do("transfers.close", {"transfer": sent["transfer"], "reason": "lost"})


SPOILS = [
    Spoil("transfers", "Transfer T1005: reference is", "UPDATE transfer SET reference = 'Y' WHERE reference = 'X-1'"),
    Spoil(
        "transfers", "Transfer T1006: ready_at is empty", "UPDATE transfer SET ready_at = NULL WHERE closed_at IS NULL"
    ),
    Spoil("transfer_lines", "Line 1 of transfer T1005: damaged is 0", "UPDATE transfer_line SET damaged = 0"),
    Spoil(
        "transfers_posted",
        "What transfer T1006 moves of A: ready is 1",
        "UPDATE transfer_line SET ready = 1 WHERE ready = 2",
    ),
    Spoil(
        "transfers_posted", "What transfer T1005 moves of B: in_transit", "DELETE FROM posting WHERE to_bucket = 'lost'"
    ),
    Spoil(
        "transfer_lines",
        "Line 1 of transfer T",
        "UPDATE transfer_line SET serials = '[\"N1\"]' WHERE serials IS NOT NULL",
    ),
]
