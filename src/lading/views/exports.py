"""Whole tables for other programs: each export is one statement, read in pieces of one snapshot."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Literal

import asyncpg

from lading.database import queries
from lading.database.pool import Transaction
from lading.views.pages import NotFound

sql = queries.load(__file__)

PIECE_ROWS = 5_000

Kind = Literal["text", "integer", "time", "amount", "booked"]
"""What a column holds: text, whole numbers, moments in UTC, money in the currency of the row, written with its decimals, or the same in the
currency of the shop's books, by the rate that the order keeps."""


@dataclass(slots=True, frozen=True)
class Export:
    """One table."""

    name: str
    summary: str
    statement: str
    """The name of its statement in queries.sql."""
    columns: Mapping[str, Kind]
    is_money: bool = False
    """Whether it can be written as a journal of double entries."""


_BUCKETS: Mapping[str, Kind] = {
    "available": "integer", "reserved": "integer", "allocated": "integer", "picked": "integer", "packed": "integer",
    "damaged": "integer", "quality_hold": "integer",
}  # fmt: skip

EXPORTS: Mapping[str, Export] = {
    export.name: export
    for export in (
        Export(
            "stock", "Units of every product at every location and lot, by bucket.", "export_stock",
            {"sku": "text", "name": "text", "location": "text", "lot": "text", "on_hand": "integer", **_BUCKETS},
        ),
        Export(
            "ledger", "Every posting of units: what moved from where to where, when, and with which event.", "export_ledger",
            {"sku": "text", "quantity": "integer", "from_location": "text", "from_lot": "text", "from_bucket": "text",
             "to_location": "text", "to_lot": "text", "to_bucket": "text", "order": "integer", "line": "integer",
             "line_from": "text", "line_to": "text", "kind": "text", "reason": "text", "occurred_at": "time", "recorded_at": "time",
             "position": "integer", "serial": "text"},
        ),
        Export(
            "inbound", "What is expected to arrive: purchase orders and transfers on their way.", "export_inbound",
            {"sku": "text", "location": "text", "document": "text", "line": "integer", "expected": "integer", "due_at": "time"},
        ),
        Export(
            "money", "Every posting of money: which account owes which, when, and with which event.", "export_money",
            {"day": "text", "order": "integer", "kind": "text", "debit": "text", "credit": "text", "amount": "amount", "currency": "text",
             "tender": "integer", "occurred_at": "time", "recorded_at": "time", "position": "integer",
             "shop_currency": "text", "shop_rate": "text", "shop_amount": "booked"},
            is_money=True,
        ),
    )
}  # fmt: skip


def find_export(name: str) -> Export:
    """The export of that name. Raises NotFound."""
    if name not in EXPORTS:
        raise NotFound(f"There is no export {name}; there are: {', '.join(EXPORTS)}.")
    return EXPORTS[name]


async def balances(tx: Transaction) -> list[asyncpg.Record]:
    """(account, currency, minor units) of the whole money ledger."""
    return await tx.fetch(sql.money_balances)


async def pieces(tx: Transaction, export: Export) -> AsyncIterator[list[asyncpg.Record]]:
    """Its rows, some thousands at a time; the columns are in the export's order."""
    async for piece in tx.walk(getattr(sql, export.statement), PIECE_ROWS):
        yield piece
