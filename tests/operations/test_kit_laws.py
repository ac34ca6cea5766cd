"""Orders over kits, random but reproducible: a batch comes to what its commands come to one by one, and the books stay right."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from lading.orders import store as orders
from tests.operations.test_place_laws import BALANCES, bare
from tests.races.shop import Payload, Shop, money, open_shop, order

SKUS = ("A", "B", "C", "DUO", "TRIO", "BOX")


async def stock_kits(shop: Shop) -> None:
    """Three products at two locations; a kit of two, one of three of the same, and one that is made ahead."""
    await shop.stock_up(14)
    await shop.do("products.save", *({"sku": sku, "name": sku} for sku in SKUS[3:]))
    await shop.do(
        "kits.save",
        {
            "sku": "DUO",
            "components": [{"sku": "A", "list_price": "3.00"}, {"sku": "B", "per_kit": 2, "list_price": "1"}],
        },
        {"sku": "TRIO", "components": [{"sku": "A", "per_kit": 3}]},
        {"sku": "BOX", "components": [{"sku": "B"}, {"sku": "C"}], "stocked": True},
    )
    await shop.do("policies.set", {"name": "assemble_when_short", "value": True, "sku": "BOX"})
    await shop.do("policies.set", {"name": "may_backorder", "value": True, "sku": "TRIO"})


def batches(seed: int) -> list[tuple[str, list[Payload]]]:
    """Batches of commands; some name what is not there."""
    dice = random.Random(seed)
    placed: list[tuple[str, list[Payload]]] = []
    number = 1000
    for _ in range(12):
        some = [
            order(
                *{dice.choice(SKUS): dice.randint(1, 3) for _ in range(dice.randint(1, 3))}.items(),
                price=f"{dice.randint(0, 30)}.{dice.randint(0, 99):02d}",
                charges=[{"kind": "shipping", "code": "s", "amount": money("4.90")}] if dice.random() < 0.5 else [],
            )
            for _ in range(dice.randint(1, 4))
        ]
        placed.append(("orders.place", some))
        number += len(some)
        known = [str(dice.randint(1001, number)) for _ in range(2)]
        lines = [{"line": dice.randint(1, 5), "quantity": dice.randint(1, 3)}]
        placed.append(
            ("lines.cancel", [{"order": known[0], "reason": "x", "lines": lines if dice.random() < 0.7 else []}])
        )
        opened = [
            {"sku": "BOX", "location": dice.choice(("HAM", "BER")), "quantity": dice.randint(1, 2)} for _ in range(2)
        ]
        placed.append(("work-orders.open", opened))
        number += len(opened)
        placed.append(("work-orders.complete", [{"work_order": f"W{dice.randint(1001, number)}"} for _ in range(3)]))
        placed.append(("stock.receive", [{"sku": dice.choice("ABC"), "location": "HAM", "quantity": 2, "reason": "p"}]))
        placed.append(("orders.source", [{"order": known[1]}]))
    return placed


@pytest.mark.parametrize("seed", range(4))
async def test_a_batch_over_kits_equals_its_commands_one_by_one(seed: int, shared_dsn: str) -> None:
    accepted = refused = 0
    async with open_shop(shared_dsn) as whole, open_shop(shared_dsn) as single:
        for shop in (whole, single):
            await stock_kits(shop)
        for verb, payloads in batches(seed):
            together = await whole.answers(verb, payloads)
            alone = [(await single.answers(verb, [payload]))[0] for payload in payloads]
            assert not any(answer.failed for answer in together), verb
            assert [told(answer.body) for answer in together] == [told(answer.body) for answer in alone], verb
            accepted += sum(answer.accepted for answer in together)
            refused += sum(not answer.accepted for answer in together)
        for statement in BALANCES.values():
            assert await whole.fetch(statement) == await single.fetch(statement)
        assert await whole.audit() == [] == await single.audit()
        await sums_leave_kits_out(whole)
    assert accepted > 20 < refused, "both shall happen"


def told(body: bytes) -> dict[str, Any]:
    """An outcome without ids."""
    return {name: value for name, value in bare(body).items() if name != "id"}


async def sums_leave_kits_out(shop: Shop) -> None:
    """What rules see of an order is what its row says: kits are counted by their parts."""
    rows = {row["number"]: row for row in await shop.fetch("SELECT * FROM orders WHERE merchant_id = $1")}
    async with shop.database.read(shop.merchant_id) as tx:
        loaded = await orders.load(tx, map(str, rows), lock=False)
    assert rows
    for number, row in rows.items():
        known = loaded.find(str(number))
        assert known is not None
        sums = known.sums()
        assert {name: row[name] for name in sums} == sums
        kits = [line for line in known.lines.values() if line.is_kit]
        assert msgspec.to_builtins([line.goods_minor for line in kits]) == [0] * len(kits)
