"""Who waits for news of the journal: one look at its head per merchant and process, however many wait."""

import asyncio
import contextlib

from lading.database.pool import Database
from lading.views.events import head_position

POLL_SECONDS = 0.15


class Heads:
    """The heads that somebody in this process waits for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watches: dict[int, _Watch] = {}

    async def wait(self, merchant_id: int, position: int, seconds: float) -> None:
        """Return when there is an event after the position, or the time is up. Raises what reading the head raises."""
        watch = self._watches.get(merchant_id)
        if watch is None:
            watch = self._watches[merchant_id] = _Watch(self._database, merchant_id)
        watch.join()
        try:
            async with asyncio.timeout(seconds):
                while watch.head <= position:
                    await watch.look()
        except TimeoutError:
            return
        finally:
            if watch.leave():
                del self._watches[merchant_id]


class _Watch:
    """One merchant's head, looked at as long as somebody waits."""

    def __init__(self, database: Database, merchant_id: int) -> None:
        self.head = -1
        self._database = database
        self._merchant_id = merchant_id
        self._waiting = 0
        self._looked: asyncio.Task[int] | None = None

    def join(self) -> None:
        """One more waits."""
        self._waiting += 1

    def leave(self) -> bool:
        """One less; whether that was the last one. A look under way ends by itself: cut off, it costs a connection."""
        self._waiting -= 1
        return self._waiting == 0

    async def look(self) -> None:
        """Wait for the next look at the head; whoever comes first takes it for all."""
        if self._looked is None or self._looked.done():
            self._looked = asyncio.ensure_future(self._look())
            self._looked.add_done_callback(_heard)
        self.head = await asyncio.shield(self._looked)

    async def _look(self) -> int:
        """At once the first time, later after a pause."""
        if self.head >= 0:
            await asyncio.sleep(POLL_SECONDS)
        async with self._database.read(self._merchant_id) as tx:
            return await head_position(tx)


def _heard(look: asyncio.Task[int]) -> None:
    """A failure nobody waits for any more is no failure."""
    with contextlib.suppress(asyncio.CancelledError):
        look.exception()
