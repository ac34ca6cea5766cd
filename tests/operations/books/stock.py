"""Stock, its lots and serials."""

from __future__ import annotations

from tests.operations.books.spoiling import Spoil
from tests.races.shop import DAY, Shop, order

TRACKED = {"L": "lot", "S": "serial"}


async def tell_apart(shop: Shop) -> None:
    """A product in two lots and one by serial number: received, sold, moved between buckets."""
    await shop.do("products.save", *({"sku": each, "name": each, "tracking": how} for each, how in TRACKED.items()))
    received = {"location": "HAM", "reason": "purchase"}
    await shop.do(
        "stock.receive",
        {"sku": "L", "quantity": 3, "lot": "L1", "expires_on": "2990-01-31", **received},
        {"sku": "L", "quantity": 5, "lot": "L2", "expires_on": "2990-02-28", **received},
        {"sku": "S", "quantity": 3, "serials": ["S1", "S2", "S3"], **received},
    )
    number = (await shop.do("orders.place", order(("L", 4), ("S", 1))))[0]["number"]
    swap = {"order": number, "line": 1, "lot": "L1", "to_lot": "L2", "quantity": 1, "reason": "complaint"}
    await shop.do("allocations.swap-lot", swap)
    made = (await shop.do("orders.release", {"order": number}))[0]["fulfillment_orders"][0]
    lines = [{"line": 1, "quantity": 4}, {"line": 2, "quantity": 1, "serials": ["S2"]}]
    await shop.do("fulfillment-orders.pick", {"fulfillment_order": made, "lines": lines})
    parcel = (await shop.do("parcels.pack", {"fulfillment_order": made}))[0]["parcel"]
    await shop.do("parcels.ship", {"parcel": parcel, "carrier": "DHL"})
    one = [{"line": 1, "quantity": 1}, {"line": 2, "quantity": 1}]
    back = (await shop.do("returns.request", {"order": number, "reason": "sour", "lines": one}))[0]["document"]
    one = [{"line": 1, "quantity": 1, "lot": "L1"}, {"line": 2, "quantity": 1, "serials": ["S2"]}]
    await shop.do("returns.receive", {"document": back, "location": "HAM", "lines": one})
    good = [{"line": 2, "quantity": 1, "disposition": "restock", "serials": ["S2"]}]
    await shop.do("returns.dispose", {"document": back, "lines": good})
    hold = {"location": "HAM", "quantity": 1, "source": "available", "target": "quality_hold", "reason": "dent"}
    await shop.do("stock.move", {**hold, "sku": "S", "serials": ["S3"]}, {**hold, "sku": "L", "lot": "L2"})
    await shop.do("lots.hold", {"sku": "L", "lot": "L2", "reason": "complaint"})
    (wrong,) = await shop.fetch(
        "SELECT position FROM event WHERE merchant_id = $1 AND kind = 'stock_received' AND data->>'lot' = 'L2'"
    )
    await shop.do("stock.correct", {"event": wrong["position"], "quantity": 1, "reason": "typing_error"})


async def name(shop: Shop) -> None:
    """Units with names on their way, and counted; a zone that was counted; a claim that was shortened; a parcel that was unpacked."""
    await shop.do(
        "products.save", {"sku": "N", "name": "Product N", "tracking": "serial"}, {"sku": "Z", "name": "Product Z"}
    )
    here = {"location": "HAM", "reason": "purchase"}
    await shop.do("stock.receive", {"sku": "N", "quantity": 4, "serials": ["N1", "N2", "N3", "N4"], **here})
    way = {"from_location": "HAM", "to_location": "BER", "due_at": DAY, "lines": [{"sku": "N", "quantity": 2}]}
    transfer = (await shop.do("transfers.create", way))[0]["transfer"]
    lines = [{"line": 1, "quantity": 2, "serials": ["N1", "N2"]}]
    await shop.do("transfers.ready", {"transfer": transfer, "lines": lines})
    await shop.do("transfers.ship", {"transfer": transfer})
    counted = (await shop.do("counts.open", {"location": "HAM", "skus": ["N"]}))[0]["count"]
    found = [{"sku": "N", "quantity": 2, "serials": ["N3", "N9"]}]
    await shop.do("counts.record", {"count": counted, "lines": found})
    await shop.do("counts.approve", {"count": counted, "reason": "cycle"})
    await shop.do("stock.receive", {"sku": "Z", "quantity": 9, **here})
    await shop.do("bins.save", {"location": "HAM", "code": "Z-1"})
    await shop.do("stock.put-away", {"sku": "Z", "location": "HAM", "bin": "Z-1", "quantity": 6})
    zone = (await shop.do("counts.open", {"location": "HAM", "zone": "Z"}))[0]["count"]
    await shop.do("counts.record", {"count": zone, "lines": [{"sku": "Z", "quantity": 5}]})
    await shop.do("counts.approve", {"count": zone, "reason": "cycle"})
    number = (await shop.do("orders.place", order(("Z", 2))))[0]["number"]
    made = (await shop.do("orders.release", {"order": number}))[0]["fulfillment_orders"][0]
    await shop.do("fulfillment-orders.pick", {"fulfillment_order": made})
    parcel = (await shop.do("parcels.pack", {"fulfillment_order": made}))[0]["parcel"]
    await shop.do("parcels.unpack", {"parcel": parcel})
    await shop.do("reservations.reserve", {"lines": [{"sku": "Z", "quantity": 5}], "anywhere": True, "seconds": 86_400})
    await shop.do("stock.adjust", {"sku": "Z", "location": "HAM", "quantity": 3, "kind": "lost", "reason": "flood"})
    await shop.do("reservations.shorten", {"sku": "Z"})


async def run_low(shop: Shop) -> None:
    """A product falls below two levels and reaches one of them again."""
    await shop.do("products.save", {"sku": "E", "name": "Product E"})
    await shop.do("policies.set", {"name": "availability_levels", "value": [3, 9], "sku": "E"})
    await shop.do("availability.check", {"sku": "E"})
    await shop.do("stock.receive", {"sku": "E", "location": "HAM", "quantity": 5, "reason": "opening"})
    await shop.do("availability.check", {"sku": "E"})


SPOILS = [
    Spoil(
        "stock",
        "Stock of A at ",
        "UPDATE stock SET available = available + 1 WHERE sku_id = (SELECT id FROM sku WHERE code = 'A')",
    ),
    Spoil("stock", "Stock of ", "UPDATE posting SET quantity = quantity + 1 WHERE to_bucket = 'damaged'"),
    Spoil("stock", "Stock of ", "DELETE FROM posting WHERE from_bucket = 'supplier'"),
    Spoil("stock_owners", "Stock of A at the unknown location", "DELETE FROM location WHERE code = 'HAM'"),
    Spoil(
        "availability_levels", "Level 3 of E: reached is False", "UPDATE availability_level SET reached = NOT reached"
    ),
    Spoil("availability_levels", "Level 9 of E is missing", "DELETE FROM availability_level WHERE level = 9"),
    Spoil(
        "lots", "Lot L1 of L: expires_on is 2990-01-30", "UPDATE lot SET expires_on = expires_on - 1 WHERE lot = 'L1'"
    ),
    Spoil("lots", "Lot L2 of L: status is ok", "UPDATE lot SET status = 'ok'"),
    Spoil("corrections", "The correction of event ", "UPDATE correction SET corrected = corrected + 1"),
    Spoil("serials", "Serial S1 of S: place is damaged", "UPDATE serial SET place = 'damaged' WHERE serial = 'S1'"),
    Spoil(
        "serials", "Serial N1 of N: transfer_id is empty", "UPDATE serial SET transfer_id = NULL WHERE serial = 'N1'"
    ),
    Spoil("serials", "Serial S3 of S is missing", "DELETE FROM serial WHERE serial = 'S3'"),
    Spoil("serials_in_stock", "The serials of S at HAM: on_shelf is 0", "DELETE FROM serial WHERE place = 'on_shelf'"),
    Spoil(
        "parcel_serials",
        "The serials in parcel 10",
        "UPDATE parcel_line SET serials = '[\"S9\"]' WHERE serials IS NOT NULL",
    ),
    Spoil("stock_short", "Stock of Q at HAM: short is 0", "UPDATE stock SET short = 0"),
]
