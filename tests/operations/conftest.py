"""A small merchant on a fresh database, and its verbs."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
import structlog

from lading.access import store as access
from lading.audit import audit
from lading.database.pool import Database, Transaction
from lading.journal.types import Answer, Envelope
from lading.kernel.ids import new_id
from lading.operations.execute import Executor
from lading.operations.registry import verbs
from lading.terms.ledger import LINE_STAGES, RETURN_STAGES

structlog.configure(processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)])

Fields = Mapping[str, Any]


class Shop:
    """Runs verbs for one merchant, and looks at its tables."""

    def __init__(self, database: Database, merchant_id: int, executor: Executor | None = None) -> None:
        self.database = database
        self.merchant_id = merchant_id
        self.executor = executor or Executor(database)

    @classmethod
    async def open(cls, database: Database, slug: str, executor: Executor | None = None) -> Shop:
        """A new merchant with a channel (web) and three locations (HAM, MUC, LEJ, in this order of priority)."""
        shop = cls(database, await access.create_merchant(database, slug, slug, "Europe/Berlin", "EUR"), executor)
        await shop.do("channels.save", code="web", name="Web")
        locations = (
            {
                "code": code,
                "name": code,
                "kind": "warehouse",
                "country": "DE",
                "time_zone": "Europe/Berlin",
                "priority": rank,
            }
            for rank, code in enumerate(("HAM", "MUC", "LEJ"), 1)
        )
        await shop.batch("locations.save", *locations)
        return shop

    @staticmethod
    def envelope(verb: str, fields: Fields, command_id: uuid.UUID | None = None) -> Envelope[Any]:
        """The command as the API would hand it over."""
        command = msgspec.convert(fields, verbs()[verb].command)
        digest = hashlib.sha256(msgspec.json.encode(fields, order="sorted")).digest()
        return Envelope(command_id or uuid.uuid4(), digest, "key:test", command, new_id(), new_id())

    async def run(self, verb: str, envelopes: Sequence[Envelope[Any]]) -> list[Answer]:
        """One batch."""
        return await self.executor.run(self.merchant_id, verbs()[verb], envelopes)

    async def preview(self, verb: str, envelopes: Sequence[Envelope[Any]]) -> list[dict[str, Any]]:
        """The outcomes that a batch would have."""
        decisions = await self.executor.preview(self.merchant_id, verbs()[verb], envelopes)
        return [msgspec.json.decode(msgspec.json.encode(decision.outcome)) for decision in decisions]

    async def batch(self, verb: str, *commands: Fields) -> list[dict[str, Any]]:
        """One batch; the outcomes as JSON."""
        answers = await self.run(verb, [self.envelope(verb, fields) for fields in commands])
        assert not any(answer.failed for answer in answers), f"{verb} failed: look at the log"
        return [msgspec.json.decode(answer.body) for answer in answers]

    async def do(self, verb: str, **fields: Any) -> dict[str, Any]:
        """One command that is accepted; its outcome."""
        (outcome,) = await self.batch(verb, fields)
        assert "refused" not in outcome, f"{verb}: {outcome['message']}"
        return outcome

    async def refusal(self, verb: str, **fields: Any) -> dict[str, Any]:
        """One command that is refused."""
        (outcome,) = await self.batch(verb, fields)
        assert outcome.get("refused") == "yes", f"{verb} was accepted: {outcome}"
        return outcome

    async def fetch(self, sql: str, *arguments: Any) -> list[dict[str, Any]]:
        """Rows of this merchant; the merchant is $1."""
        async with self.database.read(self.merchant_id) as tx:
            return [dict(row) for row in await tx.fetch(sql, *arguments)]

    async def statements(self, verb: str, *commands: Fields) -> int:
        """How many statements one batch of these runs."""
        counted: list[Transaction] = []
        database, write = self.database, self.database.write

        @asynccontextmanager
        async def counting(merchant_id: int) -> AsyncIterator[Transaction]:
            async with write(merchant_id) as tx:
                counted.append(tx)
                yield tx

        database.write = counting
        try:
            outcomes = await self.batch(verb, *commands)
        finally:
            database.write = write
        assert not any("refused" in outcome for outcome in outcomes), outcomes[0]
        return counted[-1].statements

    async def stock_up(self, **units: int) -> None:
        """Products and what lies of them where: MUG_HAM=5 receives 5 MUG at HAM."""
        pairs = [(*key.split("_"), quantity) for key, quantity in units.items()]
        await self.batch("products.save", *({"sku": sku, "name": sku} for sku in sorted({pair[0] for pair in pairs})))
        received = [
            {"sku": sku, "location": location, "quantity": quantity, "reason": "opening"}
            for sku, location, quantity in pairs
            if quantity
        ]
        if received:
            await self.batch("stock.receive", *received)

    async def place(self, wanted: Mapping[str, int], **fields: Any) -> str:
        """An order over so many units of each product at 10.00; its number."""
        outcome = await self.do("orders.place", **self.order(wanted, **fields))
        return str(outcome["number"])

    async def allow_backorders(self) -> None:
        """The policy may_backorder, for the whole merchant."""
        await self.do("policies.set", name="may_backorder", value=True)

    async def units(self, number: str) -> dict[str, int]:
        """The units of an order by stage, those above zero."""
        (order,) = await self.fetch("SELECT * FROM orders WHERE merchant_id = $1 AND number = $2", int(number))
        return {stage: order[stage] for stage in LINE_STAGES + RETURN_STAGES if order[stage]}

    async def check_books(self) -> None:
        """Every counter and status, rebuilt from the journal, is what the tables say."""
        async with self.database.read(self.merchant_id) as tx:
            assert [difference.sentence for difference in await audit(tx)] == []

    @staticmethod
    def order(wanted: Mapping[str, int], **fields: Any) -> dict[str, Any]:
        """The command that places it."""
        lines = [
            {"sku": sku, "quantity": quantity, "unit_price": {"amount": "10.00", "currency": "EUR"}}
            for sku, quantity in wanted.items()
        ]
        address = {"name": "Ada Meyer", "city": "Hamburg", "country": "DE"}
        return {"channel": "web", "currency": "EUR", "ship_to": address, "lines": lines, **fields}


@pytest.fixture
async def database(database_dsn: str) -> AsyncIterator[Database]:
    """A fresh database without a merchant."""
    database = await Database.connect(database_dsn)
    yield database
    await database.close()


@pytest.fixture(scope="session")
async def shared(shared_dsn: str) -> AsyncIterator[Database]:
    """One database for the merchants of all tests: what one of them does, no other sees."""
    database = await Database.connect(shared_dsn)
    yield database
    await database.close()


@pytest.fixture
async def shop(shared: Database) -> Shop:
    """A new merchant with a channel (web) and three locations (HAM, MUC, LEJ, in this order of priority)."""
    return await Shop.open(shared, f"shop-{uuid.uuid4().hex}")


@pytest.fixture
async def lone_shop(database: Database) -> Shop:
    """Such a merchant without another in its database, for whoever looks at plans or works for all merchants."""
    return await Shop.open(database, "lone")


@pytest.fixture
async def twin(shared: Database) -> Shop:
    """Another merchant just like it."""
    return await Shop.open(shared, f"twin-{uuid.uuid4().hex}")
