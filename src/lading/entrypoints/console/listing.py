"""Pages that show a list: what was asked for, what was found, and what is wrong with the question."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import msgspec

from lading.database.pool import Transaction
from lading.entrypoints.console.context import Context
from lading.views import NotFound
from lading.views.names import read_names

Q = TypeVar("Q")

PAGE_SIZE = 50


async def find(
    context: Context,
    view: Callable[[Transaction, Q], Awaitable[Any]],
    query: type[Q],
    asked: Mapping[str, str],
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What a list's template shows: `page` (None where the question is wrong: `problem` says how), `asked`, places by code, and whether
    it is a later page. Filters that are `asked` for go into the query where they are not empty; `more` is said instead of them."""
    after = context.query("after")
    raw = {name: value for name, value in asked.items() if value} if more is None else dict(more)
    if after:
        raw["after"] = after
    problem, page = "", None
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx)
        try:
            page = await view(tx, msgspec.convert({**raw, "limit": PAGE_SIZE}, query))
        except (NotFound, ValueError) as error:
            problem = str(error)
    return {
        "page": page,
        "problem": problem,
        "asked": asked,
        "names": dict(names.locations.values()),
        "locations": sorted(names.locations.values()),
        "is_later": bool(after),
    }
