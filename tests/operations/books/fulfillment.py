"""Fulfillment orders and parcels."""

from __future__ import annotations

from tests.operations.books.spoiling import EDITED, LINE_1, ORDER, Spoil
from tests.races.shop import Shop, order

ASKED = "(SELECT id FROM orders WHERE external_reference = 'W-F')"


async def ask_around(shop: Shop) -> None:
    """Fulfillment orders in parts: held, asked, accepted, moved, given back from the shelf and from a cart, stopped and scheduled."""
    await shop.stock_up(0, ("FO",))
    await shop.do(
        "stock.receive", *({"sku": "FO", "location": each, "quantity": 9, "reason": "x"} for each in ("HAM", "BER"))
    )
    number = (await shop.do("orders.place", order(("FO", 7), external_reference="W-F")))[0]["number"]
    await shop.do("orders.release", {"order": number})
    first, one = {"fulfillment_order": f"{number}-F1"}, [{"line": 1, "quantity": 1}]
    await shop.do("fulfillment-orders.pick", {**first, "lines": [{"line": 1, "quantity": 2}]})
    await shop.do("fulfillment-orders.reject", {**first, "reason": "busy", "lines": [{"line": 1, "quantity": 6}]})
    second = (await shop.do("fulfillment-orders.split", {"fulfillment_order": f"{number}-F2", "lines": one}))[0]
    split = {"fulfillment_order": second["fulfillment_order"]}
    await shop.do("fulfillment-orders.hold", {**split, "kind": "gift"})
    await shop.do("fulfillment-orders.submit", {"fulfillment_order": f"{number}-F2", "minutes": 9})
    await shop.do("fulfillment-orders.accept", {"fulfillment_order": f"{number}-F2", "lines": one})
    await shop.do(
        "fulfillment-orders.reject", {"fulfillment_order": f"{number}-F4", "reason": "wet", "found": "damaged"}
    )
    await shop.do(
        "fulfillment-orders.move",
        {"fulfillment_order": f"{number}-F2", "to_location": "HAM", "reason": "x", "lines": one},
    )
    await shop.do("fulfillment-orders.release-hold", split)
    await shop.do("fulfillment-orders.cancel", {**split, "reason": "mistake"})
    await shop.do("fulfillment-orders.schedule", {"fulfillment_order": f"{number}-F2", "at": "2990-01-01T00:00:00Z"})


async def put_back(shop: Shop) -> None:
    """An order that was cancelled when one of its units was packed and one picked; one of them lies on the shelf again."""
    await shop.do("products.save", {"sku": "E", "name": "Product E"})
    await shop.do("stock.receive", {"sku": "E", "location": "HAM", "quantity": 5, "reason": "opening"})
    number = (await shop.do("orders.place", order(("E", 3))))[0]["number"]
    await shop.do("orders.release", {"order": number})
    two, one = [{"line": 1, "quantity": 2}], [{"line": 1, "quantity": 1}]
    await shop.do("fulfillment-orders.pick", {"fulfillment_order": f"{number}-F1", "lines": two})
    await shop.do("parcels.pack", {"fulfillment_order": f"{number}-F1", "lines": one})
    await shop.do("lines.cancel", {"order": number, "reason": "late", "unpack": True})
    await shop.do("fulfillment-orders.put-back", {"fulfillment_order": f"{number}-F1", "lines": one})


SPOILS = [
    Spoil("allocations", "What line 1 of order ", "UPDATE allocation SET allocated = allocated + 1"),
    Spoil("allocation_rows", "Allocation 1 of order 1001 is missing", f"DELETE FROM allocation WHERE {LINE_1}"),
    Spoil("allocation_rows", "Allocation 1 of order 1001: lot is X", f"UPDATE allocation SET lot = 'X' WHERE {LINE_1}"),
    Spoil(
        "stages_of_lines",
        "Line 1 of order 1001: sent_back is",
        f"UPDATE parcel SET status = 'lost' WHERE order_id = {ORDER} AND number = 2",
    ),
    Spoil(
        "stages_of_lines",
        "Line 1 of order 1004: returned is 3",
        "UPDATE return_line SET received = 2, restocked = 2, refunded = 2 WHERE requested = 3",
    ),
    Spoil("stock_of_orders", "Stock of ", "UPDATE stock SET quality_hold = quality_hold + 1"),
    Spoil(
        "fulfillment_orders",
        "Fulfillment order 1001-F1: withdrawn is 2, the journal says 1",
        f"UPDATE fulfillment_order SET withdrawn = withdrawn + 1 WHERE order_id = {ORDER}",
    ),
    Spoil(
        "fulfillment_work",
        "Fulfillment order 1002-F1: released is",
        "UPDATE fulfillment_order SET released = released + 1 WHERE released > 0 AND number = 1",
    ),
    Spoil(
        "parcels",
        "Parcel 1001-P1: status is lost, the journal says delivered",
        f"UPDATE parcel SET status = 'lost' WHERE {LINE_1}",
    ),
    Spoil(
        "parcels",
        "Parcel 1001-P2: tracking_number is empty",
        f"UPDATE parcel SET tracking_number = NULL WHERE order_id = {ORDER} AND number = 2",
    ),
    Spoil(
        "parcel_lines",
        "Allocation 1 in parcel 1001-P1: quantity is 1",
        f"UPDATE parcel_line SET quantity = 1 WHERE order_id = {ORDER} AND parcel = 1",
    ),
    Spoil("allocation_rows", "Allocation ", "UPDATE allocation SET put_back = 0"),
    Spoil("allocation_rows", "Allocation 1 of order ", "UPDATE allocation SET ship_on = '2020-01-01'"),
    Spoil("fulfillment_orders", "Fulfillment order ", "UPDATE fulfillment_order SET ship_on = '2020-01-01'"),
    Spoil(
        "fulfillment_orders",
        "Fulfillment order ",
        f"UPDATE fulfillment_order SET request = 'accepted' WHERE order_id = {ASKED}",
    ),
    Spoil(
        "fulfillment_orders",
        "Fulfillment order ",
        f"UPDATE fulfillment_order SET moved = moved + 1 WHERE order_id = {ASKED}",
    ),
    Spoil(
        "fulfillment_orders",
        "Fulfillment order ",
        "UPDATE fulfillment_order SET rejected = 0, short = rejected WHERE rejected > 0",
    ),
    Spoil("fulfillment_orders", "Fulfillment order ", "UPDATE fulfillment_order SET scheduled_for = NULL"),
    Spoil("fulfillment_orders", "Fulfillment order ", "UPDATE fulfillment_order SET pickup_location_id = NULL"),
    Spoil("parcels", "Parcel ", "UPDATE parcel SET status = 'cancelled' WHERE status = 'arrived'"),
    Spoil("allocation_rows", "Allocation ", f"UPDATE allocation SET put_back = 0 WHERE order_id = {ASKED}"),
    Spoil("parcels", "Parcel 10", "UPDATE parcel SET status = 'packed' WHERE status = 'cancelled'"),
    Spoil(
        "fulfillment_orders",
        "Fulfillment order ",
        f"UPDATE fulfillment_order SET priority = 5 WHERE order_id = {EDITED}",
    ),
    Spoil("fulfillment_orders", "Fulfillment order ", "UPDATE fulfillment_order SET ship_to_id = NULL"),
    Spoil("parcels", "Parcel 10", "UPDATE parcel SET carton = 'L' WHERE carton = 'M'"),
    Spoil("parcels", "Parcel 10", "UPDATE parcel SET sscc = '401234500000000999' WHERE sscc = '040123450000000023'"),
]
