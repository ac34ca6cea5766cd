"""What a carrier lost is neither delivered nor forgotten: it is written off, and its money is owed back."""

from __future__ import annotations

from typing import Any

from lading.views.orders import OrdersQuery, orders
from lading.views.queues import QueuesQuery, queues
from tests.operations.test_kits import eur, kit_order, seen, tea
from tests.operations.test_life_tracking import request, shipped, told


async def can_write_off(shop: Any, number: str) -> bool:
    """Whether the order's page offers it."""
    return next(each.possible for each in (await seen(shop, number)).possible if each.verb == "lines.write-off")


async def waiting(shop: Any, **more: Any) -> tuple[list[str], str]:
    """The orders that lists of lost ones name, and how many the queue counts."""
    async with shop.database.read(shop.merchant_id) as tx:
        found = await orders(tx, OrdersQuery(lost=True, **more))
        queue = next(each for each in (await queues(tx, QueuesQuery())).items if each.name == "lost")
    assert (queue.waiting.oldest is None) == (queue.waiting.count == 0)
    return [each.number for each in found.items], queue.waiting.label


async def test_what_was_lost_is_owed_back_to_the_cent_and_only_once(shop: Any) -> None:
    charges = [{"kind": "shipping", "code": "std", "amount": eur("4.90")}]
    number = await shipped(shop, 3, 3, charges=charges, tenders=[{"amount": eur("34.90")}])
    early = await shop.refusal("lines.write-off", order=number)
    assert early["name"] == "nothing_lost" and not await can_write_off(shop, number)
    for parcel in (1, 2):
        await told(shop, "do", number, parcel, "lost", 10)
    assert await can_write_off(shop, number) and await waiting(shop) == ([number], "1")
    assert await waiting(shop, q=number) == await waiting(shop, stage="with_carrier") == ([number], "1")
    assert (await waiting(shop, stage="done"))[0] == (await waiting(shop, tag="late"))[0] == []
    one = await shop.do("lines.write-off", order=number, lines=[{"line": 1, "quantity": 1}])
    assert (one["written_off"], one["due"]) == (1, eur("-11.63"))
    more = await shop.refusal("lines.write-off", order=number, lines=[{"line": 1, "quantity": 2}])
    assert (more["name"], more["facts"]["lost"], more["pointer"]) == ("more_than_lost", 1, "/lines/0/quantity")
    assert await can_write_off(shop, number)
    assert (await shop.do("lines.write-off", order=number))["due"] == eur("-23.26")
    assert (await shop.refusal("lines.write-off", order=number))["name"] == "nothing_lost"
    assert not await can_write_off(shop, number) and await waiting(shop) == ([], "0")
    assert (await shop.do("payments.refund", order=number))["refunded"] == eur("23.26")
    await shop.check_books()

    await request(shop, number, 1)
    back = f"{number}-R1"
    await shop.do("returns.receive", document=back, location="HAM", lines=[{"line": 1, "quantity": 1}])
    assert (await shop.do("returns.refund", document=back))["refunded"] == eur("11.64")
    assert (await shop.refusal("lines.write-off", order=number))["name"] == "nothing_lost"
    await shop.check_books()


async def test_what_was_written_off_cannot_arrive_and_what_was_not_can(shop: Any) -> None:
    number = await shipped(shop, units=4, parcels=2)
    for parcel in (1, 2):
        await told(shop, "do", number, parcel, "lost", 10)
    await shop.do("lines.write-off", order=number, lines=[{"line": 1, "quantity": 2}])
    await told(shop, "do", number, 1, "delivered", 11)
    for word in ("delivered", "returned_to_sender", "in_transit"):
        refusal = await told(shop, "refusal", number, 2, word, 12)
        assert (refusal["name"], refusal["facts"]["line"]) == ("written_off", 1)
    assert await shop.units(number) == {"delivered": 2, "lost": 2}
    await shop.check_books()


async def test_a_lost_kit_is_written_off_with_its_parts(shop: Any) -> None:
    await tea(shop, POT_HAM=3, CUP_HAM=12)
    number = (await shop.do("orders.place", **kit_order(2)))["number"]
    (work,) = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    await shop.do("fulfillment-orders.pick", fulfillment_order=work)
    await shop.do("parcels.pack", fulfillment_order=work)
    await shop.do("parcels.ship", parcel=f"{number}-P1", carrier="DHL")
    await told(shop, "do", number, 1, "lost", 10)
    one = await shop.do("lines.write-off", order=number, lines=[{"line": 1, "quantity": 1}])
    assert (one["written_off"], one["due"]["amount"]) == (5, "45.00")
    more = await shop.refusal("lines.write-off", order=number, lines=[{"line": 1, "quantity": 2}])
    assert (more["name"], more["pointer"]) == ("more_than_lost", "/lines/0/quantity")
    await shop.check_books()
