"""What comes back."""

from __future__ import annotations

from tests.operations.batches.building import builds
from tests.operations.batches.fulfillment import track
from tests.operations.batches.orders import record
from tests.races.shop import DAY, Payload, Shop, money


@builds("returns.record")
async def record_return(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("orders.record", *await record(shop, count))
    back = {"location": "HAM", "reason": "credit", "returned_at": DAY, "lines": [{"line": 2, "quantity": 1}]}
    return [{"order": each["number"], **back} for each in done]


@builds("returns.request", many=1_000)
async def request_return(shop: Shop, count: int) -> list[Payload]:
    parcels = await track(shop, count)
    await shop.do("parcels.track", *parcels)
    back = {"reason": "too_small", "lines": [{"line": 1, "quantity": 2}]}
    return [{"order": each["parcel"].partition("-")[0], **back} for each in parcels]


async def requested(shop: Shop, count: int) -> list[str]:
    done = await shop.do("returns.request", *await request_return(shop, count))
    return [each["document"] for each in done]


@builds("returns.cancel")
async def cancel_return(shop: Shop, count: int) -> list[Payload]:
    return [{"document": document} for document in await requested(shop, count)]


@builds("returns.receive", many=1_000)
async def receive_return(shop: Shop, count: int) -> list[Payload]:
    lines = [{"line": 1, "quantity": 1}]
    return [{"document": document, "location": "HAM", "lines": lines} for document in await requested(shop, count)]


@builds("returns.dispose")
async def dispose(shop: Shop, count: int) -> list[Payload]:
    payloads = await receive_return(shop, count)
    await shop.do("returns.receive", *payloads)
    lines = [{"line": 1, "quantity": 1, "disposition": "restock"}]
    return [{"document": each["document"], "lines": lines} for each in payloads]


@builds("returns.refund", many=1_000)
async def refund(shop: Shop, count: int) -> list[Payload]:
    """Received returns of paid orders of the past."""
    payloads = [{**each, "tenders": [{"amount": money("50.00")}]} for each in await record(shop, count)]
    done = await shop.do("orders.record", *payloads)
    lines = [{"line": 1, "quantity": 1}]
    asked = await shop.do(
        "returns.request", *({"order": each["number"], "reason": "x", "lines": lines} for each in done)
    )
    documents = [each["document"] for each in asked]
    await shop.do(
        "returns.receive", *({"document": document, "location": "HAM", "lines": lines} for document in documents)
    )
    return [{"document": document} for document in documents]


@builds("unmatched-returns.keep")
async def keep(shop: Shop, count: int) -> list[Payload]:
    item = {
        "channel": "web", "reference": "C-9", "sku": "A", "quantity": -1, "amount": money("-1.00"), "reason": "none",
        "occurred_at": DAY,
    }  # fmt: skip
    return [{**item, "key": f"k{number}"} for number in range(count)]
