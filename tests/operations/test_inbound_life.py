"""From the purchase order to whoever waits for it: what was promised, what came, who got it, who was told another date."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lading.entrypoints.files import Files
from lading.entrypoints.worker.main import Worker
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
