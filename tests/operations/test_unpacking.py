"""A packing is undone before the hand-over: units are picked again, and the parcel is cancelled."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.operations.conftest import Shop
from tests.operations.test_transfers import ask


async def packed(shop: Shop, units: int = 3, of: int | None = None) -> tuple[str, str, str]:
    """(order, fulfillment order, parcel) of an order for mugs, so many of them packed."""
    number = await shop.place({"MUG": of or units})
    fulfillment_order = str((await shop.do("orders.release", order=number))["fulfillment_orders"][0])
    await shop.do(
        "fulfillment-orders.pick", fulfillment_order=fulfillment_order, lines=[{"line": 1, "quantity": units}]
    )
    return (
        number,
        fulfillment_order,
        str((await shop.do("parcels.pack", fulfillment_order=fulfillment_order))["parcel"]),
    )


async def test_a_parcel_is_unpacked_and_its_units_are_packed_anew(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    number, fulfillment_order, parcel = await packed(shop)
    done = await shop.do("parcels.unpack", parcel=parcel)
    assert (done["stage"], done["units"]) == ("to_pack", 3)
    assert await shop.units(number) == {"picked": 3}
    assert (await shop.refusal("parcels.unpack", parcel=parcel))["name"] == "unpacked"
    assert (await shop.refusal("parcels.ship", parcel=parcel, carrier="DHL"))["name"] == "unpacked"
    word = {"status": "delivered", "occurred_at": "2026-01-01T00:00:00+00:00"}
    assert (await shop.refusal("parcels.track", parcel=parcel, **word))["name"] == "not_shipped"
    again = (await shop.do("parcels.pack", fulfillment_order=fulfillment_order))["parcel"]
    assert again == f"{number}-P2"
    await shop.do("parcels.ship", parcel=again, carrier="DHL")
    assert (await shop.refusal("parcels.unpack", parcel=again))["name"] == "already_shipped"
    shown = await ask(shop, "/v1/orders/{order}", order=number)
    assert [each.status for each in shown.parcels] == ["cancelled", "shipped"]
    await shop.check_books()


async def test_an_order_with_one_part_packed_and_another_short_is_cancelled(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    number, fulfillment_order, parcel = await packed(shop, 2, 5)
    short = [{"line": 1, "quantity": 3, "reason": "not_found"}]
    await shop.do("fulfillment-orders.pick", fulfillment_order=fulfillment_order, short=short)
    assert await shop.units(number) == {"open": 3, "packed": 2}
    await shop.do("parcels.unpack", parcel=parcel, reason="rest_is_short")
    await shop.do("lines.cancel", order=number, reason="rest_is_short")
    assert await shop.units(number) == {"cancelled": 5}
    assert (await ask(shop, "/v1/orders/{order}", order=number)).lifecycle == "cancelled"
    await shop.check_books()


async def test_a_hold_stops_nobody_from_undoing_and_the_order_offers_it(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    number, _, parcel = await packed(shop)
    await shop.do("orders.hold", order=number, kind="fraud")
    offered = {each.verb: each for each in (await ask(shop, "/v1/orders/{order}", order=number)).possible}
    assert (offered["parcels.unpack"].possible, offered["parcels.unpack"].documents) == (True, [parcel])
    assert not offered["parcels.ship"].possible
    await shop.do("parcels.unpack", parcel=parcel)
    told = (await ask(shop, "/v1/orders/{order}/timeline", order=number)).items
    assert any(each.sentence == "Parcel P1 unpacked again: 3 × MUG." for each in told)
    offered = {each.verb: each for each in (await ask(shop, "/v1/orders/{order}", order=number)).possible}
    assert not offered["parcels.unpack"].possible and not offered["parcels.track"].possible
    await shop.check_books()


async def test_units_with_names_are_picked_again_by_name(shop: Shop) -> None:
    await shop.do("products.save", sku="CAM", name="Camera", tracking="serial")
    cam: dict[str, Any] = {"sku": "CAM", "location": "HAM", "quantity": 2, "reason": "purchase"}
    await shop.do("stock.receive", **cam, serials=["S1", "S2"])
    number = await shop.place({"CAM": 1})
    fulfillment_order = (await shop.do("orders.release", order=number))["fulfillment_orders"][0]
    lines = [{"line": 1, "quantity": 1, "serials": ["S2"]}]
    await shop.do("fulfillment-orders.pick", fulfillment_order=fulfillment_order, lines=lines)
    parcel = (await shop.do("parcels.pack", fulfillment_order=fulfillment_order))["parcel"]
    await shop.do("parcels.unpack", parcel=parcel)
    found = (await ask(shop, "/v1/serials", sku="CAM")).items
    assert [(each.serial, each.place, each.order) for each in found] == [
        ("S1", "on_shelf", None), ("S2", "picked", number),
    ]  # fmt: skip
    await shop.do("lines.cancel", order=number, reason="x")
    await shop.check_books()


async def test_of_two_who_ship_and_unpack_the_same_parcel_one_does(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=30)
    for _ in range(5):
        _, _, parcel = await packed(shop)
        ship = shop.envelope("parcels.ship", {"parcel": parcel, "carrier": "DHL"})
        unpack = shop.envelope("parcels.unpack", {"parcel": parcel})
        done = await asyncio.gather(shop.run("parcels.ship", [ship]), shop.run("parcels.unpack", [unpack]))
        assert sum(answer.accepted for answers in done for answer in answers) == 1
    await shop.check_books()
