"""A batch runs the same statements for one command and for a thousand, whatever the verb."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from lading.database import pool
from lading.database.pool import Transaction
from lading.operations.execute import Executor
from lading.operations.registry import verbs
from tests.races.shop import CARTON, DAY, RATE, Payload, Shop, hand_in, money, open_shop, order

Builder = Callable[[Shop, int], Awaitable[list[Payload]]]
"""Makes ready for so many commands of a verb, and returns them."""

BUILDERS: dict[str, Builder] = {}


def builds(verb: str) -> Callable[[Builder], Builder]:
    def keep(builder: Builder) -> Builder:
        BUILDERS[verb] = builder
        return builder

    return keep


def customer(number: int) -> Payload:
    return {"name": f"N{number}", "email": f"{number}@example.com"}


async def placed(shop: Shop, count: int, **more: Any) -> list[str]:
    """The numbers of so many orders of three units."""
    done = await shop.do("orders.place", *(order(("A", 3), **more) for _ in range(count)))
    return [each["number"] for each in done]


@builds("orders.place")
async def place(shop: Shop, count: int) -> list[Payload]:
    return [
        order(
            ("A", 1), ("B", 2), ("C", 1), external_reference=f"R{number}", customer=customer(number),
            ship_to={"country": "DE", "line1": f"Street {number}"}, tenders=[{"amount": money("1.00")}],
            charges=[{"kind": "shipping", "code": "std", "amount": money("4.90")}],
        )
        for number in range(count)
    ]  # fmt: skip


def company(number: int, **more: Any) -> Payload:
    contact = {"person": customer(number), "role": "buyer"}
    address = {"address": {"country": "DE", "line1": f"Street {number}"}}
    return {"code": f"F{number}", "name": "Firm", "contacts": [contact], "addresses": [address], **more}


@builds("companies.save")
async def save_companies(shop: Shop, count: int) -> list[Payload]:
    return [company(number, credit_limits=[money("5.00")], terms_days=30) for number in range(count)]


@builds("price-lists.save")
async def save_price_lists(shop: Shop, count: int) -> list[Payload]:
    return [{"code": f"P{number}", "name": "List", "currency": "EUR", "channel": "web"} for number in range(count)]


@builds("prices.set")
async def set_prices(shop: Shop, count: int) -> list[Payload]:
    await shop.do("price-lists.save", *await save_price_lists(shop, count))
    items = [{"sku": sku, "prices": [{"unit_price": money("1.00")}]} for sku in ("A", "B")]
    return [{"price_list": f"P{number}", "items": items} for number in range(count)]


@builds("drafts.create")
async def create_drafts(shop: Shop, count: int) -> list[Payload]:
    shared = {"external_reference", "tenders"}
    return [
        {**{name: value for name, value in each.items() if name not in shared}, "reference": each["external_reference"]}
        for each in await place(shop, count)
    ]


async def drafted(shop: Shop, count: int, *steps: str, **more: Any) -> list[Payload]:
    """So many drafts that went these steps."""
    drafts = [{"draft": each["draft"]} for each in await shop.do("drafts.create", *await create_drafts(shop, count))]
    for step in steps:
        await shop.do(step, *drafts)
    return [{**each, **more} for each in drafts]


@builds("drafts.revise")
async def revise_drafts(shop: Shop, count: int) -> list[Payload]:
    drafts = await drafted(shop, count)
    return [{**each, "customer": customer(-number), "note": "x"} for number, each in enumerate(drafts, 1)]


@builds("drafts.send")
async def send_drafts(shop: Shop, count: int) -> list[Payload]:
    return await drafted(shop, count)


@builds("drafts.accept")
async def accept_drafts(shop: Shop, count: int) -> list[Payload]:
    return await drafted(shop, count, "drafts.send")


@builds("drafts.decline")
async def decline_drafts(shop: Shop, count: int) -> list[Payload]:
    return await drafted(shop, count, "drafts.reserve", "drafts.send", reason="late")


@builds("drafts.drop")
async def drop_drafts(shop: Shop, count: int) -> list[Payload]:
    return await drafted(shop, count, "drafts.reserve")


@builds("drafts.reserve")
async def reserve_drafts(shop: Shop, count: int) -> list[Payload]:
    return await drafted(shop, count)


@builds("drafts.convert")
async def convert_drafts(shop: Shop, count: int) -> list[Payload]:
    return await drafted(shop, count, "drafts.reserve")


@builds("subscriptions.create")
async def create_subscriptions(shop: Shop, count: int) -> list[Payload]:
    return await drafted(shop, count, unit="month", first_at="2026-01-31T08:00:00Z")


async def subscribed(shop: Shop, count: int, *steps: str, **more: Any) -> list[Payload]:
    made = await shop.do("subscriptions.create", *await create_subscriptions(shop, count))
    found = [{"subscription": each["subscription"]} for each in made]
    for step in steps:
        await shop.do(step, *found)
    return [{**each, **more} for each in found]


@builds("subscriptions.pause")
async def pause_subscriptions(shop: Shop, count: int) -> list[Payload]:
    return await subscribed(shop, count)


@builds("subscriptions.resume")
async def resume_subscriptions(shop: Shop, count: int) -> list[Payload]:
    return await subscribed(shop, count, "subscriptions.pause")


@builds("subscriptions.skip")
async def skip_subscriptions(shop: Shop, count: int) -> list[Payload]:
    return await subscribed(shop, count)


@builds("subscriptions.cancel")
async def cancel_subscriptions(shop: Shop, count: int) -> list[Payload]:
    return await subscribed(shop, count, reason="late")


@builds("subscriptions.place")
async def place_subscriptions(shop: Shop, count: int) -> list[Payload]:
    return await subscribed(shop, count, cycle=1)


@builds("lines.address")
async def address_lines(shop: Shop, count: int) -> list[Payload]:
    numbers = await placed(shop, count)
    return [
        {"order": each, "lines": [1], "ship_to": {"country": "AT", "city": f"C{index}"}}
        for index, each in enumerate(numbers)
    ]


@builds("approvals.give")
async def give_approvals(shop: Shop, count: int) -> list[Payload]:
    await shop.do("policies.set", {"name": "approve_over", "value": "1.00"})
    return [{"order": number} for number in await placed(shop, count)]


@builds("approvals.refuse")
async def refuse_approvals(shop: Shop, count: int) -> list[Payload]:
    return [{**each, "reason": "late"} for each in await give_approvals(shop, count)]


@builds("orders.record")
async def record(shop: Shop, count: int) -> list[Payload]:
    past = {"location": "HAM", "placed_at": DAY, "delivered_at": DAY}
    return [{**payload, **past} for payload in await place(shop, count)]


@builds("products.save")
async def save_products(shop: Shop, count: int) -> list[Payload]:
    return [{"sku": f"P{number}", "name": "Product"} for number in range(count)]


@builds("kits.save")
async def save_kits(shop: Shop, count: int) -> list[Payload]:
    await shop.do("products.save", *await save_products(shop, count))
    return [{"sku": f"P{number}", "components": [{"sku": "A"}, {"sku": "B", "per_kit": 2}]} for number in range(count)]


@builds("work-orders.open")
async def open_work_orders(shop: Shop, count: int) -> list[Payload]:
    kits = await save_kits(shop, count)
    await shop.do("kits.save", *({**kit, "stocked": True} for kit in kits))
    return [{"sku": kit["sku"], "location": "HAM", "quantity": 2, "reference": kit["sku"]} for kit in kits]


@builds("work-orders.complete")
async def complete_work_orders(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("work-orders.open", *await open_work_orders(shop, count))
    return [{"work_order": each["work_order"], "quantity": 1} for each in done]


@builds("work-orders.cancel")
async def cancel_work_orders(shop: Shop, count: int) -> list[Payload]:
    return [{**each, "reason": "late"} for each in await complete_work_orders(shop, count)]


@builds("channels.save")
async def save_channels(shop: Shop, count: int) -> list[Payload]:
    return [{"code": f"C{number}", "name": "Channel"} for number in range(count)]


@builds("cartons.save")
async def save_cartons(shop: Shop, count: int) -> list[Payload]:
    return [{**CARTON, "code": f"C{number}"} for number in range(count)]


@builds("print-jobs.add")
async def add_print_jobs(shop: Shop, count: int) -> list[Payload]:
    return [{"kind": "label", "of": f"{number}-P1", "station": "PACK-1"} for number in range(count)]


@builds("print-jobs.claim")
async def claim_print_jobs(shop: Shop, count: int) -> list[Payload]:
    await shop.do("print-jobs.add", *await add_print_jobs(shop, count))
    return [{"station": "PACK-1", "most": 1}] * count


@builds("print-jobs.finish")
async def finish_print_jobs(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("print-jobs.claim", *await claim_print_jobs(shop, count))
    return [{"job": job["job"]} for each in done for job in each["jobs"]]


@builds("print-jobs.fail")
async def fail_print_jobs(shop: Shop, count: int) -> list[Payload]:
    return [{**each, "trouble": "no paper"} for each in await finish_print_jobs(shop, count)]


@builds("print-jobs.drop")
async def drop_print_jobs(shop: Shop, count: int) -> list[Payload]:
    return await finish_print_jobs(shop, count)


@builds("print-jobs.reprint")
async def reprint_print_jobs(shop: Shop, count: int) -> list[Payload]:
    jobs = await finish_print_jobs(shop, count)
    await shop.do("print-jobs.finish", *jobs)
    return jobs


@builds("parcel-rates.save")
async def save_parcel_rates(shop: Shop, count: int) -> list[Payload]:
    return [{**RATE, "code": f"R{number}"} for number in range(count)]


@builds("locations.save")
async def save_locations(shop: Shop, count: int) -> list[Payload]:
    place = {"name": "Place", "kind": "store", "time_zone": "UTC", "country": "DE"}
    return [{"code": f"L{number}", **place} for number in range(count)]


@builds("stock.set")
async def set_stock(shop: Shop, count: int) -> list[Payload]:
    return [{"sku": each["sku"], "location": "HAM", "quantity": 7} for each in await receive(shop, count)]


@builds("location-groups.save")
async def save_groups(shop: Shop, count: int) -> list[Payload]:
    return [{"code": f"G{number}", "name": "Group"} for number in range(count)]


@builds("stock.receive")
async def receive(shop: Shop, count: int) -> list[Payload]:
    skus = [f"P{number}" for number in range(count)]
    await shop.do("products.save", *({"sku": sku, "name": sku} for sku in skus))
    return [{"sku": sku, "location": "HAM", "quantity": 1, "reason": "purchase"} for sku in skus]


@builds("stock.adjust")
async def adjust(shop: Shop, count: int) -> list[Payload]:
    payloads = await receive(shop, count)
    await shop.do("stock.receive", *payloads)
    return [{**payload, "kind": "lost", "reason": "count"} for payload in payloads]


@builds("lots.hold")
async def hold_lot(shop: Shop, count: int) -> list[Payload]:
    received = [{**payload, "lot": f"L{number}"} for number, payload in enumerate(await receive(shop, count))]
    await shop.do("stock.receive", *received)
    return [{"sku": each["sku"], "lot": each["lot"], "reason": "complaint"} for each in received]


@builds("lots.recall")
async def recall_lot(shop: Shop, count: int) -> list[Payload]:
    return await hold_lot(shop, count)


@builds("lots.release")
async def release_lot(shop: Shop, count: int) -> list[Payload]:
    payloads = await hold_lot(shop, count)
    await shop.do("lots.hold", *payloads)
    return payloads


@builds("allocations.swap-lot")
async def swap_lot(shop: Shop, count: int) -> list[Payload]:
    await shop.do("products.save", {"sku": "M", "name": "M"})
    for lot in ("A", "B"):
        received = {"sku": "M", "location": "HAM", "quantity": count, "reason": "x", "lot": lot}
        await shop.do("stock.receive", received)
    done = await shop.do("orders.place", *(order(("M", 1)) for _ in range(count)))
    swap = {"line": 1, "lot": "A", "to_lot": "B", "reason": "complaint"}
    return [{"order": each["number"], **swap} for each in done]


@builds("stock.correct")
async def correct(shop: Shop, count: int) -> list[Payload]:
    await shop.do("stock.receive", *await receive(shop, count))
    rows = await shop.fetch(
        "SELECT position FROM event WHERE merchant_id = $1 AND kind = 'stock_received' ORDER BY position DESC LIMIT $2",
        count,
    )
    return [{"event": row["position"], "reason": "typing_error"} for row in rows]


@builds("stock.move")
async def move(shop: Shop, count: int) -> list[Payload]:
    payloads = await receive(shop, count)
    await shop.do("stock.receive", *payloads)
    return [{**payload, "source": "available", "target": "damaged"} for payload in payloads]


@builds("availability.check")
async def check_availability(shop: Shop, count: int) -> list[Payload]:
    await shop.do("policies.set", {"name": "availability_levels", "value": [5]})
    return [{"sku": payload["sku"]} for payload in await receive(shop, count)]


@builds("reservations.pin")
async def pin(shop: Shop, count: int) -> list[Payload]:
    claim = {"lines": [{"sku": "A", "quantity": 1}, {"sku": "B", "quantity": 1}], "anywhere": True}
    done = await shop.do("reservations.reserve", *[claim] * count)
    return [{"reservation": each["reservation"]} for each in done]


@builds("reservations.shorten")
async def shorten(shop: Shop, count: int) -> list[Payload]:
    """Each product has a claim that cannot be had any more."""
    skus = [f"C{number}" for number in range(count)]
    await shop.do("products.save", *({"sku": sku, "name": sku} for sku in skus))
    there = [{"sku": sku, "location": "HAM", "quantity": 2, "reason": "opening"} for sku in skus]
    await shop.do("stock.receive", *there)
    await shop.do("reservations.reserve", *({"lines": [{"sku": sku, "quantity": 2}], "anywhere": True} for sku in skus))
    await shop.do("stock.adjust", *({**each, "quantity": 1, "kind": "lost"} for each in there))
    return [{"sku": sku} for sku in skus]


@builds("pools.set")
async def set_pools(shop: Shop, count: int) -> list[Payload]:
    skus = [f"P{number}" for number in range(count)]
    await shop.do("products.save", *({"sku": sku, "name": sku} for sku in skus))
    return [{"sku": sku, "pool": "web", "kind": "shared", "channels": ["web"], "quantity": 5} for sku in skus]


@builds("pools.remove")
async def remove_pools(shop: Shop, count: int) -> list[Payload]:
    payloads = await set_pools(shop, count)
    await shop.do("pools.set", *payloads)
    return [{"sku": payload["sku"], "pool": "web"} for payload in payloads]


@builds("orders.release")
async def release(shop: Shop, count: int) -> list[Payload]:
    return [{"order": number} for number in await placed(shop, count)]


@builds("orders.hold")
async def hold(shop: Shop, count: int) -> list[Payload]:
    return [{"order": number, "kind": "fraud", "note": "?"} for number in await placed(shop, count)]


@builds("holds.release")
async def lift(shop: Shop, count: int) -> list[Payload]:
    payloads = await hold(shop, count)
    await shop.do("orders.hold", *payloads)
    return [{"order": payload["order"]} for payload in payloads]


@builds("orders.source")
async def source(shop: Shop, count: int) -> list[Payload]:
    """Each order has a unit short at its pick, which other stock can fill."""
    orders = await released(shop, count)
    short = [{"line": 1, "quantity": 1, "reason": "gone"}]
    await shop.do("fulfillment-orders.pick", *({"fulfillment_order": name, "short": short} for name in orders))
    return [{"order": name.partition("-")[0]} for name in orders]


@builds("lines.cancel")
async def cancel(shop: Shop, count: int) -> list[Payload]:
    lines = [{"line": 1, "quantity": 1}]
    return [{"order": number, "reason": "late", "lines": lines} for number in await placed(shop, count)]


@builds("orders.edit")
async def edit(shop: Shop, count: int) -> list[Payload]:
    """Each order gets one product more and another one less; it goes elsewhere, later."""
    new = [{"sku": "B", "quantity": 1, "unit_price": money("2.00")}]
    return [
        {"order": number, "reason": "x", "quantities": [{"line": 1, "quantity": 2}], "add": new,
         "charges": [{"kind": "tax", "code": "vat", "amount": money("0.38"), "rate": "19"}] if index % 2 == 0 else [],
         "ship_to": {"country": "AT", "line1": f"Street {index}"}, "ship_by": "2035-12-03T08:00:00Z", "method": "bike"}
        for index, number in enumerate(await placed(shop, count))
    ]  # fmt: skip


@builds("edits.begin")
async def begin_edit(shop: Shop, count: int) -> list[Payload]:
    return await edit(shop, count)


async def begun(shop: Shop, count: int) -> list[Payload]:
    return [{"edit": each["edit"]} for each in await shop.do("edits.begin", *await edit(shop, count))]


@builds("edits.confirm")
async def confirm_edit(shop: Shop, count: int) -> list[Payload]:
    return await begun(shop, count)


@builds("edits.drop")
async def drop_edit(shop: Shop, count: int) -> list[Payload]:
    return await begun(shop, count)


@builds("attributes.define")
async def define(shop: Shop, count: int) -> list[Payload]:
    return [{"subject": "order", "code": f"a{index}", "name": "A", "type": "text"} for index in range(count)]


@builds("orders.split")
async def split(shop: Shop, count: int) -> list[Payload]:
    paid = {"tenders": [{"amount": money("6.00")}], "tags": ["late"]}
    lines = [{"line": 1, "quantity": 1}]
    return [{"order": number, "reason": "x", "lines": lines} for number in await placed(shop, count, **paid)]


@builds("orders.merge")
async def merge(shop: Shop, count: int) -> list[Payload]:
    pairs = zip(await placed(shop, count), await placed(shop, count, tenders=[{"amount": money("6.00")}]), strict=True)
    return [{"order": number, "others": [other], "reason": "x"} for number, other in pairs]


@builds("notes.add")
async def add_note(shop: Shop, count: int) -> list[Payload]:
    return [{"order": number, "text": "Rings twice"} for number in await placed(shop, count)]


@builds("notes.blank")
async def blank_note(shop: Shop, count: int) -> list[Payload]:
    return [{"note": each["note"]} for each in await shop.do("notes.add", *await add_note(shop, count))]


@builds("orders.tag")
async def tag(shop: Shop, count: int) -> list[Payload]:
    numbers = await placed(shop, count, tags=["late"])
    return [{"order": number, "add": ["vip"], "remove": ["late"]} for number in numbers]


@builds("fulfillment-orders.put-back")
async def put_back(shop: Shop, count: int) -> list[Payload]:
    """Each order was cancelled when it had been packed."""
    orders = await pack(shop, count)
    await shop.do("parcels.pack", *orders)
    numbers = [each["fulfillment_order"].partition("-")[0] for each in orders]
    await shop.do("lines.cancel", *({"order": number, "reason": "late", "unpack": True} for number in numbers))
    return orders


async def released(shop: Shop, count: int) -> list[str]:
    done = await shop.do("orders.release", *await release(shop, count))
    return [each["fulfillment_orders"][0] for each in done]


@builds("purchase-orders.place")
async def buy(shop: Shop, count: int) -> list[Payload]:
    line = {"sku": "A", "location": "HAM", "quantity": 5, "due_at": "2035-12-03T08:00:00Z"}
    return [{"supplier": "Nord", "reference": f"B{number}", "lines": [line]} for number in range(count)]


@builds("purchase-orders.receive")
async def take_in(shop: Shop, count: int) -> list[Payload]:
    bought = await shop.do("purchase-orders.place", *await buy(shop, count))
    lines = [{"line": 1, "quantity": 3, "damaged": 1}]
    return [{"purchase_order": each["purchase_order"], "lines": lines} for each in bought]


@builds("purchase-orders.change")
async def buy_later(shop: Shop, count: int) -> list[Payload]:
    bought = await shop.do("purchase-orders.place", *await buy(shop, count))
    lines = [{"line": 1, "due_at": "2035-12-09T08:00:00Z"}]
    return [{"purchase_order": each["purchase_order"], "lines": lines} for each in bought]


@builds("purchase-orders.cancel")
@builds("purchase-orders.close")
async def call_off(shop: Shop, count: int) -> list[Payload]:
    bought = await shop.do("purchase-orders.place", *await buy(shop, count))
    return [{"purchase_order": each["purchase_order"], "reason": "late"} for each in bought]


@builds("asns.announce")
async def announce(shop: Shop, count: int) -> list[Payload]:
    bought = await shop.do("purchase-orders.place", *await buy(shop, count))
    return [
        {"purchase_order": each["purchase_order"], "reference": "S", "due_at": "2035-12-01T08:00:00Z"}
        for each in bought
    ]


@builds("asns.cancel")
async def announce_in_vain(shop: Shop, count: int) -> list[Payload]:
    announced = await shop.do("asns.announce", *await announce(shop, count))
    return [{"asn": each["asn"], "reason": "late"} for each in announced]


@builds("bins.save")
async def make_bins(shop: Shop, count: int) -> list[Payload]:
    return [{"location": "HAM", "code": f"B{number}"} for number in range(count)]


@builds("stock.put-away")
async def put_away(shop: Shop, count: int) -> list[Payload]:
    bins = await make_bins(shop, count)
    await shop.do("bins.save", *bins)
    return [{"sku": "A", "location": "HAM", "bin": each["code"], "quantity": 1} for each in bins]


@builds("promises.renew")
async def renew(shop: Shop, count: int) -> list[Payload]:
    """Each order waits for a product that was bought after it was placed."""
    await shop.do("products.save", {"sku": "LATE", "name": "Late"})
    await shop.do("policies.set", {"name": "may_backorder", "sku": "LATE", "value": True})
    waiting = await shop.do("orders.place", *(order(("LATE", 1)) for _ in range(count)))
    line = {"sku": "LATE", "location": "HAM", "quantity": 5_000, "due_at": "2035-12-03T08:00:00Z"}
    await shop.do("purchase-orders.place", {"supplier": "Nord", "lines": [line]})
    return [{"order": each["number"]} for each in waiting]


@builds("fulfillment-orders.pick")
async def pick(shop: Shop, count: int) -> list[Payload]:
    return [{"fulfillment_order": name} for name in await released(shop, count)]


@builds("parcels.pack")
async def pack(shop: Shop, count: int) -> list[Payload]:
    payloads = await pick(shop, count)
    await shop.do("fulfillment-orders.pick", *payloads)
    return payloads


@builds("parcels.ship")
async def ship(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("parcels.pack", *await pack(shop, count))
    return [{"parcel": each["parcel"], "carrier": "DHL", "tracking_number": each["parcel"]} for each in done]


@builds("parcels.unpack")
async def unpack(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("parcels.pack", *await pack(shop, count))
    return [{"parcel": each["parcel"]} for each in done]


@builds("parcels.track")
async def track(shop: Shop, count: int) -> list[Payload]:
    payloads = await ship(shop, count)
    await shop.do("parcels.ship", *payloads)
    now = datetime.now(UTC).isoformat()
    return [{"parcel": each["parcel"], "status": "delivered", "occurred_at": now} for each in payloads]


@builds("returns.record")
async def record_return(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("orders.record", *await record(shop, count))
    back = {"location": "HAM", "reason": "credit", "returned_at": DAY, "lines": [{"line": 2, "quantity": 1}]}
    return [{"order": each["number"], **back} for each in done]


@builds("returns.request")
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


@builds("returns.receive")
async def receive_return(shop: Shop, count: int) -> list[Payload]:
    lines = [{"line": 1, "quantity": 1}]
    return [{"document": document, "location": "HAM", "lines": lines} for document in await requested(shop, count)]


@builds("returns.dispose")
async def dispose(shop: Shop, count: int) -> list[Payload]:
    payloads = await receive_return(shop, count)
    await shop.do("returns.receive", *payloads)
    lines = [{"line": 1, "quantity": 1, "disposition": "restock"}]
    return [{"document": each["document"], "lines": lines} for each in payloads]


@builds("returns.refund")
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


@builds("payments.record")
async def record_payment(shop: Shop, count: int) -> list[Payload]:
    return [{"order": number, "amount": money("9.99"), "kind": "cash"} for number in await placed(shop, count)]


async def asked(shop: Shop, count: int) -> list[str]:
    """Orders whose card is to promise 29.97; their numbers."""
    numbers = await placed(shop, count)
    await shop.do("payments.authorise", *({"order": each, "provider": "acme", "method": "pm_1"} for each in numbers))
    return numbers


async def promised(shop: Shop, count: int) -> list[str]:
    """Orders whose card promised 29.97; their numbers."""
    told = {"tender": 1, "request": 1, "outcome": "succeeded", "reference": "pi_1"}
    numbers = await asked(shop, count)
    await shop.do("payments.answer", *({"order": each, **told} for each in numbers))
    return numbers


@builds("payments.authorise")
async def authorise(shop: Shop, count: int) -> list[Payload]:
    return [{"order": each, "provider": "acme", "method": "pm_1"} for each in await placed(shop, count)]


@builds("payments.answer")
async def answer(shop: Shop, count: int) -> list[Payload]:
    told = {"tender": 1, "request": 1, "outcome": "succeeded", "reference": "pi_1"}
    return [{"order": each, **told} for each in await asked(shop, count)]


@builds("payments.capture")
async def capture(shop: Shop, count: int) -> list[Payload]:
    return [{"order": each} for each in await promised(shop, count)]


@builds("payments.void")
async def void(shop: Shop, count: int) -> list[Payload]:
    return [{"order": each} for each in await promised(shop, count)]


@builds("payments.lapse")
async def lapse(shop: Shop, count: int) -> list[Payload]:
    return [{"order": each, "tender": 1} for each in await promised(shop, count)]


@builds("provider-fees.post")
async def post_fee(shop: Shop, count: int) -> list[Payload]:
    await promised(shop, count)
    told = {"provider": "acme", "payment": "pi_1", "fee": money("0.33")}
    return [{**told, "movement": f"txn_{number:06}"} for number in range(count)]


async def taxed_by(shop: Shop) -> None:
    """By a service that is away."""
    shop.tax_service_is_away = True
    await shop.do("policies.set", {"name": "taxes", "value": "service"}, {"name": "tax_service", "value": "ava"})


@builds("orders.tax")
async def tax_orders(shop: Shop, count: int) -> list[Payload]:
    await taxed_by(shop)
    numbers = await placed(shop, count)
    await shop.do("lines.cancel", *({"order": each, "reason": "late"} for each in numbers))  # nothing is left to ask
    return [{"order": each} for each in numbers]


async def recorded(shop: Shop, count: int) -> list[Payload]:
    await taxed_by(shop)
    numbers = await placed(shop, count)
    await shop.do("invoices.issue", *({"order": each, "bill": "all"} for each in numbers))
    rows = await shop.fetch(
        "SELECT order_id FROM tax_request WHERE merchant_id = $1 AND task = 'record' ORDER BY order_id"
    )
    return [{"order_id": str(row["order_id"]), "document": 1, "reference": "85000001"} for row in rows]


@builds("tax-records.answer")
async def answer_tax_record(shop: Shop, count: int) -> list[Payload]:
    return await recorded(shop, count)


@builds("tax-records.repeat")
async def repeat_tax_record(shop: Shop, count: int) -> list[Payload]:
    told = await recorded(shop, count)
    await shop.do("tax-records.answer", *({**each, "reference": None, "code": "Busy"} for each in told))
    return [{"order": each["order_id"], "document": 1} for each in told]


@builds("credits.issue")
async def issue_credit(shop: Shop, count: int) -> list[Payload]:
    return [{"code": f"GIFT-{number:06}", "amount": money("9.00"), "reason": "sold"} for number in range(count)]


@builds("credits.spend")
async def spend_credit(shop: Shop, count: int) -> list[Payload]:
    cards = await issue_credit(shop, count)
    await shop.do("credits.issue", *cards)
    numbers = await placed(shop, count)
    return [{"order": number, "code": card["code"]} for number, card in zip(numbers, cards, strict=True)]


@builds("credits.expire")
async def expire_credit(shop: Shop, count: int) -> list[Payload]:
    issued = await shop.do("credits.issue", *({**card, "expires_at": DAY} for card in await issue_credit(shop, count)))
    return [{"credit": each["credit"]} for each in issued]


@builds("payments.dispute")
async def dispute(shop: Shop, count: int) -> list[Payload]:
    numbers = await placed(shop, count, tenders=[{"amount": money("9.00")}])
    told = {"tender": 1, "amount": money("9.00"), "reason": "fraudulent", "reference": "dp_1"}
    return [{"order": each, **told} for each in numbers]


async def disputed(shop: Shop, count: int, **more: Any) -> list[Payload]:
    numbers = await promised(shop, count)
    await shop.do("payments.capture", *({"order": each} for each in numbers))
    told = {"tender": 1, "request": 2, "outcome": "succeeded"}
    await shop.do("payments.answer", *({"order": each, **told} for each in numbers))
    named = {"tender": 1, "reference": "dp_1"}
    taken = {**named, "amount": money("1.00"), "reason": "fraudulent"}
    await shop.do("payments.dispute", *({"order": each, **taken} for each in numbers))
    return [{"order": each, **named, **more} for each in numbers]


@builds("disputes.answer")
async def answer_dispute(shop: Shop, count: int) -> list[Payload]:
    return await disputed(shop, count, words="She signed for it.")


@builds("disputes.accept")
async def accept_dispute(shop: Shop, count: int) -> list[Payload]:
    return await disputed(shop, count)


@builds("dispute-answers.settle")
async def settle_dispute_answer(shop: Shop, count: int) -> list[Payload]:
    named = await disputed(shop, count)
    await shop.do("disputes.accept", *named)
    return [{**each, "number": 1} for each in named]


@builds("payments.follow")
async def follow(shop: Shop, count: int) -> list[Payload]:
    numbers = await promised(shop, count)
    await shop.do("lines.cancel", *({"order": each, "reason": "late"} for each in numbers))
    return [{"order": each} for each in numbers]


@builds("payments.refund")
async def refund_payment(shop: Shop, count: int) -> list[Payload]:
    numbers = await placed(shop, count, tenders=[{"amount": money("30.00")}])
    await shop.do("lines.cancel", *({"order": number, "reason": "x"} for number in numbers))
    return [{"order": number} for number in numbers]


@builds("invoices.issue")
async def issue_invoices(shop: Shop, count: int) -> list[Payload]:
    return [{"order": number, "bill": "all"} for number in await placed(shop, count)]


@builds("sourcing-rules.save")
async def save_sourcing_rules(shop: Shop, count: int) -> list[Payload]:
    rule = {"name": "Berlin", "by": "listed", "locations": ["BER"]}
    return [{"rules": [{**rule, "when": {"products": ["A"]}}]} for _ in range(count)]


@builds("sourcing-previews.make")
async def make_sourcing_previews(shop: Shop, count: int) -> list[Payload]:
    await placed(shop, 2)
    return [{} for _ in range(count)]


@builds("orders.resource")
async def resource_orders(shop: Shop, count: int) -> list[Payload]:
    """It became cheaper to send from Berlin after the orders were placed."""
    numbers = await placed(shop, count)
    costs = {
        "currency": "EUR", "zones": [{"zone": "here", "locations": ["HAM"]}, {"zone": "there"}],
        "rates": [
            {"zone": "here", "up_to_grams": 9_000, "amount": "5.00"}, {"zone": "there", "up_to_grams": 9_000, "amount": "4.00"},
        ],
    }  # fmt: skip
    await shop.do("sourcing-rules.save", {"strategies": [{"name": "cheapest", "take": "cheapest"}], "costs": costs})
    (made,) = await shop.do("sourcing-previews.make", {})
    assert len(made["orders"]) == count
    return [{"order": number, "preview": made["preview"]} for number in numbers]


@builds("postal-codes.save")
async def save_postal_codes(shop: Shop, count: int) -> list[Payload]:
    return [
        {"country": "DE", "areas": [{"postal_code": f"{number:05}", "latitude": 53.5, "longitude": 9.9}]}
        for number in range(count)
    ]


@builds("legal-entities.save")
async def save_legal_entities(shop: Shop, count: int) -> list[Payload]:
    return [{"code": f"E{number}", "name": "Seller", "country": "DE"} for number in range(count)]


@builds("exchange-rates.save")
async def save_exchange_rates(shop: Shop, count: int) -> list[Payload]:
    first = date(2020, 1, 1)
    rate = {"currency": "USD", "shop_currency": "EUR", "rate": "0.9213"}
    return [{**rate, "day": (first + timedelta(days=at)).isoformat()} for at in range(count)]


@builds("tax-rates.save")
async def save_tax_rates(shop: Shop, count: int) -> list[Payload]:
    return [
        {"country": "US", "postal_prefix": str(at), "code": "CITY", "rate": "1.5", "valid_from": "2026-01-01"}
        for at in range(count)
    ]


@builds("unmatched-returns.keep")
async def keep(shop: Shop, count: int) -> list[Payload]:
    item = {
        "channel": "web", "reference": "C-9", "sku": "A", "quantity": -1, "amount": money("-1.00"), "reason": "none",
        "occurred_at": DAY,
    }  # fmt: skip
    return [{**item, "key": f"k{number}"} for number in range(count)]


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


@builds("shortages.settle")
async def settle_shortages(shop: Shop, count: int) -> list[Payload]:
    """Each order holds a product of its own, of which none is there."""
    skus = [f"P{number}" for number in range(count)]
    await shop.do("products.save", *({"sku": sku, "name": sku} for sku in skus))
    fields = {"location": "HAM", "quantity": 4}
    await shop.do("stock.receive", *({"sku": sku, "reason": "opening", **fields} for sku in skus))
    done = await shop.do("orders.place", *(order((sku, 4)) for sku in skus))
    await shop.do(
        "stock.adjust", *({"sku": sku, "kind": "lost", "reason": "gone", "held_too": True, **fields} for sku in skus)
    )
    line = {"line": 1, "instead": "wait", **fields}
    return [{"order": each["number"], "lines": [line]} for each in done]


@builds("substitutes.save")
async def save_substitutes(shop: Shop, count: int) -> list[Payload]:
    await shop.do("products.save", *await save_products(shop, count))
    return [{"sku": f"P{number}", "substitutes": ["A", "B"]} for number in range(count)]


@builds("shortages.cover")
async def cover_shortages(shop: Shop, count: int) -> list[Payload]:
    await settle_shortages(shop, count)
    skus = [f"P{number}" for number in range(count)]
    fields = {"location": "HAM", "quantity": 4, "reason": "purchase"}
    await shop.do("stock.receive", *({"sku": sku, **fields} for sku in skus))
    return [{"sku": sku, "location": "HAM"} for sku in skus]


@builds("policies.set")
async def set_policy(shop: Shop, count: int) -> list[Payload]:
    skus = [f"P{number}" for number in range(count)]
    await shop.do("products.save", *({"sku": sku, "name": sku} for sku in skus))
    return [{"name": "may_backorder", "value": True, "sku": sku} for sku in skus]


@builds("transfers.create")
async def create_transfer(shop: Shop, count: int) -> list[Payload]:
    lines = [{"sku": "A", "quantity": 3}, {"sku": "B", "quantity": 1}]
    way = {"from_location": "HAM", "to_location": "BER", "due_at": DAY, "lines": lines}
    return [{**way, "reference": f"R{number}"} for number in range(count)]


@builds("transfers.ready")
async def ready_transfer(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("transfers.create", *await create_transfer(shop, count))
    return [{"transfer": each["transfer"]} for each in done]


@builds("transfers.ship")
async def ship_transfer(shop: Shop, count: int) -> list[Payload]:
    payloads = await ready_transfer(shop, count)
    await shop.do("transfers.ready", *payloads)
    return payloads


@builds("transfers.receive")
async def receive_transfer(shop: Shop, count: int) -> list[Payload]:
    payloads = await ship_transfer(shop, count)
    await shop.do("transfers.ship", *payloads)
    return [{**payload, "lines": [{"line": 1, "quantity": 2, "damaged": 1}]} for payload in payloads]


@builds("transfers.close")
async def close_transfer(shop: Shop, count: int) -> list[Payload]:
    payloads = await receive_transfer(shop, count)
    await shop.do("transfers.receive", *payloads)
    return [{"transfer": payload["transfer"], "reason": "lost"} for payload in payloads]


@builds("transfers.cancel")
async def cancel_transfer(shop: Shop, count: int) -> list[Payload]:
    payloads = await ship_transfer(shop, count)
    await shop.do("transfers.ship", *payloads)
    lines = [{"line": 1, "came_home": 2, "lost": 1}, {"line": 2, "lost": 1}]
    return [{**payload, "reason": "breakdown", "lines": lines} for payload in payloads]


@builds("reservations.reserve")
async def reserve(shop: Shop, count: int) -> list[Payload]:
    lines = [{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 1}]
    return [{"lines": lines, "channel": "web", "reference": f"cart-{number}"} for number in range(count)]


async def reserved(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("reservations.reserve", *await reserve(shop, count))
    return [{"reservation": each["reservation"]} for each in done]


BUILDERS["reservations.release"] = reserved


@builds("reservations.extend")
async def extend(shop: Shop, count: int) -> list[Payload]:
    return [{**each, "seconds": 3_600} for each in await reserved(shop, count)]


@builds("reservations.expire")
async def expire(shop: Shop, count: int) -> list[Payload]:
    done = await reserved(shop, count)
    shop.executor = Executor(shop.database, lambda: datetime.now(UTC) + timedelta(hours=1))
    return done


@builds("counts.open")
async def open_count(shop: Shop, count: int) -> list[Payload]:
    return [
        {"location": "HAM", "skus": ["A", "B"], "blind": False, "reference": f"R{number}"} for number in range(count)
    ]


@builds("counts.record")
async def record_count(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("counts.open", *await open_count(shop, count))
    now = datetime.now(UTC).isoformat()
    lines = [{"sku": "A", "quantity": 7}, {"barcode": "B", "quantity": 2_000_000}, {"sku": "C", "quantity": 1}]
    return [{"count": each["count"], "lines": lines, "counted_at": now} for each in done]


@builds("counts.recount")
async def recount(shop: Shop, count: int) -> list[Payload]:
    payloads = await record_count(shop, count)
    await shop.do("counts.record", *payloads)
    return [{"count": payload["count"]} for payload in payloads]


@builds("counts.cancel")
async def cancel_count(shop: Shop, count: int) -> list[Payload]:
    return [{**payload, "reason": "x"} for payload in await recount(shop, count)]


@builds("counts.approve")
async def approve_count(shop: Shop, count: int) -> list[Payload]:
    """Each count has a product of its own, of which an order holds all: more than was found."""
    skus = [f"P{number}" for number in range(count)]
    await shop.do("products.save", *({"sku": sku, "name": sku} for sku in skus))
    fields = {"location": "HAM", "reason": "opening"}
    await shop.do("stock.receive", *({"sku": sku, "quantity": 5, **fields} for sku in skus))
    await shop.do("orders.place", *(order((sku, 4)) for sku in skus))
    done = await shop.do("counts.open", *({"location": "HAM", "skus": [sku]} for sku in skus))
    found = [
        {"count": each["count"], "lines": [{"sku": sku, "quantity": 3}]} for each, sku in zip(done, skus, strict=True)
    ]
    await shop.do("counts.record", *found)
    return [{"count": each["count"], "reason": "cycle"} for each in done]


@builds("layouts.save")
async def save_layout(shop: Shop, count: int) -> list[Payload]:
    places = await save_locations(shop, count)
    await shop.do("locations.save", *places)
    aisles = [{"code": "A", "x_cm": 0}, {"code": "B", "x_cm": 300}]
    return [{"location": each["code"], "aisles": aisles, "cross_cm": [0, 900]} for each in places]


@builds("waves.plan")
async def plan_wave(shop: Shop, count: int) -> list[Payload]:
    numbers = await placed(shop, count)
    await shop.do("orders.release", *({"order": number} for number in numbers))
    return [
        {"location": "HAM", "fulfillment_orders": [f"{number}-F1"], "reference": f"R{number}"} for number in numbers
    ]


@builds("waves.release")
async def release_wave(shop: Shop, count: int) -> list[Payload]:
    aisles = [{"code": "A", "x_cm": 0}, {"code": "B", "x_cm": 300}]
    await shop.do("layouts.save", {"location": "HAM", "aisles": aisles, "cross_cm": [0, 900]})
    bin_ = {"location": "HAM", "code": "A-1"}
    await shop.do("bins.save", {**bin_, "aisle": "A", "position_cm": 100})
    await shop.do("stock.put-away", {"sku": "A", "location": "HAM", "bin": "A-1", "quantity": 900_000})
    done = await shop.do("waves.plan", *await plan_wave(shop, count))
    return [{"wave": each["wave"]} for each in done]


@builds("waves.pick")
async def confirm_pick(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("waves.release", *await release_wave(shop, count))
    taken = {"task": 1, "barcode": "A", "bin": "A-1", "quantity": 1, "short": 1, "reason": "gone"}
    return [{"wave": each["wave"], **taken} for each in done]


@builds("waves.take-list")
async def take_list(shop: Shop, count: int) -> list[Payload]:
    return [{"wave": each["wave"]} for each in await confirm_pick(shop, count)]


@builds("waves.leave-list")
async def leave_list(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("waves.take-list", *await take_list(shop, count))
    return [{"list": each["list"]} for each in done]


@builds("waves.close")
async def close_wave(shop: Shop, count: int) -> list[Payload]:
    payloads = await confirm_pick(shop, count)
    await shop.do("waves.pick", *payloads)
    return [{"wave": each["wave"]} for each in payloads]


@builds("waves.cancel")
async def cancel_wave(shop: Shop, count: int) -> list[Payload]:
    return [{"wave": each["wave"], "reason": "late"} for each in await confirm_pick(shop, count)]


class Counted(Transaction):
    """Remembers the names of the statements of each transaction."""

    seen: list[Counted] = []  # noqa: RUF012

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.names: list[str] = []
        Counted.seen.append(self)

    async def fetch(self, sql: str, *arguments: Any) -> Any:
        self.names.append(named(sql))
        return await super().fetch(sql, *arguments)

    async def fetchrow(self, sql: str, *arguments: Any) -> Any:
        self.names.append(named(sql))
        return await super().fetchrow(sql, *arguments)

    async def fetchval(self, sql: str, *arguments: Any) -> Any:
        self.names.append(named(sql))
        return await super().fetchval(sql, *arguments)

    async def execute(self, sql: str, *arguments: Any) -> int:
        self.names.append(named(sql))
        return await super().execute(sql, *arguments)


def named(statement: str) -> str:
    """The name of a statement of queries.sql."""
    return statement.partition("\n")[0].removeprefix("-- ")


async def statements(dsn: str, verb: str, count: int) -> list[str]:
    """The statements of one undisturbed batch; drawing order numbers ahead is a transaction of its own."""
    async with open_shop(dsn) as shop:
        await shop.stock_up(1_000_000)
        payloads = await BUILDERS[verb](shop, count)
        Counted.seen.clear()
        await shop.do(verb, *payloads)
        batches = [tx.names for tx in Counted.seen if tx.names != ["draw_order_numbers"]]
    assert len(batches) == 1, batches
    return batches[0]


BY_THE_THOUSAND = {
    "orders.place", "orders.record", "orders.release", "orders.source", "orders.hold", "orders.edit", "lines.cancel",
    "fulfillment-orders.pick", "parcels.pack", "parcels.ship", "parcels.track", "returns.request", "returns.receive",
    "returns.refund", "payments.record", "payments.refund", "payments.answer", "invoices.issue", "reservations.reserve",
    "reservations.release", "products.save", *(f"stock.{verb}" for verb in ("receive", "set", "adjust", "move")),
}  # fmt: skip
"""Verbs that come in such batches are counted so; the others by the hundred, which takes a tenth of the time."""
Chain = Sequence[tuple[str, Callable[[list[str]], list[Payload]]]]


def of_each(suffix: str, **more: Any) -> Callable[[list[str]], list[Payload]]:
    """The same for one fulfillment order of each order."""
    return lambda numbers: [{"fulfillment_order": f"{number}-{suffix}", **more} for number in numbers]


WORK: Chain = (
    ("fulfillment-orders.split", of_each("F1", lines=[{"line": 1, "quantity": 1}])),
    (
        "fulfillment-orders.merge",
        lambda numbers: [{"into": f"{each}-F1", "others": [f"{each}-F2"]} for each in numbers],
    ),
    ("fulfillment-orders.hold", of_each("F1")),
    ("fulfillment-orders.release-hold", of_each("F1")),
    ("fulfillment-orders.submit", of_each("F1")),
    ("fulfillment-orders.accept", of_each("F1")),
    ("fulfillment-orders.cancel", of_each("F1", reason="mistake")),
    ("fulfillment-orders.answer-cancellation", of_each("F1", accepted=False)),
    ("fulfillment-orders.schedule", of_each("F1", at="2990-01-01T00:00:00Z")),
    ("fulfillment-orders.move", of_each("F1", to_location="BER", reason="nearer")),
    ("fulfillment-orders.reject", of_each("F3", reason="busy")),
    ("fulfillment-orders.close", of_each("F4", reason="sold_out", rest="cancel")),
)
"""Verbs that follow each other on the same orders: one set-up serves them all."""


def of_parcel(number: int, **more: Any) -> Callable[[list[str]], list[Payload]]:
    """The same for one parcel of each order."""
    return lambda orders: [{"parcel": f"{each}-P{number}", **more} for each in orders]


COLLECTED: Chain = (
    ("parcels.ship", of_parcel(2, carrier="DHL")),
    ("pickups.receive", of_parcel(2)),
    ("pickups.ready", of_parcel(1)),
    ("fulfillment-orders.ship", of_each("F3", carrier="DHL")),
    ("pickups.extend", of_parcel(1, collect_by="2990-01-01T00:00:00Z")),
    ("pickups.hand-over", of_parcel(1, name="A. Meyer")),
    ("pickups.expire", of_parcel(3)),
    (
        "pickups.change",
        lambda numbers: [{"order": each, "lines": [3], "reason": "wish", "location": "BER"} for each in numbers],
    ),
)
"""One line of each order lies at the counter, another one has to come there, and a third one waits for stock."""


async def to_collect(shop: Shop, count: int) -> list[str]:
    """Orders with two packed parcels: one has to be sent to the counter, one is there."""
    place = {"name": "Place", "kind": "store", "time_zone": "UTC", "country": "DE", "capabilities": ["ship", "pickup"]}
    await shop.do("locations.save", {"code": "BER", **place}, {"code": "HAM", **place})
    await shop.do("policies.set", {"name": "ship_to_store", "value": True})
    await shop.do("policies.set", {"name": "may_backorder", "value": True})
    await shop.do("products.save", {"sku": "FAR", "name": "Far"}, {"sku": "NONE", "name": "None"})
    await shop.do("stock.receive", {"sku": "FAR", "location": "BER", "quantity": count, "reason": "x"})
    wanted = order(("FAR", 1), ("A", 1), ("NONE", 1), ("B", 1))
    for line in wanted["lines"][:3]:
        line["pickup"] = "HAM"
    numbers = [each["number"] for each in await shop.do("orders.place", *[wanted] * count)]
    await shop.do("orders.release", *({"order": each} for each in numbers))
    for name in ("F1", "F2"):
        work = [{"fulfillment_order": f"{each}-{name}"} for each in numbers]
        await shop.do("fulfillment-orders.pick", *work)
        await shop.do("parcels.pack", *work)
    return numbers


async def at_work(shop: Shop, count: int) -> list[str]:
    """Orders with one fulfillment order each."""
    return [name.partition("-")[0] for name in await released(shop, count)]


async def chained(
    dsn: str, chain: Chain, begin: Callable[[Shop, int], Awaitable[list[str]]], count: int
) -> dict[str, list[str]]:
    """The statements of each verb's batch."""
    found: dict[str, list[str]] = {}
    async with open_shop(dsn) as shop:
        await shop.stock_up(1_000_000)
        numbers = await begin(shop, count)
        for verb, payloads in chain:
            Counted.seen.clear()
            await shop.do(verb, *payloads(numbers))
            (found[verb],) = [tx.names for tx in Counted.seen]
    return found


@pytest.mark.parametrize(("chain", "begin"), [(WORK, at_work), (COLLECTED, to_collect)], ids=["work", "collected"])
async def test_a_chain_of_verbs_takes_as_many_statements_for_many_orders_as_for_one(
    chain: Chain,
    begin: Callable[[Shop, int], Awaitable[list[str]]],
    shared_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "Transaction", Counted)
    one, many = await chained(shared_dsn, chain, begin, 1), await chained(shared_dsn, chain, begin, 200)
    assert many == one


@pytest.mark.parametrize("verb", sorted(set(BUILDERS) & set(verbs())))
async def test_many_commands_take_as_many_statements_as_one(
    verb: str, shared_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "Transaction", Counted)
    one = await statements(shared_dsn, verb, 1)
    many = await statements(shared_dsn, verb, 1_000 if verb in BY_THE_THOUSAND else 100)
    assert many == one
    print(f"{verb}: {len(one)} statements: {', '.join(one)}")


def test_every_verb_is_counted() -> None:
    missing: Mapping[str, Any] = {
        name: verb for name, verb in verbs().items() if name not in {*BUILDERS, *dict(WORK), *dict(COLLECTED)}
    }
    assert not missing
