"""When less is left than is claimed without a place: the oldest claims have what there is, the youngest are shortened."""

from __future__ import annotations

from typing import Any

from lading.views.shortage_plan import ShortagePlan
from tests.operations.conftest import Shop
from tests.operations.test_transfers import ask


async def claim(shop: Shop, quantity: int, sku: str = "MUG", **more: Any) -> str:
    where = more or {"anywhere": True}
    made = await shop.do("reservations.reserve", lines=[{"sku": sku, "quantity": quantity}], seconds=600, **where)
    return str(made["reservation"])


async def lose(shop: Shop, quantity: int, location: str = "HAM") -> None:
    await shop.do("stock.adjust", sku="MUG", location=location, quantity=quantity, kind="lost", reason="flood")


async def plan(shop: Shop) -> ShortagePlan:
    found = await ask(shop, "/v1/shortages/plan")
    assert isinstance(found, ShortagePlan)
    return found


async def kept(shop: Shop) -> dict[str, int]:
    """Units of the claims that stand."""
    rows = await shop.fetch(
        "SELECT reservation_id, quantity FROM reservation_line WHERE merchant_id = $1 AND location_id IS NULL AND ended_as IS NULL"
    )
    return {str(row["reservation_id"]): row["quantity"] for row in rows}


async def test_the_youngest_claims_give_up_what_a_loss_left_without_units(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    first, second, third = [await claim(shop, units) for units in (4, 3, 2)]
    await lose(shop, 5)
    assert (await shop.refusal("reservations.pin", reservation=third))["name"]
    told = await plan(shop)
    assert told.shelves == [] and told.shorten == [{"sku": "MUG"}]
    (product,) = told.keeps
    assert [(str(each.reservation), each.quantity, each.left) for each in product.claims] == [
        (third, 2, 0),
        (second, 2, 1),
    ]
    done = await shop.do("reservations.shorten", sku="MUG")
    assert (done["units"], [each["reservation"] for each in done["claims"]]) == (4, [third, second])
    assert await kept(shop) == {first: 4, second: 1}
    assert (await plan(shop)).keeps == []
    again = await shop.do("reservations.shorten", sku="MUG")
    assert again["units"] == 0
    for reservation in (second, first):
        await shop.do("reservations.pin", reservation=reservation)
    await shop.check_books()


async def test_claims_of_a_group_and_of_all_locations(shop: Shop) -> None:
    """Munich's group claims 3 there; all of Munich is lost: the units in Hamburg are no help to it."""
    await shop.do("location-groups.save", code="SOUTH", name="South")
    munich = {"code": "MUC", "name": "MUC", "kind": "warehouse", "country": "DE", "time_zone": "Europe/Berlin"}
    await shop.do("locations.save", **munich, priority=2, group="SOUTH")
    await shop.stock_up(MUG_HAM=5, MUG_MUC=3)
    south, anywhere = await claim(shop, 3, group="SOUTH"), await claim(shop, 4)
    await lose(shop, 2, "MUC")
    done = await shop.do("reservations.shorten", sku="MUG")
    assert [(each["reservation"], each["quantity"]) for each in done["claims"]] == [(south, 2)]
    assert await kept(shop) == {south: 1, anywhere: 4}
    await shop.check_books()


async def test_a_claim_that_was_shortened_and_pinned_is_explained_by_the_journal(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    reservation = await claim(shop, 5)
    count = (await shop.do("counts.open", location="HAM"))["count"]
    await shop.do("counts.record", count=count, lines=[{"sku": "MUG", "quantity": 3}])
    await shop.do("counts.approve", count=count, reason="cycle")
    await shop.do("reservations.shorten", sku="MUG")
    await shop.do("reservations.pin", reservation=reservation)
    await shop.check_books()
    await shop.place({"MUG": 3}, reservation=reservation)
    await shop.check_books()


async def test_pools_keep_what_there_is_and_the_plan_says_so(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    await shop.do("pools.set", sku="MUG", pool="WEB", kind="exclusive", channels=["web"], quantity=7)
    await lose(shop, 6)
    (product,) = (await plan(shop)).keeps
    assert (product.claims, [(each.pool, each.quantity) for each in product.pools]) == ([], [("WEB", 3)])
    assert (await plan(shop)).shorten == []
    assert (await shop.do("reservations.shorten", sku="MUG"))["claims"] == []
    await shop.check_books()


async def test_safety_stock_is_there_for_such_days(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    reservation = await claim(shop, 6)
    await shop.do("policies.set", name="safety_stock", value=3)
    await lose(shop, 3)
    assert (await shop.do("reservations.shorten", sku="MUG"))["units"] == 0
    assert await kept(shop) == {reservation: 6}
    assert (await shop.refusal("reservations.shorten", sku="NONE"))["name"] == "unknown_sku"
