"""Kits: what they are made of, how many their parts give, and what is changed about them."""

from typing import Any
from urllib.parse import quote

import msgspec
from starlette.responses import Response

from lading.catalog.commands import SaveKit
from lading.database.pool import Transaction
from lading.entrypoints.api.problems import explain
from lading.entrypoints.console import forms
from lading.entrypoints.console.context import Context, NotThere, form_id
from lading.views import NotFound
from lading.views import kits as views
from lading.views.availability import SKUS_MAX, AvailabilityQuery, availability
from lading.views.kits import ComponentView, KitView
from lading.views.products import ProductQuery, product

PAGE_SIZE = 25
ROWS_MAX = 100


async def show_list(context: Context) -> Response:
    """All kits, or those that hold a product, with what can be promised of them and of their parts."""
    component = context.query("component")
    raw = {name: value for name, value in (("component", component), ("after", context.query("after"))) if value}
    async with context.database.read(context.merchant.id) as tx:
        try:
            page = await views.kits(tx, msgspec.convert({**raw, "limit": PAGE_SIZE}, views.KitsQuery))
        except ValueError as error:
            raise NotThere from error
        free = await _free(tx, page.items)
    return context.render(
        "kits.html", page=page, component=component, free=free, scarce=scarce, is_later=bool(context.query("after"))
    )


async def _free(tx: Transaction, kits: list[KitView]) -> dict[str, int]:
    """Units that can be promised of the kits and of their parts."""
    codes = sorted({code for kit in kits for code in (kit.sku, *(part.sku for part in kit.components))})
    free: dict[str, int] = {}
    for start in range(0, len(codes), SKUS_MAX):
        told = await availability(tx, AvailabilityQuery(skus=codes[start : start + SKUS_MAX]))
        free |= {item.sku: item.available for item in told.items}
    return free


def scarce(kit: KitView, free: dict[str, int]) -> str:
    """The part that runs out first: the code; empty where the kit has no parts."""

    def whole(part: ComponentView) -> int:
        return free.get(part.sku, 0) // part.per_kit

    return min(kit.components, key=whole).sku if kit.components else ""


Rows = list[dict[str, str]]
_COLUMNS = ("component", "per_kit", "list_price")


async def show_form(context: Context) -> Response:
    """What a product is made of, to be changed; of a product that is no kit yet nothing."""
    context.need("products:write")
    sku = context.query("sku")
    rows, stocked = list[dict[str, str]](), False
    if sku:
        async with context.database.read(context.merchant.id) as tx:
            try:
                sku = (await product(tx, ProductQuery(sku))).sku
            except NotFound as error:
                raise NotThere from error
            try:
                kit = await views.kit(tx, views.KitQuery(sku))
            except NotFound:
                kit = None
        if kit:
            stocked = kit.kit == "stocked"
            rows = [
                {"component": part.sku, "per_kit": str(part.per_kit), "list_price": part.list_price or ""}
                for part in kit.components
            ]
    return _form(context, sku, rows or [{"component": "", "per_kit": "1", "list_price": ""}], stocked, "")


async def save(context: Context) -> Response:
    """Save it; without any part it is no kit any more."""
    sku, stocked = context.sent("sku"), context.sent("stocked") == "yes"
    lists = [[str(value).strip() for value in context.form.getlist(name)][:ROWS_MAX] for name in _COLUMNS]
    rows: Rows = [dict(zip(_COLUMNS, cells, strict=True)) for cells in zip(*lists, strict=False)]
    named = [row for row in rows if row["component"]]
    components = [_component(row) for row in named]
    payload = {"sku": sku, "components": components, "stocked": stocked and bool(components)}
    if errors := explain(SaveKit, payload):
        said = forms.all_wrong(errors)
        return _form(context, sku, rows, stocked, said)
    answer = await context.submit("kits.save", payload)
    if not answer.accepted:
        return _form(context, sku, rows, stocked, context.why_not(answer))
    said = context._("%(sku)s is a kit of so many products: %(count)s.", sku=sku, count=len(components))
    return context.go(
        f"/stock/of/{quote(sku)}", said if components else context._("%(sku)s is no kit any more.", sku=sku)
    )


def _component(row: dict[str, str]) -> dict[str, Any]:
    units, price = row["per_kit"], row["list_price"].replace(",", ".")
    number: Any = int(units) if units.isdecimal() and len(units) < 12 else units
    return {"sku": row["component"], "per_kit": number, **({"list_price": price} if price else {})}


def _form(context: Context, sku: str, rows: Rows, stocked: bool, error: str) -> Response:
    return context.render(
        "kit_edit.html", 409 if error else 200, sku=sku, rows=rows, stocked=stocked, error=error, once=form_id(),
        fixed=bool(context.query("sku")) or (bool(error) and context.sent("fixed") == "yes"),
    )  # fmt: skip
