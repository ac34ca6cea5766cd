"""Files of stock."""

from __future__ import annotations

import tempfile
from pathlib import Path

from lading.entrypoints.feeding import queue
from lading.entrypoints.files import Files
from tests.operations.books.spoiling import Spoil
from tests.races.shop import Shop, hand_in, once


async def feed(shop: Shop) -> None:
    """A file of which some rows cannot be told apart or counted."""
    rows = b"sku,location,quantity\nA,BER,2\nNONE,BER,1\nB,BER,1.5\n"
    await shop.do("stock-feeds.receive", {"reference": "S-1", "file": await hand_in(shop, rows)})
    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(folder), shop.database)
        await files.keep(shop.merchant_id, once(rows), "text/csv")
        assert await queue.run_one(shop.database, files, shop.merchant_id)


SPOILS = [
    Spoil(
        "stock_feeds",
        "The stock feed S-1: applied is",
        "UPDATE stock_feed SET applied = applied + 1, unchanged = unchanged - 1",
    ),
    Spoil("stock_feeds", "The stock feed S-1 is missing", "DELETE FROM stock_feed"),
    Spoil(
        "feed_lines",
        "What a stock feed set of A at BER: changed is",
        """UPDATE event SET data = jsonb_set(data, '{lines,0,counted}', '77') WHERE kind = 'stock_feed_applied'""",
    ),
]
