"""Reservations: units are kept for a while, taken by an order, given back; what is over is free when it is read."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lading.entrypoints.worker import expiring
from lading.operations.execute import Executor
from lading.views import reservations
from lading.views.availability import AvailabilityQuery, availability
from lading.views.pages import NotFound
from tests.operations.conftest import Shop


class Clock:
    """The time of the shop; moved by hand."""

    def __init__(self, shop: Shop) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)
        shop.executor = Executor(shop.database, lambda: self.now)

    def pass_by(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)


async def keep(shop: Shop, seconds: int = 600, **wanted: int) -> str:
    """A reservation over so many units of each product; its id."""
    done = await shop.do("reservations.reserve", **cart(seconds=seconds, **wanted))
    return str(done["reservation"])


def cart(seconds: int = 600, **wanted: int) -> dict[str, Any]:
    return {"lines": [{"sku": sku, "quantity": units} for sku, units in wanted.items()], "seconds": seconds}


async def buckets(shop: Shop, sku: str = "MUG", location: str = "HAM") -> dict[str, int]:
    """The buckets of a product at a location, those above zero."""
    (row,) = await shop.fetch(
        "SELECT s.* FROM stock AS s JOIN sku ON sku.merchant_id = $1 AND sku.id = s.sku_id AND sku.code = $2"
        " JOIN location AS l ON l.merchant_id = $1 AND l.id = s.location_id AND l.code = $3 WHERE s.merchant_id = $1",
        sku,
        location,
    )
    return {name: row[name] for name in ("available", "reserved", "allocated", "damaged") if row[name]}


async def test_reserved_units_are_not_promised_to_others(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    await keep(shop, MUG=4)
    assert await buckets(shop) == {"available": 1, "reserved": 4}
    assert (await shop.refusal("orders.place", **shop.order({"MUG": 2})))["name"] == "insufficient_stock"
    assert (await shop.refusal("reservations.reserve", **cart(MUG=2)))["name"] == "insufficient_stock"
    await shop.place({"MUG": 1})
    await shop.check_books()


async def test_all_of_it_or_nothing(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5, TEE_HAM=1)
    refusal = await shop.refusal("reservations.reserve", **cart(MUG=3, TEE=2))
    assert (refusal["pointer"], refusal["facts"]["missing"]) == ("/lines/1/quantity", 1)
    assert await buckets(shop) == {"available": 5}
    await shop.check_books()


async def test_one_that_is_released_gives_its_units_back_and_twice_is_no_harm(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    kept = await keep(shop, MUG=4)
    first = await shop.do("reservations.release", reservation=kept)
    again = await shop.do("reservations.release", reservation=kept)
    assert (first["units"], again["units"], again["status"]) == (4, 0, "released")
    assert await buckets(shop) == {"available": 5}
    await shop.check_books()


async def test_an_order_takes_the_units_of_its_reservation(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5, TEE_MUC=5)
    kept = await keep(shop, MUG=5)
    placed = await shop.do("orders.place", **shop.order({"MUG": 5}, reservation=kept))
    assert placed["sourcing"] == "reserved"
    assert await buckets(shop) == {"allocated": 5}
    again = await shop.refusal("orders.place", **shop.order({"MUG": 1}, reservation=kept))
    assert again["name"] == "reservation_ended"
    await shop.check_books()


async def test_an_order_that_wants_more_finds_the_rest_elsewhere_and_one_that_wants_less_leaves_it(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=3, MUG_MUC=4, TEE_MUC=2)
    more = await keep(shop, MUG=3)
    await shop.place({"MUG": 4, "TEE": 1}, reservation=more)
    assert await buckets(shop) == {"allocated": 3}
    assert await buckets(shop, location="MUC") == {"available": 3, "allocated": 1}
    less = await keep(shop, MUG=3)
    await shop.place({"MUG": 1}, reservation=less)
    assert await buckets(shop, location="MUC") == {"available": 2, "allocated": 2}
    await shop.check_books()


async def test_in_one_batch_an_order_gets_what_the_reservation_before_it_leaves(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=3)
    kept = await keep(shop, MUG=3)
    orders = [
        shop.order({"MUG": 1}, reservation=kept),
        shop.order({"MUG": 2}),
        shop.order({"MUG": 1}, reservation=kept),
    ]
    told = await shop.preview("orders.place", [shop.envelope("orders.place", each) for each in orders])
    assert [each.get("name") for each in told] == [None, None, "reservation_ended"]
    first, second, third = await shop.batch("orders.place", *orders)
    assert first["sourcing"] == "reserved" and second["sourcing"] == "one_location"
    assert third["name"] == "reservation_ended"
    await shop.check_books()


async def test_what_is_over_is_free_when_it_is_read_though_nobody_swept(shop: Shop) -> None:
    clock = Clock(shop)
    await shop.stock_up(MUG_HAM=5)
    for _ in range(5):
        await keep(shop, seconds=60, MUG=1)
    clock.pass_by(59)
    assert (await shop.refusal("orders.place", **shop.order({"MUG": 3})))["name"] == "insufficient_stock"
    clock.pass_by(1)
    (preview,) = await shop.preview("orders.place", [shop.envelope("orders.place", shop.order({"MUG": 3}))])
    assert "refused" not in preview
    await shop.place({"MUG": 3})
    assert await buckets(shop) == {"reserved": 2, "allocated": 3}, "only what is needed is given back"
    ended = await shop.fetch("SELECT ended_as FROM reservation_line WHERE merchant_id = $1 AND ended_as IS NOT NULL")
    assert [row["ended_as"] for row in ended] == ["expired"] * 3
    await keep(shop, MUG=2)
    await shop.check_books()


async def test_availability_counts_what_is_over(shop: Shop) -> None:
    clock = Clock(shop)
    clock.pass_by(-3_600)
    await shop.stock_up(MUG_HAM=5, MUG_MUC=1, TEE_HAM=1)
    await keep(shop, seconds=60, MUG=3)
    await keep(shop, seconds=7_200, MUG=1, TEE=1)
    async with shop.database.read(shop.merchant_id) as tx:
        mug, tee = (await availability(tx, AvailabilityQuery(skus=["MUG", "TEE"], per=["location"]))).items
    assert (mug.available, mug.locations) == (5, {"HAM": 4, "MUC": 1})
    assert (tee.available, tee.locations) == (0, {})


async def test_an_order_whose_reservation_is_over_looks_for_stock_like_any_other(shop: Shop) -> None:
    clock = Clock(shop)
    await shop.stock_up(MUG_HAM=2)
    mine = await keep(shop, seconds=60, MUG=2)
    clock.pass_by(60)
    placed = await shop.do("orders.place", **shop.order({"MUG": 2}, reservation=mine))
    assert placed["sourcing"] == "one_location"
    await shop.stock_up(TEE_HAM=1)
    lost = await keep(shop, seconds=60, TEE=1)
    clock.pass_by(60)
    await shop.place({"TEE": 1})
    late = await shop.refusal("orders.place", **shop.order({"TEE": 1}, reservation=lost))
    assert late["name"] == "insufficient_stock"
    await shop.check_books()


async def test_one_is_extended_until_its_time_is_over(shop: Shop) -> None:
    clock = Clock(shop)
    await shop.stock_up(MUG_HAM=1)
    kept = await keep(shop, seconds=60, MUG=1)
    clock.pass_by(50)
    longer = await shop.do("reservations.extend", reservation=kept, seconds=60)
    assert datetime.fromisoformat(longer["expires_at"]) == clock.now + timedelta(seconds=60)
    assert (await shop.do("reservations.extend", reservation=kept, seconds=1)) == longer, "never shorter"
    clock.pass_by(59)
    assert (await shop.refusal("orders.place", **shop.order({"MUG": 1})))["name"] == "insufficient_stock"
    clock.pass_by(1)
    assert (await shop.refusal("reservations.extend", reservation=kept))["name"] == "reservation_over"
    await shop.check_books()


async def test_who_expires_reservations_gives_back_what_is_over_and_nothing_else(shop: Shop) -> None:
    clock = Clock(shop)
    await shop.stock_up(MUG_HAM=3)
    short, long = await keep(shop, seconds=60, MUG=1), await keep(shop, seconds=600, MUG=2)
    clock.pass_by(60)
    outcomes = await shop.batch("reservations.expire", {"reservation": short}, {"reservation": long})
    assert [(each["status"], each["units"]) for each in outcomes] == [("expired", 1), ("kept", 0)]
    assert await buckets(shop) == {"available": 1, "reserved": 2}
    await shop.check_books()


async def test_a_location_may_be_named_and_a_policy_says_how_long(shop: Shop) -> None:
    clock = Clock(shop)
    await shop.stock_up(MUG_HAM=5, MUG_MUC=1)
    await shop.do("policies.set", name="reservation_seconds", value=42, channel="web")
    line = [{"sku": "MUG", "quantity": 1}]
    done = await shop.do("reservations.reserve", lines=line, location="MUC", channel="web", reference="cart-1")
    assert done["lines"] == [{"sku": "MUG", "location": "MUC", "lot": "", "quantity": 1}]
    assert datetime.fromisoformat(done["expires_at"]) == clock.now + timedelta(seconds=42)
    assert (await shop.refusal("reservations.reserve", lines=line, location="MUC"))["name"] == "insufficient_stock"
    assert (await shop.refusal("reservations.reserve", lines=line, location="BER"))["name"] == "unknown_location"
    assert (await shop.refusal("reservations.reserve", lines=line, channel="tv"))["name"] == "unknown_channel"
    await shop.check_books()


async def test_what_nobody_made_is_unknown(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=1)
    nobody = str(uuid.uuid4())
    for verb in ("reservations.release", "reservations.extend", "reservations.expire"):
        assert (await shop.refusal(verb, reservation=nobody))["name"] == "unknown_reservation"
    refusal = await shop.refusal("orders.place", **shop.order({"MUG": 1}, reservation=nobody))
    assert refusal["name"] == "unknown_reservation"


OTHER_DOORS = {
    "stock.adjust": {"sku": "MUG", "location": "HAM", "quantity": 3, "kind": "lost", "reason": "theft"},
    "stock.move": {
        "sku": "MUG",
        "location": "HAM",
        "quantity": 3,
        "source": "available",
        "target": "damaged",
        "reason": "wet",
    },
    "stock.set": {"sku": "MUG", "location": "HAM", "quantity": 2},
    "transfers.ready": {},
    "orders.record": {},
    "orders.source": {},
}


@pytest.mark.parametrize("verb", OTHER_DOORS)
async def test_every_door_to_stock_counts_what_is_over(shop: Shop, verb: str) -> None:
    """3 of 5 units leave by another door, after all 5 were kept for a while."""
    clock = Clock(shop)
    await shop.stock_up(MUG_HAM=5)
    command = dict(OTHER_DOORS[verb])
    if verb == "transfers.ready":
        way = {"from_location": "HAM", "to_location": "MUC", "due_at": clock.now.isoformat()}
        created = await shop.do("transfers.create", **way, lines=[{"sku": "MUG", "quantity": 3}])
        command["transfer"] = created["transfer"]
    elif verb == "orders.record":
        past = {"location": "HAM", "placed_at": "2019-01-01T00:00:00Z", "delivered_at": "2019-01-02T00:00:00Z"}
        command = shop.order({"MUG": 3}, **past)
    for _ in range(5):
        await keep(shop, seconds=60, MUG=1)
    if verb == "orders.source":
        await shop.do("policies.set", name="may_backorder", value=True)
        command["order"] = await shop.place({"MUG": 3})
    elif verb != "stock.set":
        (early,) = await shop.batch(verb, command)
        assert early.get("refused") == "yes"
    clock.pass_by(60)
    (preview,) = await shop.preview(verb, [shop.envelope(verb, command)])
    outcome = await shop.do(verb, **command)
    assert {key: value for key, value in preview.items() if key not in ("number", "order_id")} == {
        key: value for key, value in outcome.items() if key not in ("number", "order_id")
    }
    assert (await buckets(shop))["reserved"] == 2
    await shop.check_books()


async def test_the_worker_gives_back_what_is_over_and_says_so_once(shop: Shop) -> None:
    clock = Clock(shop)
    await shop.stock_up(MUG_HAM=5, TEE_HAM=5)
    await keep(shop, seconds=60, MUG=2, TEE=1)
    longer = await keep(shop, seconds=60, MUG=1)
    await shop.do("reservations.extend", reservation=longer, seconds=600)
    clock.pass_by(60)
    for due in (2, 0):
        assert await expiring.expire(shop.database, shop.executor, shop.merchant_id, clock.now) == due
    assert await buckets(shop) == {"available": 4, "reserved": 1}
    events = await shop.fetch("SELECT actor FROM event WHERE merchant_id = $1 AND kind = 'reservation_expired'")
    assert [row["actor"] for row in events] == [expiring.ACTOR]
    await shop.check_books()


async def test_many_are_given_back_batch_by_batch(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiring, "PIECE", 2)
    clock = Clock(shop)
    await shop.stock_up(MUG_HAM=5)
    for _ in range(3):
        await keep(shop, seconds=60, MUG=1)
    clock.pass_by(60)
    due = [await expiring.expire(shop.database, shop.executor, shop.merchant_id, clock.now) for _ in range(2)]
    assert due == [2, 1]
    await shop.check_books()


async def test_what_can_be_asked_of_reservations(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, TEE_MUC=1)
    lines = [{"sku": "MUG", "quantity": 2}, {"sku": "TEE", "quantity": 1}]
    done = await shop.do("reservations.reserve", lines=lines, channel="web", reference="cart-7")
    others = [await keep(shop, seconds=seconds, MUG=1) for seconds in (30, 20)]
    number = await shop.place({"MUG": 1, "TEE": 1}, reservation=done["reservation"])
    async with shop.database.read(shop.merchant_id) as tx:
        taken = await reservations.reservation(tx, reservations.ReservationQuery(uuid.UUID(done["reservation"])))
        first = await reservations.reservations(tx, reservations.ReservationsQuery(sku="MUG", limit=1))
        second = await reservations.reservations(tx, reservations.ReservationsQuery(sku="MUG", after=first.next))
        everything = await reservations.reservations(tx, reservations.ReservationsQuery())
        with pytest.raises(NotFound):
            await reservations.reservation(tx, reservations.ReservationQuery(uuid.uuid4()))
    assert (taken.status, taken.order, taken.channel, taken.reference) == ("converted", number, "web", "cart-7")
    assert [(line.sku, line.location, line.status) for line in taken.lines] == [
        ("MUG", "HAM", "converted"),
        ("TEE", "MUC", "converted"),
    ]
    shown = [str(item.reservation) for item in first.items + second.items]
    assert shown == [str(item.reservation) for item in everything.items] == list(reversed(others))
    assert second.next is None


async def test_giving_back_takes_as_many_statements_for_many_as_for_one(shop: Shop) -> None:
    clock = Clock(shop)
    await shop.stock_up(CUP_HAM=1)
    await shop.place({"CUP": 1})  # Whoever orders is known from now on.
    counts = []
    for count, sku in ((1, "MUG"), (60, "TEE")):
        await shop.stock_up(**{f"{sku}_HAM": count})
        await shop.batch("reservations.reserve", *[cart(seconds=60, **{sku: 1})] * count)
        clock.pass_by(60)
        counts.append(await shop.statements("orders.place", *[shop.order({sku: 1})] * count))
    assert counts[0] == counts[1]
    await shop.check_books()


async def test_taking_reservations_takes_as_many_statements_for_many_as_for_one(shop: Shop) -> None:
    await shop.stock_up(CUP_HAM=1)
    await shop.place({"CUP": 1})  # Whoever orders is known from now on.
    counts = []
    for count, sku in ((1, "MUG"), (60, "TEE")):
        await shop.stock_up(**{f"{sku}_HAM": count})
        kept = await shop.batch("reservations.reserve", *[cart(**{sku: 1})] * count)
        orders = [shop.order({sku: 1}, reservation=each["reservation"]) for each in kept]
        counts.append(await shop.statements("orders.place", *orders))
    assert counts[0] == counts[1]
    await shop.check_books()
