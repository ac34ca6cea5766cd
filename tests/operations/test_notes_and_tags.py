"""What is said of orders beside what they are: notes that can be blanked, tags that lists are filtered by."""

from __future__ import annotations

from typing import Any

import msgspec

from lading.views.history import OrderAsOfQuery, order_as_of
from lading.views.orders import OrdersQuery, orders
from lading.views.timeline import TimelineQuery, timeline
from tests.operations.conftest import Shop


async def listed(shop: Shop, **fields: Any) -> list[str]:
    async with shop.database.read(shop.merchant_id) as tx:
        page = await orders(tx, msgspec.convert(fields, OrdersQuery))
    return [row.number for row in page.items]


async def test_a_note_stands_nowhere_but_on_the_order_and_is_gone_when_it_is_blanked(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    placed = {"notes": [{"text": "Please ring Ina Kreft", "audience": "customer"}]}
    number = await shop.place({"MUG": 1}, **placed)
    assert await shop.do("notes.add", order=number, text="Kreft was here") == {"note": f"{number}-N2"}
    for what in ("data::text AS t FROM event", "outcome::text AS t FROM command"):
        rows = await shop.fetch(f"SELECT {what} WHERE merchant_id = $1")
        assert rows and not [row for row in rows if "Kreft" in row["t"]]
    (order,) = await shop.fetch("SELECT version FROM orders WHERE merchant_id = $1")
    assert order["version"] == 1
    for _ in range(2):
        await shop.do("notes.blank", note=f"{number}-N1")
    notes = await shop.fetch("SELECT audience, text FROM order_note WHERE merchant_id = $1 ORDER BY number")
    assert notes == [{"audience": "customer", "text": None}, {"audience": "internal", "text": "Kreft was here"}]
    assert (await shop.refusal("notes.blank", note=f"{number}-N9"))["name"] == "unknown_note"
    assert (await shop.refusal("notes.add", order="99999", text="x"))["name"] == "unknown_order"
    await shop.check_books()


async def test_a_note_or_a_tag_is_no_reason_to_refuse_what_was_prepared(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    number = await shop.place({"MUG": 3})
    begun = await shop.do("edits.begin", order=number, reason="x", quantities=[{"line": 1, "quantity": 1}])
    await shop.do("notes.add", order=number, text="They agreed on the phone.")
    await shop.do("orders.tag", order=number, add=["vip"])
    assert await shop.do("edits.confirm", edit=begun["edit"]) == begun["preview"]
    await shop.check_books()


async def test_orders_are_found_by_their_tags(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    numbers = [await shop.place({"MUG": 1}, tags=["Trade  Fair"]) for _ in range(3)]
    other = await shop.place({"MUG": 1})
    assert await listed(shop, tag="trade fair") == numbers[::-1]
    assert await listed(shop, tag="TRADE FAIR", stage="to_release") == numbers
    assert await listed(shop, tag="vip") == []
    tagged = await shop.do("orders.tag", order=numbers[1], add=["VIP"], remove=["trade fair", "unknown"])
    assert tagged == {"order": numbers[1], "tags": ["vip"]}
    await shop.batch("orders.tag", {"order": other, "add": ["vip"]}, {"order": other, "remove": ["vip"]})
    assert await listed(shop, tag="trade fair") == [numbers[2], numbers[0]]
    assert await listed(shop, tag="vip", lifecycle="open") == [numbers[1]]
    assert await listed(shop, tag="vip", q=numbers[1]) == [numbers[1]]
    many = [f"t{index}" for index in range(50)]
    assert (await shop.refusal("orders.tag", order=numbers[1], add=many))["name"] == "too_many_tags"
    await shop.check_books()


async def test_an_order_that_was_tagged_has_its_past_all_the_same(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    number = await shop.place({"MUG": 2}, tags=["fair"])
    await shop.do("orders.tag", order=number, add=["vip"], remove=["fair"])
    async with shop.database.read(shop.merchant_id) as tx:
        past = await order_as_of(tx, OrderAsOfQuery(order=number))
        told = await timeline(tx, TimelineQuery(order=number))
    assert [line.ordered for line in past.lines] == [2]
    assert "Tagged: vip. No longer tagged: fair." in [each.sentence for each in told.items]
