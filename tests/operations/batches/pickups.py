"""What customers collect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.operations.batches.building import CHAINS, Chain
from tests.operations.batches.fulfillment import of_each
from tests.races.shop import Payload, Shop, order


def of_parcel(number: int, **more: Any) -> Callable[[list[str]], list[Payload]]:
    """The same for one parcel of each order."""
    return lambda orders: [{"parcel": f"{each}-P{number}", **more} for each in orders]


async def to_collect(shop: Shop, count: int) -> list[str]:
    """Orders with two packed parcels: one lies at the counter, another one has to come there, and a third line waits for stock."""
    place = {"name": "Place", "kind": "store", "time_zone": "UTC", "country": "DE", "capabilities": ["ship", "pickup"]}
    await shop.do("locations.save", {"code": "BER", **place}, {"code": "HAM", **place})
    await shop.do("policies.set", {"name": "ship_to_store", "value": True})
    await shop.do("policies.set", {"name": "may_backorder", "value": True})
    await shop.do("products.save", {"sku": "FAR", "name": "Far"}, {"sku": "NONE", "name": "None"})
    await shop.do("stock.receive", {"sku": "FAR", "location": "BER", "quantity": count, "reason": "x"})
    wanted = order(("FAR", 1), ("A", 1), ("NONE", 1), ("B", 1))
    for line in wanted["lines"][:3]:
        line["pickup"] = "HAM"
    numbers = [each["number"] for each in await shop.do("orders.place", *[wanted] * count)]
    await shop.do("orders.release", *({"order": each} for each in numbers))
    for name in ("F1", "F2"):
        work = [{"fulfillment_order": f"{each}-{name}"} for each in numbers]
        await shop.do("fulfillment-orders.pick", *work)
        await shop.do("parcels.pack", *work)
    return numbers


CHAINS["collected"] = Chain(
    to_collect,
    (
        ("parcels.ship", of_parcel(2, carrier="DHL")),
        ("pickups.receive", of_parcel(2)),
        ("pickups.ready", of_parcel(1)),
        ("fulfillment-orders.ship", of_each("F3", carrier="DHL")),
        ("pickups.extend", of_parcel(1, collect_by="2990-01-01T00:00:00Z")),
        ("pickups.hand-over", of_parcel(1, name="A. Meyer")),
        ("pickups.expire", of_parcel(3)),
        (
            "pickups.change",
            lambda numbers: [{"order": each, "lines": [3], "reason": "wish", "location": "BER"} for each in numbers],
        ),
    ),
)
