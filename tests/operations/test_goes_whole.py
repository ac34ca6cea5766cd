"""Orders and lines that go out whole, and who is served first."""

from __future__ import annotations

from typing import Any

from tests.operations.conftest import Shop


async def may_wait(shop: Shop) -> None:
    await shop.allow_backorders()


async def whole(shop: Shop, wanted: dict[str, int], **fields: Any) -> dict[str, Any]:
    return await shop.do("orders.place", **shop.order(wanted, **fields))


async def line_units(shop: Shop, number: str) -> dict[int, dict[str, int]]:
    rows = await shop.fetch(
        "SELECT l.number, l.open, l.backordered, l.allocated, l.released FROM order_line AS l JOIN orders AS o ON o.id = l.order_id"
        " WHERE o.merchant_id = $1 AND o.number = $2 AND NOT l.is_kit ORDER BY 1",
        int(number),
    )
    return {row["number"]: {name: row[name] for name in row if name != "number" and row[name]} for row in rows}


async def test_an_order_that_goes_whole_takes_nothing_before_all_is_there(shop: Shop) -> None:
    """Two orders that each want what the other one could take do not wait for each other for ever."""
    await may_wait(shop)
    await shop.stock_up(MUG_HAM=3, CAP_HAM=1)
    placed = await whole(shop, {"MUG": 3, "CAP": 2}, ship_complete=True)
    number = placed["number"]
    assert (placed["sourcing"], placed["stage"]) == ("ship_complete", "backordered")
    assert await line_units(shop, number) == {1: {"open": 3}, 2: {"open": 1, "backordered": 1}}
    other = await shop.place({"MUG": 3})
    assert await shop.units(other) == {"allocated": 3}
    await shop.do("lines.cancel", order=other, reason="x")
    await shop.check_books()
    again = await shop.do("orders.source", order=number)
    assert (again["allocated"], again["missing"]) == (0, 5)
    await shop.stock_up(CAP_HAM=1)
    done = await shop.do("orders.source", order=number)
    assert (done["allocated"], done["stage"]) == (5, "to_release")
    await shop.do("orders.release", order=number)
    await shop.check_books()


async def test_it_may_come_from_several_places(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=3, CAP_MUC=2)
    placed = await whole(shop, {"MUG": 3, "CAP": 2}, ship_complete=True)
    assert (placed["sourcing"], placed["stage"]) == ("two_locations", "to_release")


async def test_a_line_that_goes_whole_leaves_the_others_alone(shop: Shop) -> None:
    await may_wait(shop)
    await shop.stock_up(MUG_HAM=3, CAP_HAM=1)
    order = shop.order({"MUG": 3, "CAP": 2})
    order["lines"][1]["ship_complete"] = True
    placed = await shop.do("orders.place", **order)
    number = placed["number"]
    assert await line_units(shop, number) == {1: {"allocated": 3}, 2: {"open": 1, "backordered": 1}}
    await shop.do("orders.release", order=number)
    assert (await line_units(shop, number))[1] == {"released": 3}
    await shop.check_books()


async def test_what_was_found_before_it_went_whole_is_not_released(shop: Shop) -> None:
    """A line, then an order, is told to go whole when a part of it is allocated."""
    await may_wait(shop)
    await shop.stock_up(MUG_HAM=2, CAP_HAM=1)
    number = await shop.place({"MUG": 3, "CAP": 1})
    await shop.do("orders.edit", order=number, reason="x", complete_lines=[1])
    await shop.do("orders.release", order=number)
    assert await line_units(shop, number) == {1: {"backordered": 1, "allocated": 2}, 2: {"released": 1}}
    assert (await shop.refusal("orders.release", order=number))["name"] == "ship_complete"
    await shop.do("orders.edit", order=number, reason="x", complete_lines=[], ship_complete=True)
    assert (await shop.refusal("orders.release", order=number))["facts"]["waiting"] == 1
    await shop.stock_up(MUG_HAM=1)
    await shop.do("orders.source", order=number)
    await shop.do("orders.hold", order=number, lines=[1], stops=["release"])
    assert (await shop.refusal("orders.release", order=number))["name"] == "ship_complete"
    await shop.do("holds.release", order=number)
    await shop.do("orders.release", order=number)
    assert await shop.units(number) == {"released": 4}
    await shop.check_books()


async def test_a_kit_that_goes_whole_takes_all_of_its_parts_or_none(shop: Shop) -> None:
    await may_wait(shop)
    await shop.stock_up(MUG_HAM=4, CAP_HAM=1, SET_HAM=0, BAG_HAM=1)
    await shop.do("kits.save", sku="SET", components=[{"sku": "MUG"}, {"sku": "CAP"}])
    await shop.do("policies.set", name="kits_in_parts", value=True)
    order = shop.order({"SET": 2, "BAG": 1})
    order["lines"][0]["ship_complete"] = True
    number = (await shop.do("orders.place", **order))["number"]
    assert await line_units(shop, number) == {2: {"allocated": 1}, 3: {"open": 2}, 4: {"open": 1, "backordered": 1}}
    await shop.check_books()


async def test_an_order_that_waits_is_served_first_from_now_on(shop: Shop) -> None:
    """Its place in the backlog moves, with what the same edit adds and takes away; what locations have of it is picked first."""
    await may_wait(shop)
    await shop.stock_up(MUG_HAM=1, CAP_HAM=2)
    first, second = [await shop.place({"MUG": 2, "CAP": 1}) for _ in range(2)]
    await shop.do("orders.release", order=second)
    mug = [{"sku": "MUG", "quantity": 3, "unit_price": {"amount": "1.00", "currency": "EUR"}}]
    await shop.do("orders.edit", order=second, reason="x", priority=9, add=mug, quantities=[{"line": 1, "quantity": 1}])
    waiting = await shop.fetch(
        "SELECT priority, waiting FROM backlog WHERE merchant_id = $1 AND waiting > 0 ORDER BY 1"
    )
    assert waiting == [{"priority": 0, "waiting": 1}, {"priority": 9, "waiting": 4}]
    rows = await shop.fetch("SELECT priority FROM fulfillment_order WHERE merchant_id = $1")
    assert rows == [{"priority": 9}]
    await shop.check_books()
    twice = [{"order": second, "reason": "x", "priority": 3}, {"order": second, "reason": "x", "add": mug},
             {"order": second, "reason": "x", "priority": 4}]  # fmt: skip
    await shop.batch("orders.edit", *twice)
    await shop.check_books()
    assert first
