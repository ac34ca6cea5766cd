"""Locations and their days."""

from __future__ import annotations

from tests.operations.books.spoiling import Spoil
from tests.races.shop import Shop, order


async def keep_days(shop: Shop) -> None:
    """A store of a region that does two orders a day, and three orders for it, one of them cancelled in part."""
    await shop.do("location-groups.save", {"code": "NORTH", "name": "North"})
    store = {"code": "KIEL", "name": "Kiel", "kind": "store", "time_zone": "Europe/Berlin", "country": "DE"}
    await shop.do("locations.save", store | {"group": "NORTH", "schedule": {"capacity": {"per_day": 2}}})
    await shop.do("products.save", {"sku": "D", "name": "Product D"})
    await shop.do("stock.receive", {"sku": "D", "location": "KIEL", "quantity": 9, "reason": "opening"})
    placed = await shop.do("orders.place", *(order(("D", 2)) for _ in range(3)))
    one = [{"line": 1, "quantity": 1}]
    await shop.do("lines.cancel", {"order": placed[1]["number"], "reason": "late", "lines": one})
    await shop.do("orders.release", {"order": placed[0]["number"]})


SPOILS = [
    Spoil("bookings", "What order ", "UPDATE booking SET units = units + 1"),
    Spoil("bookings", "What order ", "DELETE FROM booking"),
    Spoil("capacity", "The capacity of KIEL on ", "UPDATE capacity SET orders = orders - 1"),
    Spoil("capacity", "The capacity of KIEL on ", "DELETE FROM capacity"),
    Spoil("network", "The location or group KIEL: group_id is empty", "UPDATE location SET group_id = NULL"),
    Spoil("network", "The location or group KIEL: schedule is ", "UPDATE location SET schedule = '{}'"),
    Spoil("network", "The location or group NORTH: name is X", "UPDATE location_group SET name = 'X'"),
]
