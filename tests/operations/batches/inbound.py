"""What comes from suppliers, and the bins it is put into."""

from __future__ import annotations

from tests.operations.batches.building import builds
from tests.races.shop import Payload, Shop


@builds("purchase-orders.place")
async def buy(shop: Shop, count: int) -> list[Payload]:
    line = {"sku": "A", "location": "HAM", "quantity": 5, "due_at": "2035-12-03T08:00:00Z"}
    return [{"supplier": "Nord", "reference": f"B{number}", "lines": [line]} for number in range(count)]


@builds("purchase-orders.receive")
async def take_in(shop: Shop, count: int) -> list[Payload]:
    bought = await shop.do("purchase-orders.place", *await buy(shop, count))
    lines = [{"line": 1, "quantity": 3, "damaged": 1}]
    return [{"purchase_order": each["purchase_order"], "lines": lines} for each in bought]


@builds("purchase-orders.change")
async def buy_later(shop: Shop, count: int) -> list[Payload]:
    bought = await shop.do("purchase-orders.place", *await buy(shop, count))
    lines = [{"line": 1, "due_at": "2035-12-09T08:00:00Z"}]
    return [{"purchase_order": each["purchase_order"], "lines": lines} for each in bought]


@builds("purchase-orders.cancel")
@builds("purchase-orders.close")
async def call_off(shop: Shop, count: int) -> list[Payload]:
    bought = await shop.do("purchase-orders.place", *await buy(shop, count))
    return [{"purchase_order": each["purchase_order"], "reason": "late"} for each in bought]


@builds("asns.announce")
async def announce(shop: Shop, count: int) -> list[Payload]:
    bought = await shop.do("purchase-orders.place", *await buy(shop, count))
    return [
        {"purchase_order": each["purchase_order"], "reference": "S", "due_at": "2035-12-01T08:00:00Z"}
        for each in bought
    ]


@builds("asns.cancel")
async def announce_in_vain(shop: Shop, count: int) -> list[Payload]:
    announced = await shop.do("asns.announce", *await announce(shop, count))
    return [{"asn": each["asn"], "reason": "late"} for each in announced]


@builds("bins.save")
async def make_bins(shop: Shop, count: int) -> list[Payload]:
    return [{"location": "HAM", "code": f"B{number}"} for number in range(count)]


@builds("stock.put-away")
async def put_away(shop: Shop, count: int) -> list[Payload]:
    bins = await make_bins(shop, count)
    await shop.do("bins.save", *bins)
    return [{"sku": "A", "location": "HAM", "bin": each["code"], "quantity": 1} for each in bins]
