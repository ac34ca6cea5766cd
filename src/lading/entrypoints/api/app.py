"""The HTTP API: credentials, routes, and errors that say what is wrong."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg
import msgspec
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from lading import views
from lading.access.store import Caller, Keys
from lading.database.lanes import Overloaded
from lading.entrypoints.api import exports, feed, papers, verbs
from lading.entrypoints.api import files as kept_files
from lading.entrypoints.api.openapi import document
from lading.entrypoints.api.parameters import parameters
from lading.entrypoints.api.problems import Malformed, malformed, problem, read_texts, render
from lading.entrypoints.api.questions import Read
from lading.entrypoints.api.reads import READS
from lading.entrypoints.files import Files
from lading.entrypoints.service import Service
from lading.operations.registry import verbs as all_verbs

log = structlog.get_logger()
logging.getLogger("uvicorn.access").disabled = True

Endpoint = Callable[[Request], Awaitable[Response]]

_encode = msgspec.json.Encoder(decimal_format="string").encode

UNAUTHORIZED = problem("unauthorized", 401, "Who are you?", "Send a valid API key: Authorization: Bearer lad_...")
TOO_LARGE = problem("too_large", 413, "Body too large", "A body has at most 10 MB; send smaller batches.")
UNAVAILABLE = problem(
    "unavailable", 503, "Try again", "The database cannot be reached just now. Nothing was lost; try again in a moment."
)
DISK_FULL = problem(
    "disk_full",
    503,
    "No space",
    "The database has no space left. Nothing half-done was kept; free some space and try again.",
)
FAULT = problem("fault", 500, "Our fault", "Something of ours is broken. It was logged; nothing half-done was kept.")


class Credentials:
    """The doorkeeper of /v1."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def guard(self, scope: str, inner: Callable[[Request, Caller], Awaitable[Response]]) -> Endpoint:
        """Ask for a key that may do it; turn whatever goes wrong inside into a problem."""

        async def endpoint(request: Request) -> Response:
            try:
                caller = await self._caller(request)
                if caller is None:
                    return render(UNAUTHORIZED, {"WWW-Authenticate": "Bearer"})
                if not caller.may(scope):
                    detail = f"The key {caller.name!r} lacks the scope {scope}; it has {', '.join(sorted(caller.scopes)) or 'none'}."
                    return render(problem("forbidden", 403, "Not allowed", detail))
                return await inner(request, caller)
            except Exception as error:
                return failure(error)

        return endpoint

    async def _caller(self, request: Request) -> Caller | None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return await self._keys.caller(key.strip()) if scheme.lower() == "bearer" else None


def failure(error: Exception) -> Response:
    """What a request gets when something broke on the way."""
    match error:
        case views.NotFound():
            return render(problem("not_found", 404, "Not found", str(error)))
        case Malformed():
            return render(error.problem)
        case ClientDisconnect():
            return Response(status_code=499)
        case verbs.TooLarge():
            return render(TOO_LARGE)
        case verbs.NotJson():
            return render(problem("not_json", 400, "Not JSON", f"The body is not valid JSON: {error}."))
        case Overloaded():
            return render(problem("overloaded", 503, "Try again", f"{error}."), {"Retry-After": "2"})
        case asyncpg.DiskFullError():
            return render(DISK_FULL, {"Retry-After": "60"})
        case (
            asyncpg.PostgresConnectionError()
            | asyncpg.InterfaceError()
            | asyncpg.OperatorInterventionError()
            | asyncpg.InsufficientResourcesError()
            | OSError()
        ):
            log.warning("database_unreachable", error=repr(error))
            return render(UNAVAILABLE, {"Retry-After": "2"})
        case _:
            log.error("request_failed", error=repr(error), exc_info=error)
            return render(FAULT)


class Direct:
    """Answers the POST of a verb's path from a table, before the router tries one pattern after the other.

    Measured: 40 of the 430 microseconds that a web process spends on placing a three-line order.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._endpoints: dict[str, Endpoint] = {
            route.path: route.endpoint for route in routes if isinstance(route, Route) and route.methods == {"POST"}
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection of ASGI."""
        if scope["type"] == "http" and scope["method"] == "POST" and (found := self._endpoints.get(scope["path"])):
            response = await found(Request(scope, receive))
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def verb_routes(service: Service, credentials: Credentials) -> Sequence[BaseRoute]:
    """A POST for each verb."""
    return [
        Route(verb.route, credentials.guard(verb.scope, verbs.handler(service, verb)), methods=["POST"])
        for verb in all_verbs().values()
    ]


def routes(service: Service, credentials: Credentials, files: Files) -> Sequence[BaseRoute]:
    """Everything else under /v1."""

    async def keep_file(request: Request, caller: Caller) -> Response:
        return await kept_files.keep(request, files, caller)

    async def print_file(request: Request, caller: Caller) -> Response:
        return await papers.print_file(request, service.database, files, caller)

    # What has a fixed path stands before what has a hole in it: /v1/events/{position} would take the stream.
    found: list[BaseRoute] = [
        Route("/v1/events", credentials.guard("events:read", _with_database(service, feed.events))),
        Route("/v1/events/stream", credentials.guard("events:read", _with_database(service, feed.stream))),
        Route("/v1/files", credentials.guard("files:write", keep_file), methods=["POST"]),
        Route("/v1/exports/{name}", credentials.guard("exports:read", _with_database(service, exports.export))),
        Route("/v1/print-jobs/{job}/file", credentials.guard("documents:read", print_file)),
        Route("/v1/documents/{kind}/{of}", credentials.guard("documents:read", _with_database(service, papers.paper))),
        Route("/v1/openapi.json", credentials.guard("docs:read", _openapi)),
    ]
    found += [
        Route(read.path, credentials.guard(read.scope, _reader(service, read)), methods=[read.method]) for read in READS
    ]
    return found


def _with_database(
    service: Service, inner: Callable[..., Awaitable[Response]]
) -> Callable[[Request, Caller], Awaitable[Response]]:
    async def get(request: Request, caller: Caller) -> Response:
        return await inner(request, service.database, caller)

    return get


def _reader(service: Service, read: Read) -> Callable[[Request, Caller], Awaitable[Response]]:
    async def get(request: Request, caller: Caller) -> Response:
        raw: Any = (
            await verbs.read_json(request) if read.method == "POST" else {**parameters(request), **request.path_params}
        )
        try:
            query = msgspec.convert(raw, read.query) if read.method == "POST" else read_texts(read.query, raw)
        except msgspec.ValidationError as error:
            return render(malformed(read.query, raw, str(error), text=read.method == "GET"))
        async with service.database.read(caller.merchant_id) as tx:
            answer = await read.handler(tx, query)
        return Response(answer if isinstance(answer, bytes) else _encode(answer), media_type="application/json")

    return get


async def _openapi(request: Request, caller: Caller) -> Response:
    return Response(_encode(document()), media_type="application/json")
