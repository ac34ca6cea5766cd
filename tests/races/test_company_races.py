"""What a company may owe is a locked row: whoever orders, pays or cancels at once, its limit holds and its sum is right."""

from __future__ import annotations

import asyncio

from tests.races.shop import Shop, money, order
from tests.races.test_races import two_processes


async def test_of_many_orders_of_a_company_at_once_as_many_go_as_it_may_owe(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as (one, other):
        await one.stock_up(50)
        await one.do("companies.save", {"code": "N", "name": "Nord", "credit_limits": [money("35.00")]})
        bought = order(("A", 1), price="10.00", company="N")
        placed = await asyncio.gather(
            *((one, other)[index % 2].do("orders.place", bought) for index in range(24))
        )  # fmt: skip
        assert sum(not outcome["holds"] for (outcome,) in placed) == 3
        assert await one.audit() == []


async def test_the_first_orders_in_a_new_currency_make_its_row_once(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as (one, other):
        await one.stock_up(50)
        await one.do("companies.save", {"code": "N", "name": "Nord"})
        bought = order(("A", 1), price="10.00", company="N")
        await asyncio.gather(*((one, other)[index % 2].do("orders.place", bought) for index in range(12)))
        rows = await one.fetch("SELECT exposure_minor FROM company_credit WHERE merchant_id = $1")
        assert [row[0] for row in rows] == [12_000]
        assert await one.audit() == []


async def test_orders_payments_and_cancellations_of_one_company_meet(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as (one, other):
        await one.stock_up(200)
        await one.do("companies.save", {"code": "N", "name": "Nord", "credit_limits": [money("500.00")]})
        bought = order(("A", 1), ("B", 1), price="10.00", company="N")
        numbers = [each["number"] for each in await one.do("orders.place", *[bought] * 12)]

        async def change(shop: Shop, number: str, index: int) -> None:
            if index % 3 == 0:
                await shop.do("lines.cancel", {"order": number, "reason": "late"})
            elif index % 3 == 1:
                await shop.do("payments.record", {"order": number, "amount": money("5.00"), "kind": "bank_transfer"})
            else:
                await shop.do("orders.hold", {"order": number, "kind": "call"})

        await asyncio.gather(
            *(change((one, other)[index % 2], number, index) for index, number in enumerate(numbers)),
            *((other, one)[index % 2].do("orders.place", bought) for index in range(8)),
        )
        assert await one.audit() == []


async def test_a_purchase_order_number_that_must_be_unique_is_taken_once(shared_dsn: str) -> None:
    async with two_processes(shared_dsn) as (one, other):
        await one.stock_up(50)
        await one.do("companies.save", {"code": "N", "name": "Nord"})
        bought = order(("A", 1), company="N", purchase_order="PO 1")
        answers = await asyncio.gather(
            *((one, other)[index % 2].answers("orders.place", [bought]) for index in range(8))
        )
        assert sorted(answer.accepted for (answer,) in answers) == [False] * 7 + [True]
        assert all(b"purchase_order_taken" in answer.body for (answer,) in answers if not answer.accepted)
        assert await one.audit() == []
