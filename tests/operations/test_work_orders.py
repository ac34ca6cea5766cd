"""Work orders: kits made to stock from their components, and taken apart again."""

from __future__ import annotations

import asyncio
from typing import Any

from lading.views.kits import KitQuery as OneKit
from lading.views.kits import KitsQuery, WorkOrderQuery, WorkOrdersQuery, kit, kits, work_order, work_orders
from tests.operations.conftest import Shop


async def workshop(shop: Shop, **units: int) -> None:
    """A gift box of a pot and four cups, which is made ahead."""
    await shop.stock_up(**units, BOX_HAM=0)
    components = [{"sku": "POT", "list_price": "30.00"}, {"sku": "CUP", "per_kit": 4, "list_price": "5.50"}]
    await shop.do("kits.save", sku="BOX", components=components, stocked=True)


async def stock(shop: Shop, location: str = "HAM") -> dict[str, dict[str, int]]:
    """Buckets above zero by product."""
    rows = await shop.fetch(
        "SELECT k.code, s.* FROM stock AS s JOIN sku AS k ON k.merchant_id = $1 AND k.id = s.sku_id"
        " JOIN location AS l ON l.merchant_id = $1 AND l.id = s.location_id WHERE s.merchant_id = $1 AND l.code = $2",
        location,
    )
    buckets = ("available", "reserved", "allocated", "picked", "packed")
    return {row["code"]: {name: row[name] for name in buckets if row[name]} for row in rows}


async def test_kits_are_made_in_parts_and_the_rest_is_cancelled(shop: Shop) -> None:
    await workshop(shop, POT_HAM=5, CUP_HAM=20)
    opened = await shop.do("work-orders.open", sku="BOX", location="HAM", quantity=4, reference="KW-7")
    name = opened["work_order"]
    assert (name[0], opened["status"], opened["quantity"]) == ("W", "open", 4)
    assert await stock(shop) == {
        "POT": {"available": 1, "allocated": 4}, "CUP": {"available": 4, "allocated": 16},
    }  # fmt: skip
    await shop.check_books()

    made = await shop.do("work-orders.complete", work_order=name, quantity=3)
    assert (made["status"], made["completed"]) == ("started", 3)
    assert await stock(shop) == {
        "POT": {"available": 1, "allocated": 1}, "CUP": {"available": 4, "allocated": 4}, "BOX": {"available": 3},
    }  # fmt: skip
    assert (await shop.refusal("work-orders.complete", work_order=name, quantity=2))["name"] == "too_many"
    rest = await shop.do("work-orders.cancel", work_order=name, reason="no_demand")
    assert (rest["status"], rest["cancelled"]) == ("completed", 1)
    assert (await stock(shop))["CUP"] == {"available": 8}
    assert (await shop.refusal("work-orders.complete", work_order=name))["name"] == "nothing_left"
    await shop.check_books()

    await shop.place({"BOX": 2})
    assert (await stock(shop))["BOX"] == {"available": 1, "allocated": 2}
    async with shop.database.read(shop.merchant_id) as tx:
        page = await work_orders(tx, WorkOrdersQuery(location="HAM"))
        assert [each.work_order for each in page.items] == [name]
        assert (await work_orders(tx, WorkOrdersQuery(status="waiting"))).items == []
        assert [line.done for line in (await work_order(tx, WorkOrderQuery(name))).lines] == [3, 12, 3]
        assert (await kit(tx, OneKit("BOX"))).components[1].list_price == "5.5"
        assert [each.sku for each in (await kits(tx, KitsQuery(component="CUP"))).items] == ["BOX"]
    await shop.check_books()


async def test_what_is_taken_apart_is_its_components_again(shop: Shop) -> None:
    await workshop(shop, POT_HAM=1, CUP_HAM=4)
    name = (await shop.do("work-orders.open", sku="BOX", location="HAM", quantity=1))["work_order"]
    await shop.do("work-orders.complete", work_order=name)
    back = await shop.do("work-orders.open", sku="BOX", location="HAM", quantity=1, kind="disassemble")
    assert (await stock(shop))["BOX"] == {"allocated": 1}
    await shop.do("work-orders.complete", work_order=back["work_order"])
    assert await stock(shop) == {"POT": {"available": 1}, "CUP": {"available": 4}, "BOX": {}}
    await shop.check_books()


async def test_a_work_order_is_refused_where_something_is_missing(shop: Shop) -> None:
    await workshop(shop, POT_HAM=5, CUP_HAM=7, CUP_MUC=9)
    short = await shop.refusal("work-orders.open", sku="BOX", location="HAM", quantity=2)
    assert (short["name"], short["message"]) == (
        "insufficient_stock", "1 of 8 CUP is missing in HAM: receive or move it first.",
    )  # fmt: skip
    assert (await shop.refusal("work-orders.open", sku="POT", location="HAM", quantity=1))["name"] == "not_a_kit"
    await shop.do("kits.save", sku="BOX", components=[{"sku": "POT"}])
    assert (await shop.refusal("work-orders.open", sku="BOX", location="HAM", quantity=1))["name"] == "not_stocked"
    assert (await shop.refusal("work-orders.cancel", work_order="W1", reason="x"))["name"] == "unknown_work_order"
    assert await stock(shop) == {"POT": {"available": 5}, "CUP": {"available": 7}}


async def test_a_reference_is_taken_once_and_the_last_units_too(shop: Shop) -> None:
    await workshop(shop, POT_HAM=9, CUP_HAM=4)
    wanted = {"sku": "BOX", "location": "HAM", "quantity": 1}
    outcomes = await shop.batch("work-orders.open", {**wanted, "reference": "A"}, {**wanted, "reference": "A"}, wanted)
    assert [each.get("name", each.get("status")) for each in outcomes] == [
        "open",
        "reference_taken",
        "insufficient_stock",
    ]
    await shop.check_books()


async def test_orders_and_work_orders_meet_at_the_last_cups(shop: Shop) -> None:
    """Whoever comes first, no cup is promised twice."""
    await workshop(shop, POT_HAM=20, CUP_HAM=40)

    async def many(verb: str, fields: dict[str, Any]) -> int:
        outcomes = [await shop.batch(verb, fields) for _ in range(10)]
        return sum("refused" not in outcome for (outcome,) in outcomes)

    box = {"sku": "BOX", "location": "HAM", "quantity": 1}
    made, sold, more = await asyncio.gather(
        many("work-orders.open", box), many("orders.place", shop.order({"CUP": 4})), many("work-orders.open", box)
    )
    assert made + sold + more == 10
    await shop.check_books()


async def test_a_stocked_kit_is_sold_from_stock_and_put_together_where_that_is_allowed(shop: Shop) -> None:
    await workshop(shop, POT_HAM=3, CUP_HAM=12, BOX_MUC=2)
    await shop.place({"BOX": 2})
    refused = await shop.refusal("orders.place", **shop.order({"BOX": 1}))
    assert refused["name"] == "insufficient_stock"
    await shop.do("policies.set", name="assemble_when_short", value=True, sku="BOX")
    await shop.place({"BOX": 3})
    assert await stock(shop) == {"POT": {"allocated": 3}, "CUP": {"allocated": 12}}
    refused = await shop.refusal("orders.place", **shop.order({"BOX": 1}))
    assert refused["message"].startswith("1 of 1 BOX cannot")
    await shop.check_books()


async def test_a_work_order_takes_the_lots_that_are_named(shop: Shop) -> None:
    await workshop(shop, POT_HAM=5, CUP_HAM=0)
    await shop.do("products.save", sku="CUP", name="Cup", tracking="lot")
    for lot, day in (("OLD", "2990-01-01"), ("NEW", "2991-01-01")):
        received = {"sku": "CUP", "location": "HAM", "quantity": 6, "lot": lot, "expires_on": day, "reason": "purchase"}
        await shop.do("stock.receive", **received)
    one = {"sku": "BOX", "location": "HAM", "quantity": 1}

    async def taken(**lots: object) -> dict[str, int]:
        opened = await shop.do("work-orders.open", **one, **lots)
        async with shop.database.read(shop.merchant_id) as tx:
            lines = (await work_order(tx, WorkOrderQuery(opened["work_order"]))).lines
        return {line.lot: line.planned for line in lines if line.sku == "CUP"}

    assert await taken() == {"OLD": 4}
    new = {"sku": "CUP", "lot": "NEW"}
    assert await taken(lots=[new, new]) == {"NEW": 4}
    assert (await shop.refusal("work-orders.open", **one, lots=[new]))["name"] == "insufficient_stock"
    assert await taken(lots=[new, {"sku": "CUP", "lot": "OLD"}]) == {"NEW": 2, "OLD": 2}
    refusal = await shop.refusal("work-orders.open", **one, lots=[{"sku": "BOX", "lot": "OLD"}])
    assert (refusal["name"], refusal["pointer"]) == ("not_an_input", "/lots/0/sku")
    await shop.check_books()
