"""Papers, for people who are logged in."""

import msgspec
from starlette.responses import Response

from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.printing.making import MORE_SCOPES, PaperQuery, make
from lading.views import NotFound


async def show(context: Context) -> Response:
    """The paper in the browser, from where it is printed."""
    params = context.request.path_params
    given = {name: value for name in ("language", "paper", "on", "carrier", "format") if (value := context.query(name))}
    try:
        query = msgspec.convert({"kind": params["kind"], "of": params["of"], **given}, PaperQuery, strict=False)
        if scope := MORE_SCOPES.get(query.kind):
            context.need(scope)
        async with context.database.read(context.merchant.id) as tx:
            found = await make(tx, query)
    except (NotFound, msgspec.ValidationError) as error:
        raise NotThere from error
    headers = {"content-disposition": f'inline; filename="{found.name}"', "cache-control": "no-store"}
    return Response(found.content, media_type=found.type, headers=headers)
