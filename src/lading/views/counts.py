"""Counts and shortages: what was counted, how it differs from the book, and what orders hold in vain."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Meta, Struct

from lading.catalog import store as catalog
from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.documents import number_or_id
from lading.terms.fields import Code
from lading.views.moments import EVER, Moment
from lading.views.names import Names, read_actors, read_names
from lading.views.pages import FIRST_ID, LAST_ID, NotFound, PageQuery, key_of
from lading.views.stock import find_location
from lading.views.walking import walk

sql = queries.load(__file__)


class PassView(Struct, frozen=True):
    """What one pass found."""

    passed: int
    counted: int
    expected: int | None
    """What the book said at that moment: snapshot and movements since. Not told where the count is blind."""
    movements: int | None
    """Units that came (below zero: left) between the snapshot and that moment."""
    variance: int | None
    """Counted less expected."""
    counted_at: datetime
    counted_by: str
    actor: str
    """The same as the journal names it."""
    serials: list[str] | None
    """Names of the units that were found, where somebody told them."""
    missing: list[str] | None
    """Names that the book had there and that were not found. Not told where the count is blind."""
    strange: list[str] | None
    """Names that were found and that the book did not have there. Not told where the count is blind."""


class CountLineView(Struct, frozen=True):
    """One product (of one lot) of a count."""

    line: int
    sku: str
    name: str
    gtin: str | None
    tracking: str
    """none, lot or serial: whether its units are scanned by their names"""
    lot: str
    wanted: int
    """The pass that is wanted."""
    counted: int | None
    """What the wanted pass found; None: nobody counted it yet."""
    snapshot: int | None
    """What the book said when the line came onto the count."""
    variance: int | None
    """What the approval posted; before it, what it would be but for later corrections."""
    passes: list[PassView]
    limit: int | None = None
    """Where it differs by more units, somebody else than who counted it approves it; told to whoever approves."""


class CountHead(Struct, frozen=True):
    """A count, in short."""

    count: str
    id: UUID
    reference: str | None
    location: str
    zone: str | None
    blind: bool
    status: str
    opened_at: datetime
    approved_at: datetime | None
    cancelled_at: datetime | None
    reason: str | None
    version: int
    lines: int
    counted: int
    """Lines whose wanted pass was counted."""


class CountView(Struct, frozen=True):
    """A count with its lines."""

    head: CountHead
    lines: list[CountLineView]


class CountsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which counts, the newest first."""

    status: Literal["open", "approved", "cancelled"] | None = None
    location: Code | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[UUID], (LAST_ID,))


class CountsPage(Struct, frozen=True):
    """A page of counts."""

    items: list[CountHead]
    next: str | None
    """A page may be shorter than its limit and still have a next one."""


class CountQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """One count."""

    count: Annotated[str, Meta(max_length=64, description="C1044, or its id")]


async def counts(tx: Transaction, query: CountsQuery) -> CountsPage:
    """A page of counts, the newest first. Raises NotFound for a location that does not exist."""
    names = await read_names(tx)
    location_id = find_location(names, query.location)
    after = key_of(query.after, tuple[UUID], (LAST_ID,))

    def fits(row: asyncpg.Record) -> bool:
        return query.status in (None, row["status"]) and location_id in (None, row["location_id"])

    shown, later = await walk(tx, sql.walk_counts, after, ("id",), fits, query.limit)
    return CountsPage(await _heads(tx, shown, names), later)


async def count(tx: Transaction, query: CountQuery) -> CountView:
    """A count as whoever counts may see it: a blind one tells nothing of the book while it is open. Raises NotFound."""
    return await _view(tx, query.count, reveal=False)


async def review(tx: Transaction, query: CountQuery) -> CountView:
    """A count as whoever approves it sees it. Raises NotFound."""
    return await _view(tx, query.count, reveal=True)


async def _view(tx: Transaction, ref: str, *, reveal: bool) -> CountView:
    key = number_or_id(ref, "C")
    rows = await tx.fetch(sql.count_row, key if isinstance(key, UUID) else None, key if isinstance(key, int) else None)
    if not rows:
        raise NotFound(f"There is no count {ref}.")
    (head,) = await _heads(tx, rows, await read_names(tx))
    told = reveal or not head.blind or head.status != "open"
    entries: dict[int, list[asyncpg.Record]] = {}
    found = await tx.fetch(sql.entries_of_count, head.id)
    for row in found:
        entries.setdefault(row["line_number"], []).append(row)
    who = await read_actors(tx, {row["counted_by"] for row in found})
    found_lines = await tx.fetch(sql.lines_of_count, head.id)
    limits = await _limits(tx, rows[0]["location_id"], found_lines) if reveal and head.status == "open" else {}
    lines = [
        _line(row, entries.get(row["number"], []), who, limits.get(row["sku_id"]), told=told) for row in found_lines
    ]
    return CountView(head, lines)


async def _limits(tx: Transaction, location_id: UUID, rows: Sequence[asyncpg.Record]) -> dict[UUID, int | None]:
    """Above how many units of a product somebody else approves, where that is limited."""
    skus = {row["sku_id"] for row in rows}
    _, policies = await catalog.read_setup(tx, skus)
    return {sku_id: policies.value("count_approval_limit", location=location_id, sku=sku_id) for sku_id in skus}


def _line(
    row: asyncpg.Record, entries: Sequence[asyncpg.Record], who: dict[str, str], limit: int | None, *, told: bool
) -> CountLineView:
    passes = [
        PassView(
            entry["pass"], entry["counted"], entry["expected"] if told else None,
            entry["expected"] - row["snapshot"] if told else None, entry["counted"] - entry["expected"] if told else None,
            entry["counted_at"], who[entry["counted_by"]], entry["counted_by"], _names(entry["serials"]),
            _names(entry["missing"]) if told else None, _names(entry["strange"]) if told else None,
        )
        for entry in entries
    ]  # fmt: skip
    wanted = next((each for each in passes if each.passed == row["pass"]), None)
    variance = row["variance"] if row["variance"] is not None else wanted.variance if wanted else None
    return CountLineView(
        row["number"], row["sku"], row["name"], row["gtin"], row["tracking"], row["lot"], row["pass"],
        wanted.counted if wanted else None, row["snapshot"] if told else None, variance, passes, limit,
    )  # fmt: skip


def _names(told: str | None) -> list[str] | None:
    return None if told is None else msgspec.json.decode(told, type=list[str])


async def _heads(tx: Transaction, rows: Sequence[asyncpg.Record], names: Names) -> list[CountHead]:
    sums = {row[0]: (row[1], row[2]) for row in await tx.fetch(sql.count_progress, [row["id"] for row in rows])}
    return [
        CountHead(
            f"C{row['number']}", row["id"], row["reference"], names.location(row["location_id"]), row["zone"], row["blind"],
            row["status"], row["opened_at"], row["approved_at"], row["cancelled_at"], row["reason"], row["version"],
            *sums.get(row["id"], (0, 0)),
        )
        for row in rows
    ]  # fmt: skip


class ShortageView(Struct, frozen=True):
    """Units that orders and reservations hold and that are not there."""

    id: UUID
    sku: str
    location: str
    lot: str
    kind: str
    reason: str
    document: str | None
    quantity: int
    remaining: int
    """Units that nobody has settled yet."""
    opened_at: datetime
    available: int
    """Units of that row of stock that are free on the book; they make up for what is short, and are promised to nobody."""
    allocated: int
    reserved: int


class ShortagesQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which open shortages, the oldest first."""

    location: Code | None = None
    sku: Code | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[Moment, UUID], (EVER, FIRST_ID))


class ShortagesPage(Struct, frozen=True):
    """A page of shortages."""

    items: list[ShortageView]
    next: str | None
    """A page may be shorter than its limit and still have a next one."""


async def shortages(tx: Transaction, query: ShortagesQuery) -> ShortagesPage:
    """Open shortages, the oldest first. Raises NotFound for a location that does not exist."""
    names = await read_names(tx)
    location_id = find_location(names, query.location)
    after = key_of(query.after, tuple[Moment, UUID], (EVER, FIRST_ID))

    def fits(row: asyncpg.Record) -> bool:
        return location_id in (None, row["location_id"]) and query.sku in (None, row["sku"])

    shown, later = await walk(tx, sql.walk_shortages, after, ("opened_at", "id"), fits, query.limit)
    return ShortagesPage([_shortage(row, names) for row in shown], later)


def _shortage(row: asyncpg.Record, names: Names) -> ShortageView:
    return ShortageView(
        row["id"], row["sku"], names.location(row["location_id"]), row["lot"], row["kind"], row["reason"], row["document"],
        row["quantity"], row["remaining"], row["opened_at"], row["available"], row["allocated"], row["reserved"],
    )  # fmt: skip
