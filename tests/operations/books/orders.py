"""Orders and their lines."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.operations.books.spoiling import EDITED, LINE_1, ORDER, Spoil
from tests.races.shop import CHARGES, PEOPLE, Shop, money, order


async def send(shop: Shop) -> str:
    """An order of a person: 3 of 5 picked first, one short, two parcels, one of them delivered. Its number."""
    name, email, phone, street = PEOPLE
    sent = order(
        ("A", 5), ("B", 3), charges=list(CHARGES), external_reference="W-1",
        customer={"name": name, "email": email, "phone": phone},
        ship_to={"country": "DE", "line1": street, "name": name},
        tenders=[{"amount": money("83.82"), "reference": "t-1"}],
    )  # fmt: skip
    number: str = (await shop.do("orders.place", sent))[0]["number"]
    made = (await shop.do("orders.release", {"order": number}))[0]["fulfillment_orders"][0]
    short = [{"line": 2, "quantity": 1, "reason": "gone"}]
    three = [{"line": 1, "quantity": 3}]
    await shop.do("fulfillment-orders.pick", {"fulfillment_order": made, "lines": three, "short": short})
    await shop.do("fulfillment-orders.pick", {"fulfillment_order": made})
    parcels = []
    for lines in ([{"line": 1, "quantity": 2}], []):
        packed = await shop.do("parcels.pack", {"fulfillment_order": made, "lines": lines})
        parcels.append(packed[0]["parcel"])
        await shop.do("parcels.ship", {"parcel": parcels[-1], "carrier": "DHL", "tracking_number": f"T{parcels[-1]}"})
    await shop.do(
        "parcels.track", {"parcel": parcels[0], "status": "delivered", "occurred_at": datetime.now(UTC).isoformat()}
    )
    return number


async def stop(shop: Shop, number: str) -> None:
    """An order over two locations that is cut, one that is stopped, and damaged stock."""
    split, held = order(("C", 30), risk=12, bill_to={"country": "DE", "line1": PEOPLE[3]}), order(("A", 1))
    del held["ship_to"]
    waiting, stopped = await shop.do("orders.place", split, held)
    await shop.do("stock.adjust", {"sku": "B", "location": "HAM", "quantity": 2, "kind": "damaged", "reason": "wet"})
    await shop.do("orders.release", {"order": waiting["number"]})
    await shop.do("lines.cancel", {"order": waiting["number"], "reason": "late", "lines": [{"line": 1, "quantity": 4}]})
    await shop.do("orders.hold", {"order": stopped["number"], "kind": "fraud", "note": f"{PEOPLE[0]} called"})
    await shop.do("holds.release", {"order": stopped["number"], "kind": "no_address"})
    await shop.do("orders.source", {"order": number})
    await shop.do("payments.record", {"order": stopped["number"], "amount": money("5.00"), "kind": "cash"})


SPOILS = [
    Spoil("demand_days", "The demand of ", "UPDATE demand_day SET units = units + 1"),
    Spoil("demand_days", "The demand of ", "UPDATE demand_day SET day = day - 400"),
    Spoil("demand_days", "The demand of ", "DELETE FROM demand_day WHERE units > 1"),
    Spoil("order_heads", "Order 1001: version is", f"UPDATE orders SET version = 1 WHERE id = {ORDER}"),
    Spoil("order_heads", "Order 1001: currency is USD", f"UPDATE orders SET currency = 'USD' WHERE id = {ORDER}"),
    Spoil(
        "order_heads", "Order 1001: customer_id is empty", f"UPDATE orders SET customer_id = NULL WHERE id = {ORDER}"
    ),
    Spoil(
        "line_heads", "Line 1 of order 1001: goods_minor is 1,", f"UPDATE order_line SET goods_minor = 1 WHERE {LINE_1}"
    ),
    Spoil(
        "line_heads",
        "Line 2 of order 1001 is missing",
        f"DELETE FROM order_line WHERE order_id = {ORDER} AND number = 2",
    ),
    Spoil(
        "line_units",
        "Line 1 of order 1001: delivered is 1, the journal says 2",
        f"UPDATE order_line SET delivered = 1, in_transit = in_transit + 1 WHERE {LINE_1}",
    ),
    Spoil(
        "order_units",
        "Order 1001: delivered is",
        f"UPDATE orders SET delivered = delivered - 1, lost = lost + 1 WHERE id = {ORDER}",
    ),
    Spoil("order_units", "Order 1003: active_holds is 0", "UPDATE orders SET active_holds = 0 WHERE number = 1003"),
    Spoil(
        "order_money", "Order 1001: captured_minor is 1,", f"UPDATE orders SET captured_minor = 1 WHERE id = {ORDER}"
    ),
    Spoil("order_money", "Order 1001: owed_minor is", f"UPDATE orders SET adjusted_minor = 77 WHERE id = {ORDER}"),
    Spoil(
        "order_money",
        "Order 1001: other_currency is EUR",
        f"UPDATE money_posting SET currency = 'USD' WHERE order_id = {ORDER} AND number = 0",
    ),
    Spoil(
        "order_charges", "Order 1001: charged_minor is 1,", f"UPDATE orders SET charged_minor = 1 WHERE id = {ORDER}"
    ),
    Spoil(
        "order_charges", "Order 1001: authorised_minor is", f"UPDATE orders SET authorised_minor = 1 WHERE id = {ORDER}"
    ),
    Spoil(
        "charges",
        "Charge 1 of line 1 of order 1001",
        f"UPDATE charge SET amount_minor = 1 WHERE order_id = {ORDER} AND number = 1 AND line_number = 1",
    ),
    Spoil(
        "charges_posted",
        "The account fees of order 1001",
        f"UPDATE money_posting SET credit = 'fees' WHERE credit = 'sales' AND order_id = {ORDER}",
    ),
    Spoil("holds", "Hold 2 of order ", "DELETE FROM hold WHERE kind = 'payment_failed'"),
    Spoil("holds", "Hold 1 of order ", "UPDATE hold SET released_at = NULL WHERE kind = 'awaiting_payment'"),
    Spoil("holds", "Hold 1 of order 1003: released is False", "UPDATE hold SET released_at = NULL"),
    Spoil("order_heads", "Order ", f"UPDATE orders SET ship_by = NULL WHERE id = {EDITED}"),
    Spoil("order_heads", "Order ", f"UPDATE orders SET priority = 0 WHERE id = {EDITED}"),
    Spoil("order_heads", "Order ", f"UPDATE orders SET ship_to_id = NULL WHERE id = {EDITED}"),
    Spoil("line_heads", "Line 3 of order ", f"UPDATE order_line SET added = false WHERE order_id = {EDITED} AND added"),
    Spoil(
        "charges", "Charge ", f"UPDATE charge SET amount_minor = amount_minor + 1 WHERE order_id = {EDITED} AND added"
    ),
    Spoil("charges", "Charge ", f"UPDATE charge SET added = false WHERE order_id = {EDITED}"),
    Spoil(
        "order_details", "The details of order ", "UPDATE order_detail SET method = 'truck' WHERE method IS NOT NULL"
    ),
    Spoil("holds", "Hold 1 of order 1003: stops is", "UPDATE hold SET stops = '{edit}' WHERE number = 1"),
    Spoil("holds", "Hold 2 of order 1003: lines is", "UPDATE hold SET lines = '{1}' WHERE number = 2"),
    Spoil("holds", "Hold 1 of order 1003: released_by is", "UPDATE hold SET released_by = 'user:9'"),
    Spoil("order_details", "The details of order 1002: risk_score is 99", "UPDATE order_detail SET risk_score = 99"),
    Spoil("order_details", "The details of order 1002 is missing", "DELETE FROM order_detail"),
    Spoil("holds", "Hold 2 of order 1003 is missing", "DELETE FROM hold WHERE number = 2"),
    Spoil(
        "line_heads",
        "Line 2 of order ",
        "UPDATE order_line SET instead_of = NULL WHERE instead_of IS NOT NULL",
    ),
    Spoil("line_heads", "Line 1 of order ", "UPDATE order_line SET ordered = 3 WHERE is_kit"),
    Spoil("line_heads", "Line ", "UPDATE order_line SET pickup_location_id = NULL"),
    Spoil("order_heads", "Order ", f"UPDATE orders SET ship_complete = false WHERE id = {EDITED}"),
    Spoil("line_heads", "Line 2 of order ", f"UPDATE order_line SET ship_complete = false WHERE order_id = {EDITED}"),
    Spoil("holds", "Hold 1 of order", "UPDATE hold SET released_at = NULL, released_by = NULL WHERE kind = 'approval'"),
    Spoil("line_heads", "Line 1 of order", "UPDATE order_line SET ship_to_id = NULL"),
    Spoil("order_details", "The details of order", "UPDATE order_detail SET gift = false WHERE gift"),
    Spoil("order_details", "The details of order", "UPDATE order_detail SET may_split = true WHERE may_split IS FALSE"),
    Spoil("charges", "Charge 1 of line 1 of order", "UPDATE charge SET source = 'person' WHERE source = 'code'"),
    Spoil("charges", "Charge 3 of line 1 of order", "UPDATE charge SET rate = 7 WHERE source = 'calculated'"),
    Spoil("order_details", "The details of order", "UPDATE order_detail SET shop_rate = 1 WHERE shop_currency = 'USD'"),
]
