"""The table of the console's pages."""

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from lading.entrypoints.console import (
    actions,
    bulk,
    live,
    login,
    orders,
)
from lading.entrypoints.console.context import Context, NotThere, page
from lading.entrypoints.console.rendering import STATIC
from lading.entrypoints.service import Service
from lading.settings import Settings

_YEAR_SECONDS = 31_536_000
_OTHERS = ("/v1/", "/health", "/ready", "/metrics", "/static/")
"""What is none of the console's business gets no page where nothing is found."""


def routes(service: Service, settings: Settings) -> Sequence[BaseRoute]:
    """All pages. Who reads the journal for open windows is made once."""
    readers = live.Live(service.database)

    async def stream(context: Context) -> Response:
        return await live.stream(context, readers)

    return [
        Mount("/static", _KeptFiles(directory=STATIC), name="static"),
        Route("/login", login.show),
        Route("/login", login.enter, methods=["POST"]),
        Route("/logout", page(login.leave), methods=["POST"]),
        Route("/live", page(stream)),
        Route("/orders", page(orders.show_list, "orders:read")),
        Route("/orders/bulk", page(bulk.run), methods=["POST"]),
        Route("/orders/{ref}", page(orders.show_one, "orders:read")),
        Route("/orders/{ref}/do/{verb}", page(actions.show, "orders:read")),
        Route("/orders/{ref}/do/{verb}", page(actions.run), methods=["POST"]),
        Route("/{rest:path}", _nothing),
    ]


class _KeptFiles(StaticFiles):
    """Files whose address holds a digest of their content are kept by browsers for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; 404 where there is none."""
        response = await super().get_response(path, scope)
        if response.status_code == 200 and scope["query_string"].startswith(b"v="):
            response.headers["cache-control"] = f"public, max-age={_YEAR_SECONDS}, immutable"
        response.headers["x-content-type-options"] = "nosniff"
        return response


async def _nothing(request: Request) -> Response:
    """A friendly page for people, the usual problem for machines."""
    if request.url.path.startswith(_OTHERS):
        raise HTTPException(404)
    return await page(_not_there)(request)


async def _not_there(_: Context) -> Response:
    raise NotThere
