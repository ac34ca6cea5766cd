"""Lists that are filtered while they walk an index: a page ends where it is full, or where somebody has walked far enough."""

from collections.abc import Callable

import asyncpg

from lading.database.pool import Transaction
from lading.views.pages import cursor

WALK_MAX = 2_000
"""Rows that are looked at for one page: what fits rarely is found over several pages."""
STEP = 200


async def walk(
    tx: Transaction,
    statement: str,
    after: tuple[object, ...],
    key: tuple[str, ...],
    fits: Callable[[asyncpg.Record], bool],
    limit: int,
) -> tuple[list[asyncpg.Record], str | None]:
    """The next rows that fit, at most `limit`, and the cursor of the next page (None at the end).

    The statement takes a key, after which it goes on, and how many rows it may give; `key` are the columns of it.
    """
    found: list[asyncpg.Record] = []
    walked, more = 0, True
    while len(found) <= limit and walked < WALK_MAX and more:
        rows = await tx.fetch(statement, *after, STEP)
        found += filter(fits, rows)
        walked += len(rows)
        more = len(rows) == STEP
        after = _key(rows[-1], key) if rows else after
    if len(found) > limit:
        return found[:limit], cursor(*_key(found[limit - 1], key))
    return found, cursor(*after) if more else None


def _key(row: asyncpg.Record, names: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(row[name] for name in names)
