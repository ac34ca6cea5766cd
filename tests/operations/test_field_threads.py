"""Threads about oversell that meet several systems alike: each by its number in the list of the field."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from lading.database.pool import Database
from tests.operations.conftest import Shop


async def at_once(shop: Shop, *commands: tuple[str, dict[str, Any]]) -> list[bool]:
    """Each command from a process of its own (connections, executor), all at the same moment; who was accepted."""
    processes = [await Database.connect(shop.database.dsn, writers=1, readers=1) for _ in commands]
    try:
        shops = [Shop(each, shop.merchant_id) for each in processes]
        answers = await asyncio.gather(
            *(
                each.run(verb, [each.envelope(verb, fields)])
                for each, (verb, fields) in zip(shops, commands, strict=True)
            )
        )
    finally:
        for each in processes:
            await each.close()
    assert not any(answer.failed for (answer,) in answers)
    for (answer,) in answers:
        if not answer.accepted:
            assert msgspec.json.decode(answer.body)["name"] == "insufficient_stock"
    return [answer.accepted for (answer,) in answers]


async def shelf(shop: Shop) -> tuple[int, int]:
    (row,) = await shop.fetch("SELECT available, allocated FROM stock WHERE merchant_id = $1")
    return row["available"], row["allocated"]


async def test_field_14_two_buyers_press_the_button_for_the_last_unit(shop: Shop) -> None:
    """magento/inventory#2722: two buyers of the only unit order at the same moment and both succeed; the quantity is below zero."""
    await shop.stock_up(MUG_HAM=1)
    got = await at_once(shop, *[("orders.place", shop.order({"MUG": 1}))] * 2)
    assert sorted(got) == [False, True]
    assert await shelf(shop) == (0, 1)
    assert (await shop.refusal("orders.place", **shop.order({"MUG": 1})))["name"] == "insufficient_stock"
    await shop.check_books()


async def test_field_14_one_takes_the_last_twelve_while_another_wants_two(shop: Shop) -> None:
    """woocommerce#44273: of two simultaneous orders one takes the stock from 12 to 0 and the other from 0 to -2, backorders forbidden."""
    await shop.stock_up(MUG_HAM=12)
    orders = [("orders.place", shop.order({"MUG": units})) for units in (12, 2)]
    got = await at_once(shop, *orders)
    assert sum(got) == 1
    assert await shelf(shop) == ((0, 12) if got[0] else (10, 2))
    await shop.check_books()


async def test_field_14_no_change_of_a_quantity_is_lost_beside_another(shop: Shop) -> None:
    """nopCommerce#8085: the quantity is read, changed and written back: of 100, orders for 5 and 3 at once leave 97 and not 92."""
    await shop.stock_up(MUG_HAM=100)
    here = {"sku": "MUG", "location": "HAM", "reason": "x"}
    commands: list[tuple[str, dict[str, Any]]] = [
        *[("orders.place", shop.order({"MUG": units})) for units in (5, 3)] * 4,
        *[("stock.receive", {**here, "quantity": units}) for units in (7, 11)],
        *[("stock.adjust", {**here, "quantity": units, "kind": "lost"}) for units in (2, 13)],
    ]
    assert all(await at_once(shop, *commands))
    assert await shelf(shop) == (100 - 4 * 8 + 18 - 15, 32)
    await shop.check_books()
