"""Serial numbers: where a unit is, and every posting that moved it."""

from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from lading.entrypoints.console import words
from lading.entrypoints.console.context import Context, NotThere
from lading.views import NotFound
from lading.views import lots as views
from lading.views.names import read_names
from lading.views.products import ProductQuery, product

PAGE_SIZE = 100


async def show_list(context: Context) -> Response:
    """Units by their names: of a product, or all that bear one name. What is found alone is opened at once."""
    asked = {name: context.query(name) for name in ("serial", "sku", "location", "place")}
    raw = {name: value for name, value in {**asked, "after": context.query("after")}.items() if value}
    problem, page, plain = "", None, False
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx)
        try:
            if asked["sku"] or asked["serial"]:
                page = await views.serials(tx, msgspec.convert({**raw, "limit": PAGE_SIZE}, views.SerialsQuery))
            if asked["sku"]:
                plain = (await product(tx, ProductQuery(asked["sku"]))).tracking != "serial"
        except (NotFound, ValueError) as error:
            problem = str(error)
    if page and asked["serial"] and len(page.items) == 1 and not context.by_htmx:
        return context.go(address(page.items[0]))
    return context.render(
        "serials.html",
        page=page,
        problem=problem,
        plain=plain,
        asked=asked,
        places=words.SERIALS,
        locations=sorted(names.locations.values()),
        address=address,
        is_later="after" in raw,
    )


async def show_one(context: Context) -> Response:
    """One unit's way."""
    async with context.database.read(context.merchant.id) as tx:
        try:
            query = {name: context.query(name) for name in ("sku", "serial")}
            found = await views.serial_history(tx, msgspec.convert(query, views.SerialHistoryQuery))
        except (NotFound, ValueError) as error:
            raise NotThere from error
    return context.render("serial.html", unit=found.unit, rows=found.items)


def address(unit: views.SerialView) -> str:
    """The page of a unit."""
    return f"/serials/of?{urlencode({'sku': unit.sku, 'serial': unit.serial})}"
