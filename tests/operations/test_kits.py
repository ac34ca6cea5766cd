"""Kits: sold as one line, kept, sent, cancelled and given back part by part in the books."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lading.views.availability import AvailabilityQuery, availability
from lading.views.history import OrderAsOfQuery, order_as_of
from lading.views.order import order as order_view
from lading.views.timeline import TimelineQuery, timeline
from tests.operations.conftest import Shop

SET = {
    "sku": "SET",
    "components": [
        {"sku": "POT", "list_price": "30.00"},
        {"sku": "CUP", "per_kit": 4, "list_price": "5.00"},
    ],
}
"""A pot and four cups: 3/5 of what it costs are the pot's."""


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def kit_order(quantity: int, price: str = "45.00", **more: Any) -> dict[str, Any]:
    order = Shop.order({"SET": quantity}, **more)
    order["lines"][0]["unit_price"] = eur(price)
    return order


async def tea(shop: Shop, **units: int) -> None:
    """A tea set, and so many pots and cups."""
    await shop.stock_up(**units, SET_HAM=0)
    await shop.do("kits.save", **SET)


async def lines(shop: Shop, number: str) -> list[dict[str, Any]]:
    """The lines of an order as stored."""
    return await shop.fetch(
        "SELECT l.*, s.code FROM order_line AS l JOIN orders AS o ON o.merchant_id = $1 AND o.id = l.order_id"
        " JOIN sku AS s ON s.merchant_id = $1 AND s.id = l.sku_id"
        " WHERE l.merchant_id = $1 AND o.number = $2 ORDER BY l.number",
        int(number),
    )


async def seen(shop: Shop, number: str) -> Any:
    async with shop.database.read(shop.merchant_id) as tx:
        return await order_view(tx, number)


async def send(shop: Shop, number: str) -> list[str]:
    """Release, pick, pack, ship and deliver all that is allocated; the parcels."""
    released = await shop.do("orders.release", order=number)
    parcels = []
    for name in released["fulfillment_orders"]:
        await shop.do("fulfillment-orders.pick", fulfillment_order=name)
        parcels.append((await shop.do("parcels.pack", fulfillment_order=name))["parcel"])
    for parcel in parcels:
        await shop.do("parcels.ship", parcel=parcel, carrier="DHL")
        now = datetime.now(UTC).isoformat()
        await shop.do("parcels.track", parcel=parcel, status="delivered", occurred_at=now)
    return parcels


async def test_a_kit_is_one_line_for_the_customer_and_its_parts_in_the_books(shop: Shop) -> None:
    await tea(shop, POT_HAM=3, CUP_HAM=12)
    number = (
        await shop.do(
            "orders.place", **kit_order(2, charges=[{"kind": "shipping", "code": "std", "amount": eur("4.90")}])
        )
    )["number"]
    kit, pot, cup = await lines(shop, number)
    assert (kit["is_kit"], kit["ordered"], kit["goods_minor"], kit["allocated"]) == (True, 2, 0, 0)
    assert (pot["part_of"], pot["per_kit"], pot["ordered"], pot["goods_minor"]) == (1, 1, 2, 5400)
    assert (cup["part_of"], cup["per_kit"], cup["ordered"], cup["goods_minor"]) == (1, 4, 8, 3600)
    view = await seen(shop, number)
    assert view.money.original.amount == "94.90"
    assert [line.number for line in view.lines] == [1, 2, 3]
    assert view.lines[0].units == {"allocated": 2}
    assert (view.lines[0].kit.goods.amount, view.lines[0].kit.total.amount) == ("90.00", "94.90")
    assert view.units == {"ordered": 10, "allocated": 10}
    await shop.check_books()

    await send(shop, number)
    assert await shop.units(number) == {"delivered": 10}
    assert (await seen(shop, number)).lines[0].units == {"delivered": 2}
    await shop.check_books()


async def test_a_kit_is_cancelled_whole_and_to_the_cent(shop: Shop) -> None:
    await tea(shop, POT_HAM=3, CUP_HAM=12)
    number = (await shop.do("orders.place", **kit_order(3, "9.99")))["number"]
    part = await shop.refusal("lines.cancel", order=number, reason="late", lines=[{"line": 2, "quantity": 1}])
    assert part["name"] == "part_of_kit"
    assert part["pointer"] == "/lines/0/line"
    much = await shop.refusal("lines.cancel", order=number, reason="late", lines=[{"line": 1, "quantity": 4}])
    assert much["name"] == "not_cancellable"
    for left in ("19.98", "9.99", "0.00"):
        done = await shop.do("lines.cancel", order=number, reason="late", lines=[{"line": 1, "quantity": 1}])
        assert done["due"] == eur(left)
        await shop.check_books()
    assert await shop.units(number) == {"cancelled": 15}
    assert (await seen(shop, number)).lines[0].units == {"cancelled": 3}
    nothing = await shop.refusal("lines.cancel", order=number, reason="late")
    assert nothing["name"] == "nothing_to_cancel"


async def test_cancelling_without_lines_takes_whole_kits(shop: Shop) -> None:
    await tea(shop, POT_HAM=3, CUP_HAM=12)
    number = (await shop.do("orders.place", **kit_order(3)))["number"]
    assert (await shop.do("lines.cancel", order=number, reason="late"))["cancelled"] == 15
    await shop.check_books()


async def test_a_kit_or_one_component_of_it_comes_back_at_its_share(shop: Shop) -> None:
    await tea(shop, POT_HAM=3, CUP_HAM=12)
    placed = await shop.do("orders.place", **kit_order(2, "45.00", tenders=[{"amount": eur("90.00")}]))
    number = placed["number"]
    await send(shop, number)
    cup = await shop.do("returns.request", order=number, reason="broken", lines=[{"line": 3, "quantity": 1}])
    await shop.do("returns.receive", document=cup["document"], location="HAM", lines=[{"line": 3, "quantity": 1}])
    assert (await shop.do("returns.refund", document=cup["document"]))["refunded"] == eur("4.50")
    await shop.check_books()
    two = await shop.refusal("returns.request", order=number, reason="x", lines=[{"line": 1, "quantity": 2}])
    assert two["name"] == "more_than_shipped"
    assert two["pointer"] == "/lines/0/quantity"
    kit = await shop.do("returns.request", order=number, reason="x", lines=[{"line": 1, "quantity": 1}])
    assert kit["awaited"] == 5
    units = [{"line": 2, "quantity": 1}, {"line": 3, "quantity": 4}]
    await shop.do("returns.receive", document=kit["document"], location="HAM", lines=units)
    assert (await shop.do("returns.refund", document=kit["document"]))["refunded"] == eur("45.00")
    restocked = [{**each, "disposition": "restock"} for each in units]
    await shop.do("returns.dispose", document=kit["document"], lines=restocked)
    # The parent tells it too: one whole kit came back, the lone cup does not make another.
    assert (await seen(shop, number)).lines[0].units == {"delivered": 2, "returned": 1}
    await shop.check_books()


async def test_orders_with_kits_take_two_statements_more_and_the_others_none(shop: Shop) -> None:
    await tea(shop, POT_HAM=500, CUP_HAM=2000)
    await shop.place({"POT": 1})
    plain = await shop.statements("orders.place", shop.order({"POT": 1}))
    one = await shop.statements("orders.place", kit_order(1))
    many = await shop.statements("orders.place", *(kit_order(1) for _ in range(100)))
    assert (one, many) == (plain + 2, plain + 2), "what kits are made of, and the lines of their parts"


async def test_two_lines_that_share_a_component_share_its_stock(shop: Shop) -> None:
    """The minimum over the components is taken over the whole order."""
    await tea(shop, POT_HAM=2, CUP_HAM=8)
    await shop.batch("products.save", {"sku": "SMALL", "name": "A pot and a cup"})
    await shop.do("kits.save", sku="SMALL", components=[{"sku": "POT"}, {"sku": "CUP"}])
    order = shop.order({"SET": 1, "SMALL": 1, "POT": 1})
    refused = await shop.refusal("orders.place", **order)
    assert (refused["name"], refused["facts"]["missing"]) == ("insufficient_stock", 1)
    await shop.place({"SET": 1, "SMALL": 1, "CUP": 3})
    await shop.check_books()


async def test_a_kit_comes_whole_from_one_location_unless_it_may_go_in_parts(shop: Shop) -> None:
    await tea(shop, POT_HAM=1, POT_MUC=1, CUP_HAM=3, CUP_MUC=9)
    refused = await shop.refusal("orders.place", **kit_order(2))
    assert refused["message"].startswith("1 of 2 SET cannot be promised")
    number = (await shop.do("orders.place", **kit_order(1)))["number"]
    assert {
        each["location_id"] for each in await shop.fetch("SELECT location_id FROM allocation WHERE merchant_id = $1")
    } == {(await shop.fetch("SELECT id FROM location WHERE merchant_id = $1 AND code = 'MUC'"))[0]["id"]}
    await shop.do("lines.cancel", order=number, reason="x")
    await shop.do("policies.set", name="kits_in_parts", value=True, sku="SET")
    number = (await shop.do("orders.place", **kit_order(2)))["number"]
    await shop.do("lines.cancel", order=number, reason="x", lines=[{"line": 3, "quantity": 1}])
    await shop.check_books()


async def test_a_short_kit_waits_whole_and_is_found_whole(shop: Shop) -> None:
    await tea(shop, POT_HAM=3, CUP_HAM=7)
    await shop.allow_backorders()
    placed = await shop.do("orders.place", **kit_order(3))
    assert (placed["sourcing"], placed["stage"]) == ("short", "backordered")
    assert await shop.units(placed["number"]) == {"allocated": 5, "backordered": 10}
    assert (await seen(shop, placed["number"])).lines[0].units == {"allocated": 1, "backordered": 2}
    await shop.do("stock.receive", sku="CUP", location="HAM", quantity=2, reason="purchase")
    found = await shop.do("orders.source", order=placed["number"])
    assert (found["allocated"], found["missing"]) == (5, 5)
    await shop.check_books()


async def test_a_kit_leaves_only_when_all_of_it_is_packed(shop: Shop) -> None:
    await tea(shop, POT_HAM=2, CUP_HAM=8)
    number = (await shop.do("orders.place", **kit_order(2)))["number"]
    work = (await shop.do("orders.release", order=number))["fulfillment_orders"][0]
    await shop.do(
        "fulfillment-orders.pick", fulfillment_order=work, short=[{"line": 3, "quantity": 1, "reason": "broken"}]
    )
    first = await shop.do("parcels.pack", fulfillment_order=work, lines=[{"line": 2, "quantity": 1}])
    refused = await shop.refusal("parcels.ship", parcel=first["parcel"], carrier="DHL")
    assert refused["name"] == "kit_incomplete"
    second = await shop.do("parcels.pack", fulfillment_order=work, lines=[{"line": 3, "quantity": 4}])
    await shop.do("parcels.ship", parcel=first["parcel"], carrier="DHL")
    await shop.do("parcels.ship", parcel=second["parcel"], carrier="DHL")
    third = await shop.do("parcels.pack", fulfillment_order=work)
    assert (await shop.refusal("parcels.ship", parcel=third["parcel"], carrier="DHL"))["name"] == "kit_incomplete"
    await shop.do("policies.set", name="kits_in_parts", value=True)
    await shop.do("parcels.ship", parcel=third["parcel"], carrier="DHL")
    await shop.check_books()


async def test_a_component_that_was_short_at_the_pick_comes_from_elsewhere(shop: Shop) -> None:
    await tea(shop, POT_HAM=1, CUP_HAM=4, CUP_MUC=1)
    number = (await shop.do("orders.place", **kit_order(1)))["number"]
    work = (await shop.do("orders.release", order=number))["fulfillment_orders"][0]
    await shop.do(
        "fulfillment-orders.pick", fulfillment_order=work, short=[{"line": 3, "quantity": 1, "reason": "broken"}]
    )
    assert (await shop.do("orders.source", order=number))["allocated"] == 1
    await shop.check_books()


async def available(shop: Shop, *skus: str, **more: Any) -> dict[str, Any]:
    """What can be promised, by product: in all and by location."""
    async with shop.database.read(shop.merchant_id) as tx:
        answer = await availability(tx, AvailabilityQuery(skus=list(skus), per=["location"], **more))
    return {item.sku: (item.available, item.locations) for item in answer.items}


async def test_as_many_kits_are_available_as_locations_have_all_parts_of(shop: Shop) -> None:
    await tea(shop, POT_HAM=2, POT_MUC=1, POT_LEJ=5, CUP_HAM=5, CUP_MUC=9, CUP_LEJ=2)
    assert await available(shop, "SET", "POT") == {
        "SET": (2, {"HAM": 1, "MUC": 1}), "POT": (8, {"HAM": 2, "MUC": 1, "LEJ": 5}),
    }  # fmt: skip
    await shop.do("policies.set", name="safety_stock", value="2", sku="CUP")
    assert (await available(shop, "SET"))["SET"] == (1, {"MUC": 1})
    await shop.do("policies.set", name="kits_in_parts", value=True, sku="SET")
    assert (await available(shop, "SET"))["SET"] == (2, {"MUC": 1}), "10 cups beside the safety stock, 4 to a kit"
    await shop.do("orders.place", **kit_order(2))
    assert (await available(shop, "SET"))["SET"] == (0, {})
    await shop.check_books()


async def test_a_stocked_kit_is_available_from_stock_or_put_together_whichever_is_more(shop: Shop) -> None:
    await tea(shop, POT_HAM=2, CUP_HAM=9)
    await shop.do("kits.save", **SET, stocked=True)
    assert (await available(shop, "SET"))["SET"] == (0, {})
    await shop.do("policies.set", name="assemble_when_short", value=True)
    assert (await available(shop, "SET"))["SET"] == (2, {"HAM": 2})


async def test_the_past_of_an_order_shows_its_kits(shop: Shop) -> None:
    await tea(shop, POT_HAM=2, CUP_HAM=8)
    number = (await shop.do("orders.place", **kit_order(2)))["number"]
    await shop.do("lines.cancel", order=number, reason="late", lines=[{"line": 1, "quantity": 1}])
    async with shop.database.read(shop.merchant_id) as tx:
        head = await tx.fetchval("SELECT position FROM journal_head WHERE merchant_id = $1")
        then, now = [await order_as_of(tx, OrderAsOfQuery(order=number, position=at)) for at in (head - 1, head)]
    assert [(line.sku, line.units) for line in then.lines] == [
        ("SET", {"allocated": 2}), ("POT", {"allocated": 2}), ("CUP", {"allocated": 8}),
    ]  # fmt: skip
    assert [(line.part_of, line.units) for line in now.lines] == [
        (None, {"cancelled": 1, "allocated": 1}), (1, {"cancelled": 1, "allocated": 1}), (1, {"cancelled": 4, "allocated": 4}),
    ]  # fmt: skip
    assert (then.units, now.units) == (
        {"ordered": 10, "allocated": 10},
        {"ordered": 10, "cancelled": 5, "allocated": 5},
    )
    async with shop.database.read(shop.merchant_id) as tx:
        told = await timeline(tx, TimelineQuery(order=number))
    assert [entry.sentence for entry in told.items] == [
        "Cancelled 1 × POT and 4 × CUP. Reason: late.",
        "Placed on channel web: 2 × SET for 90.00 EUR. Allocated 10 in HAM.",
    ]


async def test_an_order_of_the_past_may_hold_kits(shop: Shop) -> None:
    await tea(shop, POT_HAM=2, CUP_HAM=7)
    past = {"location": "HAM", "placed_at": "2019-03-02T11:00:00Z", "delivered_at": "2019-03-04T11:00:00Z"}
    refused = await shop.refusal("orders.record", **kit_order(2), **past)
    assert refused["message"].startswith("HAM has 1 SET available, not the 2")
    number = (await shop.do("orders.record", **kit_order(1, tenders=[{"amount": eur("45.00")}]), **past))["number"]
    back = {"location": "HAM", "reason": "credit", "returned_at": past["delivered_at"]}
    done = await shop.do("returns.record", order=number, lines=[{"line": 1, "quantity": 1}], **back)
    assert done["refunded"] == eur("45.00")
    await shop.check_books()


async def test_what_a_kit_is_made_of_is_checked(shop: Shop) -> None:
    await tea(shop, POT_HAM=0, CUP_HAM=0)
    await shop.batch("products.save", {"sku": "BIG", "name": "Big"})

    async def why(sku: str, *components: str) -> str:
        named = [{"sku": each} for each in components]
        return str((await shop.refusal("kits.save", sku=sku, components=named))["name"])

    assert await why("NONE", "POT") == "unknown_sku"
    assert await why("BIG", "NONE") == "unknown_sku"
    assert await why("BIG", "BIG") == "component_of_itself"
    assert await why("BIG", "SET") == "component_is_kit"
    assert await why("POT", "BIG") == "is_component"
    # In one batch each sees what the earlier ones said, as if they had come one by one.
    outcomes = await shop.batch(
        "kits.save",
        {"sku": "BIG", "components": [{"sku": "POT"}]},
        {"sku": "SET", "components": [{"sku": "BIG"}]},
        {"sku": "SET", "components": []},
        {"sku": "BIG", "components": []},
        {"sku": "POT", "components": [{"sku": "BIG"}]},
        {"sku": "BIG", "components": [{"sku": "CUP"}]},
    )
    assert [each.get("name", each.get("kit")) for each in outcomes] == [
        "on_demand", "component_is_kit", "none", "none", "on_demand", "is_component",
    ]  # fmt: skip
    await shop.check_books()


async def test_an_order_keeps_the_parts_that_it_was_placed_with(shop: Shop) -> None:
    await tea(shop, POT_HAM=2, CUP_HAM=8)
    number = (await shop.do("orders.place", **kit_order(1)))["number"]
    await shop.do("kits.save", sku="SET", components=[])
    await send(shop, number)
    assert (await seen(shop, number)).lines[0].units == {"delivered": 1}
    await shop.check_books()


async def test_kits_in_a_dry_run_and_in_one_batch(shop: Shop) -> None:
    await tea(shop, POT_HAM=2, CUP_HAM=11)
    envelopes = [shop.envelope("orders.place", kit_order(1)) for _ in range(3)]
    seen_before = await shop.preview("orders.place", envelopes)
    answers = await shop.run("orders.place", envelopes)
    assert [answer.accepted for answer in answers] == [True, True, False]
    assert [each.get("name") for each in seen_before] == [None, None, "insufficient_stock"]
    await shop.check_books()


async def test_a_reserved_kit_is_its_parts_kept_and_becomes_an_order(shop: Shop) -> None:
    await tea(shop, POT_HAM=2, CUP_HAM=9)
    wanted = {"lines": [{"sku": "SET", "quantity": 2}]}
    kept = await shop.do("reservations.reserve", **wanted)
    assert {(each["sku"], each["quantity"]) for each in kept["lines"]} == {("POT", 2), ("CUP", 8)}
    more = await shop.refusal("reservations.reserve", **wanted)
    assert more["message"].startswith("2 of 2 SET cannot be kept")
    assert (await available(shop, "SET"))["SET"] == (0, {})
    number = (await shop.do("orders.place", **kit_order(2), reservation=kept["reservation"]))["number"]
    assert await shop.units(number) == {"allocated": 10}
    await shop.check_books()
