"""Asking tax services after the fact: the taxes of orders that were placed without them, and the invoices that they record.

What is due is claimed in one transaction, asked outside of any, and what the services say is taken in by a command. Whoever dies in between
leaves a request that is due again later; a document that is recorded twice is one.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import structlog

from lading.catalog import store as catalog
from lading.database import queries
from lading.database.pool import Database, Transaction
from lading.entrypoints.taxing import TaxAccounts
from lading.invoices import store as invoices
from lading.invoices.types import Invoice, InvoiceCharge, InvoiceLine
from lading.journal.types import own_envelope
from lading.operations.execute import Executor
from lading.operations.registry import verbs
from lading.taxes import store as taxes
from lading.taxes.commands import AnswerTaxRecord, TaxOrder
from lading.taxes.port import PaperLine, Rejected, ServiceAway, TaxPaper
from lading.terms.taxes import GOODS

sql = queries.load(__file__)
log = structlog.get_logger()

ACTOR = "worker:taxes"
PIECE = 50
"""Requests claimed at once."""


class Taxes:
    """The caller of tax services, for all merchants."""

    def __init__(self, database: Database, executor: Executor, accounts: TaxAccounts) -> None:
        self._database = database
        self._executor = executor
        self._accounts = accounts

    async def call(self, merchant_id: int, now: datetime) -> int:
        """Carry out what is due; how many requests there were (PIECE: there may be more)."""
        async with self._database.write(merchant_id) as tx:
            rows = await tx.fetch(sql.claim_tax_requests, now, PIECE)
            papers = await _papers(tx, [row for row in rows if row["task"] == "record"])
        waiting = [own_envelope(ACTOR, TaxOrder(str(row["order_id"]))) for row in rows if row["task"] == "calculate"]
        if waiting:
            await self._executor.run(merchant_id, verbs()["orders.tax"], waiting)
        told = [await self._record(merchant_id, row, papers) for row in rows if row["task"] == "record"]
        answers = [own_envelope(ACTOR, each) for each in told if each]
        if answers:
            await self._executor.run(merchant_id, verbs()["tax-records.answer"], answers)
        return len(rows)

    async def _record(
        self, merchant_id: int, row: asyncpg.Record, papers: Mapping[tuple[UUID, int], TaxPaper]
    ) -> AnswerTaxRecord | None:
        """What the service says; None where nobody knows, and it is asked again later."""
        key = row["order_id"], row["document"]
        service = await self._accounts.find(row["service"], merchant_id)
        if service is None:
            return AnswerTaxRecord(*key, code="unknown_account")
        try:
            return AnswerTaxRecord(*key, await service.record(papers[key]))
        except Rejected as refusal:
            log.warning("tax_record_rejected", service=row["service"], document=papers[key].name, error=str(refusal))
            return AnswerTaxRecord(*key, code=refusal.code)
        except ServiceAway as error:
            log.warning("tax_service_away", service=row["service"], document=papers[key].name, error=str(error))
            return None


async def _papers(tx: Transaction, rows: Sequence[asyncpg.Record]) -> dict[tuple[UUID, int], TaxPaper]:
    """The documents as they were issued, with all that a service needs to know of them."""
    if not rows:
        return {}
    documents = await invoices.read_invoices(tx, {row["order_id"] for row in rows})
    sent_to = await taxes.read_addresses(
        tx, {each.ship_to_id for found in documents.values() for each in found if each.ship_to_id}
    )
    lines = (line for found in documents.values() for each in found for line in each.lines)
    categories = await taxes.read_categories(tx, {line.sku_id for line in lines})
    home = (await taxes.read_places(tx)).get(await tx.fetchval(sql.first_location))
    zone = await catalog.read_zone(tx)
    papers = {}
    for row in rows:
        found = documents[row["order_id"]]
        document = found[row["document"] - 1]
        papers[row["order_id"], row["document"]] = TaxPaper(
            document.name, str(row["order_number"]), str(row["customer_id"] or row["order_id"]), document.currency,
            document.issued_on, row["placed_at"].astimezone(zone).date(),
            found[document.credits - 1].name if document.credits else None, home,
            sent_to.get(document.ship_to_id) if document.ship_to_id else None, row["tax_exemption"],
            _lines(document, categories),
        )  # fmt: skip
    return papers


def _lines(document: Invoice, categories: Mapping[UUID, str]) -> list[PaperLine]:
    """Each line's goods after discounts, and each kind of charge beside them, with its own tax."""
    return [part for line in document.lines for part in _parts(line, categories.get(line.sku_id, ""))]


def _parts(line: InvoiceLine, category: str) -> list[PaperLine]:
    beside: dict[str, list[InvoiceCharge]] = {GOODS: []}
    for charge in line.charges:
        if charge.kind != "tax":
            kind = GOODS if charge.kind in ("discount", "adjustment") else charge.kind
            beside.setdefault(kind, []).append(charge)
    parts = []
    for kind, charges in beside.items():
        levied = [each for each in line.charges if each.kind == "tax" and (each.applies_to or GOODS) == kind]
        amount = sum(each.amount_minor for each in charges) + (line.goods_minor if kind == GOODS else 0)
        parts.append(
            PaperLine(
                f"{line.number}-{kind}" if charges and kind != GOODS else str(line.number), line.sku, line.name, kind,
                category if kind == GOODS else "", line.quantity, amount, sum(each.amount_minor for each in levied),
                any(each.included for each in levied),
            )
        )  # fmt: skip
    return parts
