"""Transfers: what is planned, set aside, on its way and received between locations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.documents import number_or_id
from lading.terms.fields import Code
from lading.transfers.types import COUNTERS
from lading.views.names import Names, read_names
from lading.views.pages import LAST_ID, NotFound, PageQuery, key_of
from lading.views.stock import find_location
from lading.views.walking import walk

sql = queries.load(__file__)


Status = Literal["open", "draft", "ready", "in_transit", "partially_received", "received", "cancelled"]
DONE = ("received", "cancelled")


class TransferLineView(Struct, frozen=True):
    """Units of one product, by how far they are."""

    line: int
    sku: str
    name: str
    gtin: str | None
    tracking: str
    """none, lot or serial: whether its units are named when they leave"""
    lot: str
    quantity: int
    planned: int
    ready: int
    in_transit: int
    received: int
    damaged: int
    """Among those received."""
    came_home: int
    lost: int
    cancelled: int
    serials: list[str]
    """Names of the units on their way; before they leave, of those that were named when they were set aside."""


class TransferView(Struct, frozen=True):
    """A transfer and where its units are."""

    transfer: str
    id: UUID
    reference: str | None
    from_location: str
    to_location: str
    status: str
    due_at: datetime
    created_at: datetime
    ready_at: datetime | None
    shipped_at: datetime | None
    received_at: datetime | None
    """When the first unit landed."""
    closed_at: datetime | None
    cancelled_at: datetime | None
    version: int
    lines: list[TransferLineView]


class TransfersQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which transfers, the newest first."""

    status: Annotated[Status, Meta(description="`open`: all that may still move")] | None = None
    from_location: Code | None = None
    to_location: Code | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[UUID], (LAST_ID,))


class TransfersPage(Struct, frozen=True):
    """A page of transfers."""

    items: list[TransferView]
    next: str | None
    """A page may be shorter than its limit and still have a next one."""


class TransferQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """One transfer."""

    transfer: Annotated[str, Meta(max_length=64, description="T1043, or its id")]


async def transfers(tx: Transaction, query: TransfersQuery) -> TransfersPage:
    """A page of transfers, the newest first. Raises NotFound for a location that does not exist."""
    names = await read_names(tx)
    places = (find_location(names, query.from_location), find_location(names, query.to_location))
    after = key_of(query.after, tuple[UUID], (LAST_ID,))

    def fits(row: asyncpg.Record) -> bool:
        return _fits(row, query.status, places)

    shown, later = await walk(tx, sql.walk_transfers, after, ("id",), fits, query.limit)
    return TransfersPage(await _views(tx, shown, names), later)


def _fits(row: asyncpg.Record, status: str | None, places: tuple[UUID | None, UUID | None]) -> bool:
    standing = status in (None, row["status"]) or (status == "open" and row["status"] not in DONE)
    return standing and places[0] in (None, row["from_location_id"]) and places[1] in (None, row["to_location_id"])


async def transfer(tx: Transaction, query: TransferQuery) -> TransferView:
    """One transfer. Raises NotFound."""
    key = number_or_id(query.transfer, "T")
    rows = await tx.fetch(
        sql.transfer_row, key if isinstance(key, UUID) else None, key if isinstance(key, int) else None
    )
    if not rows:
        raise NotFound(f"There is no transfer {query.transfer}.")
    return (await _views(tx, rows, await read_names(tx)))[0]


async def _views(tx: Transaction, rows: Sequence[asyncpg.Record], names: Names) -> list[TransferView]:
    lines: dict[UUID, list[TransferLineView]] = {row["id"]: [] for row in rows}
    on_the_way: dict[tuple[UUID, UUID, str], list[str]] = {}
    for found in await tx.fetch(sql.serials_on_transfers, list(lines)):
        on_the_way.setdefault((found[0], found[1], found[2]), []).append(found[3])
    for line in await tx.fetch(sql.lines_of_transfers, list(lines)):
        planned = line["quantity"] - sum(line[counter] for counter in COUNTERS)
        lines[line["transfer_id"]].append(
            TransferLineView(
                line["number"], line["sku"], line["name"], line["gtin"], line["tracking"], line["lot"], line["quantity"],
                planned, line["ready"], line["in_transit"], line["received"], line["damaged"], line["came_home"], line["lost"],
                line["cancelled"], _named(line, on_the_way),
            )
        )  # fmt: skip
    return [_view(row, lines[row["id"]], names) for row in rows]


def _named(line: asyncpg.Record, on_the_way: dict[tuple[UUID, UUID, str], list[str]]) -> list[str]:
    if line["in_transit"]:
        return on_the_way.get((line["transfer_id"], line["sku_id"], line["lot"]), [])
    return msgspec.json.decode(line["serials"], type=list[str]) if line["ready"] and line["serials"] else []


def _view(row: asyncpg.Record, lines: list[TransferLineView], names: Names) -> TransferView:
    return TransferView(
        transfer=f"T{row['number']}",
        id=row["id"],
        reference=row["reference"],
        from_location=names.location(row["from_location_id"]),
        to_location=names.location(row["to_location_id"]),
        status=row["status"],
        due_at=row["due_at"],
        created_at=row["created_at"],
        ready_at=row["ready_at"],
        shipped_at=row["shipped_at"],
        received_at=row["received_at"],
        closed_at=row["closed_at"],
        cancelled_at=row["cancelled_at"],
        version=row["version"],
        lines=lines,
    )
