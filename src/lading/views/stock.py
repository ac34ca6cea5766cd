"""Stock by product and location, its ledger, and what can be promised."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.fields import Code
from lading.terms.ledger import STOCK_BUCKETS
from lading.views.moments import Position, Then, first_id_after, last_id_until, one_of, position_of
from lading.views.names import Names, read_actors, read_names
from lading.views.pages import LAST_ID, NotFound, PageQuery, cursor, key_of
from lading.views.products import Found, find_product, walk_products

sql = queries.load(__file__)

_WALK_MAX = 2_000
_STEP = 500
_LAST_NUMBER = 2**31 - 1


class StockAt(Struct, frozen=True):
    """What lies at one location (of one lot), in units."""

    location: str
    lot: str
    on_hand: int
    """The sum of all buckets."""
    available: int
    reserved: int
    allocated: int
    picked: int
    packed: int
    damaged: int
    quality_hold: int


class StockOfSku(Struct, frozen=True):
    """One product everywhere, in units."""

    sku: str
    name: str
    on_hand: int
    buckets: dict[str, int]
    """The sums over all locations; every bucket is named."""
    locations: list[StockAt]


class StockQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which stock: by product codes, in their order. With a position or a time: as of then."""

    sku: Annotated[Code, Meta(description="Exactly this code")] | None = None
    q: Annotated[str, Meta(max_length=200, description="A code's beginning, a GTIN, or words of the name")] | None = (
        None
    )
    location: Annotated[Code, Meta(description="Only what lies, or lay, there")] | None = None
    position: Position | None = None
    at: Then | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[str], ("",))
        one_of(self.position, self.at)


class StockPage(Struct, frozen=True):
    """A page of stock."""

    position: int
    """As of which position of the journal."""
    items: list[StockOfSku]
    next: str | None


_Row = tuple[UUID, str]
"""(location, lot)"""


async def stock(tx: Transaction, query: StockQuery) -> StockPage:
    """A page of stock. Raises NotFound for a product or a location that does not exist."""
    names = await read_names(tx)
    location_id = find_location(names, query.location)
    position = await position_of(tx, query.position, query.at)
    if query.sku is not None:
        known, next_ = [await find_product(tx, query.sku)], None
    else:
        known, next_ = await walk_products(
            tx, query.q, query.after, query.limit, lambda found: _lying_at(tx, found, location_id)
        )
    rows = await _balances(tx, [found.id for found in known], location_id)
    if query.position is not None or query.at is not None:
        await _take_back(tx, rows, position, location_id)
    items = [_of_sku(found, rows.get(found.id, {}), names) for found in known]
    return StockPage(position, items, next_)


def find_location(names: Names, code: str | None) -> UUID | None:
    """The id of that location; None where none is asked for. Raises NotFound."""
    if code is None:
        return None
    for id_, (known, _) in names.locations.items():
        if known == code:
            return id_
    raise NotFound(f"There is no location {code}.")


async def inbound(tx: Transaction, skus: Sequence[str], location: str | None = None) -> dict[str, int]:
    """Units that are to come by purchase orders and transfers, of products (by code) of which some are. Raises NotFound."""
    location_id = find_location(await read_names(tx), location) if location else None
    rows = await tx.fetch(sql.inbound_of_skus, list(skus), location_id)
    return {row["code"]: row["units"] for row in rows}


async def _lying_at(tx: Transaction, found: Sequence[Found], location_id: UUID | None) -> list[Found]:
    if location_id is None or not found:
        return list(found)
    there = {row["sku_id"] for row in await tx.fetch(sql.skus_at_location, [each.id for each in found], location_id)}
    return [each for each in found if each.id in there]


Balances = dict[UUID, dict[_Row, dict[str, int]]]


async def lay_before(tx: Transaction, sku_ids: Sequence[UUID], position: int) -> dict[UUID, dict[UUID, int]]:
    """Units of these products that were available at each location (product, location) before that position of the journal."""
    rows = await _balances(tx, sku_ids, None)
    await _take_back(tx, rows, position - 1, None)
    lay: dict[UUID, dict[UUID, int]] = {}
    for sku_id, places in rows.items():
        at = lay.setdefault(sku_id, {})
        for (location_id, _), units in places.items():
            at[location_id] = at.get(location_id, 0) + units["available"]
    return lay


async def _balances(tx: Transaction, sku_ids: Sequence[UUID], location_id: UUID | None) -> Balances:
    balances: Balances = {id_: {} for id_ in sku_ids}
    for row in await tx.fetch(sql.stock_of_skus, list(sku_ids)):
        if location_id in (None, row["location_id"]):
            balances[row["sku_id"]][(row["location_id"], row["lot"])] = {name: row[name] for name in STOCK_BUCKETS}
    return balances


async def _take_back(tx: Transaction, balances: Balances, position: int, location_id: UUID | None) -> None:
    """Balance minus the postings of later events is what lay there then; a row born later held nothing."""
    first = await first_id_after(tx, position)
    if first is None:
        return
    for row in await tx.fetch(sql.stock_moves_after, list(balances), first, position):
        if location_id in (None, row["location_id"]):
            balances[row["sku_id"]][(row["location_id"], row["lot"])][row["bucket"]] -= row["change"]


def _of_sku(found: Found, rows: Mapping[_Row, Mapping[str, int]], names: Names) -> StockOfSku:
    sums = {bucket: sum(row[bucket] for row in rows.values()) for bucket in STOCK_BUCKETS}
    places = [
        StockAt(names.location(location_id), lot, sum(row.values()), **row) for (location_id, lot), row in rows.items()
    ]
    places.sort(key=lambda place: (place.location, place.lot))
    return StockOfSku(found.code, found.name, sum(sums.values()), sums, places)


class LedgerEnd(Struct, frozen=True):
    """Where units were, or are: a bucket at a location, or an account (supplier, lost, ...)."""

    bucket: str
    location: str | None
    lot: str


class LedgerRow(Struct, frozen=True):
    """One posting: a quantity that moved, and why."""

    position: int
    kind: str
    """Of the event."""
    reason: str | None
    order: str | None
    """Number of the order that it concerns."""
    line: int | None
    line_from: str | None
    line_to: str | None
    quantity: int
    source: LedgerEnd | None
    """None where the units were not on hand before (with a customer)."""
    target: LedgerEnd | None
    occurred_at: datetime
    recorded_at: datetime
    who: str
    document: str | None
    """The source document that was named, such as a delivery note."""
    task: str | None
    """PO1042, T1043, C1044 or W1045: the purchase order, transfer, count or work order that it belongs to."""
    serial: str | None
    """Name of the unit, where it has one."""


class LedgerQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose ledger; with a position or a time: as of then."""

    sku: Code
    location: Code | None = None
    everything: Annotated[
        bool, Meta(description="Also what moved on order lines only: from the carrier to the customer")
    ] = False
    position: Position | None = None
    at: Then | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[UUID, int], (LAST_ID, _LAST_NUMBER))
        one_of(self.position, self.at)


class LedgerPage(Struct, frozen=True):
    """A page of a product's ledger, the newest posting first."""

    sku: str
    items: list[LedgerRow]
    next: str | None
    """A page may be shorter than its limit and still have a next one."""


async def ledger(tx: Transaction, query: LedgerQuery) -> LedgerPage:
    """The postings of a product, the newest first. Raises NotFound."""
    names = await read_names(tx)
    product = await find_product(tx, query.sku)
    location_id = find_location(names, query.location)
    until = await position_of(tx, query.position, query.at)
    newest = await last_id_until(tx, until)
    key = min(key_of(query.after, tuple[UUID, int], (LAST_ID, _LAST_NUMBER)), (newest, _LAST_NUMBER))
    step = query.limit + 1 if query.everything and location_id is None and newest == LAST_ID else _STEP
    found: list[asyncpg.Record] = []
    walked, end = 0, None
    while len(found) <= query.limit and walked < _WALK_MAX:
        rows = await tx.fetch(sql.postings_of_sku, product.id, *key, step)
        concerned = [row for row in rows if _concerns(row, query, location_id)]
        found += concerned if newest == LAST_ID else await _recorded_until(tx, concerned, until)
        walked += len(rows)
        end = rows[-1] if len(rows) == step else None
        if end is None:
            break
        key = (end["event_id"], end["number"])
    last = found[query.limit - 1] if len(found) > query.limit else end
    items = await ledger_rows(tx, found[: query.limit], names)
    return LedgerPage(product.code, items, cursor(last["event_id"], last["number"]) if last else None)


async def _recorded_until(tx: Transaction, rows: list[asyncpg.Record], position: int) -> list[asyncpg.Record]:
    """Those whose event was recorded by then: ids are dated, but only nearly in the order of positions."""
    events = {row["event_id"]: row["position"] for row in await _events_of(tx, rows)}
    return [row for row in rows if events[row["event_id"]] <= position]


async def _events_of(tx: Transaction, postings: Sequence[asyncpg.Record]) -> list[asyncpg.Record]:
    keys = sorted({(row["subject_id"], row["event_id"]) for row in postings})
    return await tx.fetch(sql.events_of_postings, *map(list, zip(*keys, strict=True))) if keys else []


def _concerns(row: asyncpg.Record, query: LedgerQuery, location_id: UUID | None) -> bool:
    """Whether it moved what lies on a shelf (or everything is asked for), and at the location that is asked for."""
    on_hand = row["from_bucket"] is not None or row["to_bucket"] is not None
    there = location_id in (None, row["from_location_id"], row["to_location_id"])
    return there and (on_hand or query.everything)


async def ledger_rows(tx: Transaction, postings: Sequence[asyncpg.Record], names: Names) -> list[LedgerRow]:
    """Postings with the events that they belong to, in the order given."""
    found = await _events_of(tx, postings)
    events = {row["event_id"]: row for row in found}
    who = await read_actors(tx, {row["actor"] for row in found})
    return [_ledger_row(row, events[row["event_id"]], names, who) for row in postings]


def _ledger_row(row: asyncpg.Record, event: asyncpg.Record, names: Names, who: Mapping[str, str]) -> LedgerRow:
    return LedgerRow(
        event["position"],
        event["kind"],
        event["reason"],
        str(event["order_number"]) if event["order_number"] else None,
        row["line_number"],
        row["line_from"],
        row["line_to"],
        row["quantity"],
        ledger_end(row["from_bucket"], row["from_location_id"], row["from_lot"], names),
        ledger_end(row["to_bucket"], row["to_location_id"], row["to_lot"], names),
        event["occurred_at"],
        event["recorded_at"],
        who[event["actor"]],
        event["document"],
        event["task"],
        row["serial"],
    )


def ledger_end(bucket: str | None, location_id: UUID | None, lot: str | None, names: Names) -> LedgerEnd | None:
    """One end of a posting, in the codes that people know; None where it has no such end."""
    if bucket is None:
        return None
    return LedgerEnd(bucket, names.location(location_id) if location_id else None, lot or "")


class Held(Struct, frozen=True):
    """Units of an order line that lie in the building for it."""

    order: str
    line: int
    customer: str | None
    allocated: int
    """Promised and on the shelf, not released yet."""
    released: int
    """On the shelf, to be picked."""
    picked: int
    packed: int


class HeldQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Units of which product."""

    sku: Code

    def __post_init__(self) -> None:
        key_of(self.after, tuple[UUID], (LAST_ID,))


class HeldPage(Struct, frozen=True):
    """Who holds units, the newest orders first."""

    sku: str
    items: list[Held]
    next: str | None
    """A page may be shorter than its limit and still have a next one."""


_HELD = ("allocated", "released", "picked", "packed")


async def held(tx: Transaction, query: HeldQuery) -> HeldPage:
    """Orders for which units of a product lie in the building. Raises NotFound."""
    product = await find_product(tx, query.sku)
    (before,) = key_of(query.after, tuple[UUID], (LAST_ID,))
    found: list[asyncpg.Record] = []
    walked, more = 0, True
    while len({row["order_id"] for row in found}) <= query.limit and walked < _WALK_MAX and more:
        rows = await tx.fetch(sql.walk_lines_of_sku, product.id, before, _STEP)
        more = len(rows) == _STEP
        whole = [row for row in rows if row["order_id"] != rows[-1]["order_id"]] if more else rows
        found += [row for row in whole or rows if any(row[name] for name in _HELD)]
        walked += len(rows)
        before = (whole or rows)[-1]["order_id"] if rows else before
    ids = list(dict.fromkeys(row["order_id"] for row in found))
    shown = ids[: query.limit]
    orders = {row["id"]: row for row in await tx.fetch(sql.order_rows, shown)} if shown else {}
    items = [
        Held(
            str(orders[row["order_id"]]["number"]),
            row["line"],
            orders[row["order_id"]]["customer"],
            *(row[name] for name in _HELD),
        )
        for row in found
        if row["order_id"] in orders
    ]
    last = shown[-1] if len(ids) > query.limit else before if more else None
    return HeldPage(product.code, items, cursor(last) if last is not None else None)
