"""From the purchase order to whoever waits for it: what was promised, what came, who got it, who was told another date."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lading.entrypoints.files import Files
from lading.entrypoints.worker.main import Worker
from lading.views import inbound, order, stories
from lading.views.pages import NotFound
from tests.operations.conftest import Shop

DECEMBER_3, DECEMBER_9 = "2035-12-03T08:00:00Z", "2035-12-09T08:00:00Z"
NAMES = {DECEMBER_3: "3 Dec", DECEMBER_9: "9 Dec", None: None}


def when(moment: Any) -> str | None:
    """3 Dec"""
    return (
        None
        if moment is None
        else NAMES[datetime.fromisoformat(str(moment)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")]
    )


@pytest.fixture
async def shop(lone_shop: Shop) -> Shop:
    """Alone: the worker works for all merchants of a database."""
    return lone_shop


async def work(shop: Shop) -> None:
    """The worker reads the feed to its end."""
    worker = Worker(shop.database, Files(Path("/nowhere"), shop.database))
    for _ in range(3):
        await worker.read_feeds()


async def buy(shop: Shop, *lines: tuple[str, int, str], location: str = "HAM", **fields: Any) -> str:
    outcome = await shop.do(
        "purchase-orders.place",
        supplier="Porzellan Nord",
        lines=[{"sku": sku, "location": location, "quantity": quantity, "due_at": due} for sku, quantity, due in lines],
        **fields,
    )
    return str(outcome["purchase_order"])


async def promises(shop: Shop) -> dict[str, str | None]:
    """Order number: what its lines were told."""
    rows = await shop.fetch(
        "SELECT o.number, p.promised_at FROM promise AS p JOIN orders AS o ON o.merchant_id = $1 AND o.id = p.order_id"
        " WHERE p.merchant_id = $1 ORDER BY o.number"
    )
    return {str(row["number"]): when(row["promised_at"]) for row in rows}


async def moved(shop: Shop) -> list[tuple[str, str | None, str | None]]:
    """(order, from, to) of each promise that moved, in the order of events."""
    rows = await shop.fetch(
        "SELECT o.number, each->>'before' AS before, each->>'promised_at' AS promised_at FROM event AS e"
        " CROSS JOIN LATERAL jsonb_array_elements(e.data->'promises') AS each"
        " JOIN orders AS o ON o.merchant_id = $1 AND o.id = e.subject_id"
        " WHERE e.merchant_id = $1 AND e.kind = 'promise_moved' ORDER BY e.position"
    )
    return [(str(row["number"]), when(row["before"]), when(row["promised_at"])) for row in rows]


async def test_what_arrives_is_given_out_by_priority_then_age_and_the_rest_is_told_another_date(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=0)
    await shop.do("policies.set", name="may_backorder", value=True)
    first = await buy(shop, ("MUG", 10, DECEMBER_3))
    await buy(shop, ("MUG", 10, DECEMBER_9))
    early = await shop.do("orders.place", **shop.order({"MUG": 6}))
    late = await shop.do("orders.place", **shop.order({"MUG": 4}))
    urgent = await shop.do("orders.place", **shop.order({"MUG": 5}), priority=10)
    assert [when(each["promises"][0]["promised_at"]) for each in (early, late, urgent)] == ["3 Dec", "3 Dec", "3 Dec"]
    assert [each["stage"] for each in (early, late, urgent)] == ["backordered"] * 3
    await work(shop)  # urgent is served first, so one of the others has to wait longer
    assert await promises(shop) == {early["number"]: "9 Dec", late["number"]: "9 Dec", urgent["number"]: "3 Dec"}
    assert await moved(shop) == [(early["number"], "3 Dec", "9 Dec"), (late["number"], "3 Dec", "9 Dec")]

    received = await shop.do("purchase-orders.receive", purchase_order=first, lines=[{"line": 1, "quantity": 7}])
    assert (received["status"], received["received"], received["expected"]) == ("partially_received", 7, 3)
    await work(shop)
    assert await shop.units(urgent["number"]) == {"allocated": 5}
    assert await shop.units(early["number"]) == {"allocated": 2, "backordered": 4}
    assert await shop.units(late["number"]) == {"backordered": 4}
    assert await promises(shop) == {early["number"]: "9 Dec", late["number"]: "9 Dec"}

    await shop.do("purchase-orders.receive", purchase_order=first, lines=[{"line": 1, "quantity": 3}])
    await work(shop)
    assert await shop.units(early["number"]) == {"allocated": 5, "backordered": 1}
    assert [
        row["waiting"] for row in await shop.fetch("SELECT waiting FROM backlog WHERE merchant_id = $1 AND waiting > 0")
    ] == [5]
    await shop.check_books()


async def test_nothing_known_then_bought(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=0)
    await shop.do("policies.set", name="may_backorder", value=True)
    order = await shop.do("orders.place", **shop.order({"MUG": 2}))
    assert order["promises"] == [{"line": 1, "quantity": 2, "promised_at": None}]
    await buy(shop, ("MUG", 10, DECEMBER_9))
    await work(shop)
    assert await moved(shop) == [(order["number"], None, "9 Dec")]
    await shop.check_books()


async def test_what_came_is_good_damaged_too_much_or_missing(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=0, CAP_HAM=0)
    name = await buy(shop, ("MUG", 100, DECEMBER_3), ("CAP", 10, DECEMBER_3), reference="B-77")
    assert (await shop.refusal("purchase-orders.place", supplier="X", reference="B-77", lines=[
        {"sku": "MUG", "location": "HAM", "quantity": 1, "due_at": DECEMBER_3}]))["name"] == "reference_taken"  # fmt: skip
    receive = {"purchase_order": name, "document": "DN-1"}
    over = {**receive, "lines": [{"line": 1, "quantity": 104}]}
    assert (await shop.refusal("purchase-orders.receive", **over))["name"] == "over_receipt"
    await shop.do("policies.set", name="over_receipt_percent", value=5)
    told = await shop.do("purchase-orders.receive", **receive, lines=[{"line": 1, "quantity": 98, "damaged": 6}])
    assert (told["status"], told["received"], told["expected"]) == ("partially_received", 104, 10)
    assert (await shop.refusal("purchase-orders.receive", **over))["name"] == "over_receipt"
    await shop.do("policies.set", name="receive_into", value="quality_hold", sku="CAP")
    await shop.do("purchase-orders.receive", **receive, lines=[{"line": 2, "quantity": 7}])
    told = await shop.do("purchase-orders.close", purchase_order=name, reason="short_delivery")
    assert (told["status"], told["received"], told["expected"]) == ("closed", 111, 0)
    assert (await shop.refusal("purchase-orders.receive", **over))["name"] == "not_open"
    rows = await shop.fetch(
        "SELECT sku.code, s.available, s.damaged, s.quality_hold FROM stock AS s JOIN sku ON sku.merchant_id = $1 AND sku.id = s.sku_id"
        " WHERE s.merchant_id = $1 ORDER BY sku.code"
    )
    assert [tuple(row.values()) for row in rows] == [("CAP", 0, 0, 7), ("MUG", 98, 6, 0)]
    await shop.check_books()


async def test_an_asn_narrows_the_date_and_gives_it_back(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=0)
    await shop.do("policies.set", name="may_backorder", value=True)
    name = await buy(shop, ("MUG", 100, DECEMBER_9))
    order = await shop.do("orders.place", **shop.order({"MUG": 30}))
    assert when(order["promises"][0]["promised_at"]) == "9 Dec"
    asn = await shop.do("asns.announce", purchase_order=name, reference="S-1", due_at=DECEMBER_3,
                        lines=[{"line": 1, "quantity": 40}])  # fmt: skip
    assert asn["asn"] == f"{name}-A1"
    again = {"purchase_order": name, "reference": "S-1", "due_at": DECEMBER_3}
    assert (await shop.refusal("asns.announce", **again))["name"] == "announced_before"
    more = {**again, "reference": "S-2", "lines": [{"line": 1, "quantity": 61}]}
    assert (await shop.refusal("asns.announce", **more))["name"] == "more_than_expected"
    await work(shop)
    assert await promises(shop) == {order["number"]: "3 Dec"}
    await shop.do("asns.cancel", asn=asn["asn"], reason="vessel_missed")
    await work(shop)
    assert await moved(shop) == [(order["number"], "9 Dec", "3 Dec"), (order["number"], "3 Dec", "9 Dec")]
    asn = await shop.do("asns.announce", purchase_order=name, reference="S-1", due_at=DECEMBER_3,
                        lines=[{"line": 1, "quantity": 40}])  # fmt: skip
    told = await shop.do("purchase-orders.receive", purchase_order=asn["asn"])
    assert (told["received"], told["expected"]) == (40, 60)
    await work(shop)
    assert await shop.units(order["number"]) == {"allocated": 30}
    await shop.check_books()


async def test_what_is_called_off_leaves_no_promise_behind(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=0)
    await shop.do("policies.set", name="may_backorder", value=True)
    name = await buy(shop, ("MUG", 100, DECEMBER_3))
    order = await shop.do("orders.place", **shop.order({"MUG": 30}))
    await shop.do("purchase-orders.change", purchase_order=name, lines=[{"line": 1, "due_at": DECEMBER_9}])
    await work(shop)
    told = await shop.do("purchase-orders.cancel", purchase_order=name, reason="bankrupt")
    assert told["status"] == "cancelled"
    await work(shop)
    assert await moved(shop) == [(order["number"], "3 Dec", "9 Dec"), (order["number"], "9 Dec", None)]
    assert await promises(shop) == {}
    await shop.do("lines.cancel", order=order["number"], reason="waited_too_long")
    assert await shop.fetch("SELECT 1 FROM backlog WHERE merchant_id = $1 AND waiting > 0") == []
    await shop.check_books()


async def test_so_many_may_wait_and_no_more(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=2)
    await shop.do("policies.set", name="may_backorder", value=True)
    await shop.do("policies.set", name="backorder_limit", value=5, sku="MUG")
    outcomes = await shop.batch("orders.place", *(shop.order({"MUG": 3}) for _ in range(4)))
    assert [each.get("name") or each["stage"] for each in outcomes] == [
        "backordered", "backordered", "backorder_limit", "backorder_limit",
    ]  # fmt: skip
    assert (await shop.preview("orders.place", [shop.envelope("orders.place", shop.order({"MUG": 2}))]))[0]["name"] == (
        "backorder_limit"
    )
    await shop.do("lines.cancel", order=outcomes[1]["number"], reason="late")
    assert (await shop.do("orders.place", **shop.order({"MUG": 4})))["stage"] == "backordered"
    await shop.check_books()


async def test_a_preorder_is_promised_from_its_release_on_and_given_out_then(shop: Shop) -> None:
    await shop.stock_up(GAME_HAM=3)
    release = datetime(2035, 12, 5, 8, tzinfo=UTC)
    await shop.do("policies.set", name="preorder_until", value=release.isoformat(), sku="GAME")
    name = await buy(shop, ("GAME", 4, DECEMBER_3), ("GAME", 3, DECEMBER_9))
    outcomes = await shop.batch("orders.place", *(shop.order({"GAME": 5}) for _ in range(3)))
    assert [each.get("name") or each["sourcing"] for each in outcomes] == ["preorder", "preorder", "insufficient_stock"]
    told = [datetime.fromisoformat(each["promises"][0]["promised_at"]) for each in outcomes[:2]]
    assert told == [release, datetime.fromisoformat(DECEMBER_9)]
    await shop.do("purchase-orders.receive", purchase_order=name, lines=[{"line": 1, "quantity": 4}])
    await work(shop)
    assert await shop.units(outcomes[0]["number"]) == {"backordered": 5}  # it is there, and kept until its release
    await shop.do("policies.set", name="preorder_until", value="2020-01-01T00:00:00Z", sku="GAME")
    await work(shop)
    assert await shop.units(outcomes[0]["number"]) == {"allocated": 5}
    assert await shop.units(outcomes[1]["number"]) == {"allocated": 2, "backordered": 3}
    await shop.check_books()


async def test_the_worker_gives_out_what_was_sold_ahead_when_its_time_has_come(shop: Shop) -> None:
    await shop.stock_up(GAME_HAM=3)
    soon = datetime.now(UTC) + timedelta(seconds=2)
    await shop.do("policies.set", name="preorder_until", value=soon.isoformat(), sku="GAME")
    order = await shop.do("orders.place", **shop.order({"GAME": 2}))
    await work(shop)
    assert await shop.units(order["number"]) == {"backordered": 2}
    worker = Worker(shop.database, Files(Path("/nowhere"), shop.database))
    await worker.read_feeds()
    await asyncio.sleep(max(0.0, (soon - datetime.now(UTC)).total_seconds()))
    await worker.sweep()
    assert await shop.units(order["number"]) == {"allocated": 2}
    await shop.check_books()


async def test_what_people_are_shown(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=0)
    await shop.do("policies.set", name="may_backorder", value=True)
    name = await buy(shop, ("MUG", 100, DECEMBER_9), reference="B-1")
    await buy(shop, ("MUG", 5, DECEMBER_9))
    await shop.do("purchase-orders.cancel", purchase_order=name, reason="less", lines=[{"line": 1, "quantity": 20}])
    await shop.do("asns.announce", purchase_order=name, reference="S-1", due_at=DECEMBER_3,
                  lines=[{"line": 1, "quantity": 30}])  # fmt: skip
    orders = [await shop.do("orders.place", **shop.order({"MUG": 20}), priority=rank) for rank in (0, 1, 0)]
    async with shop.database.read(shop.merchant_id) as tx:
        view = await inbound.purchase_order(tx, inbound.PurchaseOrderQuery(name))
        told = await stories.purchase_order_story(tx, stories.PurchaseOrderStoryQuery(purchase_order=name, limit=2))
        page = await inbound.purchase_orders(tx, inbound.PurchaseOrdersQuery(status="expected", sku="MUG", limit=1))
        waiting = await inbound.backorders(tx, inbound.BackordersQuery(sku="MUG", limit=2))
        rest = await inbound.backorders(tx, inbound.BackordersQuery(sku="MUG", after=waiting.next))
        detail = await order.order(tx, orders[0]["number"])
        with pytest.raises(NotFound):
            await inbound.purchase_order(tx, inbound.PurchaseOrderQuery("PO1"))
        with pytest.raises(NotFound):
            await inbound.purchase_order(tx, inbound.PurchaseOrderQuery("nonsense"))
    assert [entry.event.kind for entry in told.items] == ["asn_announced", "purchase_order_cancelled"] and told.next
    (line,) = view.lines
    assert (view.status, line.ordered, line.cancelled, line.expected) == ("placed", 100, 20, 80)
    assert [(each.line, each.asn, each.expected) for each in line.schedule] == [(2, f"{name}-A1", 30), (1, None, 50)]
    assert len(page.items) == 1 and page.next
    assert [each.order for each in (*waiting.items, *rest.items)] == [orders[n]["number"] for n in (1, 0, 2)]
    assert [when(each.promised_at) for each in (*waiting.items, *rest.items)] == ["3 Dec", "3 Dec", "9 Dec"]
    assert detail.lines[0].promised_at is not None


async def test_lots_and_serials_are_named_when_they_come(shop: Shop) -> None:
    await shop.batch("products.save", {"sku": "MILK", "name": "Milk", "tracking": "lot"},
                     {"sku": "PHONE", "name": "Phone", "tracking": "serial"})  # fmt: skip
    await buy(shop, ("MILK", 10, DECEMBER_3), ("PHONE", 2, DECEMBER_3))
    (row,) = await shop.fetch("SELECT id FROM purchase_order WHERE merchant_id = $1")
    receive = {"purchase_order": str(row["id"])}
    refusals = [
        await shop.refusal("purchase-orders.receive", **receive, lines=[line])
        for line in (
            {"line": 1, "quantity": 5},
            {"line": 2, "quantity": 2, "serials": ["P1"]},
            {"line": 2, "quantity": 2, "serials": ["P1", "P1"]},
            {"line": 3, "quantity": 2},
        )
    ]
    assert [each["name"] for each in refusals] == ["lot_required", "serials_required", "serial_twice", "unknown_line"]
    await shop.do("purchase-orders.receive", **receive, lines=[
        {"line": 1, "quantity": 4, "damaged": 1, "lot": "L1", "expires_on": "2036-01-01"},
        {"line": 2, "quantity": 1, "damaged": 1, "serials": ["P1"], "damaged_serials": ["P2"]},
    ])  # fmt: skip
    again = await shop.refusal("purchase-orders.receive", **receive, lines=[
        {"line": 1, "quantity": 1, "lot": "L1", "expires_on": "2037-01-01"}])  # fmt: skip
    assert again["name"] == "other_expiry"
    await shop.check_books()


async def test_bins_say_where_units_lie_and_change_no_promise(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    await shop.batch("bins.save", {"location": "HAM", "code": "FAR", "sequence": 9}, {"location": "HAM", "code": "NEAR", "sequence": 1},
                     {"location": "HAM", "code": "OLD", "active": False})  # fmt: skip
    put = {"sku": "MUG", "location": "HAM"}
    told = await shop.do("stock.put-away", **put, bin="NEAR", quantity=6)
    assert (told["quantity"], told["on_floor"]) == (6, 4)
    refusals = [
        (await shop.refusal("stock.put-away", **put, **more))["name"]
        for more in (
            {"bin": "NONE", "quantity": 1}, {"bin": "OLD", "quantity": 1}, {"bin": "FAR", "quantity": 5},
            {"bin": "FAR", "from_bin": "NEAR", "quantity": 7}, {"bin": "FAR", "from_bin": "FAR", "quantity": 1},
        )
    ]  # fmt: skip
    assert refusals == ["unknown_bin", "inactive_bin", "not_in_bin", "not_in_bin", "same_bin"]
    await shop.do("stock.put-away", **put, bin="FAR", from_bin="NEAR", quantity=3)
    number = await shop.place({"MUG": 8})
    (released,) = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    await shop.do("fulfillment-orders.pick", fulfillment_order=released)
    async with shop.database.read(shop.merchant_id) as tx:
        page = await inbound.in_bins(tx, inbound.BinsQuery(location="HAM", sku="MUG"))
    assert [(each.bin, each.quantity) for each in page.items] == [("FAR", 2)]  # 4 from the floor, 3 near, 1 far
    await shop.do("stock.adjust", **put, quantity=1, kind="lost", reason="gone")
    await shop.check_books()


async def test_purchases_by_date_stand_once_each_where_their_next_units_are_due(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=0)
    late = await buy(shop, ("MUG", 1, DECEMBER_9))
    both = await buy(shop, ("MUG", 1, DECEMBER_9), ("MUG", 2, DECEMBER_3), ("MUG", 3, DECEMBER_3))
    come = await buy(shop, ("MUG", 4, DECEMBER_3))
    await shop.do("purchase-orders.receive", purchase_order=come, lines=[{"line": 1, "quantity": 4}])
    soon = await buy(shop, ("MUG", 5, DECEMBER_3))
    seen, after = [], None
    while True:
        async with shop.database.read(shop.merchant_id) as tx:
            query = inbound.PurchaseOrdersQuery(sort="due", limit=1, after=after)
            page = await inbound.purchase_orders(tx, query)
        seen += [each.purchase_order for each in page.items]
        if not (after := page.next):
            break
    assert seen == [both, soon, late]
