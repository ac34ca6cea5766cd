"""The life of a merchant, told room by room: commands of every verb, in an order in which each is accepted.

A command names what came before it by a hole: "{order}" is the last order that was placed, "{transfer}" the last transfer, and so on
(see `named`). Whoever walks the life fills the holes from the outcomes.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests.entrypoints.house import Merchant, order

Command = tuple[str, dict[str, Any]]
"""(verb, fields)"""

DAY = "2019-03-02T11:42:00+01:00"
AHEAD = "2990-12-03T08:00:00+01:00"
ONE, TWO = [{"line": 1, "quantity": 1}], [{"line": 1, "quantity": 2}]
FEED = b"sku,quantity\nMUG,3\n"
"""A file of stock, which is handed in before the life begins."""


def life() -> Iterator[Command]:
    """All rooms; the first order is 1001."""
    yield from catalog()
    yield from orders()
    yield from sourcing()
    yield from returns()
    yield from lots()
    yield from stock()
    yield from reservations()
    yield from purchases()
    yield from bins()
    yield from waves()
    yield from transfers()
    yield from counts()
    yield from shortages()
    yield from kits()
    yield from work()
    yield from pickups()
    yield from papers()
    yield from companies()


def begin(shop: Merchant) -> None:
    """What no verb does: hand in the file of stock."""
    assert shop.ask("POST", "/v1/files", FEED, {"Content-Type": "text/csv"}).status == 201


def euros(amount: str) -> dict[str, str]:
    """Money."""
    return {"amount": amount, "currency": "EUR"}


def product(sku: str, quantity: int, **more: Any) -> Iterator[Command]:
    """A product, and so many units of it at HAM."""
    yield "products.save", {"sku": sku, "name": sku.title(), **more}
    if quantity:
        yield "stock.receive", {"sku": sku, "location": "HAM", "quantity": quantity, "reason": "opening"}


def catalog() -> Iterator[Command]:
    """Places, products and rules."""
    yield "channels.save", {"code": "pos", "name": "Till"}
    yield "location-groups.save", {"code": "SOUTH", "name": "South"}
    yield "locations.save", {"code": "MUC", "name": "Munich", "kind": "store", "time_zone": "UTC", "country": "DE"}
    yield "products.save", {"sku": "BOWL", "name": "Bowl", "weight_grams": 800}
    yield "stock.receive", {"sku": "BOWL", "location": "MUC", "quantity": 7, "reason": "opening"}
    yield "stock.adjust", {"sku": "BOWL", "location": "MUC", "quantity": 1, "kind": "damaged", "reason": "chipped"}
    yield "policies.set", {"name": "may_backorder", "value": True}
    yield "exchange-rates.save", {"currency": "USD", "shop_currency": "EUR", "day": "2026-01-01", "rate": "0.9213"}
    yield "tax-rates.save", {"country": "DE", "code": "VAT", "rate": "19", "included": True, "valid_from": "2026-01-01"}


def orders() -> Iterator[Command]:
    """From the basket to the doorstep."""
    yield "orders.place", order(5, tenders=[{"amount": euros("49.95")}])
    yield "orders.place", order(500)
    yield "orders.hold", {"order": "1001", "kind": "fraud"}
    yield "orders.hold", {"order": "1001", "stops": ["capture", "edit"], "lines": [1], "expires_at": AHEAD}
    yield "holds.release", {"order": "1001", "number": 2, "reason": "paid"}
    yield "holds.release", {"order": "1001", "kind": "fraud"}
    yield "payments.record", {"order": "{order}", "amount": euros("5.00"), "kind": "cash"}
    yield "lines.cancel", {"order": "1001", "reason": "late", "lines": ONE}
    yield "payments.refund", {"order": "1001", "amount": euros("1.00")}
    yield from payments()
    yield from credits()
    yield from tax_service()
    yield "orders.release", {"order": "1001"}
    short = [{"line": 1, "quantity": 1, "reason": "gone"}]
    yield "fulfillment-orders.pick", {"fulfillment_order": "1001-F1", "short": short}
    yield "orders.source", {"order": "1001"}
    yield "legal-entities.save", {"name": "Quay Goods Ltd", "country": "GB"}
    yield "invoices.issue", {"order": "1001", "bill": "all"}
    yield "parcels.pack", {"fulfillment_order": "1001-F1", "lines": TWO}
    yield "parcels.unpack", {"parcel": "1001-P1", "reason": "wrong_box"}
    yield "parcels.pack", {"fulfillment_order": "1001-F1", "lines": TWO}
    yield "products.save", {"sku": "JUG", "name": "Jug"}
    yield "stock.receive", {"sku": "JUG", "location": "BER", "quantity": 7, "reason": "opening"}
    yield "orders.place", order(2, "JUG")
    yield "orders.release", {"order": "{order}"}
    yield "fulfillment-orders.pick", {"fulfillment_order": "{fulfillment_order}"}
    yield "parcels.pack", {"fulfillment_order": "{fulfillment_order}"}
    yield "lines.cancel", {"order": "{order}", "reason": "late", "unpack": True}
    yield "fulfillment-orders.put-back", {"fulfillment_order": "{fulfillment_order}"}
    yield "orders.place", order(2, "JUG")
    new = {"sku": "JUG", "quantity": 1, "unit_price": euros("3.00")}
    fewer = [{"line": 1, "quantity": 1}]
    yield (
        "orders.edit",
        {"order": "{order}", "reason": "late", "quantities": fewer, "add": [new], "ship_by": AHEAD, "method": "bike"},
    )
    yield "attributes.define", {"subject": "product", "code": "made_of", "name": "Made of", "type": "text"}
    yield "stock.receive", {"sku": "JUG", "location": "BER", "quantity": 9, "reason": "opening"}
    yield "orders.place", order(2, "JUG")
    yield "orders.split", {"order": "{order}", "reason": "late", "lines": fewer}
    yield "orders.place", order(2, "JUG")
    yield "notes.add", {"order": "{order}", "text": "Goes with the next one"}
    yield "orders.place", order(2, "JUG")
    yield "orders.merge", {"order": "{order}", "others": ["{note}"], "reason": "late"}
    yield "notes.add", {"order": "{order}", "text": "Rings twice", "audience": "customer"}
    yield "notes.blank", {"note": "{note}"}
    yield "orders.tag", {"order": "{order}", "add": ["vip"]}
    for follows in ("edits.confirm", "edits.drop"):
        yield "edits.begin", {"order": "{order}", "reason": "late", "method": follows}
        yield follows, {"edit": "{edit}"}
    yield "parcels.ship", {"parcel": "1001-P2", "carrier": "DHL", "tracking_number": "T-1"}
    yield "parcels.track", {"parcel": "1001-P2", "status": "delivered", "occurred_at": datetime.now(UTC).isoformat()}
    yield "orders.place", order(1, "JUG")
    yield "orders.release", {"order": "{order}"}
    yield "fulfillment-orders.pick", {"fulfillment_order": "{fulfillment_order}"}
    yield "parcels.pack", {"fulfillment_order": "{fulfillment_order}"}
    yield "parcels.ship", {"parcel": "{parcel}", "carrier": "DHL"}
    yield "parcels.track", {"parcel": "{parcel}", "status": "lost", "occurred_at": datetime.now(UTC).isoformat()}
    yield "lines.write-off", {"order": "{order}"}


def payments() -> Iterator[Command]:
    """A card that promises, pays in part and gives up the rest; another that lapses."""
    yield from product("JUG", 9)
    yield "orders.place", order(4, "JUG")
    for reference in ("pi_1", "pi_2"):
        yield (
            "payments.authorise",
            {"order": "{order}", "provider": "acme", "reference": reference, "amount": euros("5.00")},
        )
    told = {"order": "{order}", "outcome": "succeeded"}
    for tender in (1, 2):
        yield "payments.answer", told | {"tender": tender, "request": 1, "reference": f"pi_{tender}"}
    yield "payments.capture", {"order": "{order}", "amount": euros("2.00")}
    yield "payments.answer", told | {"tender": 1, "request": 2, "reference": "ch_1"}
    taken = {"order": "{order}", "tender": 1, "reference": "dp_1", "reason": "fraudulent", "amount": euros("2.00")}
    yield "payments.dispute", taken
    disputed = {"order": "{order}", "tender": 1, "reference": "dp_1"}
    yield "disputes.answer", disputed | {"words": "She signed for it."}
    yield "dispute-answers.settle", disputed | {"number": 1, "code": "too_long"}
    yield "disputes.accept", disputed
    fee = {"provider": "acme", "payment": "pi_1", "movement": "txn_1", "fee": euros("0.10")}
    yield "provider-fees.post", fee
    yield "payments.void", {"order": "{order}", "tender": 1}
    yield "payments.lapse", {"order": "{order}", "tender": 2}
    yield "orders.place", order(2, "JUG")
    yield "payments.authorise", {"order": "{order}", "provider": "acme", "method": "pm_1"}
    yield "payments.answer", told | {"tender": 1, "request": 1, "reference": "pi_3"}
    yield "lines.cancel", {"order": "{order}", "reason": "late"}
    yield "payments.follow", {"order": "{order}"}


def tax_service() -> Iterator[Command]:
    """A service that nobody knows: an order waits for it, its invoice is refused and sent again."""
    yield from product("VASE", 4)
    yield "policies.set", {"name": "taxes", "value": "service"}
    yield "orders.place", order(2, "VASE")
    yield "invoices.issue", {"order": "{order}", "bill": "all"}
    yield "tax-records.answer", {"order_id": "{order_id}", "document": 1, "code": "Busy"}
    yield "tax-records.repeat", {"order": "{order}", "document": 1}
    yield "lines.cancel", {"order": "{order}", "reason": "late"}
    yield "orders.tax", {"order": "{order}"}
    yield "policies.set", {"name": "taxes", "value": "as_charged"}


def credits() -> Iterator[Command]:
    """A gift card pays a part of an order; another one was over when it was issued."""
    yield "orders.place", order(2, "JUG")
    yield "credits.issue", {"code": "GIFT-0001", "amount": euros("5.00"), "reason": "sold"}
    yield "credits.spend", {"order": "{order}", "code": "GIFT-0001"}
    yield "credits.issue", {"code": "GIFT-0002", "amount": euros("5.00"), "reason": "sold", "expires_at": DAY}
    yield "credits.expire", {"credit": "{credit}"}


def returns() -> Iterator[Command]:
    """What comes back, also of orders that others filled."""
    yield "returns.request", {"order": "1001", "reason": "small", "lines": TWO}
    yield "returns.receive", {"document": "1001-R1", "location": "BER", "lines": ONE}
    disposed = [{"line": 1, "quantity": 1, "disposition": "restock"}]
    yield "returns.dispose", {"document": "1001-R1", "lines": disposed}
    yield "returns.refund", {"document": "1001-R1"}
    yield "returns.cancel", {"document": "1001-R1"}
    past = order(4, "BOWL", tenders=[{"amount": euros("39.96")}])
    yield "orders.record", past | {"location": "MUC", "placed_at": DAY, "delivered_at": DAY}
    back = {"location": "MUC", "reason": "credit", "returned_at": DAY}
    yield "returns.record", back | {"order": "{order}", "lines": ONE}
    unmatched = {"channel": "web", "key": "k-1", "reference": "C-9", "sku": "MUG", "quantity": -1}
    why = {"reason": "no_such_order", "amount": euros("-9.99"), "occurred_at": DAY}
    yield "unmatched-returns.keep", unmatched | why


def lots() -> Iterator[Command]:
    """Two lots of milk, one of them suspicious."""
    yield "products.save", {"sku": "MILK", "name": "Milk", "tracking": "lot"}
    milk = {"sku": "MILK", "location": "BER", "quantity": 5, "reason": "purchase"}
    yield "stock.receive", milk | {"lot": "A", "expires_on": "2990-01-31"}
    yield "stock.receive", milk | {"lot": "B", "expires_on": "2990-02-28"}
    yield "orders.place", order(2, "MILK")
    yield "allocations.swap-lot", {"order": "{order}", "line": 1, "lot": "A", "to_lot": "B", "reason": "complaint"}
    for verb in ("hold", "recall", "release"):
        yield f"lots.{verb}", {"sku": "MILK", "lot": "A", "reason": "complaint"}
    yield "stock.move", milk | {"source": "available", "target": "quality_hold", "lot": "A", "quantity": 1}


def stock() -> Iterator[Command]:
    """The book is corrected, by hand and by a feed; pools and levels look at what is left."""
    yield from product("CAN", 10)
    yield "stock.adjust", {"sku": "CAN", "location": "HAM", "quantity": 2, "kind": "lost", "reason": "gone"}
    yield "stock.correct", {"event": "{head}", "reason": "typing_error"}
    yield "stock.set", {"sku": "CAN", "location": "HAM", "quantity": 12}
    yield "policies.set", {"name": "availability_levels", "value": [20], "sku": "CAN"}
    yield "availability.check", {"sku": "CAN"}
    yield "pools.set", {"sku": "CAN", "pool": "launch", "kind": "shared", "channels": ["web"], "quantity": 4}
    yield "pools.remove", {"sku": "CAN", "pool": "launch"}
    yield "stock-feeds.receive", {"reference": "WMS-1", "file": hashlib.sha256(FEED).hexdigest(), "location": "HAM"}
    yield "stock-feeds.apply", {"reference": "WMS-1", "lines": [{"sku": "CAN", "location": "HAM", "quantity": 11}]}
    yield "stock-feeds.finish", {"reference": "WMS-1", "rows": 1, "unchanged": 1}


def reservations() -> Iterator[Command]:
    """Carts: one is left standing, one gets its place, one becomes an order, one is over."""
    yield from product("VASE", 9)
    cart = {"lines": [{"sku": "VASE", "quantity": 2}], "channel": "web"}
    yield "reservations.reserve", cart
    yield "reservations.extend", {"reservation": "{reservation}", "seconds": 3_600}
    yield "reservations.release", {"reservation": "{reservation}"}
    yield "reservations.reserve", cart | {"anywhere": True}
    yield "reservations.pin", {"reservation": "{reservation}", "location": "HAM"}
    yield "orders.place", order(2, "VASE", reservation="{reservation}")
    yield "reservations.reserve", cart | {"seconds": 1}
    time.sleep(1.1)
    yield "reservations.expire", {"reservation": "{reservation}"}
    yield from product("URN", 3)
    yield "reservations.reserve", {"lines": [{"sku": "URN", "quantity": 3}], "anywhere": True}
    yield "stock.adjust", {"sku": "URN", "location": "HAM", "quantity": 1, "kind": "lost", "reason": "flood"}
    yield "reservations.shorten", {"sku": "URN"}


def purchases() -> Iterator[Command]:
    """An order waits for what is bought, announced, received in part and closed; another purchase is called off."""
    yield from product("RUG", 0)
    yield "orders.place", order(2, "RUG")
    rug = {"sku": "RUG", "location": "HAM", "quantity": 30, "due_at": AHEAD}
    yield "purchase-orders.place", {"supplier": "Nord", "reference": "B-1", "lines": [rug]}
    yield "promises.renew", {"order": "{order}"}
    sooner = {"line": 1, "due_at": "2990-11-03T08:00:00+01:00"}
    yield "purchase-orders.change", {"purchase_order": "{purchase_order}", "lines": [sooner]}
    announced = {"purchase_order": "{purchase_order}", "reference": "S-1", "due_at": "2990-11-01T08:00:00+01:00"}
    yield "asns.announce", announced | {"lines": [{"line": 1, "quantity": 20}]}
    received = {"line": 2, "quantity": 18, "damaged": 1}
    yield "purchase-orders.receive", {"purchase_order": "{asn}", "lines": [received], "document": "DN-1"}
    yield "purchase-orders.close", {"purchase_order": "{purchase_order}", "reason": "short_delivery"}
    yield "purchase-orders.place", {"supplier": "Nord", "lines": [rug]}
    yield "asns.announce", announced
    yield "asns.cancel", {"asn": "{asn}", "reason": "vessel_missed"}
    yield "purchase-orders.cancel", {"purchase_order": "{purchase_order}", "reason": "out_of_stock"}


def bins() -> Iterator[Command]:
    """Units are put away."""
    yield "bins.save", {"location": "HAM", "code": "A-1", "sequence": 1}
    yield "stock.put-away", {"sku": "CAN", "location": "HAM", "bin": "A-1", "quantity": 3}


def waves() -> Iterator[Command]:
    """One is picked by scan and closed, one is called off."""
    yield from product("KEG", 9)
    yield "layouts.save", {"location": "HAM", "aisles": [{"code": "A", "x_cm": 0}], "cross_cm": [0, 900]}
    yield "bins.save", {"location": "HAM", "code": "A-2", "aisle": "A", "position_cm": 400}
    yield "stock.put-away", {"sku": "KEG", "location": "HAM", "bin": "A-2", "quantity": 9}
    for reference in ("V-1", "V-2"):
        yield "orders.place", order(2, "KEG")
        yield "orders.release", {"order": "{order}"}
        named = {"location": "HAM", "fulfillment_orders": ["{fulfillment_order}"], "reference": reference}
        yield "waves.plan", named
        yield "waves.release", {"wave": "{wave}"}
        if reference == "V-1":
            yield "waves.take-list", {"wave": "{wave}"}
            yield "waves.leave-list", {"list": "{list}"}
            yield "waves.pick", {"wave": "{wave}", "task": 1, "barcode": "KEG", "bin": "A-2", "quantity": 1}
            yield "waves.close", {"wave": "{wave}"}
        else:
            yield "waves.cancel", {"wave": "{wave}", "reason": "replanned"}


def transfers() -> Iterator[Command]:
    """One arrives in part and is closed; one never leaves."""
    way = {"from_location": "HAM", "to_location": "MUC", "due_at": AHEAD, "lines": [{"sku": "VASE", "quantity": 3}]}
    yield "transfers.create", way | {"reference": "R-1"}
    yield "transfers.ready", {"transfer": "{transfer}"}
    yield "transfers.ship", {"transfer": "{transfer}"}
    yield "transfers.receive", {"transfer": "{transfer}", "lines": [{"line": 1, "quantity": 2, "damaged": 1}]}
    yield "transfers.close", {"transfer": "{transfer}", "reason": "lost_on_the_way"}
    yield "transfers.create", way
    yield "transfers.cancel", {"transfer": "{transfer}", "reason": "not_needed"}


def counts() -> Iterator[Command]:
    """One is counted twice and approved; one was opened by mistake."""
    cans = {"location": "HAM", "skus": ["CAN"]}
    yield "counts.open", cans
    yield "counts.record", {"count": "{count}", "lines": [{"sku": "CAN", "quantity": 10}]}
    yield "counts.recount", {"count": "{count}", "lines": [1]}
    yield "counts.record", {"count": "{count}", "lines": [{"barcode": "CAN", "quantity": 11}]}
    yield "counts.approve", {"count": "{count}", "reason": "cycle_count"}
    yield "counts.open", cans
    yield "counts.cancel", {"count": "{count}", "reason": "opened_by_mistake"}


def shortages() -> Iterator[Command]:
    """Units that an order holds are gone: it gives way with some, the others are made up for."""
    yield from product("LAMP", 4)
    yield "orders.place", order(4, "LAMP")
    lamp = {"sku": "LAMP", "location": "HAM"}
    yield "stock.adjust", lamp | {"quantity": 4, "kind": "lost", "reason": "gone", "held_too": True}
    line = {"line": 1, "quantity": 2, "location": "HAM", "instead": "wait"}
    yield "shortages.settle", {"order": "{order}", "lines": [line]}
    yield "stock.receive", lamp | {"quantity": 2, "reason": "purchase"}
    yield "shortages.cover", lamp
    yield from product("LANTERN", 2)
    yield "substitutes.save", {"sku": "LAMP", "substitutes": ["LANTERN"]}


def kits() -> Iterator[Command]:
    """A set is made ahead; some of it is not made after all."""
    yield from product("POT", 10)
    yield from product("CUP", 40)
    yield "products.save", {"sku": "SET", "name": "Tea set"}
    parts = [{"sku": "POT", "list_price": "30.00"}, {"sku": "CUP", "per_kit": 4, "list_price": "5.00"}]
    yield "kits.save", {"sku": "SET", "components": parts, "stocked": True}
    yield "work-orders.open", {"sku": "SET", "location": "HAM", "quantity": 4, "due_at": AHEAD}
    yield "work-orders.complete", {"work_order": "{work_order}", "quantity": 3}
    yield "work-orders.cancel", {"work_order": "{work_order}", "reason": "no_demand"}


def companies() -> Iterator[Command]:
    """A company, its prices, quotes that go their ways, and what is ordered again and again."""
    yield from product("DESK", 20)
    yield "companies.save", {"code": "NORD", "name": "Nord", "terms_days": 30, "credit_limits": [euros("5000.00")]}
    yield "price-lists.save", {"code": "ALL", "name": "All", "currency": "EUR"}
    prices = [{"unit_price": euros("20.00")}]
    yield "prices.set", {"price_list": "ALL", "items": [{"sku": "DESK", "prices": prices}]}
    wanted = {"channel": "web", "currency": "EUR", "company": "NORD", "lines": [{"sku": "DESK", "quantity": 2}]}
    wanted["ship_to"] = {"country": "DE", "city": "Kiel"}
    mine = {"draft": "{draft}"}
    yield "drafts.create", wanted
    yield "drafts.revise", {**mine, "purchase_order": "PO 1"}
    yield "drafts.reserve", {**mine, "seconds": 600}
    yield "drafts.send", {**mine, "expires_at": AHEAD}
    yield "drafts.accept", mine
    yield "drafts.convert", mine
    yield "lines.address", {"order": "{order}", "lines": [1], "ship_to": {"country": "AT"}}
    yield "drafts.create", wanted
    yield "drafts.send", mine
    yield "drafts.decline", {**mine, "reason": "too_expensive"}
    yield "drafts.drop", mine
    yield "policies.set", {"name": "approve_over", "value": "1.00"}
    yield "drafts.create", wanted
    yield "approvals.refuse", {**mine, "reason": "too_much"}
    yield "drafts.create", wanted
    yield "approvals.give", mine
    yield "subscriptions.create", {**mine, "unit": "month", "first_at": DAY}
    mine = {"subscription": "{subscription}"}
    yield "subscriptions.place", {**mine, "cycle": 1}
    yield "subscriptions.skip", mine
    yield "subscriptions.pause", mine
    yield "subscriptions.resume", mine
    yield "subscriptions.cancel", {**mine, "reason": "moved_away"}


def work() -> Iterator[Command]:
    """What a location does with a fulfillment order, until it goes out of the house."""
    yield from product("SOFA", 9)
    yield "stock.receive", {"sku": "SOFA", "location": "BER", "quantity": 9, "reason": "opening"}
    yield "orders.place", order(3, "SOFA")
    yield "orders.release", {"order": "{order}"}
    mine = {"fulfillment_order": "{fulfillment_order}"}
    yield "fulfillment-orders.split", {**mine, "lines": ONE}
    yield "fulfillment-orders.merge", {"into": "{remaining}", "others": ["{fulfillment_order}"]}
    yield "fulfillment-orders.hold", mine
    yield "fulfillment-orders.release-hold", mine
    yield "fulfillment-orders.submit", mine
    yield "fulfillment-orders.accept", mine
    yield "fulfillment-orders.cancel", {**mine, "reason": "mistake"}
    yield "fulfillment-orders.answer-cancellation", {**mine, "accepted": False}
    yield "fulfillment-orders.schedule", {**mine, "at": AHEAD}
    yield "fulfillment-orders.move", {**mine, "to_location": "BER", "reason": "nearer"}
    yield "fulfillment-orders.reject", {**mine, "reason": "busy"}
    yield "fulfillment-orders.ship", {**mine, "carrier": "DHL"}
    yield "orders.place", order(3, "SOFA")
    yield "orders.release", {"order": "{order}"}
    yield "fulfillment-orders.close", {**mine, "reason": "sold_out", "rest": "source", "cancel": ONE}


def pickups() -> Iterator[Command]:
    """One is collected, one is not, one has to come to the counter first, and one is wanted elsewhere."""
    counter = {
        "name": "Store",
        "kind": "store",
        "time_zone": "UTC",
        "country": "DE",
        "capabilities": ["ship", "pickup"],
    }
    yield "locations.save", {"code": "STO", **counter}
    yield "locations.save", {"code": "STA", **counter}
    yield "policies.set", {"name": "ship_to_store", "value": True}
    yield from product("CLOAK", 3)
    yield from product("GOWN", 0)
    yield "stock.receive", {"sku": "GOWN", "location": "STO", "quantity": 9, "reason": "opening"}
    mine = {"parcel": "{parcel}"}
    for sku, steps in (
        ("GOWN", [("ready", {}), ("extend", {"collect_by": AHEAD}), ("hand-over", {"name": "A. Meyer"})]),
        ("GOWN", [("ready", {}), ("expire", {})]),
        ("CLOAK", [("receive", {})]),
    ):
        wanted = order(1, sku)
        wanted["lines"][0]["pickup"] = "STO"
        yield "orders.place", wanted
        yield "orders.release", {"order": "{order}"}
        yield "fulfillment-orders.pick", {"fulfillment_order": "{fulfillment_order}"}
        yield "parcels.pack", {"fulfillment_order": "{fulfillment_order}"}
        if sku == "CLOAK":
            yield "parcels.ship", {**mine, "carrier": "DHL"}
        for step, more in steps:
            yield f"pickups.{step}", {**mine, **more}
    yield from product("VEIL", 0)
    wanted = order(1, "VEIL")
    wanted["lines"][0]["pickup"] = "STO"
    yield "orders.place", wanted
    yield "pickups.change", {"order": "{order}", "lines": [1], "reason": "wish", "location": "STA"}


def papers() -> Iterator[Command]:
    """Cartons, what carriers ask, and what a station prints."""
    size = {"length_mm": 400, "width_mm": 300, "height_mm": 150}
    yield (
        "cartons.save",
        {"code": "M", "inner": size, "outer": size, "tare_grams": 180, "max_grams": 20_000, "cost": euros("0.70")},
    )
    yield (
        "parcel-rates.save",
        {"code": "DE", "countries": ["DE"], "steps": [{"up_to_grams": 9_000, "price": euros("4.19")}]},
    )
    mine = {"job": "{job}"}
    yield "print-jobs.add", {"kind": "label", "of": "{parcel}", "station": "PACK-1"}
    yield "print-jobs.claim", {"station": "PACK-1", "most": 1}
    yield "print-jobs.finish", mine
    yield "print-jobs.reprint", mine
    yield "print-jobs.claim", {"station": "PACK-1", "most": 1}
    yield "print-jobs.fail", {**mine, "trouble": "out of labels"}
    yield "print-jobs.drop", mine


def sourcing() -> Iterator[Command]:
    """It becomes cheaper to send from somewhere else; all that comes later is sourced by rules."""
    yield (
        "postal-codes.save",
        {"country": "DE", "areas": [{"postal_code": "20457", "latitude": 53.5, "longitude": 9.9}]},
    )
    yield from product("CHEST", 9)
    yield "stock.receive", {"sku": "CHEST", "location": "BER", "quantity": 9, "reason": "opening"}
    yield "orders.place", order(1, "CHEST")
    zones = [{"zone": "here", "locations": ["HAM"]}, {"zone": "there"}]
    rates = [
        {"zone": zone, "up_to_grams": 9_000, "amount": amount} for zone, amount in (("here", "5.00"), ("there", "4.00"))
    ]
    costs = {"currency": "EUR", "zones": zones, "rates": rates}
    cheapest = {"name": "cheapest", "take": "cheapest", "when": {"products": ["CHEST"]}}
    first = {"name": "Hamburg first", "by": "listed", "locations": ["HAM"]}
    yield "sourcing-rules.save", {"rules": [first], "strategies": [cheapest], "costs": costs}
    yield "sourcing-previews.make", {}
    yield "orders.resource", {"order": "{order}", "preview": "{preview}"}


SUBJECTS = {
    "draft": "/v1/drafts/{}",
    "subscription": "/v1/subscriptions/{}",
    "price_list": "/v1/price-lists/{}",
    "order": "/v1/orders/{}",
    "transfer": "/v1/transfers/{}",
    "purchase_order": "/v1/purchase-orders/{}",
    "count": "/v1/counts/{}",
    "wave": "/v1/waves/{}",
    "work_order": "/v1/work-orders/{}",
}
"""Where the version is read of what a command names in one of these fields."""


def version_of(shop: Merchant, command: dict[str, Any]) -> int:
    """The version of what the command is about: a document that its field names, or the order that a document belongs to."""
    if "code" in command and "name" in command:
        reply = shop.get(f"/v1/{'companies' if 'terms_days' in command else 'price-lists'}/{command['code']}")
        return 0 if reply.status == 404 else int(reply.json.get("head", reply.json)["version"])
    if "rules" in command:
        return int(shop.get("/v1/sourcing-rules").json["version"])
    field = next((field for field in SUBJECTS if field in command), "document")
    reply = shop.get(SUBJECTS.get(field, SUBJECTS["order"]).format(command[field].partition("-")[0]))
    assert reply.status == 200, reply.body
    return int(reply.json.get("head", reply.json)["version"])


def named(outcome: dict[str, Any]) -> dict[str, str]:
    """What later commands may name: the documents of an outcome, and the order that was placed."""
    names = {name: value for name, value in outcome.items() if isinstance(value, str)}
    if outcome.get("fulfillment_orders"):
        names["fulfillment_order"] = outcome["fulfillment_orders"][0]
    return names | ({"order": names["number"]} if "number" in names else {})


def filled(value: Any, known: dict[str, str], shop: Merchant) -> Any:
    """The same value with its holes filled; "{head}" is the position of the last event."""
    if isinstance(value, dict):
        return {key: filled(each, known, shop) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, known, shop) for each in value]
    if value == "{head}":
        return shop.get("/v1/events", limit="1").json["head"]
    return known[value[1:-1]] if isinstance(value, str) and re.fullmatch(r"\{\w+\}", value) else value
