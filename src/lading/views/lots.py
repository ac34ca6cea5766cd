"""Lots with what is left of them and who has some; serial numbers, where each is and where it was."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.kernel.ids import ZERO
from lading.terms.fields import Code, LotName, SerialNumber
from lading.views.names import Names, read_names
from lading.views.pages import FIRST_ID, NotFound, PageQuery, cursor, key_of, page_of
from lading.views.products import find_product
from lading.views.stock import LedgerRow, find_location, ledger_rows

sql = queries.load(__file__)

_NO_DATE = date.max.isoformat()
HISTORY_MAX = 1_000


class LotView(Struct, frozen=True):
    """A lot and what is left of it, in units."""

    sku: str
    lot: str
    status: str
    """ok, held, recalled"""
    expires_on: date | None
    """The last day; None: it never expires."""
    received_at: datetime
    """When its first units came."""
    on_hand: int
    available: int
    """In the bucket: units of a lot that is held, recalled or expired are not promised all the same."""
    locations: dict[str, int]
    """On hand by location."""
    version: int


class LotsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which lots, the first to expire first; those that never expire come last."""

    sku: Code | None = None
    status: Literal["ok", "held", "recalled"] | None = None
    expires_by: Annotated[date, Meta(description="Only lots whose last day is that or an earlier one")] | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[date, UUID, str], (date.min, FIRST_ID, ""))


class LotsPage(Struct, frozen=True):
    """A page of lots."""

    items: list[LotView]
    next: str | None


async def lots(tx: Transaction, query: LotsQuery) -> LotsPage:
    """Lots by expiry. Raises NotFound for a product that does not exist."""
    sku_id = (await find_product(tx, query.sku)).id if query.sku else None
    key = key_of(query.after, tuple[date, UUID, str], (date.min, FIRST_ID, ""))
    rows = await tx.fetch(sql.lots, sku_id, query.status, query.expires_by, *key, query.limit + 1)
    shown = rows[: query.limit]
    stock = await _stock_of(tx, shown)
    names = await read_names(tx, {row["sku_id"] for row in shown})
    last = shown[-1] if len(rows) > query.limit else None
    next_ = cursor(last["expires_on"] or _NO_DATE, last["sku_id"], last["lot"]) if last else None
    return LotsPage([_lot(row, stock.get((row["sku_id"], row["lot"]), []), names) for row in shown], next_)


Lying = Mapping[tuple[UUID, str], Sequence[asyncpg.Record]]


async def _stock_of(tx: Transaction, rows: Sequence[asyncpg.Record]) -> Lying:
    keys = [(row["sku_id"], row["lot"]) for row in rows]
    found: dict[tuple[UUID, str], list[asyncpg.Record]] = {}
    for row in await tx.fetch(sql.stock_of_lots, *queries.transposed(keys, 2)) if keys else ():
        found.setdefault((row["sku_id"], row["lot"]), []).append(row)
    return found


def _lot(row: asyncpg.Record, lying: Sequence[asyncpg.Record], names: Names) -> LotView:
    return LotView(
        names.sku(row["sku_id"]),
        row["lot"],
        row["status"],
        row["expires_on"],
        row["received_at"],
        sum(each["on_hand"] for each in lying),
        sum(each["available"] for each in lying),
        {names.location(each["location_id"]): each["on_hand"] for each in lying},
        row["version"],
    )


class Holder(Struct, frozen=True):
    """An order that got, or shall get, units of a lot."""

    order: str
    line: int
    customer: str | None
    email: str | None
    promised: int
    """Units that are allocated or released and still on the shelf: they can be swapped for another lot."""
    in_house: int
    """Units that are picked or packed."""
    in_transit: int
    delivered: int
    elsewhere: int
    """Units that were lost on their way or returned to their sender."""


class HoldersQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which lot."""

    sku: Code
    lot: LotName

    def __post_init__(self) -> None:
        key_of(self.after, tuple[UUID, int], (FIRST_ID, 0))


class Holders(Struct, frozen=True):
    """Who has units of a lot: the recall list."""

    lot: LotView
    items: list[Holder]
    next: str | None


async def holders(tx: Transaction, query: HoldersQuery) -> Holders:
    """What is left of a lot, and the orders that got units of it, the oldest first. Raises NotFound."""
    product = await find_product(tx, query.sku)
    row = await tx.fetchrow(sql.one_lot, product.id, query.lot)
    if row is None:
        raise NotFound(f"There is no lot {query.lot} of {query.sku}.")
    stock = await _stock_of(tx, [row])
    names = await read_names(tx, [product.id])
    rows = await tx.fetch(
        sql.lot_holders, product.id, query.lot, *key_of(query.after, tuple[UUID, int], (FIRST_ID, 0)), query.limit + 1
    )
    shown, following = page_of(rows, query.limit, "order_id", "number")
    items = [Holder(str(each["order_number"]), *list(each.values())[3:]) for each in shown]
    return Holders(
        _lot(row, stock.get((product.id, query.lot), []), names),
        items,
        following,
    )


class SerialView(Struct, frozen=True):
    """One unit by its name."""

    sku: str
    serial: str
    lot: str
    place: str
    """on_shelf, picked, packed, damaged, quality_hold, in_transit, delivered, sent_back, lost, scrapped, supplier, ..."""
    location: str | None
    """None: away."""
    order: str | None
    """That it left, or leaves, with."""
    line: int | None
    transfer: str | None
    """That it is on its way with."""


Place = Literal[
    "on_shelf", "picked", "packed", "damaged", "quality_hold", "in_transit", "delivered", "sent_back", "lost", "scrapped",
    "supplier", "found", "outside", "assembled",
]  # fmt: skip


class SerialsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which units: of a product, by their names, or those of all products that bear one name."""

    sku: Annotated[Code, Meta(description="Left out: units of all products that bear the name `serial`")] | None = None
    serial: SerialNumber | None = None
    location: Code | None = None
    place: Place | None = None

    def __post_init__(self) -> None:
        if self.sku is None and self.serial is None:
            raise ValueError("name a product, a serial number, or both")
        self.key()

    def key(self) -> tuple[Any, ...]:
        """After which unit the page begins. Raises ValueError for a cursor of another list."""
        return key_of(self.after, tuple[UUID], (ZERO,)) if self.sku is None else key_of(self.after, tuple[str], ("",))


class SerialsPage(Struct, frozen=True):
    """A page of units."""

    items: list[SerialView]
    next: str | None


async def serials(tx: Transaction, query: SerialsQuery) -> SerialsPage:
    """Units by their names. Raises NotFound for a product or a location that does not exist."""
    if query.sku is None:
        return await _named(tx, query)
    product = await find_product(tx, query.sku)
    names = await read_names(tx)
    location_id = find_location(names, query.location)
    (after,) = query.key()
    rows = await tx.fetch(sql.serials, product.id, query.serial, location_id, query.place, after, query.limit + 1)
    shown, following = page_of(rows, query.limit, "serial")
    return SerialsPage([_serial(product.code, row, names) for row in shown], following)


async def products_of_serial(tx: Transaction, serial: str, skus: Sequence[str]) -> list[tuple[str, str]]:
    """(product, lot) of each unit of that name among these products."""
    return [(row["sku"], row["lot"]) for row in await tx.fetch(sql.products_of_serial, serial, list(skus))]


async def _named(tx: Transaction, query: SerialsQuery) -> SerialsPage:
    """Units of all products that bear the name."""
    location_id = find_location(await read_names(tx), query.location)
    rows = await tx.fetch(sql.serials_named, query.serial, location_id, query.place, *query.key(), query.limit + 1)
    shown, following = page_of(rows, query.limit, "sku_id")
    names = await read_names(tx, {row["sku_id"] for row in shown})
    return SerialsPage([_serial(names.sku(row["sku_id"]), row, names) for row in shown], following)


def _serial(sku: str, row: asyncpg.Record, names: Names) -> SerialView:
    return SerialView(
        sku,
        row["serial"],
        row["lot"],
        row["place"],
        names.location(row["location_id"]) if row["location_id"] else None,
        str(row["order_number"]) if row["order_number"] else None,
        row["line_number"],
        f"T{row['transfer_number']}" if row["transfer_number"] else None,
    )


class SerialHistoryQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Of which unit."""

    sku: Code
    serial: SerialNumber


class SerialHistory(Struct, frozen=True):
    """Where a unit is, and every posting that moved it, the newest first."""

    unit: SerialView
    items: list[LedgerRow]


async def serial_history(tx: Transaction, query: SerialHistoryQuery) -> SerialHistory:
    """One unit's way from its receipt on. Raises NotFound."""
    product = await find_product(tx, query.sku)
    names = await read_names(tx)
    rows = await tx.fetch(sql.serials, product.id, query.serial, None, None, "", 1)
    if not rows:
        raise NotFound(f"There is no {query.serial} of {query.sku}.")
    postings = await tx.fetch(sql.postings_of_serial, product.id, query.serial, HISTORY_MAX)
    return SerialHistory(_serial(product.code, rows[0], names), await ledger_rows(tx, postings, names))
