"""Whole tables to take away, for people who are logged in."""

from typing import cast

from starlette.responses import Response

from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.exporting import MEDIA_TYPES, Format, NoJournal, NoParquet, download
from lading.views import NotFound
from lading.views.exports import find_export


async def show(context: Context) -> Response:
    """The table as a file, streamed."""
    params = context.request.path_params
    try:
        chosen = find_export(params["name"])
    except NotFound as error:
        raise NotThere from error
    if params["format"] not in MEDIA_TYPES:
        raise NotThere
    try:
        return await download(context.database, context.merchant.id, chosen, cast(Format, params["format"]))
    except NoJournal as error:
        raise NotThere from error
    except NoParquet:
        said = context._("Parquet needs a library that is not installed on this server; take CSV instead.")
        return context.go("/stock", said)
