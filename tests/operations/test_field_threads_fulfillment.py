"""What users of other systems met with fulfillment orders: stock that cannot be shipped, picks that reserve for ever, parts that leak."""

from __future__ import annotations

from tests.operations.conftest import Shop
from tests.operations.test_fulfillment_orders import released, stock, units, work
from tests.operations.test_pickups import STORE, collected


async def test_field_07_an_order_ships_what_is_set_aside_for_it_when_nothing_else_is_there(shop: Shop) -> None:
    """medusa#6500, erpnext#46540: the last units are the order's own; moved to where again they are the last, it ships them."""
    await shop.stock_up(MUG_HAM=2, MUG_MUC=2)
    first = await released(shop, {"MUG": 2})
    other = await released(shop, {"MUG": 2})
    refusal = await shop.refusal("fulfillment-orders.move", fulfillment_order=first, to_location="MUC", reason="x")
    assert refusal["name"] == "not_enough_there"
    await shop.do("lines.cancel", order=other.partition("-")[0], reason="x")
    moved = await shop.do("fulfillment-orders.move", fulfillment_order=first, to_location="MUC", reason="x")
    assert (await stock(shop, "MUG"))["MUC"] == (0, 2, 0)
    await shop.do("fulfillment-orders.ship", fulfillment_order=moved["fulfillment_order"], carrier="DHL")
    assert await shop.units(first.partition("-")[0]) == {"in_transit": 2}
    await shop.check_books()


async def test_field_08_what_is_left_of_a_fulfillment_order_sent_in_part_is_given_back(shop: Shop) -> None:
    """erpnext#52851: a pick list that was delivered in part cannot be closed, and its rest stays reserved for ever."""
    await shop.stock_up(MUG_HAM=5)
    first = await released(shop, {"MUG": 5})
    await shop.do("fulfillment-orders.pick", fulfillment_order=first, lines=units(1, 3))
    await shop.do("parcels.pack", fulfillment_order=first, lines=units(1, 2))
    await shop.do("parcels.ship", parcel=f"{first.partition('-')[0]}-P1", carrier="DHL")
    done = await shop.do("fulfillment-orders.reject", fulfillment_order=first, reason="shop_closes")
    assert (done["units"], done["missing"]) == (3, 3)
    assert await stock(shop, "MUG") == {"HAM": (3, 0, 0)}
    assert (await work(shop, first.partition("-")[0]))["F1"] == ("HAM", 0, 0, 3, 3, 0, "rejected")
    await shop.check_books()


async def test_field_10_of_a_hundred_rejected_orders_none_is_without_its_units(shop: Shop) -> None:
    """saleor#543, #5334: of 100 orders one or two stand without an allocation; here a whole store gives all of them back at once."""
    await shop.stock_up(MUG_HAM=100, MUG_MUC=60, MUG_LEJ=39)
    placed = await shop.batch("orders.place", *[Shop.order({"MUG": 1})] * 100)
    made = await shop.batch("orders.release", *({"order": each["number"]} for each in placed))
    names = [each["fulfillment_orders"][0] for each in made]
    done = await shop.batch(
        "fulfillment-orders.reject", *({"fulfillment_order": name, "reason": "fire"} for name in names)
    )
    assert [each["found"] for each in done] == [1] * 99 + [0]
    assert await stock(shop, "MUG") == {"HAM": (100, 0, 0), "MUC": (0, 60, 0), "LEJ": (0, 39, 0)}
    held = await shop.fetch("SELECT sum(allocated + released) AS units FROM allocation WHERE merchant_id = $1")
    assert held[0]["units"] == 99
    await shop.check_books()


async def test_field_27_parts_of_one_order_go_to_as_many_locations_as_they_need(shop: Shop) -> None:
    """vendure#3588, shopware#18265, woocommerce#63478: one location for a whole fulfilment."""
    await shop.stock_up(MUG_HAM=3, MUG_MUC=1, MUG_LEJ=1)
    first = await released(shop, {"MUG": 3})
    number = first.partition("-")[0]
    for place in ("MUC", "LEJ"):
        await shop.do(
            "fulfillment-orders.move", fulfillment_order=first, to_location=place, reason="x", lines=units(1, 1)
        )
    assert [each[:2] for each in (await work(shop, number)).values()] == [("HAM", 1), ("MUC", 1), ("LEJ", 1)]
    for name in ("F1", "F2", "F3"):
        await shop.do("fulfillment-orders.ship", fulfillment_order=f"{number}-{name}", carrier="DHL")
    assert await shop.units(number) == {"in_transit": 3}
    await shop.check_books()


async def test_field_28_a_rejected_pickup_goes_to_no_other_site_and_its_rejection_ends(shop: Shop) -> None:
    """hotwax/bopis#251, #863: a line that is collected is brokered to another site; a rejection hangs."""
    await shop.do("locations.save", code="STO", name="Store", priority=9, **STORE)
    await shop.stock_up(MUG_HAM=9, MUG_STO=1)
    number = (await shop.do("orders.place", **collected({"MUG": 1})))["number"]
    (name,) = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    rejected = await shop.do("fulfillment-orders.reject", fulfillment_order=name, reason="not_found", found="missing")
    assert (rejected["found"], rejected["stage"]) == (0, "to_source")
    again = await shop.refusal("fulfillment-orders.reject", fulfillment_order=name, reason="not_found")
    assert again["name"] == "nothing_to_reject"
    assert (await shop.do("orders.source", order=number, again=True))["allocated"] == 0
    assert (await stock(shop, "MUG"))["HAM"] == (9, 0, 0)
    await shop.check_books()


async def test_field_29_units_do_not_leak_from_one_group_of_an_order_into_another(shop: Shop) -> None:
    """ofbiz-framework PR#1853, PR#1254: items leak across ship groups; what should be reserved by itself is not."""
    await shop.do("locations.save", code="STO", name="Store", priority=9, **STORE)
    await shop.stock_up(MUG_HAM=2, MUG_STO=2)
    command = Shop.order({"MUG": 2})
    command["lines"].append({**command["lines"][0], "quantity": 2, "pickup": "STO"})
    number = (await shop.do("orders.place", **command))["number"]
    made = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    assert await stock(shop, "MUG") == {"HAM": (0, 2, 0), "STO": (0, 2, 0)}
    collected_one, sent = made if (await work(shop, number))["F1"][0] == "STO" else made[::-1]
    refusal = await shop.refusal("fulfillment-orders.pick", fulfillment_order=sent, lines=units(2, 1))
    assert refusal["name"] == "unknown_line"
    split = await shop.do("fulfillment-orders.split", fulfillment_order=sent, lines=units(1, 1))
    refusal = await shop.refusal("fulfillment-orders.merge", into=collected_one, others=[split["fulfillment_order"]])
    assert refusal["name"] == "not_alike"
    rows = await shop.fetch(
        "SELECT DISTINCT a.line_number, a.fulfillment_order FROM allocation AS a WHERE a.merchant_id = $1"
        " AND a.released > 0 ORDER BY 1, 2"
    )
    assert len(rows) == 3 and [row["line_number"] for row in rows] == [1, 1, 2]
    await shop.check_books()
