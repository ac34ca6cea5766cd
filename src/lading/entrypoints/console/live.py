"""What changes while one looks: one reader of the journal per merchant and process, however many windows are open."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import msgspec
import structlog
from starlette.responses import Response, StreamingResponse

from lading.database.pool import Database
from lading.entrypoints.console.context import Context
from lading.views.events import FEED_MAX, feed, head_position

log = structlog.get_logger()

POLL_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
STREAM_SECONDS = 600.0
"""A stream ends after this time; the browser comes back, and its session is looked at again."""
EVERYTHING = "*"
"""Stands for more subjects than are worth naming."""
_SUBJECTS_MAX = 300
_WAITING_MAX = 50

Changes = asyncio.Queue[set[str]]


class Live:
    """The readers of one process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: dict[int, set[Changes]] = {}
        self._readers: dict[int, asyncio.Task[None]] = {}

    def join(self, merchant_id: int) -> Changes:
        """A queue of sets of subjects (ids of orders, products, ...) that changed."""
        queue: Changes = asyncio.Queue(_WAITING_MAX)
        self._listeners.setdefault(merchant_id, set()).add(queue)
        if merchant_id not in self._readers:
            self._readers[merchant_id] = asyncio.create_task(self._read(merchant_id))
        return queue

    def leave(self, merchant_id: int, queue: Changes) -> None:
        """Stop listening; the last one out stops the reader."""
        listeners = self._listeners.get(merchant_id, set())
        listeners.discard(queue)
        if not listeners and (reader := self._readers.pop(merchant_id, None)):
            reader.cancel()

    async def _read(self, merchant_id: int) -> None:
        position: int | None = None
        while True:
            try:
                async with self._database.read(merchant_id) as tx:
                    if position is None:
                        position = await head_position(tx)
                    piece = await feed(tx, position, FEED_MAX)
            except Exception as error:
                log.warning("live_reader_failed", error=repr(error))
            else:
                position = piece.position
                self._tell(merchant_id, {str(event.subject_id) for event in piece.events})
            await asyncio.sleep(POLL_SECONDS)

    def _tell(self, merchant_id: int, subjects: set[str]) -> None:
        if not subjects:
            return
        told = subjects if len(subjects) <= _SUBJECTS_MAX else {EVERYTHING}
        for queue in self._listeners.get(merchant_id, ()):
            with suppress(asyncio.QueueFull):
                queue.put_nowait(told)


async def stream(context: Context, live: Live) -> Response:
    """Server-sent events `changed` with the ids of what changed."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    is_stopping: Callable[[], bool] = getattr(context.request.app.state, "is_stopping", _never)
    told = _told(live, context.merchant.id, is_stopping)
    return StreamingResponse(told, headers=headers, media_type="text/event-stream")


def _never() -> bool:
    return False


async def _told(live: Live, merchant_id: int, is_stopping: Callable[[], bool]) -> AsyncIterator[bytes]:
    """Ends when the browser leaves (the server cancels it), when the server stops, or after STREAM_SECONDS."""
    loop = asyncio.get_running_loop()
    until = loop.time() + STREAM_SECONDS
    spoke = loop.time()
    queue = live.join(merchant_id)
    try:
        yield b"retry: 2000\n\n"
        while loop.time() < until and not is_stopping():
            try:
                subjects = await asyncio.wait_for(queue.get(), POLL_SECONDS)
            except TimeoutError:
                if loop.time() - spoke > HEARTBEAT_SECONDS:
                    spoke = loop.time()
                    yield b": alive\n\n"
            else:
                spoke = loop.time()
                yield b"event: changed\ndata: %s\n\n" % msgspec.json.encode({"subjects": sorted(subjects)})
    finally:
        live.leave(merchant_id, queue)
