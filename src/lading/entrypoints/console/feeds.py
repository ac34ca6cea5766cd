"""Stock feeds: files of stock that were handed in, how far each is, and what became of its rows."""

from collections.abc import AsyncIterator
from typing import Any
from zoneinfo import ZoneInfo

from starlette.datastructures import UploadFile
from starlette.responses import Response

from lading.entrypoints.console import forms
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.stock import moment
from lading.entrypoints.console.words import N_
from lading.entrypoints.files import Files
from lading.views import NotFound
from lading.views import stock_feeds as views
from lading.views.names import read_names

PAGE_SIZE = 50
KINDS = (("snapshot", N_("Snapshot: what lies there")), ("delta", N_("Changes: what came and went")))
_PIECE = 1 << 20


async def show_list(context: Context) -> Response:
    """All of them, the newest first."""
    async with context.database.read(context.merchant.id) as tx:
        try:
            query = views.StockFeedsQuery(limit=PAGE_SIZE, after=context.query("after") or None)
            page = await views.stock_feeds(tx, query)
        except ValueError as error:
            raise NotThere from error
    return context.render("feeds.html", page=page, is_later=bool(context.query("after")))


async def show_one(context: Context) -> Response:
    """How far it is, and the report."""
    async with context.database.read(context.merchant.id) as tx:
        try:
            feed = await views.stock_feed(tx, views.StockFeedQuery(context.request.path_params["reference"]))
        except NotFound as error:
            raise NotThere from error
    return context.render("feed.html", feed=feed)


async def show_new(context: Context) -> Response:
    """The form that takes a file."""
    context.need("stock:write")
    return forms.show(context, await _form(context))


async def hand_in(context: Context, files: Files) -> Response:
    """Keep the file; the worker loads it."""
    context.need("stock:write")
    form = await _form(context)
    payload: dict[str, Any] = forms.payload_of(context, [each for each in form.fields if each.kind != "file"])
    if "as_of" in payload:
        payload["as_of"] = moment(context, payload["as_of"])
    file = context.form.get("file")
    if not isinstance(file, UploadFile) or not file.size:
        form.fields = forms.filled(context, form.fields)
        return forms.show(context, form, context._("Choose a file that is not empty."))
    payload["file"] = (await files.keep(context.merchant.id, pieces(file), "text/csv")).sha256
    back = f"/stock-feeds/{payload.get('reference', '')}"
    return await forms.submit(
        context, "stock-feeds.receive", form, payload, back, context._("The file is in; it is loaded now.")
    )


async def pieces(file: UploadFile) -> AsyncIterator[bytes]:
    """What a browser sent."""
    while piece := await file.read(_PIECE):
        yield piece


async def _form(context: Context) -> Simple:
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx)
    local = context.now.astimezone(ZoneInfo(context.merchant.time_zone))
    fields = [
        Field("file", context._("File (CSV, also gzipped)"), "file", required=True, wide=True,
              hint=context._("Columns: sku and quantity; location, lot and reason may be there.")),
        Field("kind", context._("What it holds"), "select", [(name, context._(word)) for name, word in KINDS]),
        Field("as_of", context._("As of"), "moment", hint=context._("Empty: now. What moved after it is not lost.")),
        Field("location", context._("Location"), "select",
              [("", context._("as the file says")), *sorted(names.locations.values())]),
        Field("reference", context._("Reference"), required=True, value=f"console-{local:%Y-%m-%d-%H%M%S}"),
        Field("complete", context._("Complete: shelves that it does not name are empty"), "check", value=""),
    ]  # fmt: skip
    return Simple(
        context._("Load a stock feed"),
        "/stock-feeds/new",
        fields,
        context._("Load"),
        "/stock-feeds",
        context._("Only what differs from the book is corrected; every row is accounted for."),
        "file-import",
    )
