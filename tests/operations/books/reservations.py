"""Reservations and pools."""

from __future__ import annotations

from tests.operations.books.spoiling import Spoil
from tests.races.shop import Shop, order


async def pool(shop: Shop) -> None:
    """A product of which a channel has a pool; an order takes of it and gives some back."""
    await shop.do("products.save", {"sku": "POOLED", "name": "Product of a pool"})
    await shop.do("stock.receive", {"sku": "POOLED", "location": "HAM", "quantity": 9, "reason": "opening"})
    kept = {"sku": "POOLED", "pool": "launch", "kind": "shared", "channels": ["web"], "quantity": 5}
    await shop.do("pools.set", kept)
    number = (await shop.do("orders.place", order(("POOLED", 4))))[0]["number"]
    await shop.do("lines.cancel", {"order": number, "reason": "late", "lines": [{"line": 1, "quantity": 1}]})
    await shop.do("pools.set", {**kept, "kind": "capped", "quantity": 6})
    claim = {"lines": [{"sku": "POOLED", "quantity": 1}], "anywhere": True, "channel": "web", "seconds": 600}
    stands, pinned, taken = await shop.do("reservations.reserve", claim, claim, {**claim, "channel": None})
    await shop.do("reservations.extend", {"reservation": stands["reservation"], "seconds": 1_200})
    await shop.do("reservations.pin", {"reservation": pinned["reservation"]})
    await shop.do("orders.place", order(("POOLED", 1), reservation=taken["reservation"]))


async def keep(shop: Shop) -> None:
    """Reservations: one that stands, one extended, one released, and one that an order takes two of three units of."""
    three = {"lines": [{"sku": "A", "quantity": 3}], "reference": "cart"}
    kept = [each["reservation"] for each in await shop.do("reservations.reserve", *[{**three, "seconds": 60}] * 4)]
    await shop.do("reservations.extend", {"reservation": kept[1], "seconds": 120})
    await shop.do("reservations.release", {"reservation": kept[2]})
    await shop.do("orders.place", order(("A", 2), reservation=kept[3]))


SPOILS = [
    Spoil("reservations", "Line 1 of reservation", "DELETE FROM reservation_line WHERE ended_as = 'released'"),
    Spoil("reservations", "Line 1 of reservation", "UPDATE reservation_line SET quantity = quantity + 1"),
    Spoil("reservations", "Line 1 of reservation", "UPDATE reservation_line SET expires_at = now()"),
    Spoil("reservations", "Line 1 of reservation", "UPDATE reservation_line SET order_id = NULL"),
    Spoil(
        "stock_reserved",
        "Stock of A at ",
        "UPDATE reservation_line SET ended_as = 'released', ended_at = now() WHERE ended_as IS NULL",
    ),
    Spoil("pools", "Pool launch of POOLED: taken is 5, the journal says 4", "UPDATE pool SET taken = taken + 1"),
    Spoil("pools", "Pool launch of POOLED: quantity is 99", "UPDATE pool SET quantity = 99"),
    Spoil("pools", "Pool launch of POOLED is missing", "DELETE FROM pool"),
    Spoil(
        "reservations", "Line 1 of reservation ", "UPDATE reservation_line SET quantity = 3 WHERE location_id IS NULL"
    ),
    Spoil(
        "reservations",
        "Line 1 of reservation ",
        "UPDATE reservation_line SET group_id = sku_id WHERE location_id IS NULL AND ended_as IS NULL",
    ),
    Spoil("pool_takes", "What line 1 of order ", "UPDATE pool_take SET quantity = quantity + 1"),
    Spoil("limited", "Stock of POOLED at HAM: limited is False", "UPDATE stock SET limited = false"),
    Spoil(
        "reservations",
        "Line 1 of reservation ",
        "UPDATE reservation_line SET quantity = 5 WHERE location_id IS NULL AND quantity = 3",
    ),
]
