"""What to order, what has run out, what lies too long; ticked rows become a purchase order."""

from typing import Any

import msgspec
from starlette.responses import Response

from lading.entrypoints.console.context import Context
from lading.entrypoints.console.words import N_
from lading.views import NotFound
from lading.views import replenishment as views
from lading.views.names import read_names

PAGE_SIZE = 50
LISTS = (("reorder", N_("To order")), ("stock_out", N_("Run out")), ("overstock", N_("Too much")))


async def show(context: Context) -> Response:
    """One of the lists, the most urgent first."""
    asked = {"state": context.query("state") or LISTS[0][0], "location": context.query("location")}
    raw: dict[str, Any] = {name: value for name, value in asked.items() if value}
    if after := context.query("after"):
        raw["after"] = after
    problem, found = "", None
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx)
        try:
            query = msgspec.convert({**raw, "limit": PAGE_SIZE}, views.ReplenishmentQuery)
            found = await views.replenishment(tx, query)
        except (NotFound, ValueError) as error:
            problem = str(error)
    return context.render(
        "replenishment.html",
        page=found,
        problem=problem,
        asked=asked,
        lists=LISTS,
        locations=sorted(names.locations.values()),
        is_later=bool(after),
    )
