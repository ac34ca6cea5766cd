"""The journal's feed over HTTP: long poll and server-sent events. Nothing of the database is held while waiting."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from lading.access.store import Caller
from lading.database.pool import Database
from lading.entrypoints.api.heads import Heads
from lading.entrypoints.api.parameters import parameters
from lading.entrypoints.api.problems import malformed, render
from lading.views import events as views
from lading.views.events import Feed, FeedQuery

log = structlog.get_logger()

HEARTBEAT_SECONDS = 15.0
PATIENCE_SECONDS = 1.0
"""How long nothing is looked at but the head: whether the client or the server has left is looked at in between."""
STREAM_PIECE = 200
RETRY_MS = 2_000
"""How long a browser waits before it comes back to a broken stream."""

_encode = msgspec.json.Encoder(decimal_format="string").encode
_heads: WeakKeyDictionary[Database, Heads] = WeakKeyDictionary()


async def events(request: Request, database: Database, caller: Caller) -> Response:
    """GET /v1/events: a piece of the feed; with `wait` as soon as there is something, or empty at the end."""
    query = _query(request)
    if isinstance(query, Response):
        return query
    loop = asyncio.get_running_loop()
    until = loop.time() + query.wait
    while True:
        piece = await _read(database, caller, query.after, query.limit)
        if piece.events or loop.time() >= until or await _is_over(request):
            return Response(_encode(piece), media_type="application/json")
        await _news(database, caller, query.after, min(PATIENCE_SECONDS, until - loop.time()))


async def stream(request: Request, database: Database, caller: Caller) -> Response:
    """GET /v1/events/stream: server-sent events; their id is the position, and `Last-Event-ID` resumes."""
    query = _query(request)
    if isinstance(query, Response):
        return query
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    told = _told(request, database, caller, query.after)
    return StreamingResponse(told, headers=headers, media_type="text/event-stream")


async def _is_over(request: Request) -> bool:
    """Whether the client has left, or the server stops."""
    app = request.scope.get("app")
    is_stopping = getattr(app.state, "is_stopping", None) if app else None
    return bool(is_stopping and is_stopping()) or await request.is_disconnected()


async def _news(database: Database, caller: Caller, after: int, seconds: float) -> None:
    """Wait for an event after the position, or until the time is up."""
    heads = _heads.get(database)
    if heads is None:
        heads = _heads[database] = Heads(database)
    await heads.wait(caller.merchant_id, after, seconds)


def _query(request: Request) -> FeedQuery | Response:
    """The parameters; a resuming client's Last-Event-ID counts for more than `after`."""
    raw: dict[str, Any] = dict(parameters(request))
    last = request.headers.get("last-event-id")
    if last is not None:
        raw["after"] = last
    try:
        return msgspec.convert(raw, FeedQuery, strict=False)
    except msgspec.ValidationError as error:
        return render(malformed(FeedQuery, raw, str(error), text=True))


async def _read(database: Database, caller: Caller, after: int, limit: int) -> Feed:
    async with database.read(caller.merchant_id) as tx:
        return await views.feed(tx, after, limit)


async def _told(request: Request, database: Database, caller: Caller, after: int) -> AsyncIterator[bytes]:
    """Events as they come; a comment now and then tells proxies that the line is alive. Ends when the client leaves."""
    loop = asyncio.get_running_loop()
    spoke = loop.time()
    yield f"retry: {RETRY_MS}\n\n".encode()
    while not await _is_over(request):
        try:
            await _news(database, caller, after, PATIENCE_SECONDS)
            piece = await _read(database, caller, after, STREAM_PIECE)
        except Exception as error:
            log.warning("stream_ended", error=repr(error))
            return
        for each in piece.events:
            yield b"id: %d\nevent: %s\ndata: %s\n\n" % (each.position, each.kind.encode(), _encode(each))
        after = piece.position
        if piece.events:
            spoke = loop.time()
        elif loop.time() - spoke >= HEARTBEAT_SECONDS:
            spoke = loop.time()
            yield b": alive\n\n"
