"""Lists of orders: how they are found, filtered and paged."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from lading.entrypoints.worker import search
from lading.views import orders
from lading.views.orders import OrdersPage, OrdersQuery
from lading.views.pages import NotFound, cursor

NOW = datetime.now(UTC)


async def listed(shop: Any, **fields: Any) -> OrdersPage:
    """One page."""
    async with shop.database.read(shop.merchant_id) as tx:
        return await orders.orders(tx, msgspec.convert(fields, OrdersQuery))


async def numbers(shop: Any, **fields: Any) -> list[str]:
    """The numbers on one page."""
    return [row.number for row in (await listed(shop, **fields)).items]


async def read_feed(shop: Any) -> None:
    """What the worker does."""
    async with shop.database.write(shop.merchant_id) as tx:
        await tx.execute(search.sql.open_consumer, search.CONSUMER)
    while True:
        async with shop.database.write(shop.merchant_id) as tx:
            if not await search.read_on(tx):
                return


async def test_a_row_says_what_a_person_wants_to_know(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5, CAP_HAM=5)
    number = await shop.place({"MUG": 2, "CAP": 1}, customer={"name": "Ada Meyer"}, external_reference="W-1")
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1", lines=[{"line": 1, "quantity": 2}])
    (row,) = (await listed(shop)).items
    assert (row.number, row.channel, row.customer, row.country) == (number, "web", "Ada Meyer", "DE")
    assert (row.stage, row.lifecycle, row.progress) == ("to_pick", "open", "2 of 3 picked")
    assert row.units == {"ordered": 3, "released": 1, "picked": 2}
    assert (row.total.amount, row.total.currency, row.external_reference) == ("30.00", "EUR", "W-1")


async def test_the_newest_come_first_and_pages_join_without_gap_or_overlap(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=50)
    placed = [await shop.place({"MUG": 1}, placed_at=(NOW - timedelta(days=9 - day)).isoformat()) for day in range(9)]
    seen: list[str] = []
    after = None
    while True:
        page = await listed(shop, limit=4, **({"after": after} if after else {}))
        seen += [row.number for row in page.items]
        after = page.next
        if after is None:
            break
    assert seen == placed[::-1]


async def test_a_queue_begins_with_the_longest_waiting(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=50)
    placed = [await shop.place({"MUG": 1}) for _ in range(5)]
    await shop.do("orders.hold", order=placed[1])
    assert await numbers(shop, stage="to_release", limit=3) == [placed[0], placed[2], placed[3]]
    page = await listed(shop, stage="to_release", limit=3)
    assert await numbers(shop, stage="to_release", limit=3, after=page.next) == [placed[4]]
    (held,) = (await listed(shop, stage="held")).items
    assert (held.number, held.holds, held.progress) == (placed[1], ["manual"], "1 on hold")


async def test_filters_narrow_every_walk(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=1, MUG_MUC=5)
    await shop.do("channels.save", code="shop", name="Shop")
    first = await shop.place({"MUG": 1}, ship_by=(NOW + timedelta(days=2)).isoformat())
    second = await shop.place(
        {"MUG": 1}, channel="shop", ship_by=(NOW + timedelta(days=1)).isoformat(),
        tenders=[{"amount": {"amount": "10.00", "currency": "EUR"}}],
    )  # fmt: skip
    assert await numbers(shop, channel="shop") == [second]
    assert await numbers(shop, location="HAM") == [first]
    assert await numbers(shop, location="MUC", stage="to_release") == [second]
    assert await numbers(shop, payment_status="paid") == [second]
    assert await numbers(shop, lifecycle="completed") == []
    assert await numbers(shop, due_before=(NOW + timedelta(days=3)).isoformat()) == [second, first]
    assert await numbers(shop, due_before=(NOW + timedelta(days=1, hours=1)).isoformat()) == [second]
    assert await numbers(shop, stage="to_release", queued_before=NOW.isoformat()) == []
    with pytest.raises(NotFound, match="There is no location XXX"):
        await listed(shop, location="XXX")


@pytest.mark.parametrize(
    "typed",
    ["{number}", "#{number}", "{number}-F1", "W-77-A", "W-77", "ada@EXAMPLE.com ", "0049 (40) 555-1234", "meyer",
     "Núñez ada", "mug", "T 123", "t123", "{id}"],
)  # fmt: skip
async def test_whatever_is_typed_finds_the_order(shop: Any, typed: str) -> None:
    await shop.stock_up(MUG_HAM=5, CAP_HAM=5)
    number = await shop.place(
        {"MUG": 1},
        customer={"name": "Ada Meyer-Nuñez", "email": "Ada@example.com", "phone": "0049 40 5551234"},
        external_reference="W-77-A",
    )
    await shop.place({"CAP": 1}, customer={"name": "Bob", "email": "bob@example.com"}, external_reference="W-78")
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.ship", parcel=f"{number}-P1", carrier="DHL", tracking_number="T123")
    await read_feed(shop)
    (row,) = [row for row in (await listed(shop)).items if row.number == number]
    assert await numbers(shop, q=typed.format(number=number, id=row.id)) == [number]


async def test_nothing_is_found_without_an_error(shop: Any) -> None:
    for typed in ("", " ", "nobody", "9" * 30, "'; --", "@", "%", "\0", "𝔘", "1042-F"):
        assert await numbers(shop, q=typed) == []


async def test_a_search_can_be_filtered_and_paged(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=9)
    placed = [
        await shop.place(
            {"MUG": 1}, external_reference=f"W-{day}", placed_at=(NOW + timedelta(seconds=day)).isoformat()
        )
        for day in range(5)
    ]
    await shop.do("orders.hold", order=placed[2])
    assert await numbers(shop, q="mug", stage="held") == [placed[2]]
    page = await listed(shop, q="mug", limit=2)
    assert [row.number for row in page.items] == placed[:-3:-1]
    assert await numbers(shop, q="mug", limit=9, after=page.next) == placed[-3::-1]


async def test_another_merchants_orders_are_not_found(shop: Any, twin: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    number = await shop.place({"MUG": 1}, external_reference="W-1", customer={"email": "ada@example.com"})
    for query in ({}, {"q": number}, {"q": "W-1"}, {"q": "ada@example.com"}, {"q": "MUG"}):
        assert await numbers(twin, **query) == []


async def test_a_long_walk_that_finds_little_goes_on_with_its_cursor(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "WALK_MAX", 4)
    monkeypatch.setattr(orders, "_STEP", 2)
    await shop.stock_up(MUG_HAM=20)
    held = await shop.place({"MUG": 1}, placed_at=(NOW - timedelta(days=30)).isoformat())
    await shop.do("orders.hold", order=held)
    for day in range(6):
        await shop.place({"MUG": 1}, placed_at=(NOW - timedelta(days=day)).isoformat())
    page = await listed(shop, lifecycle="on_hold")
    assert page.items == [] and page.next is not None
    page = await listed(shop, lifecycle="on_hold", after=page.next)
    assert [row.number for row in page.items] == [held] and page.next is None


def test_a_cursor_that_is_none_is_malformed() -> None:
    foreign = base64.urlsafe_b64encode(b'["2026-01-01T00:00:00"]').decode()
    for after in ("x", "%%%", foreign, "é", cursor("a", "b", "c")):
        with pytest.raises(msgspec.ValidationError, match="not a cursor of this list"):
            msgspec.convert({"after": after}, OrdersQuery)
    for limit in (0, 201):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"limit": limit}, OrdersQuery)
