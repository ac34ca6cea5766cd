"""Reservations without a place: units claimed of a group of locations, pinned later or taken by an order, never promised twice."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lading.inventory import store as inventory
from lading.operations.execute import Executor
from lading.views.availability import AvailabilityQuery, availability
from lading.views.reservations import ReservationQuery, reservation
from tests.operations.conftest import Shop

PLACE = {"kind": "warehouse", "time_zone": "Europe/Berlin", "country": "DE"}


@pytest.fixture
async def shop(shop: Shop) -> Shop:
    """HAM and MUC stand in the group NORTH, LEJ in none; five mugs lie in each."""
    await shop.do("channels.save", code="pos", name="Shops")
    await shop.do("location-groups.save", code="NORTH", name="North")
    await shop.batch(
        "locations.save",
        *({"code": code, "name": code, "group": "NORTH", "priority": rank, **PLACE}
          for rank, code in enumerate(("HAM", "MUC"), 1)),
    )  # fmt: skip
    await shop.stock_up(MUG_HAM=5, MUG_MUC=5, MUG_LEJ=5)
    return shop


async def claim(shop: Shop, units: int, sku: str = "MUG", **more: Any) -> str:
    fields = {
        "lines": [{"sku": sku, "quantity": units}],
        "seconds": 600,
        **({"anywhere": True} | more if "group" not in more else more),
    }
    return str((await shop.do("reservations.reserve", **fields))["reservation"])


async def refused(shop: Shop, verb: str, **fields: Any) -> str:
    return str((await shop.refusal(verb, **fields))["name"])


async def lines_of(shop: Shop, id_: str) -> list[tuple[str | None, int, str]]:
    async with shop.database.read(shop.merchant_id) as tx:
        found = await reservation(tx, ReservationQuery(uuid.UUID(id_)))
    return [(line.location, line.quantity, line.status) for line in found.lines]


async def test_claimed_units_are_not_sold_and_no_unit_moves(shop: Shop) -> None:
    await claim(shop, 13)
    assert await shop.fetch(
        "SELECT sum(available) AS free, sum(reserved) AS kept FROM stock WHERE merchant_id = $1"
    ) == [{"free": 15, "kept": 0}]
    assert await refused(shop, "orders.place", **shop.order({"MUG": 3})) == "insufficient_stock"
    assert await refused(shop, "reservations.reserve", lines=[{"sku": "MUG", "quantity": 3}]) == "insufficient_stock"
    assert await refused(shop, "reservations.reserve", lines=[{"sku": "MUG", "quantity": 3}], anywhere=True) == (
        "insufficient_stock"
    )
    await shop.place({"MUG": 2})
    await shop.check_books()


async def test_a_claim_of_a_group_leaves_the_others_what_lies_elsewhere(shop: Shop) -> None:
    await claim(shop, 8, group="NORTH")
    outcome = await shop.do("orders.place", **shop.order({"MUG": 7}))
    assert outcome["sourcing"] == "two_locations"
    assert await refused(shop, "orders.place", **shop.order({"MUG": 1})) == "insufficient_stock"
    assert (
        await refused(shop, "reservations.reserve", lines=[{"sku": "MUG", "quantity": 1}], location="HAM")
        == "insufficient_stock"
    )
    await shop.check_books()


async def test_a_claim_is_pinned_whole_and_once(shop: Shop) -> None:
    kept = await claim(shop, 8, group="NORTH")
    done = await shop.do("reservations.pin", reservation=kept)
    again = await shop.do("reservations.pin", reservation=kept)
    assert [(line["location"], line["quantity"]) for line in done["lines"]] == [("HAM", 5), ("MUC", 3)]
    assert sorted(map(str, done["lines"])) == sorted(map(str, again["lines"]))
    assert await lines_of(shop, kept) == [("HAM", 5, "kept"), ("MUC", 3, "kept")]
    await shop.do("reservations.extend", reservation=kept, seconds=5_000)
    await shop.place({"MUG": 7})
    placed = await shop.do("orders.place", **shop.order({"MUG": 8}, reservation=kept))
    assert placed["sourcing"] == "reserved"
    await shop.check_books()


async def test_a_claim_is_pinned_where_somebody_says_and_nowhere_else(shop: Shop) -> None:
    kept = await claim(shop, 4, group="NORTH")
    assert await refused(shop, "reservations.pin", reservation=kept, location="LEJ") == "outside_of_group"
    assert await refused(shop, "reservations.pin", reservation=kept, location="NONE") == "unknown_location"
    done = await shop.do("reservations.pin", reservation=kept, location="MUC")
    assert done["lines"] == [{"sku": "MUG", "location": "MUC", "lot": "", "quantity": 4}]
    await shop.check_books()


async def test_what_was_lost_meanwhile_cannot_be_pinned(shop: Shop) -> None:
    kept = await claim(shop, 15)
    await shop.do("stock.adjust", sku="MUG", location="HAM", quantity=2, kind="lost", reason="count")
    assert await refused(shop, "reservations.pin", reservation=kept) == "no_place"
    assert await lines_of(shop, kept) == [(None, 15, "kept")]
    await shop.do("reservations.release", reservation=kept)
    await shop.place({"MUG": 13})
    await shop.check_books()


async def test_an_order_takes_what_its_reservation_claims_wherever_it_lies(shop: Shop) -> None:
    kept = await claim(shop, 15)
    await shop.do("orders.place", **shop.order({"MUG": 12}, reservation=kept))
    assert await lines_of(shop, kept) == [(None, 15, "converted")]
    assert await refused(shop, "orders.place", **shop.order({"MUG": 1}, reservation=kept)) == "reservation_ended"
    await shop.place({"MUG": 3})
    await shop.check_books()


async def test_a_refused_order_leaves_the_claim_as_it_was(shop: Shop) -> None:
    kept = await claim(shop, 15)
    outcomes = await shop.batch(
        "orders.place", shop.order({"MUG": 16}, reservation=kept), shop.order({"MUG": 1}),
        shop.order({"MUG": 15}, reservation=kept), shop.order({"MUG": 1}),
    )  # fmt: skip
    assert [each.get("name", "placed") for each in outcomes] == [
        "insufficient_stock", "insufficient_stock", "placed", "insufficient_stock",
    ]  # fmt: skip
    await shop.check_books()


async def test_an_order_gives_back_what_its_reservation_pinned_of_a_product_that_it_does_not_want(shop: Shop) -> None:
    await shop.stock_up(CAP_HAM=5)
    kept = await claim(shop, 2)
    await shop.do("reservations.pin", reservation=kept)
    await shop.do("orders.place", **shop.order({"CAP": 1}), reservation=kept)
    assert await lines_of(shop, kept) == [("HAM", 2, "released")]
    assert await refused(shop, "orders.place", **shop.order({"MUG": 16})) == "insufficient_stock"
    await shop.place({"MUG": 15})
    await shop.check_books()


async def test_a_claim_whose_time_is_over_is_free_when_read(shop: Shop) -> None:
    now = datetime.now(UTC)
    kept = await claim(shop, 15)
    shop.executor = Executor(shop.database, lambda: now + timedelta(seconds=700))
    await shop.place({"MUG": 15})
    assert await refused(shop, "reservations.pin", reservation=kept) == "reservation_over"
    assert await refused(shop, "reservations.extend", reservation=kept) == "reservation_over"
    assert (await shop.do("reservations.expire", reservation=kept))["units"] == 15
    await shop.check_books()


async def test_a_claim_of_a_channel_counts_for_its_pool(shop: Shop) -> None:
    await shop.do("pools.set", sku="MUG", pool="web", kind="exclusive", channels=["web"], quantity=10)
    kept = await claim(shop, 6, channel="web")
    assert await refused(shop, "orders.place", **shop.order({"MUG": 5})) == "insufficient_stock"
    assert await refused(shop, "orders.place", **shop.order({"MUG": 6}, channel="pos")) == "insufficient_stock"
    await shop.do("orders.place", **shop.order({"MUG": 6}, reservation=kept))
    assert await refused(shop, "orders.place", **shop.order({"MUG": 5})) == "insufficient_stock"
    await shop.place({"MUG": 4})
    await shop.place({"MUG": 5}, channel="pos")
    await shop.check_books()


async def test_a_pinned_reservation_of_a_channel_counts_for_its_pool_and_so_does_its_order(shop: Shop) -> None:
    await shop.do("pools.set", sku="MUG", pool="web", kind="capped", channels=["web"], quantity=6)
    kept = await shop.do("reservations.reserve", lines=[{"sku": "MUG", "quantity": 4}], channel="web", seconds=600)
    assert await refused(shop, "orders.place", **shop.order({"MUG": 3})) == "insufficient_stock"
    number = await shop.place({"MUG": 3}, reservation=kept["reservation"])
    assert await refused(shop, "orders.place", **shop.order({"MUG": 4})) == "insufficient_stock"
    await shop.do("lines.cancel", order=number, reason="late", lines=[{"line": 1, "quantity": 1}])
    await shop.place({"MUG": 4})
    assert await refused(shop, "orders.place", **shop.order({"MUG": 1})) == "insufficient_stock"
    await shop.check_books()


async def test_a_reservation_has_one_place() -> None:
    with pytest.raises(ValueError, match="one place"):
        Shop.envelope(
            "reservations.reserve", {"lines": [{"sku": "MUG", "quantity": 1}], "anywhere": True, "location": "HAM"}
        )


async def test_unknown_groups_are_refused_and_dry_runs_claim_nothing(shop: Shop) -> None:
    fields = {"lines": [{"sku": "MUG", "quantity": 15}], "anywhere": True}
    (told,) = await shop.preview("reservations.reserve", [shop.envelope("reservations.reserve", fields)])
    assert [line["location"] for line in told["lines"]] == [None]
    assert await refused(shop, "reservations.reserve", lines=fields["lines"], group="NONE") == "unknown_group"
    await shop.place({"MUG": 15})


async def test_32_clients_who_claim_pin_reserve_and_order_never_get_more_than_there_is(shop: Shop) -> None:
    """Each of them wants one mug; there are 15, of which 10 lie in the north."""
    wants = [
        ("reservations.reserve", {"lines": [{"sku": "MUG", "quantity": 1}], "anywhere": True}),
        ("reservations.reserve", {"lines": [{"sku": "MUG", "quantity": 1}], "group": "NORTH"}),
        ("reservations.reserve", {"lines": [{"sku": "MUG", "quantity": 1}]}),
        ("orders.place", shop.order({"MUG": 1})),
    ] * 8
    outcomes = [each[0] for each in await asyncio.gather(*(shop.batch(verb, fields) for verb, fields in wants))]
    assert sum("refused" not in each for each in outcomes) == 15
    claims = [each["reservation"] for each in outcomes if each.get("lines") and each["lines"][0]["location"] is None]
    pinned = await asyncio.gather(*(shop.batch("reservations.pin", {"reservation": id_}) for id_ in claims))
    assert not any("refused" in each[0] for each in pinned)
    rows = await shop.fetch(
        "SELECT sum(available) AS free, sum(reserved + allocated) AS taken FROM stock WHERE merchant_id = $1"
    )
    assert rows == [{"free": 0, "taken": 15}]
    await shop.check_books()


async def test_the_first_claim_races_with_orders_that_do_not_know_of_it(shop: Shop) -> None:
    await shop.stock_up(**{f"P{number}_HAM": 3 for number in range(10)})
    for number in range(10):
        sku = f"P{number}"
        mine, *theirs = await asyncio.gather(
            shop.batch("reservations.reserve", {"lines": [{"sku": sku, "quantity": 2}], "anywhere": True}),
            *(shop.batch("orders.place", shop.order({sku: 1})) for _ in range(5)),
        )
        sold = sum("refused" not in each[0] for each in theirs)
        assert sold == (1 if "refused" not in mine[0] else 3)
    await shop.check_books()


async def test_availability_tells_what_claims_and_pools_leave(shop: Shop) -> None:
    await claim(shop, 8, group="NORTH")
    await shop.do("pools.set", sku="MUG", pool="till", kind="shared", channels=["pos"], quantity=3)

    async def told(*per: str, **more: Any) -> tuple[int, dict[str, int] | None]:
        async with shop.database.read(shop.merchant_id) as tx:
            (item,) = (await availability(tx, AvailabilityQuery(skus=["MUG"], per=list(per), **more))).items
        return item.available, item.locations

    assert await told() == (4, None)
    assert await told("location", channel="web") == (4, {"HAM": 2, "LEJ": 4, "MUC": 2})
    assert await told("location", channel="pos") == (7, {"HAM": 2, "LEJ": 5, "MUC": 2})
    for channel, units in (("web", 4), ("pos", 7)):
        outcomes = [
            await shop.preview(
                "orders.place", [shop.envelope("orders.place", shop.order({"MUG": wanted}, channel=channel))]
            )
            for wanted in (units, units + 1)
        ]
        assert ["refused" in each[0] for each in outcomes] == [False, True]


async def test_a_buyer_who_read_before_the_first_claim_does_not_sell_what_it_claims(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The claim is made between the buyer's look and its lock: the row that it locks tells it to look again."""
    read, waiting = inventory.read_supplies, [True]

    async def and_then_somebody_claims(*arguments: Any, **more: Any) -> Any:
        found = await read(*arguments, **more)
        if waiting:
            waiting.clear()
            await claim(shop, 15)
        return found

    monkeypatch.setattr(inventory, "read_supplies", and_then_somebody_claims)
    assert await refused(shop, "orders.place", **shop.order({"MUG": 1})) == "insufficient_stock"
    await shop.check_books()
