"""Pools of channels: what they keep or cap, and what is left of them."""

from typing import Annotated

from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.fields import Code
from lading.views.names import read_names
from lading.views.pages import PageQuery, cursor, key_of
from lading.views.products import find_product

sql = queries.load(__file__)


class PoolsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose pools."""

    sku: Annotated[Code, Meta(description="Only pools of this product, by code or id")] | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[str, str], ("", ""))


class PoolOfSku(Struct, frozen=True):
    """Units of a product that are kept for channels, or how many they may have."""

    sku: str
    pool: str
    kind: str
    """exclusive, shared, capped"""
    channels: list[str]
    group: str | None
    """The group of locations that it concerns; None: all."""
    quantity: int
    taken: int
    """Units of it that orders hold."""
    left: int
    """What the channels may still take of it, where there is as much."""
    version: int


class PoolsPage(Struct, frozen=True):
    """A page of pools, by product and code."""

    items: list[PoolOfSku]
    next: str | None


async def pools(tx: Transaction, query: PoolsQuery) -> PoolsPage:
    """The active pools. Raises NotFound."""
    sku_id = (await find_product(tx, query.sku)).id if query.sku else None
    key = key_of(query.after, tuple[str, str], ("", ""))
    names = await read_names(tx)
    items = [
        PoolOfSku(sku, code, kind, [names.channel(id_) for id_ in channel_ids], *rest)
        for sku, code, kind, channel_ids, *rest in await tx.fetch(sql.pools, sku_id, *key, query.limit + 1)
    ]
    more = len(items) > query.limit
    items = items[: query.limit]
    return PoolsPage(items, cursor(items[-1].sku, items[-1].pool) if more else None)
