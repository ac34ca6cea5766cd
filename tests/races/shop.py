"""A small merchant for tests: everything that is in it came through operations."""

from __future__ import annotations

import hashlib
import tempfile
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from lading.access import store as access
from lading.audit import Difference, audit
from lading.database.pool import Database
from lading.entrypoints.files import Files
from lading.journal.types import Answer, Envelope
from lading.kernel.ids import new_id
from lading.operations.asking_taxes import Question, TaxAnswer
from lading.operations.execute import Executor
from lading.operations.registry import Verb, verbs
from lading.terms.taxes import Tax

Payload = Mapping[str, Any]

DAY = "2019-03-02T11:42:00+01:00"
PEOPLE = ("Wilhelmina Quastenberg", "quastenberg@example.com", "+49 40 1234567", "Zwiebelgasse 99")
"""Who ordered, in words that occur nowhere else."""

CHARGES = (
    {"kind": "shipping", "code": "std", "amount": {"amount": "4.90", "currency": "EUR"}},
    {"kind": "discount", "code": "SPRING", "amount": {"amount": "-1.00", "currency": "EUR"}},
)


def envelope(verb: Verb, payload: Payload, command_id: uuid.UUID | None = None) -> Envelope[Any]:
    """The command as the API would pass it on."""
    body = hashlib.sha256(msgspec.json.encode(payload, order="sorted")).digest()
    command = msgspec.convert(payload, verb.command)
    return Envelope(command_id or uuid.uuid4(), body, "key:test", command, new_id(), new_id())


def money(amount: str, currency: str = "EUR") -> dict[str, str]:
    """As JSON has it."""
    return {"amount": amount, "currency": currency}


def order(*lines: tuple[str, int], price: str = "9.99", **more: Any) -> dict[str, Any]:
    """The payload of an order for (sku, quantity) lines, with an address and without a customer."""
    return {
        "channel": "web", "currency": "EUR", "ship_to": {"country": "DE", "city": "Hamburg"},
        "lines": [{"sku": sku, "quantity": quantity, "unit_price": money(price)} for sku, quantity in lines],
        **more,
    }  # fmt: skip


class Shop:
    """One merchant, one process."""

    def __init__(self, database: Database, merchant_id: int) -> None:
        self.database = database
        self.merchant_id = merchant_id
        self.executor = Executor(database, ask_taxes=self.ask_taxes)
        self.tax_service_is_away = False

    async def ask_taxes(self, _: int, questions: Sequence[Question]) -> Mapping[Question, TaxAnswer]:
        """A tenth of everything, unless the service is away."""
        if self.tax_service_is_away:
            return dict.fromkeys(questions, "away")
        tenth = Decimal(10)
        return {
            each: [
                Tax(index, "TENTH", tenth, False, item.amount_minor // 10)
                for index, item in enumerate(each.document.items)
            ]
            for each in questions
        }

    async def answers(self, verb: str, payloads: Sequence[Payload]) -> list[Answer]:
        """Run one batch of commands."""
        found = verbs()[verb]
        return await self.run(verb, [envelope(found, payload) for payload in payloads])

    async def run(self, verb: str, batch: Sequence[Envelope[Any]]) -> list[Answer]:
        """Run one batch of envelopes."""
        return await self.executor.run(self.merchant_id, verbs()[verb], batch)

    async def do(self, verb: str, *payloads: Payload) -> list[dict[str, Any]]:
        """Run one batch of which every command must be accepted; the outcomes."""
        answers = await self.answers(verb, payloads)
        for answer in answers:
            assert answer.accepted, answer.body or "failed"
        return [msgspec.json.decode(answer.body) for answer in answers]

    async def stock_up(
        self, quantity: int, skus: Sequence[str] = ("A", "B", "C"), places: Sequence[str] = ("HAM", "BER")
    ) -> None:
        """A channel, locations, products, and so many units of each product at each location."""
        await self.do("channels.save", {"code": "web", "name": "Web shop"})
        await self.do(
            "locations.save",
            *(
                {"code": code, "name": code, "kind": "warehouse", "time_zone": "UTC", "country": "DE"}
                for code in places
            ),
        )
        await self.do("products.save", *({"sku": sku, "name": f"Product {sku}"} for sku in skus))
        receipts = [
            {"sku": sku, "location": place, "quantity": quantity, "reason": "opening"}
            for sku in skus
            for place in places
        ]
        if quantity:
            await self.do("stock.receive", *receipts)

    async def audit(self) -> list[Difference]:
        """What the audit finds."""
        async with self.database.read(self.merchant_id) as tx:
            return await audit(tx)

    async def fetch(self, statement: str, *arguments: Any) -> list[Any]:
        """Rows of one statement; $1 is the merchant."""
        async with self.database.read(self.merchant_id) as tx:
            return await tx.fetch(statement, *arguments)


@asynccontextmanager
async def open_shop(dsn: str, slug: str = "") -> AsyncIterator[Shop]:
    """A new merchant of that database."""
    database = await Database.connect(dsn)
    slug = slug or f"shop-{uuid.uuid4().hex}"
    try:
        yield Shop(database, await access.create_merchant(database, slug, slug, "UTC", "EUR"))
    finally:
        await database.close()


CARTON = {
    "code": "M", "inner": {"length_mm": 300, "width_mm": 200, "height_mm": 150}, "cost": money("0.50"), "max_grams": 9_000,
}  # fmt: skip
RATE = {"code": "DE", "countries": ["DE"], "steps": [{"up_to_grams": 5_000, "price": money("4.90")}]}


async def hand_in(shop: Shop, content: bytes) -> str:
    """The SHA-256 of a file that the merchant may name."""
    with tempfile.TemporaryDirectory() as folder:
        return (await Files(Path(folder), shop.database).keep(shop.merchant_id, once(content), "text/csv")).sha256


async def once(content: bytes) -> AsyncIterator[bytes]:
    yield content
