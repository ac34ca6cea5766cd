"""Stock and its lots."""

from __future__ import annotations

from tests.operations.batches.building import builds
from tests.races.shop import Payload, Shop, order


@builds("stock.set", many=1_000)
async def set_stock(shop: Shop, count: int) -> list[Payload]:
    return [{"sku": each["sku"], "location": "HAM", "quantity": 7} for each in await receive(shop, count)]


@builds("stock.receive", many=1_000)
async def receive(shop: Shop, count: int) -> list[Payload]:
    skus = [f"P{number}" for number in range(count)]
    await shop.do("products.save", *({"sku": sku, "name": sku} for sku in skus))
    return [{"sku": sku, "location": "HAM", "quantity": 1, "reason": "purchase"} for sku in skus]


@builds("stock.adjust", many=1_000)
async def adjust(shop: Shop, count: int) -> list[Payload]:
    payloads = await receive(shop, count)
    await shop.do("stock.receive", *payloads)
    return [{**payload, "kind": "lost", "reason": "count"} for payload in payloads]


@builds("lots.hold")
async def hold_lot(shop: Shop, count: int) -> list[Payload]:
    received = [{**payload, "lot": f"L{number}"} for number, payload in enumerate(await receive(shop, count))]
    await shop.do("stock.receive", *received)
    return [{"sku": each["sku"], "lot": each["lot"], "reason": "complaint"} for each in received]


@builds("lots.recall")
async def recall_lot(shop: Shop, count: int) -> list[Payload]:
    return await hold_lot(shop, count)


@builds("lots.release")
async def release_lot(shop: Shop, count: int) -> list[Payload]:
    payloads = await hold_lot(shop, count)
    await shop.do("lots.hold", *payloads)
    return payloads


@builds("allocations.swap-lot")
async def swap_lot(shop: Shop, count: int) -> list[Payload]:
    await shop.do("products.save", {"sku": "M", "name": "M"})
    for lot in ("A", "B"):
        received = {"sku": "M", "location": "HAM", "quantity": count, "reason": "x", "lot": lot}
        await shop.do("stock.receive", received)
    done = await shop.do("orders.place", *(order(("M", 1)) for _ in range(count)))
    swap = {"line": 1, "lot": "A", "to_lot": "B", "reason": "complaint"}
    return [{"order": each["number"], **swap} for each in done]


@builds("stock.correct")
async def correct(shop: Shop, count: int) -> list[Payload]:
    await shop.do("stock.receive", *await receive(shop, count))
    rows = await shop.fetch(
        "SELECT position FROM event WHERE merchant_id = $1 AND kind = 'stock_received' ORDER BY position DESC LIMIT $2",
        count,
    )
    return [{"event": row["position"], "reason": "typing_error"} for row in rows]


@builds("stock.move", many=1_000)
async def move(shop: Shop, count: int) -> list[Payload]:
    payloads = await receive(shop, count)
    await shop.do("stock.receive", *payloads)
    return [{**payload, "source": "available", "target": "damaged"} for payload in payloads]
