"""Threads of other order systems about locations, as tests that ours does not do the same."""

from __future__ import annotations

from tests.operations.conftest import Shop


async def test_field_04_what_the_sum_of_locations_promises_is_taken_from_each_of_them(shop: Shop) -> None:
    """medusa#14987: the sum over locations is confirmed, and all of it reserved at the first."""
    await shop.stock_up(MUG_HAM=3, MUG_MUC=2)
    number = await shop.place({"MUG": 5})
    rows = await shop.fetch(
        "SELECT l.code, s.available, s.allocated FROM stock s JOIN location l ON l.merchant_id = $1 AND l.id = s.location_id"
        " WHERE s.merchant_id = $1 ORDER BY l.code"
    )
    assert [tuple(row.values()) for row in rows] == [("HAM", 0, 3), ("MUC", 0, 2)]
    assert await shop.units(number) == {"allocated": 5}
    await shop.check_books()


async def test_field_04_a_full_location_is_not_part_of_the_sum(shop: Shop) -> None:
    """medusa#14987 with capacity: what no location has a day for is refused, not promised at the first."""
    await shop.stock_up(MUG_HAM=3, MUG_MUC=2)
    place = {"code": "MUC", "name": "MUC", "kind": "store", "country": "DE", "time_zone": "Europe/Berlin"}
    await shop.do("locations.save", **place, schedule={"capacity": {"per_day": 0}})
    assert (await shop.refusal("orders.place", **shop.order({"MUG": 5})))["name"] == "insufficient_stock"
    await shop.place({"MUG": 3})
    await shop.check_books()


async def test_field_27_one_order_is_filled_by_several_locations_each_with_its_own_day(shop: Shop) -> None:
    """vendure#3588, shopware#18265, woocommerce#63478: one stock location for a whole fulfilment flow."""
    await shop.stock_up(MUG_HAM=2, TEE_MUC=2)
    for code, days in (("HAM", 0), ("MUC", 2)):
        place = {"code": code, "name": code, "kind": "store", "country": "DE", "time_zone": "Europe/Berlin"}
        await shop.do("locations.save", **place, schedule={"processing_days": days, "capacity": {"per_day": 5}})
    number = await shop.place({"MUG": 2, "TEE": 2})
    made = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    assert made == [f"{number}-F1", f"{number}-F2"]
    rows = await shop.fetch("SELECT ship_on FROM fulfillment_order WHERE merchant_id = $1 ORDER BY number")
    assert (rows[1]["ship_on"] - rows[0]["ship_on"]).days == 2
    await shop.check_books()
