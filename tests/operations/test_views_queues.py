"""The queues: nothing is nowhere, and each says how many wait and since when."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lading.views import queues
from lading.views.pages import NotFound


async def ask(shop: Any, view: Any, query: Any) -> Any:
    async with shop.database.read(shop.merchant_id) as tx:
        return await view(tx, query)


async def counts(shop: Any) -> dict[str, str]:
    """The labels of the queues in which something waits."""
    found = await ask(shop, queues.queues, queues.QueuesQuery())
    return {queue.name: queue.waiting.label for queue in found.items if queue.waiting.count}


async def work(shop: Any, **fields: Any) -> queues.WorkPage:
    page: queues.WorkPage = await ask(shop, queues.work, msgspec.convert(fields, queues.WorkQuery))
    return page


async def test_every_open_order_stands_in_one_queue(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=9)
    await shop.allow_backorders()
    placed = [await shop.place({"MUG": 1}) for _ in range(6)]
    await shop.place({"MUG": 99})
    await shop.do("orders.hold", order=placed[0])
    for number in placed[1:5]:
        await shop.do("orders.release", order=number)
    for number in placed[2:5]:
        await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    for number in placed[3:5]:
        await shop.do("parcels.pack", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.ship", parcel=f"{placed[4]}-P1", carrier="DHL")
    assert await counts(shop) == {
        "held": "1", "backordered": "1", "to_release": "1", "to_pick": "1", "to_pack": "1", "to_hand_over": "1",
        "with_carrier": "1",
    }  # fmt: skip
    found = await ask(shop, queues.queues, queues.QueuesQuery())
    places = {queue.name: [(place.location, place.waiting.label) for place in queue.locations] for queue in found.items}
    assert places["to_pick"] == places["to_pack"] == places["to_hand_over"] == [("HAM", "1")]
    assert all(queue.waiting.oldest is not None for queue in found.items if queue.waiting.count)
    assert all(queue.meaning for queue in found.items)


async def test_nobody_counts_beyond_a_limit(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "COUNTED_MAX", 3)
    await shop.stock_up(MUG_HAM=9)
    for _ in range(3):
        await shop.place({"MUG": 1})
    assert await counts(shop) == {"to_release": "3"}
    await shop.place({"MUG": 1})
    assert await counts(shop) == {"to_release": "3+"}


async def test_the_work_of_a_location_is_the_urgent_then_the_old(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=9, CAP_MUC=9)
    plain = [await shop.place({"MUG": 1}) for _ in range(3)]
    urgent = await shop.place({"MUG": 2}, priority=5)
    other = await shop.place({"CAP": 1})
    for number in (*plain, urgent, other):
        await shop.do("orders.release", order=number)
    await shop.do("orders.hold", order=plain[1])
    page = await work(shop, location="HAM", stage="to_pick")
    assert [each.name for each in page.items] == [f"{number}-F1" for number in (urgent, *plain)]
    assert [each.held for each in page.items] == [False, False, True, False]
    assert [(line.sku, line.units) for line in page.items[0].lines] == [("MUG", {"released": 2})]
    first = await work(shop, location="HAM", stage="to_pick", limit=2)
    second = await work(shop, location="HAM", stage="to_pick", limit=2, after=first.next)
    assert [*first.items, *second.items] == page.items and second.next is None
    assert (await work(shop, location="HAM", stage="to_pack")).items == []
    with pytest.raises(NotFound):
        await work(shop, location="XXX", stage="to_pick")


async def test_open_returns_and_what_nobody_explains_stand_in_queues(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=9)
    number = await shop.place({"MUG": 2})
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.ship", parcel=f"{number}-P1", carrier="DHL")
    await shop.do("returns.request", order=number, reason="too_small", lines=[{"line": 1, "quantity": 2}])
    page = await ask(shop, queues.returns, queues.ReturnsQuery())
    assert [(each.name, each.order, each.reason, each.units) for each in page.items] == [
        (f"{number}-R1", number, "too_small", {"requested": 2})
    ]
    for key in ("a", "b", "c"):
        await shop.do(
            "unmatched-returns.keep", channel="web", key=key, reference="C1", sku="XYZ", quantity=-3, reason="no_order",
            amount={"amount": "-3.00", "currency": "EUR"}, occurred_at="2020-01-01T00:00:00Z",
        )  # fmt: skip
    assert (await counts(shop))["unmatched_returns"] == "3"
    first = await ask(shop, queues.unmatched_returns, queues.UnmatchedQuery(limit=2))
    second = await ask(shop, queues.unmatched_returns, queues.UnmatchedQuery(limit=2, after=first.next))
    assert len({each.id for each in (*first.items, *second.items)}) == 3 and second.next is None
    assert (first.items[0].sku, first.items[0].quantity, first.items[0].reason) == ("XYZ", -3, "no_order")
