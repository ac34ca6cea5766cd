"""What customers collect: never moved elsewhere by itself, ready, handed over against a proof, back on the shelf where nobody comes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lading.entrypoints.worker import over
from lading.operations.execute import Executor
from lading.views.order import order as read_order
from tests.operations.conftest import Shop
from tests.operations.test_fulfillment_orders import stock, work
from tests.operations.test_payments import eur

STORE = {"kind": "store", "country": "DE", "time_zone": "Europe/Berlin", "capabilities": ["ship", "pickup"]}


@pytest.fixture
async def store(shop: Shop) -> Shop:
    """The merchant, with a store (STO) where customers collect, after its warehouses in priority."""
    await shop.do("locations.save", code="STO", name="Store", priority=9, **STORE)
    return shop


def collected(wanted: Mapping[str, int], place: str = "STO", **fields: Any) -> dict[str, Any]:
    command = Shop.order(wanted, **fields)
    for line in command["lines"]:
        line["pickup"] = place
    return command


async def packed(shop: Shop, wanted: Mapping[str, int]) -> str:
    """The parcel of a new order that is collected, packed."""
    number = (await shop.do("orders.place", **collected(wanted)))["number"]
    (name,) = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    await shop.do("fulfillment-orders.pick", fulfillment_order=name)
    return str((await shop.do("parcels.pack", fulfillment_order=name))["parcel"])


async def code(shop: Shop) -> str:
    (row,) = await shop.fetch("SELECT code FROM pickup WHERE merchant_id = $1")
    return str(row["code"])


async def test_a_customer_collects_what_was_ordered_and_says_the_code(store: Shop) -> None:
    await store.stock_up(MUG_HAM=9, MUG_STO=3)
    parcel = await packed(store, {"MUG": 2})
    number = parcel.partition("-")[0]
    assert await stock(store, "MUG") == {"HAM": (9, 0, 0), "STO": (1, 0, 0)}
    assert (await store.refusal("pickups.hand-over", parcel=parcel, code="123456"))["name"] == "not_ready"
    assert (await store.refusal("parcels.ship", parcel=parcel, carrier="DHL"))["name"] == "collected_by_customer"
    ready = await store.do("pickups.ready", parcel=parcel)
    assert datetime.fromisoformat(ready["collect_by"]) - datetime.now(UTC) > timedelta(days=6)
    right = await code(store)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    assert (await store.refusal("pickups.hand-over", parcel=parcel, code=wrong))["name"] == "wrong_code"
    done = await store.do("pickups.hand-over", parcel=parcel, code=right)
    assert (done["proof"], done["units"], done["stage"]) == ("code", 2, "done")
    assert (await store.refusal("pickups.hand-over", parcel=parcel, code=right))["name"] == "pickup_ended"
    assert await store.units(number) == {"delivered": 2}
    await store.check_books()


async def test_nobody_comes_and_it_goes_back_to_the_shelf(store: Shop) -> None:
    """The worker gives up when the time is over; the customer owes nothing, and gets back what was paid."""
    await store.stock_up(MUG_STO=3)
    parcel = await packed(store, {"MUG": 2})
    number = parcel.partition("-")[0]
    await store.do("payments.record", order=number, amount={"amount": "20.00", "currency": "EUR"}, kind="cash")
    soon = datetime.now(UTC) + timedelta(hours=1)
    await store.do("pickups.ready", parcel=parcel, collect_by=soon.isoformat())
    early = await store.do("pickups.expire", parcel=parcel, only_over=True)
    assert early["cancelled"] == 0
    later = soon + timedelta(seconds=1)
    executor = Executor(store.database, lambda: later)
    assert await over.end_at_locations(store.database, executor, store.merchant_id, later) == 1
    assert await over.end_at_locations(store.database, executor, store.merchant_id, later) == 0
    assert await store.units(number) == {"cancelled": 2}
    assert await stock(store, "MUG") == {"STO": (3, 0, 0)}
    (order,) = await store.fetch("SELECT * FROM orders WHERE merchant_id = $1 AND number = $2", int(number))
    assert order["charged_minor"] + order["adjusted_minor"] - order["captured_minor"] == -2_000
    laid = await store.do("fulfillment-orders.put-back", fulfillment_order=f"{number}-F1")
    assert laid["units"] == 2
    await store.check_books()


async def test_a_pickup_is_refused_where_there_is_nothing_rather_than_sent_from_elsewhere(store: Shop) -> None:
    await store.stock_up(MUG_HAM=9, MUG_STO=1)
    refusal = await store.refusal("orders.place", **collected({"MUG": 2}))
    assert refusal["name"] == "insufficient_stock"
    await store.do("policies.set", name="safety_stock", value="1", location="STO")
    refusal = await store.refusal("orders.place", **collected({"MUG": 1}))
    assert refusal["message"].startswith("1 of 1 MUG cannot be collected at STO: 1 there is kept back")
    assert (await store.refusal("orders.place", **collected({"MUG": 1}, "HAM")))["name"] == "no_pickup"
    assert (await store.refusal("orders.place", **collected({"MUG": 1}, "NIX")))["name"] == "unknown_location"


async def test_a_rejected_pickup_waits_for_a_person_and_is_changed_by_one(store: Shop) -> None:
    await store.stock_up(MUG_HAM=9, MUG_STO=3)
    number = (await store.do("orders.place", **collected({"MUG": 2})))["number"]
    (name,) = (await store.do("orders.release", order=number))["fulfillment_orders"]
    refusal = await store.refusal("fulfillment-orders.move", fulfillment_order=name, to_location="HAM", reason="x")
    assert refusal["name"] == "pickup_stays"
    refusal = await store.refusal("pickups.change", order=number, lines=[1], reason="wish")
    assert refusal["name"] == "line_at_work"
    done = await store.do("fulfillment-orders.reject", fulfillment_order=name, reason="cannot_find")
    assert (done["found"], done["missing"], done["stage"]) == (0, 2, "to_source")
    assert (await store.do("orders.source", order=number))["allocated"] == 0
    await store.do("pickups.change", order=number, lines=[1], reason="customer_called")
    assert (await store.do("orders.source", order=number))["allocated"] == 2
    assert (await stock(store, "MUG"))["HAM"] == (7, 2, 0)
    await store.check_books()


async def test_what_the_store_lacks_is_sent_to_it_and_collected_there(store: Shop) -> None:
    await store.stock_up(MUG_HAM=9, MUG_STO=1)
    await store.do("policies.set", name="ship_to_store", location="STO", value=True)
    number = (await store.do("orders.place", **collected({"MUG": 3})))["number"]
    await store.do("orders.release", order=number)
    places = {place for place, *_ in (await work(store, number)).values()}
    assert places == {"HAM", "STO"}
    for name in ("F1", "F2"):
        await store.do("fulfillment-orders.pick", fulfillment_order=f"{number}-{name}")
        await store.do("parcels.pack", fulfillment_order=f"{number}-{name}")
    rows = await store.fetch(
        "SELECT p.number, l.code FROM parcel AS p JOIN location AS l ON l.merchant_id = $1 AND l.id = p.location_id"
        " WHERE p.merchant_id = $1"
    )
    parcels = {row["code"]: f"{number}-P{row['number']}" for row in rows}
    assert (await store.refusal("pickups.ready", parcel=parcels["HAM"]))["name"] == "not_collected_here"
    await store.do("parcels.ship", parcel=parcels["HAM"], carrier="DHL", tracking_number="T1")
    told = {"parcel": parcels["HAM"], "status": "delivered", "occurred_at": datetime.now(UTC).isoformat()}
    assert (await store.refusal("parcels.track", **told))["name"] == "goes_to_a_counter"
    came = await store.do("pickups.receive", parcel=parcels["HAM"])
    assert (came["units"], came["arrived"], came["parcel"]) == (2, parcels["HAM"], f"{number}-P3")
    assert await store.units(number) == {"packed": 3}
    await store.check_books()
    await store.do("pickups.hand-over", parcel=came["parcel"], name="A. Meyer")
    await store.do("pickups.ready", parcel=parcels["STO"])
    await store.do("pickups.hand-over", parcel=parcels["STO"], name="A. Meyer")
    assert await store.units(number) == {"delivered": 3}
    journal = await store.fetch("SELECT data::text AS data FROM event WHERE merchant_id = $1")
    assert not any("Meyer" in row["data"] for row in journal)
    await store.check_books()


async def test_one_order_is_collected_in_part_and_sent_in_part(store: Shop) -> None:
    """Two lines of one product: what is collected is gone for what is sent, and each has its own fulfillment order."""
    await store.stock_up(MUG_STO=3)
    command = Shop.order({"MUG": 2})
    command["lines"].append({**command["lines"][0], "quantity": 1, "pickup": "STO"})
    too_much = {**command, "lines": [{**command["lines"][0], "quantity": 3}, command["lines"][1]]}
    assert (await store.refusal("orders.place", **too_much))["name"] == "insufficient_stock"
    number = (await store.do("orders.place", **command))["number"]
    made = (await store.do("orders.release", order=number))["fulfillment_orders"]
    assert len(made) == 2
    refusal = await store.refusal("fulfillment-orders.merge", into=made[0], others=[made[1]])
    assert refusal["name"] == "not_alike"
    command["lines"][0]["quantity"] = 1
    assert (await store.refusal("orders.place", **command))["name"] == "insufficient_stock"
    await store.check_books()


async def test_an_order_says_where_it_is_collected_and_what_comes_next(store: Shop) -> None:
    await store.stock_up(MUG_STO=3)
    parcel = await packed(store, {"MUG": 1})
    number = parcel.partition("-")[0]

    async def seen() -> tuple[str, list[str]]:
        async with store.database.read(store.merchant_id) as tx:
            order = await read_order(tx, number)
        assert order.lines[0].pickup == "STO"
        return order.parcels[0].status, [each.verb for each in order.possible if parcel in each.documents]

    assert await seen() == ("packed", ["pickups.ready", "parcels.unpack"])
    await store.do("pickups.ready", parcel=parcel)
    assert await seen() == ("ready_for_pickup", ["pickups.hand-over", "pickups.expire", "parcels.unpack"])
    await store.do("parcels.unpack", parcel=parcel, reason="wrong_bag")
    assert await seen() == ("cancelled", [])
    assert (await store.refusal("pickups.hand-over", parcel=parcel, name="Ada"))["name"] == "not_packed"
    await store.check_books()


async def test_what_was_kept_for_a_cart_elsewhere_is_free_when_the_order_is_collected(store: Shop) -> None:
    await store.stock_up(MUG_HAM=5, MUG_STO=5)
    kept = await store.do("reservations.reserve", lines=[{"sku": "MUG", "quantity": 2}], seconds=600)
    here = await store.do("reservations.reserve", lines=[{"sku": "MUG", "quantity": 2}], location="STO", seconds=600)
    for each in (kept, here):
        await store.do("orders.place", **collected({"MUG": 2}, reservation=each["reservation"]))
    assert await stock(store, "MUG") == {"HAM": (5, 0, 0), "STO": (1, 4, 0)}
    (row,) = await store.fetch("SELECT sum(reserved) AS kept FROM stock WHERE merchant_id = $1")
    assert row["kept"] == 0
    await store.check_books()


async def test_a_draft_keeps_where_its_lines_are_collected(store: Shop) -> None:
    await store.stock_up(MUG_HAM=5, MUG_STO=1)
    draft = (await store.do("drafts.create", **collected({"MUG": 1})))["draft"]
    await store.do("drafts.convert", draft=draft)
    assert await stock(store, "MUG") == {"HAM": (5, 0, 0), "STO": (0, 1, 0)}
    await store.check_books()


async def test_a_customer_takes_a_part_of_a_parcel_and_leaves_the_rest(store: Shop) -> None:
    await store.stock_up(MUG_STO=3, TEE_STO=3)
    parcel = await packed(store, {"MUG": 2, "TEE": 1})
    number = parcel.partition("-")[0]
    await store.do("pickups.ready", parcel=parcel)
    some = {"parcel": parcel, "name": "Ada"}
    too_many = [{"line": 1, "quantity": 3}]
    assert (await store.refusal("pickups.hand-over", **some, lines=too_many))["name"] == "not_inside"
    done = await store.do("pickups.hand-over", **some, lines=[{"line": 1, "quantity": 1}])
    assert (done["parcel"], done["units"], done["left"]) == (f"{number}-P2", 1, 2)
    assert await store.units(number) == {"picked": 2, "delivered": 1}
    await store.check_books()
    again = await store.do("parcels.pack", fulfillment_order=f"{number}-F1", lines=[{"line": 2, "quantity": 1}])
    await store.do("pickups.ready", parcel=again["parcel"])
    await store.do("pickups.hand-over", parcel=again["parcel"], name="Ada")
    cancelled = await store.do("lines.cancel", order=number, reason="not_taken")
    assert cancelled["due"]["amount"] == "20.00"
    assert await store.units(number) == {"cancelled": 1, "delivered": 2}
    await store.check_books()


async def test_a_store_that_rejects_gets_it_sent_from_elsewhere_where_that_is_allowed(store: Shop) -> None:
    """Whoever rejects is not asked again, but the customer collects where the customer collects."""
    await store.stock_up(MUG_HAM=2, MUG_MUC=2, MUG_STO=2)
    await store.do("policies.set", name="ship_to_store", location="STO", value=True)
    number = (await store.do("orders.place", **collected({"MUG": 2})))["number"]
    (name,) = (await store.do("orders.release", order=number))["fulfillment_orders"]
    first = await store.do("fulfillment-orders.reject", fulfillment_order=name, reason="not_found")
    second = await store.do(
        "fulfillment-orders.reject", fulfillment_order=first["fulfillment_orders"][0], reason="not_found"
    )
    assert [each[:2] for each in (await work(store, number)).values()] == [("STO", 0), ("HAM", 0), ("MUC", 2)]
    refusal = await store.refusal(
        "fulfillment-orders.move", fulfillment_order=second["fulfillment_orders"][0], to_location="HAM", reason="x"
    )
    assert refusal["name"] == "pickup_stays"
    await store.do("fulfillment-orders.ship", fulfillment_order=second["fulfillment_orders"][0], carrier="DHL")
    came = await store.do("pickups.receive", parcel=f"{number}-P1")
    await store.do("pickups.hand-over", parcel=came["parcel"], name="Ada")
    assert await store.units(number) == {"delivered": 2}
    await store.check_books()


async def test_what_is_collected_somewhere_else_is_taxed_there_and_an_edit_hold_stops_it(store: Shop) -> None:
    await store.do("policies.set", name="taxes", value="calculate")
    await store.do("policies.set", name="may_backorder", value=True)
    for region, percent in (("NY", "4"), ("WA", "6")):
        rate = {"country": "US", "region": region, "code": "STATE", "rate": percent, "valid_from": "2020-01-01"}
        await store.do("tax-rates.save", **rate)
    store_in_ny = {**STORE, "country": "US", "address": {"region": "NY", "postal_code": "10001"}}
    await store.do("locations.save", code="STO", name="Store", priority=9, **store_in_ny)
    await store.do("products.save", sku="MUG", name="Mug")
    home = {"country": "US", "region": "WA", "postal_code": "98101"}
    placed = await store.do("orders.place", **collected({"MUG": 2}, ship_to=home, tenders=[{"amount": eur("20.80")}]))
    assert placed["total"] == eur("20.80")
    change = {"order": placed["number"], "lines": [1], "reason": "wish"}
    (would,) = await store.preview("pickups.change", [store.envelope("pickups.change", change)])
    done = await store.do("pickups.change", **change)
    assert done == would and (done["difference"], done["payment"]["waits"]) == (eur("0.40"), "payment_due")
    back = await store.do("pickups.change", **change, location="STO")
    assert (back["difference"], back["payment"]["goes_on"]) == (eur("-0.40"), ["payment_due"])
    await store.do("orders.hold", order=placed["number"], kind="call", stops=["edit"])
    assert (await store.refusal("pickups.change", **change))["name"] == "on_hold"
    await store.check_books()
