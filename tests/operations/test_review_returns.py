"""Money that goes back for lines that cost less than nothing, and batches of returns."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


async def delivered(shop: Any, *lines: dict[str, Any], **fields: Any) -> str:
    order = {"channel": "web", "currency": "EUR", "ship_to": {"country": "DE"}, "lines": list(lines), **fields}
    number = str((await shop.do("orders.place", **order))["number"])
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.ship", parcel=f"{number}-P1", carrier="DHL")
    await shop.do("parcels.track", parcel=f"{number}-P1", status="delivered", occurred_at=datetime.now(UTC).isoformat())
    return number


def priced(sku: str, quantity: int, amount: str) -> dict[str, Any]:
    return {"sku": sku, "quantity": quantity, "unit_price": {"amount": amount, "currency": "EUR"}}


def charge(kind: str, amount: str, line: int | None = None) -> dict[str, Any]:
    return {"kind": kind, "code": kind, "amount": {"amount": amount, "currency": "EUR"}, "line": line}


async def test_a_line_whose_discounts_round_below_zero_comes_back(shop: Any) -> None:
    """Two discounts of half the order each: the larger line bears both odd cents, and costs -0.01."""
    await shop.stock_up(MUG_HAM=5, CAP_HAM=5)
    number = await delivered(
        shop, priced("MUG", 1, "9.99"), priced("CAP", 1, "0.01"),
        charges=[charge("discount", "-5.00"), charge("discount", "-5.00")],
    )  # fmt: skip
    for line in (1, 2):
        lines = [{"line": line, "quantity": 1}]
        document = (await shop.do("returns.request", order=number, reason="x", lines=lines))["document"]
        await shop.do("returns.receive", document=document, location="HAM", lines=lines)
        await shop.do("returns.dispose", document=document, lines=[{**lines[0], "disposition": "restock"}])
        assert (await shop.do("returns.refund", document=document))["closed"]
    await shop.check_books()
