"""Cancel against ship: the parcel leaves with all that is in it, or it is taken apart; never both."""

from __future__ import annotations

import asyncio

import pytest

from tests.races.shop import order
from tests.races.test_races import two_processes


@pytest.mark.parametrize("round_", range(6))
async def test_a_parcel_leaves_or_is_taken_apart(shared_dsn: str, round_: int) -> None:
    async with two_processes(shared_dsn) as (one, other):
        await one.stock_up(90)
        placed = await one.do("orders.place", *(order(("A", 2), ("B", 1)) for _ in range(20)))
        names = [each["number"] for each in placed]
        await one.do("orders.release", *({"order": name} for name in names))
        works = [{"fulfillment_order": f"{name}-F1"} for name in names]
        await one.do("fulfillment-orders.pick", *works)
        await one.do("parcels.pack", *works)

        async def ship(name: str) -> bool:
            (answer,) = await one.answers("parcels.ship", [{"parcel": f"{name}-P1", "carrier": "DHL"}])
            return answer.accepted

        async def cancel(name: str) -> bool:
            lines = [{"line": 1, "quantity": 1}]
            fields = {"order": name, "reason": "late", "lines": lines, "unpack": True}
            (answer,) = await other.answers("lines.cancel", [fields])
            return answer.accepted

        for name in names:
            await asyncio.sleep(0.001 * round_ / 5)
            shipped, cancelled = await asyncio.gather(ship(name), cancel(name))
            assert shipped != cancelled, name
        rows = await one.fetch("SELECT in_transit, picked, cancelled FROM orders WHERE merchant_id = $1")
        assert {tuple(row) for row in rows} <= {(3, 0, 0), (0, 2, 1)}
        assert await one.audit() == []


async def test_of_two_who_edit_the_same_version_one_is_told_so(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as (one, other):
        await one.stock_up(90)
        placed = await one.do("orders.place", *(order(("A", 3)) for _ in range(20)))
        for each in placed:
            fields = {"order": each["number"], "reason": "wish", "expected_version": 1}
            changes = [{"quantities": [{"line": 1, "quantity": 2}]}, {"quantities": [{"line": 1, "quantity": 5}]}]
            answers = await asyncio.gather(
                *(
                    shop.answers("orders.edit", [fields | change])
                    for shop, change in zip((one, other), changes, strict=True)
                )
            )
            assert sorted(answer.accepted for (answer,) in answers) == [False, True]
        assert await one.audit() == []


async def test_edits_of_many_take_what_is_there_and_no_more(shared_dsn: str) -> None:
    """Twenty orders at once want one more of a product of which eight are left."""
    async with two_processes(shared_dsn) as (one, other):
        await one.stock_up(30)
        await one.do("products.save", {"sku": "RARE", "name": "Rare"})
        await one.do("stock.receive", {"sku": "RARE", "location": "HAM", "quantity": 8, "reason": "opening"})
        placed = await one.do("orders.place", *(order(("A", 1)) for _ in range(20)))
        new = [{"sku": "RARE", "quantity": 1, "unit_price": {"amount": "5.00", "currency": "EUR"}}]
        answers = await asyncio.gather(
            *(
                (one, other)[index % 2].answers("orders.edit", [{"order": each["number"], "reason": "w", "add": new}])
                for index, each in enumerate(placed)
            )
        )
        assert sum(answer.accepted for (answer,) in answers) == 8
        assert await one.audit() == []
