"""Files of stock."""

from __future__ import annotations

from tests.operations.batches.building import builds
from tests.operations.batches.stock import set_stock
from tests.races.shop import Payload, Shop, hand_in


@builds("stock-feeds.receive")
async def receive_feeds(shop: Shop, count: int) -> list[Payload]:
    sha256 = await hand_in(shop, b"sku,quantity\n")
    return [{"reference": f"S{number}", "file": sha256} for number in range(count)]


@builds("stock-feeds.apply")
async def apply_feeds(shop: Shop, count: int) -> list[Payload]:
    counted = await set_stock(shop, count)
    feeds = await finish_feeds(shop, count)
    return [{**feed, "lines": [line]} for feed, line in zip(feeds, counted, strict=True)]


@builds("stock-feeds.finish")
async def finish_feeds(shop: Shop, count: int) -> list[Payload]:
    feeds = await receive_feeds(shop, count)
    await shop.do("stock-feeds.receive", *feeds)
    return [{"reference": feed["reference"]} for feed in feeds]
