"""What customers collect."""

from __future__ import annotations

from tests.operations.books.spoiling import Spoil
from tests.races.shop import Shop, order


async def collect(shop: Shop) -> None:
    """Lines that customers collect: at the counter, sent to it from elsewhere, not collected, and changed."""
    place = {"name": "Store", "kind": "store", "time_zone": "UTC", "country": "DE", "capabilities": ["ship", "pickup"]}
    await shop.do("locations.save", {"code": "STO", "priority": 999, **place})
    await shop.do("policies.set", {"name": "ship_to_store", "location": "STO", "value": True})
    await shop.do("products.save", {"sku": "BAG", "name": "Bag"}, {"sku": "HAT", "name": "Hat"})
    here = {"quantity": 3, "reason": "x"}
    await shop.do(
        "stock.receive",
        {"sku": "BAG", "location": "HAM", **here},
        *({"sku": "HAT", "location": each, **here} for each in ("HAM", "STO")),
    )
    wanted = order(("BAG", 1), ("HAT", 2), ("HAT", 1), external_reference="W-P")
    del wanted["ship_to"]
    for line in wanted["lines"][:2]:
        line["pickup"] = "STO"
    number = (await shop.do("orders.place", wanted))[0]["number"]
    await shop.do("holds.release", {"order": number})
    await shop.do("orders.release", {"order": number})
    for name in ("F1", "F2"):
        await shop.do("fulfillment-orders.pick", {"fulfillment_order": f"{number}-{name}"})
        await shop.do("parcels.pack", {"fulfillment_order": f"{number}-{name}"})
    rows = await shop.fetch(
        "SELECT p.number, l.code FROM parcel AS p JOIN orders AS o ON o.merchant_id = $1 AND o.id = p.order_id"
        " JOIN location AS l ON l.merchant_id = $1 AND l.id = p.location_id"
        " WHERE p.merchant_id = $1 AND o.external_reference = 'W-P'"
    )
    for row in rows:
        parcel = {"parcel": f"{number}-P{row['number']}"}
        if row["code"] == "STO":
            await shop.do("pickups.ready", parcel)
            await shop.do("pickups.extend", {**parcel, "collect_by": "2990-01-01T00:00:00Z"})
            await shop.do("pickups.expire", parcel)
        else:
            await shop.do("parcels.ship", {**parcel, "carrier": "DHL"})
            came = (await shop.do("pickups.receive", parcel))[0]["parcel"]
            await shop.do("pickups.hand-over", {"parcel": came, "name": "A. Meyer"})


SPOILS = [
    Spoil("pickups", "Pick-up of parcel ", "DELETE FROM pickup"),
    Spoil("pickups", "Pick-up of parcel ", "UPDATE pickup SET collect_by = '2020-01-01'"),
]
