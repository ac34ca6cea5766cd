"""A batch runs the same statements for one command and for a thousand, whatever the verb; `batches` builds what is run."""

from __future__ import annotations

from typing import Any

import pytest

from lading.database import pool
from lading.database.pool import Transaction
from lading.operations.registry import verbs
from tests.operations.batches.building import BUILDERS, CHAINS, Chain, read_all
from tests.races.shop import open_shop

read_all()


class Counted(Transaction):
    """Remembers the names of the statements of each transaction."""

    seen: list[Counted] = []  # noqa: RUF012

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.names: list[str] = []
        Counted.seen.append(self)

    async def fetch(self, sql: str, *arguments: Any) -> Any:
        self.names.append(named(sql))
        return await super().fetch(sql, *arguments)

    async def fetchrow(self, sql: str, *arguments: Any) -> Any:
        self.names.append(named(sql))
        return await super().fetchrow(sql, *arguments)

    async def fetchval(self, sql: str, *arguments: Any) -> Any:
        self.names.append(named(sql))
        return await super().fetchval(sql, *arguments)

    async def execute(self, sql: str, *arguments: Any) -> int:
        self.names.append(named(sql))
        return await super().execute(sql, *arguments)


def named(statement: str) -> str:
    """The name of a statement of queries.sql."""
    return statement.partition("\n")[0].removeprefix("-- ")


async def statements(dsn: str, verb: str, count: int) -> list[str]:
    """The statements of one undisturbed batch; drawing order numbers ahead is a transaction of its own."""
    async with open_shop(dsn) as shop:
        await shop.stock_up(1_000_000)
        payloads = await BUILDERS[verb].builder(shop, count)
        Counted.seen.clear()
        await shop.do(verb, *payloads)
        batches = [tx.names for tx in Counted.seen if tx.names != ["draw_order_numbers"]]
    assert len(batches) == 1, batches
    return batches[0]


async def chained(dsn: str, chain: Chain, count: int) -> dict[str, list[str]]:
    """The statements of each verb's batch."""
    found: dict[str, list[str]] = {}
    async with open_shop(dsn) as shop:
        await shop.stock_up(1_000_000)
        documents = await chain.begin(shop, count)
        for verb, payloads in chain.steps:
            Counted.seen.clear()
            await shop.do(verb, *payloads(documents))
            (found[verb],) = [tx.names for tx in Counted.seen]
    return found


@pytest.mark.parametrize("name", CHAINS)
async def test_a_chain_of_verbs_takes_as_many_statements_for_many_orders_as_for_one(
    name: str, shared_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "Transaction", Counted)
    assert await chained(shared_dsn, CHAINS[name], 200) == await chained(shared_dsn, CHAINS[name], 1)


@pytest.mark.parametrize("verb", sorted(BUILDERS))
async def test_many_commands_take_as_many_statements_as_one(
    verb: str, shared_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "Transaction", Counted)
    one = await statements(shared_dsn, verb, 1)
    many = await statements(shared_dsn, verb, BUILDERS[verb].many)
    assert many == one
    print(f"{verb}: {len(one)} statements: {', '.join(one)}")


def test_every_verb_is_counted() -> None:
    counted = {*BUILDERS, *(verb for chain in CHAINS.values() for verb, _ in chain.steps)}
    assert counted == set(verbs())
