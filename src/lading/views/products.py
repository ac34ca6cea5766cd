"""Products by code, GTIN or words of their name; locations and channels."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Meta, Struct, structs

from lading.catalog.commands import LocationAddress
from lading.catalog.schedule import Schedule, parse
from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.fields import Code
from lading.views import search
from lading.views.pages import NotFound, PageQuery, cursor, key_of
from lading.views.words import after_prefix, search_words

sql = queries.load(__file__)
_decode_address = msgspec.json.Decoder(LocationAddress).decode

_WALK_MAX = 2_000
_STEP = 500
_HITS_MAX = 1_000


@dataclass(slots=True, frozen=True)
class Found:
    """A product of a walk."""

    id: UUID
    code: str
    name: str


class Product(Struct, frozen=True):
    """A product."""

    id: UUID
    sku: str
    name: str
    gtin: str | None
    weight_grams: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    active: bool
    """An inactive product takes no new orders."""
    version: int
    tracking: str
    """How its units are told apart: none, lot, serial."""
    upright: bool
    """Its height points upwards in a carton."""
    fragile: bool
    """Nothing lies above it but what is fragile too."""
    keep_apart: str
    """It shares no carton with products of another class; empty: it goes with all."""
    hs_code: str | None
    """Of the customs tariff."""
    origin: str | None
    """The country that it was made in."""
    tax_category: str
    """What tax rates call it; empty: an ordinary one."""
    attributes: dict[str, str] = {}
    """What is said of it beside, by the merchant's own attributes."""


class ProductsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which products, in the order of their codes."""

    q: Annotated[str, Meta(max_length=200, description="A code's beginning, a GTIN, or words of the name")] | None = (
        None
    )

    attribute: (
        Annotated[
            str,
            Meta(max_length=600, pattern="^[a-z][a-z0-9_]{0,39}:", description="code:value of a filterable attribute"),
        ]
        | None
    ) = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[str], ("",))


class ProductQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """One product."""

    sku: Annotated[Code, Meta(description="Code or id")]


class ProductsPage(Struct, frozen=True):
    """A page of products."""

    items: list[Product]
    next: str | None


class Location(Struct, frozen=True):
    """Where stock lies and orders are filled."""

    id: UUID
    code: str
    name: str
    kind: str
    time_zone: str
    country: str
    priority: int
    """Lower fills first."""
    active: bool
    version: int
    group: str | None
    """The location group that it stands in."""
    address: LocationAddress | None
    capabilities: list[str]
    """ship, pickup, returns, hazardous: what it can do."""
    schedule: Schedule | None
    """When it works and how much it does in a day; None: its days are not counted."""


class Locations(Struct, frozen=True):
    """All locations, in the order in which they fill."""

    items: list[Location]


class Channel(Struct, frozen=True):
    """Where orders come from."""

    id: UUID
    code: str
    name: str
    version: int


class Channels(Struct, frozen=True):
    """All channels by code."""

    items: list[Channel]


class LocationsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A question without parameters."""


class ChannelsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A question without parameters."""


async def products(tx: Transaction, query: ProductsQuery) -> ProductsPage:
    """A page of products by code."""
    having = None
    if query.attribute:
        code, _, value = query.attribute.partition(":")
        having = {row["id"] for row in await tx.fetch(sql.products_with, code, value, _HITS_MAX)}
    found, next_ = await walk_products(tx, query.q, query.after, query.limit, among=having)
    rows = {row["id"]: row for row in await tx.fetch(sql.products_of_ids, [each.id for each in found])}
    said = await _said_of(tx, rows)
    return ProductsPage(
        [
            structs.replace(Product(*rows[each.id]), attributes=said.get(each.id, {}))
            for each in found
            if each.id in rows
        ],
        next_,
    )


async def _said_of(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, dict[str, str]]:
    said: dict[UUID, dict[str, str]] = {}
    for sku_id, code, value in await tx.fetch(sql.values_of_products, list(ids)):
        said.setdefault(sku_id, {})[code] = value
    return said


async def product(tx: Transaction, query: ProductQuery) -> Product:
    """One product. Raises NotFound."""
    found = await find_product(tx, query.sku)
    said = await _said_of(tx, [found.id])
    return structs.replace(
        Product(*(await tx.fetch(sql.products_of_ids, [found.id]))[0]), attributes=said.get(found.id, {})
    )


async def products_of(tx: Transaction, codes: Sequence[str]) -> dict[str, Product]:
    """The products of these codes, those that there are."""
    return {row["code"]: Product(*row) for row in await tx.fetch(sql.products_of_codes, list(codes))}


async def find_product(tx: Transaction, ref: str) -> Found:
    """The product of that code, or id. Raises NotFound."""
    row = await tx.fetchrow(sql.product_by_code, ref)
    if row is None and len(ref) == 36:
        try:
            row = await tx.fetchrow(sql.product_by_id, UUID(ref))
        except ValueError:
            row = None
    if row is None:
        raise NotFound(f"There is no product {ref}.")
    return Found(*row)


Filter = Callable[[Sequence[Found]], Awaitable[Sequence[Found]]]


async def walk_products(
    tx: Transaction,
    q: str | None,
    after: str | None,
    limit: int,
    keep: Filter | None = None,
    among: Collection[UUID] | None = None,
) -> tuple[list[Found], str | None]:
    """A page of products by code, and the cursor of the next one. `keep` filters a bounded walk, `among` are those that it may find."""
    (last,) = key_of(after, tuple[str], ("",))
    chosen = await _chosen(tx, q)
    if among is not None:
        chosen = list(among) if chosen is None else [id_ for id_ in chosen if id_ in among]
    step = limit + 1 if keep is None else max(_STEP, limit + 1)
    found: list[Found] = []
    walked = 0
    while len(found) <= limit and walked < _WALK_MAX:
        rows = await _step(tx, chosen, last, step)
        fitting = [Found(*row) for row in rows]
        found += fitting if keep is None else await keep(fitting)
        walked += len(rows)
        if len(rows) < step:
            return found[:limit], cursor(found[limit - 1].code) if len(found) > limit else None
        last = rows[-1]["code"]
    return found[:limit], cursor(found[limit - 1].code if len(found) > limit else last)


async def _chosen(tx: Transaction, q: str | None) -> list[UUID] | None:
    """What a typed text may mean, by code, GTIN or name: at most a few thousand. None where nothing is typed."""
    text = (q or "").strip().replace("\0", "")
    if not text:
        return None
    ids = {row["id"] for row in await tx.fetch(sql.products_by_gtin, text)}
    words = search_words(text)
    if words:
        ids.update(await search.subjects(tx, "sku", words, _HITS_MAX))
    for prefix in {text, text.upper()}:
        ids.update(row["id"] for row in await tx.fetch(sql.products_by_prefix, prefix, after_prefix(prefix), _HITS_MAX))
    return list(ids)


async def _step(tx: Transaction, chosen: list[UUID] | None, after: str, size: int) -> list[asyncpg.Record]:
    if chosen is None:
        return await tx.fetch(sql.walk_products, after, size)
    return await tx.fetch(sql.walk_chosen_products, chosen, after, size)


async def locations(tx: Transaction, _: LocationsQuery) -> Locations:
    """All locations: a few, or some thousand stores."""
    return Locations([_location(row) for row in await tx.fetch(sql.locations)])


def _location(row: asyncpg.Record) -> Location:
    read: dict[str, Callable[[str], Any]] = {"address": _decode_address, "schedule": parse}
    return Location(*(read[name](value) if name in read and value else value for name, value in row.items()))


async def channels(tx: Transaction, _: ChannelsQuery) -> Channels:
    """All channels."""
    return Channels([Channel(*row) for row in await tx.fetch(sql.channels)])
