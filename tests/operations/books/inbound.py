"""What comes from suppliers, where it is put, and what is promised of it."""

from __future__ import annotations

from tests.operations.books.spoiling import Spoil
from tests.races.shop import Shop, order


async def expect(shop: Shop) -> None:
    """A product that was bought, came in part, and is waited for."""
    await shop.do("products.save", {"sku": "D", "name": "Product D"})
    await shop.do("policies.set", {"name": "may_backorder", "sku": "D", "value": True})
    line = {"sku": "D", "location": "HAM", "quantity": 20, "due_at": "2035-12-03T08:00:00Z"}
    (bought,) = await shop.do("purchase-orders.place", {"supplier": "Nord", "reference": "B-1", "lines": [line]})
    name = bought["purchase_order"]
    due = {"purchase_order": name, "due_at": "2035-12-01T08:00:00Z"}
    await shop.do("asns.announce", {**due, "reference": "S-1", "lines": [{"line": 1, "quantity": 8}]})
    await shop.do("asns.announce", {**due, "reference": "S-2", "lines": [{"line": 1, "quantity": 3}]})
    await shop.do("asns.cancel", {"asn": f"{name}-A2", "reason": "late"})
    came = [{"line": 2, "quantity": 5, "damaged": 1}]
    await shop.do("purchase-orders.receive", {"purchase_order": f"{name}-A1", "lines": came})
    await shop.do("bins.save", *({"location": "HAM", "code": code} for code in ("D-1", "D-2")))
    lies = {"sku": "D", "location": "HAM"}
    await shop.do("stock.put-away", {**lies, "bin": "D-1", "quantity": 5})
    await shop.do("stock.put-away", {**lies, "bin": "D-2", "from_bin": "D-1", "quantity": 4})
    await shop.do("stock.adjust", {**lies, "quantity": 2, "kind": "lost", "reason": "gone"})
    later = {"line": 1, "due_at": "2035-12-05T08:00:00Z", "quantity": 13}
    await shop.do("purchase-orders.change", {"purchase_order": name, "lines": [later]})
    off = {"purchase_order": name, "reason": "scarce", "lines": [{"line": 1, "quantity": 1}]}
    await shop.do("purchase-orders.cancel", off)
    (waiting,) = await shop.do("orders.place", order(("D", 12), external_reference="W-9"))
    await shop.do("promises.renew", {"order": waiting["number"]})


SPOILS = [
    Spoil("purchase_orders", "Purchase order PO", "UPDATE purchase_order SET supplier = 'Somebody'"),
    Spoil("purchase_orders", "Purchase order PO", "UPDATE purchase_order SET closed_at = now()"),
    Spoil("purchase_lines", "Line 1 of purchase order PO", "UPDATE purchase_order_line SET received = 7"),
    Spoil("purchase_lines", "Line 1 of purchase order PO", "UPDATE purchase_order_line SET due_at = now()"),
    Spoil("asns", "The ASN PO", "UPDATE asn SET reference = 'X'"),
    Spoil("asns", "The ASN PO", "DELETE FROM asn WHERE number = 2"),
    Spoil("bins", "What lies of D in bin D-2: quantity is 1,", "UPDATE bin_stock SET quantity = 1 WHERE quantity > 0"),
    Spoil(
        "bins_in_stock", "The bins of D at HAM: units is 999", "UPDATE bin_stock SET quantity = 999 WHERE quantity > 0"
    ),
    Spoil("purchase_receipts", "What came of D by purchase order PO", "UPDATE purchase_order_line SET damaged = 0"),
    Spoil(
        "backlog", "The backlog of D with priority 0: waiting is", "UPDATE backlog SET waiting = 1 WHERE waiting > 0"
    ),
    Spoil("backlog", "The backlog of D with priority 0 is missing", "DELETE FROM backlog"),
    Spoil("promises", "The promise for line 1 of order ", "UPDATE promise SET promised_at = now()"),
    Spoil("promises", "The promise for line 1 of order ", "UPDATE promise SET quantity = 1"),
    Spoil("promises", "The promise for line 1 of order ", "DELETE FROM promise"),
]
