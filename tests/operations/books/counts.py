"""Counts."""

from __future__ import annotations

from tests.operations.books.spoiling import Spoil
from tests.races.shop import DAY, Shop, order


async def count(shop: Shop) -> None:
    """A count in two passes that finds less than an order holds, and what is told late of before it; and one that was opened in vain."""
    await shop.do("products.save", {"sku": "Q", "name": "Product Q"})
    await shop.do("stock.receive", {"sku": "Q", "location": "HAM", "quantity": 9, "reason": "opening"})
    await shop.do("orders.place", order(("Q", 6)))
    counted, vain = await shop.do(
        "counts.open",
        {"location": "HAM", "skus": ["Q"], "reference": "Y-1"},
        {"location": "BER", "blind": False},
    )
    for found in (4, 5):
        lines = [{"sku": "Q", "quantity": found}]
        await shop.do("counts.record", {"count": counted["count"], "lines": lines})
        if found == 4:
            await shop.do("counts.recount", {"count": counted["count"]})
    await shop.do("counts.approve", {"count": counted["count"], "reason": "cycle"})
    late = {"sku": "Q", "location": "HAM", "quantity": 2, "reason": "opening", "occurred_at": DAY}
    await shop.do("stock.receive", late)
    await shop.do("counts.cancel", {"count": vain["count"], "reason": "vain"})


SPOILS = [
    Spoil(
        "count_entries",
        "Pass 1 of line 1 of count C",
        "UPDATE stock_count_entry SET missing = '[]' WHERE missing IS NOT NULL",
    ),
    Spoil(
        "count_entries",
        "Pass 1 of line 1 of count C",
        "UPDATE stock_count_entry SET strange = '[]' WHERE strange IS NOT NULL",
    ),
    Spoil(
        "count_entries",
        "Pass 1 of line 1 of count C",
        "UPDATE stock_count_entry SET serials = '[]' WHERE serials IS NOT NULL",
    ),
    Spoil(
        "count_variances",
        "Line 1 of count C",
        "UPDATE bin_posting SET quantity = 2 WHERE corrects AND event_id IN (SELECT event_id FROM event WHERE kind = 'count_approved')",
    ),
    Spoil(
        "count_lines",
        "Line 1 of count C",
        "UPDATE stock_count_line AS l SET snapshot = 9 FROM stock_count AS c WHERE c.id = l.count_id AND c.zone IS NOT NULL",
    ),
    Spoil("counts", "Count C", "UPDATE stock_count SET blind = false"),
    Spoil("counts", "Count C", "UPDATE stock_count SET approved_at = NULL"),
    Spoil("count_lines", "Line 1 of count C", "UPDATE stock_count_line SET snapshot = 3"),
    Spoil("count_lines", "Line 1 of count C", "UPDATE stock_count_line SET pass = 1"),
    Spoil("count_entries", "Pass 2 of line 1 of count C", "UPDATE stock_count_entry SET counted = 7"),
    Spoil("count_entries", "Pass 1 of line 1 of count C", "UPDATE stock_count_entry SET expected = 0"),
    Spoil("count_entries", "Pass 1 of line 1 of count C", "DELETE FROM stock_count_entry WHERE pass = 1"),
    Spoil("count_variances", "Line 1 of count C", "UPDATE stock_count_line SET variance = -9"),
    Spoil(
        "told_late",
        "What was told late of Q at HAM: taken_back is -1",
        "UPDATE posting SET quantity = 1 WHERE event_id = (SELECT event_id FROM event WHERE kind = 'variance_taken_back')",
    ),
    Spoil(
        "told_late",
        "What was told late of Q at HAM: taken_back is empty",
        "DELETE FROM event WHERE kind = 'variance_taken_back'",
    ),
]
