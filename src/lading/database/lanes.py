"""Group commit: concurrent single requests become batches.

Whatever arrived while the last batch committed is the next batch, what still lies in the sockets included; there is no timer. A
lane is one (merchant, verb) in one process. Between processes and verbs the row locks decide.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

Work = TypeVar("Work")
Answer = TypeVar("Answer")

COMMANDS_MAX = 500
LINES_MAX = 3_000
QUEUE_MAX = 5_000
IDLE_TURNS = 4
"""A request takes this many turns of the loop from its socket to its lane, some to spare."""


class Overloaded(Exception):
    """The queue is full, or the caller's time ran out while it waited: try again later (503)."""


class Lane(Generic[Work, Answer]):
    """One queue and one batch at a time."""

    def __init__(
        self, run: Callable[[Sequence[Work]], Awaitable[Sequence[Answer]]], weigh: Callable[[Work], int]
    ) -> None:
        self._run = run
        self._weigh = weigh
        self._waiting: deque[tuple[Work, asyncio.Future[Answer]]] = deque()
        self._worker: asyncio.Task[None] | None = None

    async def submit(self, work: Work, patience_seconds: float) -> Answer:
        """The answer, once it is durable. A caller who goes away cancels nothing."""
        if len(self._waiting) >= QUEUE_MAX:
            raise Overloaded("too many commands are waiting; try again in a moment")
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, answered))
        if self._worker is None:
            self._worker = asyncio.create_task(self._drain())
        overdue = asyncio.get_running_loop().call_later(patience_seconds, _give_up, answered)
        try:
            return await answered
        finally:
            overdue.cancel()

    async def _drain(self) -> None:
        try:
            while self._waiting:
                await self._gather()
                taken = self._take()
                try:
                    answers = await self._run([work for work, _ in taken])
                except Exception as error:
                    for _, future in taken:
                        if not future.done():
                            future.set_exception(error)
                else:
                    for (_, future), answer in zip(taken, answers, strict=True):
                        if not future.done():
                            future.set_result(answer)
        finally:
            self._worker = None

    async def _gather(self) -> None:
        """What has reached the sockets comes along: the loop turns until it brings nothing more. Nobody waits for what is under way."""
        idle = 0
        while idle < IDLE_TURNS and len(self._waiting) < COMMANDS_MAX:
            known = len(self._waiting)
            await asyncio.sleep(0)
            idle = 0 if len(self._waiting) > known else idle + 1

    def _take(self) -> list[tuple[Work, "asyncio.Future[Answer]"]]:
        taken = [self._waiting.popleft()]
        lines = self._weigh(taken[0][0])
        while self._waiting and len(taken) < COMMANDS_MAX:
            lines += self._weigh(self._waiting[0][0])
            if lines > LINES_MAX:
                break
            taken.append(self._waiting.popleft())
        return taken


class Lanes(Generic[Work, Answer]):
    """The lanes of a process by key, made when first used."""

    def __init__(
        self, run: Callable[[Hashable, Sequence[Work]], Awaitable[Sequence[Answer]]], weigh: Callable[[Work], int]
    ) -> None:
        self._run = run
        self._weigh = weigh
        self._lanes: dict[Hashable, Lane[Work, Answer]] = {}

    async def submit(self, key: Hashable, work: Work, patience_seconds: float) -> Answer:
        """Queue the work in the lane of the key and wait for its answer."""
        lane = self._lanes.get(key)
        if lane is None:

            async def run(batch: Sequence[Work]) -> Sequence[Answer]:
                return await self._run(key, batch)

            lane = self._lanes[key] = Lane(run, self._weigh)
        return await lane.submit(work, patience_seconds)


def _give_up(answered: "asyncio.Future[Any]") -> None:
    if not answered.done():
        answered.set_exception(Overloaded("the command was taken but not answered in time; ask again with the same id"))
