"""Shortages and substitutes."""

from __future__ import annotations

from tests.operations.books.spoiling import Spoil
from tests.races.shop import CHARGES, Shop, order


async def replace_missing(shop: Shop) -> None:
    """Units are missing, and another product goes in their place."""
    await shop.do("products.save", *({"sku": sku, "name": sku} for sku in ("CUP", "MUG")))
    received = {"location": "HAM", "quantity": 3, "reason": "opening"}
    await shop.do("stock.receive", *({"sku": sku, **received} for sku in ("CUP", "MUG")))
    await shop.do("substitutes.save", {"sku": "CUP", "substitutes": ["MUG"]})
    number = (await shop.do("orders.place", order(("CUP", 3), charges=list(CHARGES))))[0]["number"]
    lost = {"sku": "CUP", "location": "HAM", "quantity": 2, "kind": "lost", "reason": "gone", "held_too": True}
    await shop.do("stock.adjust", lost)
    line = {"line": 1, "quantity": 2, "location": "HAM", "instead": "substitute", "sku": "MUG"}
    await shop.do("shortages.settle", {"order": number, "lines": [line]})
    await shop.do("orders.source", {"order": number})


SPOILS = [
    Spoil("substitutes", "Substitute 1 of CUP is missing", "DELETE FROM substitute"),
    Spoil("shortages", "The shortage of Q at HAM: remaining is 0", "UPDATE shortage SET remaining = 0"),
    Spoil("shortages", "The shortage of Q at HAM is missing", "DELETE FROM shortage"),
    Spoil(
        "shortage_entries", "A change of the shortage of Q at HAM: change is 9", "UPDATE shortage_entry SET change = 9"
    ),
    Spoil("shortage_entries", "A change of the shortage of Q at HAM is missing", "DELETE FROM shortage_entry"),
]
