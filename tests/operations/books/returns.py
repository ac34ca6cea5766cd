"""What comes back."""

from __future__ import annotations

from datetime import UTC, datetime

from lading.operations.registry import verbs
from tests.operations.books.spoiling import Spoil
from tests.races.shop import CHARGES, DAY, Shop, money, order


async def bring_back(shop: Shop, number: str) -> None:
    """Two units of the delivered parcel come back; the other parcel returns to its sender."""
    asked = {"order": number, "reason": "too_small", "lines": [{"line": 1, "quantity": 2}]}
    document = (await shop.do("returns.request", asked))[0]["document"]
    one = [{"line": 1, "quantity": 1}]
    await shop.do("returns.receive", {"document": document, "location": "BER", "lines": one})
    damaged = [{"line": 1, "quantity": 1, "disposition": "damaged"}]
    await shop.do("returns.dispose", {"document": document, "lines": damaged})
    await shop.do("returns.refund", {"document": document})
    await shop.do("returns.cancel", {"document": document})
    now = datetime.now(UTC).isoformat()
    await shop.do("parcels.track", {"parcel": f"{number}-P2", "status": "returned_to_sender", "occurred_at": now})
    back = {"document": number, "location": "HAM", "lines": [{"line": 1, "quantity": 2}]}
    sender = (await shop.do("returns.receive", back))[0]["document"]
    restocked = [{"line": 1, "quantity": 1, "disposition": "restock"}]
    await shop.do("returns.dispose", {"document": sender, "lines": restocked})


async def lose(shop: Shop) -> None:
    """Two units are lost on their way; one of them is written off."""
    number = (await shop.do("orders.place", order(("A", 2), charges=list(CHARGES))))[0]["number"]
    made = (await shop.do("orders.release", {"order": number}))[0]["fulfillment_orders"][0]
    await shop.do("fulfillment-orders.pick", {"fulfillment_order": made})
    parcel = (await shop.do("parcels.pack", {"fulfillment_order": made}))[0]["parcel"]
    await shop.do("parcels.ship", {"parcel": parcel, "carrier": "DHL"})
    lost = {"parcel": parcel, "status": "lost", "occurred_at": datetime.now(UTC).isoformat()}
    await shop.do("parcels.track", lost)
    await shop.do("lines.write-off", {"order": number, "lines": [{"line": 1, "quantity": 1}]})


async def remember(shop: Shop) -> None:
    """An order of the past, most of which came back, and something that came back from nowhere."""
    past = order(("B", 4), charges=list(CHARGES), tenders=[{"amount": money("43.86")}])
    past |= {"location": "BER", "placed_at": DAY, "delivered_at": DAY}
    number = (await shop.do("orders.record", past))[0]["number"]
    back = {
        "order": number, "location": "BER", "reason": "credit", "returned_at": DAY,
        "lines": [{"line": 1, "quantity": 3}], "charges": [{"charge": 1, "amount": money("1.00")}],
    }  # fmt: skip
    await shop.do("returns.record", back)
    nowhere = {
        "channel": "web", "key": "k-1", "reference": "C-9", "sku": "A", "quantity": -1, "amount": money("-9.99"),
        "reason": "no_such_order", "occurred_at": DAY,
    }  # fmt: skip
    keep = next(name for name in verbs() if name.endswith(".keep"))
    await shop.do(keep, nowhere)


SPOILS = [
    Spoil("returns", "Return 1004-R1: closed is False", "UPDATE return_order SET closed_at = NULL"),
    Spoil(
        "return_units",
        "What came back of B from order 1004: received is 2",
        "UPDATE return_line SET received = 2, restocked = 2, refunded = 2 WHERE requested = 3",
    ),
    Spoil("stages_of_lines", "Line 1 of order", "UPDATE order_line SET refunded = 2 WHERE lost = 2"),
    Spoil("return_money", "The returns of order 1004: credited_minor is", "UPDATE return_line SET refunded_minor = 1"),
    Spoil("unmatched_returns", "The unmatched return k-1: quantity is 5", "UPDATE unmatched_return SET quantity = 5"),
    Spoil("unmatched_returns", "The unmatched return k-1 is missing", "DELETE FROM unmatched_return"),
    Spoil("return_lots", "Line 1 of return 10", "UPDATE return_line SET lot = 'L2' WHERE lot = 'L1'"),
]
