"""Subscriptions: contracts that place orders, each cycle once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from lading.entrypoints.worker import subscribing
from lading.views import subscriptions as views
from tests.operations.conftest import Shop

FIRST = datetime(2026, 1, 31, 8, tzinfo=UTC)


async def subscribe(shop: Shop, wanted: dict[str, int], **more: Any) -> str:
    """A subscription of a draft; the shop's clock stands a day before its first order."""
    shop.executor._clock = lambda: FIRST - timedelta(days=1)
    order = Shop.order(wanted, customer={"name": "Ada Meyer", "email": "ada@example.com"})
    made = await shop.do("drafts.create", **{**order, **more.pop("order", {})})
    terms = {"draft": made["draft"], "unit": "month", "first_at": FIRST.isoformat(), **more}
    return str((await shop.do("subscriptions.create", **terms))["subscription"])


async def work(shop: Shop, now: datetime) -> int:
    """What the worker does then."""
    shop.executor._clock = lambda: now
    return await subscribing.place(shop.database, shop.executor, shop.merchant_id, now)


async def seen(shop: Shop, name: str) -> views.SubscriptionView:
    async with shop.database.read(shop.merchant_id) as tx:
        return await views.subscription(tx, views.SubscriptionQuery(name))


async def test_it_places_an_order_each_month_on_its_day_or_the_last_of_a_shorter_one(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=50)
    name = await subscribe(shop, {"MUG": 2}, orders_max=3)
    assert await work(shop, FIRST - timedelta(minutes=1)) == 0
    dates = []
    for _ in range(3):
        due = (await seen(shop, name)).head.next_at
        assert due
        dates.append(due.date().isoformat())
        assert await work(shop, due) == 1
        assert await work(shop, due) == 0, "once"
    assert dates == ["2026-01-31", "2026-02-28", "2026-03-31"]
    shown = await seen(shop, name)
    assert (shown.head.status, len(shown.orders)) == ("ended", 3)
    rows = await shop.fetch(
        "SELECT external_reference AS ref, allocated FROM orders WHERE merchant_id = $1 ORDER BY number"
    )
    assert rows == [{"ref": f"{name}-{cycle}", "allocated": 2} for cycle in (1, 2, 3)]
    assert await shop.fetch("SELECT count(*) AS n FROM customer WHERE merchant_id = $1") == [{"n": 1}]
    await shop.check_books()


async def test_whoever_runs_it_twice_places_once(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=50)
    name = await subscribe(shop, {"MUG": 1})
    shop.executor._clock = lambda: FIRST
    async with shop.database.read(shop.merchant_id) as tx:
        assert len(await tx.fetch("SELECT 1 FROM subscription WHERE merchant_id = $1")) == 1
    await asyncio.gather(*(subscribing.place(shop.database, shop.executor, shop.merchant_id, FIRST) for _ in range(4)))
    assert await shop.fetch("SELECT count(*) AS n FROM orders WHERE merchant_id = $1") == [{"n": 1}]
    outcomes = await shop.batch(
        "subscriptions.place", *[{"subscription": name, "cycle": 1}] * 2, {"subscription": name, "cycle": 2}
    )
    assert [each["name"] for each in outcomes] == ["other_cycle", "other_cycle", "not_due"]
    await shop.check_books()


async def test_it_is_paused_resumed_skipped_and_cancelled(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=50)
    name = await subscribe(shop, {"MUG": 1}, unit="week", every=2)
    await shop.do("subscriptions.pause", subscription=name, reason="holidays")
    later = FIRST + timedelta(days=30)
    assert await work(shop, later) == 0
    resumed = await shop.do("subscriptions.resume", subscription=name)
    assert resumed["next_at"].startswith("2026-03-14"), "the rhythm goes on; what was missed is not ordered"
    skipped = await shop.do("subscriptions.skip", subscription=name, expected_version=resumed["version"])
    assert (skipped["cycle"], skipped["next_at"][:10]) == (2, "2026-03-28")
    assert (await shop.refusal("subscriptions.resume", subscription=name))["name"] == "wrong_status"
    await shop.do("subscriptions.cancel", subscription=name, reason="moved_away")
    assert await work(shop, later + timedelta(days=90)) == 0
    assert (await shop.refusal("subscriptions.skip", subscription=name))["name"] == "wrong_status"
    assert (await shop.refusal("subscriptions.skip", subscription="S1"))["name"] == "unknown_subscription"
    await shop.check_books()


async def test_what_is_refused_is_tried_again_and_then_somebody_has_to_look(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=1)
    name = await subscribe(shop, {"MUG": 2})
    assert await work(shop, FIRST) == 1
    head = (await seen(shop, name)).head
    assert (head.failures, head.failed_as, head.next_at) == (1, "insufficient_stock", FIRST + timedelta(days=1))
    await shop.do("stock.receive", sku="MUG", location="HAM", quantity=5, reason="purchase")
    assert await work(shop, FIRST + timedelta(days=1)) == 1
    head = (await seen(shop, name)).head
    assert (head.failures, head.cycle, head.next_at) == (0, 2, datetime(2026, 2, 28, 8, tzinfo=UTC)), "its rhythm stays"
    await shop.do("stock.adjust", sku="MUG", location="HAM", quantity=3, kind="lost", reason="gone")
    for day in range(3):
        assert await work(shop, datetime(2026, 2, 28, 9, tzinfo=UTC) + timedelta(days=day)) == 1
    head = (await seen(shop, name)).head
    assert (head.status, head.reason, head.failed_as) == ("paused", "orders_refused", "insufficient_stock")
    await shop.check_books()


async def test_its_draft_may_be_revised_and_prices_may_be_those_of_the_day(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=50)
    kept = await subscribe(shop, {"MUG": 1})
    current = await subscribe(shop, {"MUG": 1}, prices="current")
    await shop.do("price-lists.save", code="ALL", name="All", currency="EUR")
    price = [{"unit_price": {"amount": "7.00", "currency": "EUR"}}]
    await shop.do("prices.set", price_list="ALL", items=[{"sku": "MUG", "prices": price}])
    assert await work(shop, FIRST) == 2
    totals = [(await seen(shop, name)).orders[0].total.amount for name in (kept, current)]
    assert totals == ["10.00", "7.00"]
    lines = [{"sku": "MUG", "quantity": 3, "unit_price": {"amount": "9.00", "currency": "EUR"}}]
    await shop.do("drafts.revise", draft=(await seen(shop, kept)).head.draft, lines=lines)
    await shop.do("drafts.drop", draft=(await seen(shop, current)).head.draft)
    assert await work(shop, datetime(2026, 2, 28, 8, tzinfo=UTC)) == 2
    assert (await seen(shop, kept)).orders[0].total.amount == "27.00"
    assert (await seen(shop, current)).head.failed_as == "wrong_status"
    await shop.check_books()


async def test_its_time_of_day_stays_in_summer_and_its_card_is_asked_with_nobody_there(shop: Shop) -> None:
    """At nine in Berlin: 8:00 UTC in winter, 7:00 in summer; in Tokyo always 0:00. A month ends there where its clock is."""
    await shop.stock_up(MUG_HAM=50)
    card = {
        "kind": "card",
        "provider": "acme",
        "method": "pm_1",
        "payer": "cus_1",
        "amount": {"amount": "20.00", "currency": "EUR"},
    }
    berlin = await subscribe(shop, {"MUG": 2}, order={"tenders": [card], "customer": None})
    late = {"first_at": "2026-01-31T15:00:00+00:00", "order": {"customer": None}}
    tokyo = await subscribe(shop, {"MUG": 1}, time_zone="Asia/Tokyo", **late)
    dates: dict[str, list[str]] = {berlin: [], tokyo: []}
    for _ in range(3):
        for name, found in dates.items():
            due = (await seen(shop, name)).head.next_at
            assert due
            found.append(due.isoformat()[:16])
        await work(shop, due + timedelta(days=1))
    assert dates[berlin] == ["2026-01-31T08:00", "2026-02-28T08:00", "2026-03-31T07:00"]
    assert dates[tokyo] == ["2026-01-31T15:00", "2026-02-28T15:00", "2026-03-31T15:00"], "the first of the month there"
    rows = await shop.fetch("SELECT DISTINCT unattended, kind FROM tender WHERE merchant_id = $1")
    assert rows == [{"unattended": True, "kind": "card"}]
    terms = {"draft": (await seen(shop, tokyo)).head.draft, "unit": "day", "first_at": "2026-01-31T15:00:00+00:00"}
    refused = await shop.refusal("subscriptions.create", **terms, time_zone="Mars/Base")
    assert refused["name"] == "unknown_time_zone"
    await shop.check_books()
