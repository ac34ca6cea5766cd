"""Attributes as they are defined, and what is said of products."""

from collections.abc import Iterable, Sequence

from lading.catalog.attributes import Attribute, SkuValue
from lading.database import queries
from lading.database.pool import Transaction

sql = queries.load(__file__)

Key = tuple[str, str]
"""(subject, code)"""


async def read_attributes(tx: Transaction, keys: Iterable[Key], *, lock: bool) -> dict[Key, Attribute]:
    """These attributes; with `lock` locked, in primary-key order."""
    statement = sql.lock_attributes if lock else sql.read_attributes
    rows = await tx.fetch(statement, *queries.transposed(sorted(set(keys)), 2))
    return {(row[0], row[1]): Attribute(*row) for row in rows}


async def attributes_of(tx: Transaction, subject: str) -> dict[Key, Attribute]:
    """Those in use for a kind of thing."""
    return {(row[0], row[1]): Attribute(*row) for row in await tx.fetch(sql.attributes_of, subject)}


async def save_attributes(tx: Transaction, rows: Sequence[Attribute]) -> int:
    """Rows written."""
    lists = [(row.subject, row.code, row.name, row.type, "\x1f".join(row.allowed), row.required, row.filterable, row.active, row.version)
             for row in rows]  # fmt: skip
    return await tx.execute(sql.save_attributes, *queries.transposed(lists, 9))


async def save_sku_values(tx: Transaction, rows: Sequence[SkuValue]) -> None:
    """The last word counts."""
    last = {(row.sku_id, row.code): row.value for row in rows}
    if gone := [key for key in sorted(last) if last[key] is None]:
        await tx.execute(sql.remove_sku_values, *queries.transposed(gone, 2))
    if there := [(*key, value) for key, value in sorted(last.items()) if value is not None]:
        await tx.execute(sql.set_sku_values, *queries.transposed(there, 3))
