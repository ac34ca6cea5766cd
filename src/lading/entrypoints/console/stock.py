"""Stock by product and location, and the ledger of one product."""

from urllib.parse import quote

import msgspec
from starlette.responses import Response

from lading.entrypoints.console import forms
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.words import N_
from lading.terms.ledger import STOCK_BUCKETS
from lading.views import NotFound
from lading.views import stock as views
from lading.views.names import Names, read_names

PAGE_SIZE = 50
KINDS = (
    ("found", N_("found")),
    ("lost", N_("lost")),
    ("scrapped", N_("scrapped")),
    ("damaged", N_("damaged, not for sale")),
    ("repaired", N_("repaired, for sale again")),
)


async def show_list(context: Context) -> Response:
    """All products with what lies where, summed."""
    asked = {name: context.query(name) for name in ("q", "location")}
    raw = {name: value for name, value in asked.items() if value}
    problem, found = "", None
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx)
        try:
            after = context.query("after")
            query = msgspec.convert(
                {**raw, **({"after": after} if after else {}), "limit": PAGE_SIZE}, views.StockQuery
            )
            found = await views.stock(tx, query)
        except (NotFound, ValueError) as error:
            problem = str(error)
    return context.render(
        "stock.html",
        page=found,
        problem=problem,
        asked=asked,
        buckets=STOCK_BUCKETS,
        locations=sorted(names.locations.values()),
        is_later=bool(context.query("after")),
    )


async def show_one(context: Context) -> Response:
    """One product everywhere, and how it came to that."""
    sku = context.request.path_params["sku"]
    location = context.query("location") or None
    after = context.query("after") or None
    async with context.database.read(context.merchant.id) as tx:
        try:
            found = await views.stock(tx, views.StockQuery(sku=sku))
            ledger = await views.ledger(
                tx,
                msgspec.convert(
                    {"sku": sku, "location": location, "after": after, "limit": PAGE_SIZE}, views.LedgerQuery
                ),
            )
        except (NotFound, ValueError) as error:
            raise NotThere from error
        names = await read_names(tx)
    return context.render(
        "stock_one.html",
        product=found.items[0],
        ledger=ledger,
        buckets=STOCK_BUCKETS,
        location=location or "",
        sku=sku,
        locations=sorted(names.locations.values()),
        is_later=after is not None,
    )


async def show_receive(context: Context) -> Response:
    """The form for what a supplier delivered."""
    context.need("stock:write")
    return forms.show(context, await _receive_form(context))


async def receive(context: Context) -> Response:
    """Receive it."""
    form = await _receive_form(context)
    payload = forms.payload_of(context, form.fields)
    said = context._("%(count)s × %(sku)s received.", count=payload.get("quantity", ""), sku=payload.get("sku", ""))
    return await forms.submit(context, "stock.receive", form, payload, _back(payload.get("sku", "")), said)


async def show_adjust(context: Context) -> Response:
    """The form for what was found, lost or broken."""
    context.need("stock:write")
    return forms.show(context, await _adjust_form(context))


async def adjust(context: Context) -> Response:
    """Adjust it."""
    form = await _adjust_form(context)
    payload = forms.payload_of(context, form.fields)
    said = context._("%(count)s × %(sku)s adjusted.", count=payload.get("quantity", ""), sku=payload.get("sku", ""))
    return await forms.submit(context, "stock.adjust", form, payload, _back(payload.get("sku", "")), said)


def _back(sku: object) -> str:
    return f"/stock/of/{quote(str(sku))}" if sku else "/stock"


async def _receive_form(context: Context) -> Simple:
    first, last = await _common(context)
    fields = [*first, Field("reason", context._("Reason"), required=True, value="purchase"), *last]
    return Simple(
        context._("Receive stock"),
        "/stock/receive",
        fields,
        context._("Receive"),
        _back(context.query("sku")),
        context._("Units that a supplier delivered. They can be promised at once."),
        "package-import",
    )


async def _adjust_form(context: Context) -> Simple:
    first, last = await _common(context)
    kinds = [(name, context._(word)) for name, word in KINDS]
    fields = [
        *first,
        Field("kind", context._("What happened"), "select", kinds),
        Field("reason", context._("Reason"), required=True),
        *last,
    ]
    return Simple(
        context._("Adjust stock"),
        "/stock/adjust",
        fields,
        context._("Adjust"),
        _back(context.query("sku")),
        icon="adjustments",
    )


async def _common(context: Context) -> tuple[list[Field], list[Field]]:
    names = await _names(context)
    first = [
        Field("sku", context._("SKU"), "sku", required=True, value=context.query("sku")),
        Field(
            "location",
            context._("Location"),
            "select",
            sorted(names.locations.values()),
            required=True,
            value=context.query("location"),
        ),
        Field("quantity", context._("Units"), "number", required=True, low=1),
    ]
    last = [
        Field("lot", context._("Lot"), hint=context._("Only where the product has lots")),
        Field("document", context._("Document"), hint=context._("Delivery note, count sheet ...")),
    ]
    return first, last


async def _names(context: Context) -> Names:
    async with context.database.read(context.merchant.id) as tx:
        return await read_names(tx)
