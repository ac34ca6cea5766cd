"""GET /v1/documents/{kind}/{of}: a paper, ready to be printed."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from lading.access.store import Caller
from lading.database.pool import Database
from lading.entrypoints.api.parameters import parameters
from lading.entrypoints.api.problems import malformed, problem, read_texts, render
from lading.entrypoints.files import Files
from lading.entrypoints.printing.making import MORE_SCOPES, Paper, PaperQuery, make
from lading.entrypoints.printing.queue import paper_of
from lading.views import NotFound


async def paper(request: Request, database: Database, caller: Caller) -> Response:
    """The paper as a file."""
    raw: dict[str, Any] = {**parameters(request), **request.path_params}
    try:
        query = read_texts(PaperQuery, raw)
    except msgspec.ValidationError as error:
        return render(malformed(PaperQuery, raw, str(error), text=True))
    scope = MORE_SCOPES.get(query.kind)
    if scope and not caller.may(scope):
        return render(problem("forbidden", 403, "Not allowed", f"The key {caller.name!r} lacks the scope {scope}."))
    async with database.read(caller.merchant_id) as tx:
        return response_of(await make(tx, query))


async def print_file(request: Request, database: Database, files: Files, caller: Caller) -> Response:
    """The paper of a print job; its digest stands in the header x-sha256."""
    try:
        job = UUID(request.path_params["job"])
    except ValueError:
        raise NotFound(f"There is no print job {request.path_params['job']}.") from None
    found, sha256 = await paper_of(database, files, caller.merchant_id, job)
    response = response_of(found)
    response.headers["x-sha256"] = sha256
    return response


def response_of(found: Paper) -> Response:
    """Shown by a browser, kept by nobody on the way: it names people."""
    named = f"inline; filename*=UTF-8''{quote(found.name)}"
    return Response(
        found.content, media_type=found.type, headers={"content-disposition": named, "cache-control": "no-store"}
    )
