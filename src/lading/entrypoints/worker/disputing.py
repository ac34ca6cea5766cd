"""Answering disputes: what is due is claimed in one transaction, put together and passed on outside of any, and settled by a command."""

import asyncio
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import structlog

from lading.database import queries
from lading.database.pool import Database, Transaction
from lading.entrypoints import paying
from lading.entrypoints.files import Files
from lading.entrypoints.paying import Accounts
from lading.entrypoints.printing.making import PaperQuery, make
from lading.invoices.types import name_of
from lading.journal.types import own_envelope
from lading.operations.execute import Executor
from lading.operations.registry import verbs
from lading.payments.commands import DisputePayment, SettleDisputeAnswer
from lading.payments.port import DisputeReply, EvidenceFile, ProviderAway, Sent, Told
from lading.terms.money import Money
from lading.views.order import Address, OrderDetail
from lading.views.order import order as read_order

sql = queries.load(__file__)
log = structlog.get_logger()

ACTOR = paying.ACTOR
PIECE = 20
"""Answers claimed at once."""


class Disputes:
    """Passes answers on to providers, for all merchants."""

    def __init__(self, database: Database, executor: Executor, accounts: Accounts, files: Files) -> None:
        self._database = database
        self._executor = executor
        self._accounts = accounts
        self._files = files

    async def call(self, merchant_id: int, merchant: str, now: datetime) -> int:
        """Pass on what is due; how many answers there were (PIECE: there may be more)."""
        async with self._database.write(merchant_id) as tx:
            rows = await tx.fetch(sql.claim_dispute_answers, now, PIECE)
        for row in rows:
            told = await self._reply(merchant_id, merchant, row)
            if told is not None:
                await self._settle(merchant_id, row, told)
        return len(rows)

    async def _reply(self, merchant_id: int, merchant: str, row: asyncpg.Record) -> Told | None:
        """What the provider says; None where nobody knows, and it is told again later."""
        provider = self._accounts.find(row["provider"], merchant)
        if provider is None:
            return Told("failed", code="unknown_account")
        async with self._database.read(merchant_id) as tx:
            reply = await self._compose(tx, row)
        try:
            return await provider.reply(reply)
        except ProviderAway as error:
            log.warning(
                "provider_away", provider=row["provider"], key=reply.key, attempts=row["attempts"], error=str(error)
            )
            return None

    async def _compose(self, tx: Transaction, row: asyncpg.Record) -> DisputeReply:
        """The answer with all that it shows, as it stands now."""
        reply = DisputeReply(
            row["order_id"],
            str(row["order_number"]),
            row["tender_number"],
            row["reference"],
            row["number"],
            row["task"] == "accept",
        )
        if reply.accept:
            return reply
        order = await read_order(tx, reply.order)
        shown = {f"{reply.order}-P{number}" for number in row["parcels"]}
        parcels = [
            Sent(each.carrier, each.tracking_number, each.shipped_at, each.delivered_at)
            for each in order.parcels
            if each.name in shown
        ]
        first = await tx.fetchrow(sql.invoices_shown, row["order_id"], row["invoices"])
        papers = [await _invoice(tx, first)] if first else []
        handed_in = await asyncio.to_thread(self._read, msgspec.json.decode(row["files"]))
        customer = order.customer
        return replace(
            reply, customer=customer.name if customer else None, email=customer.email if customer else None,
            address=_one_line(order.ship_to), bought=_bought(order), parcels=parcels, words=row["words"], files=[*papers, *handed_in],
        )  # fmt: skip

    def _read(self, files: list[tuple[str, str]]) -> list[EvidenceFile]:
        """The files as they were handed in."""
        return [_file(purpose, self._files.path(bytes.fromhex(digest))) for purpose, digest in files]

    async def _settle(self, merchant_id: int, row: asyncpg.Record, told: Told) -> None:
        """First what the money comes to, where the merchant gave in; the provider says it as well, and it counts once."""
        order, key = str(row["order_id"]), (row["tender_number"], row["reference"])
        if row["task"] == "accept" and told.outcome == "succeeded":
            lost = DisputePayment(
                order, *key, Money.of_minor(row["amount_minor"], row["currency"]), row["reason"], "lost"
            )
            await self._run(merchant_id, paying.DISPUTE, lost)
        code = told.code[:64] if told.code else None
        await self._run(merchant_id, "dispute-answers.settle", SettleDisputeAnswer(order, *key, row["number"], code))

    async def _run(self, merchant_id: int, verb: str, command: Any) -> None:
        await self._executor.run(merchant_id, verbs()[verb], [own_envelope(ACTOR, command)])


async def _invoice(tx: Transaction, row: asyncpg.Record) -> EvidenceFile:
    name = name_of(row["legal_entity"], row["series"], row["serial"])
    paper = await make(tx, PaperQuery("invoice", name))
    return EvidenceFile("invoice", paper.name, paper.type, paper.content)


def _file(purpose: str, path: Path) -> EvidenceFile:
    content = path.read_bytes()
    kind = next((kind for start, kind in _KINDS.items() if content.startswith(start)), "txt")
    return EvidenceFile(purpose, f"{purpose}.{kind}", kind, content)


_KINDS = {b"%PDF": "pdf", b"\x89PNG": "png", b"\xff\xd8": "jpg"}
"""What a file is, by how it begins."""


def _one_line(address: Address | None) -> str | None:
    if address is None:
        return None
    parts = (
        address.name,
        address.line1,
        address.line2,
        address.postal_code,
        address.city,
        address.region,
        address.country,
    )
    return ", ".join(part for part in parts if part)


def _bought(order: OrderDetail) -> str:
    return "\n".join(f"{line.ordered} × {line.name or line.sku}" for line in order.lines if not line.part_of)
