"""GET /v1/exports/{name}?format=csv: a whole table, streamed."""

from typing import cast

from starlette.requests import Request
from starlette.responses import Response

from lading.access.store import Caller
from lading.database.pool import Database
from lading.entrypoints.api.parameters import parameters
from lading.entrypoints.api.problems import FieldError, misfits, render
from lading.entrypoints.exporting import MEDIA_TYPES, Format, NoJournal, NoParquet, download
from lading.views.exports import find_export


async def export(request: Request, database: Database, caller: Caller) -> Response:
    """Stream it. The first piece is made before the answer begins, so that what cannot be made is told as a problem."""
    chosen = find_export(request.path_params["name"])
    format_ = parameters(request, ("format",)).get("format", "csv")
    if format_ not in MEDIA_TYPES:
        return render(misfits([FieldError("/format", f"must be one of {', '.join(MEDIA_TYPES)}")]))
    try:
        return await download(database, caller.merchant_id, chosen, cast(Format, format_))
    except (NoJournal, NoParquet) as error:
        return render(misfits([FieldError("/format", str(error))]))
