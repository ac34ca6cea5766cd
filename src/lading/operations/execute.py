"""Run a batch: the only place that opens a writing transaction.

Commands heard before are answered as they were. A batch that lost a race runs again, whole, from prefetch; one that holds a
poisoned command is halved until that command is alone; after a lost connection the command table says what became of it.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import structlog

from lading.database import failpoints
from lading.database.lanes import Overloaded
from lading.database.pool import Database, Transaction
from lading.journal import store as journal
from lading.journal.store import Papers
from lading.journal.types import Answer, Decided, Decision, Envelope, spread
from lading.kernel.outcomes import Refusal
from lading.operations.asking_taxes import Ask, Asked, Unanswered, nobody
from lading.operations.registry import Batch, Verb
from lading.operations.write import write

log = structlog.get_logger()

ATTEMPTS_MAX = 5
CONNECTION_PATIENCE_SECONDS = 10.0

_encode = msgspec.json.Encoder(decimal_format="string").encode
_RACES = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, journal.LostRace)
_RACED_CONSTRAINTS = {
    "command_pkey",
    "orders_external_reference",
    "channel_merchant_id_code_key",
    "location_merchant_id_code_key",
    "sku_merchant_id_code_key",
    "policy_pkey",
    "policy_version",
    "policy_current",
    "purchase_order_reference",
}
_LOST_CONNECTION = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.AdminShutdownError, asyncpg.CannotConnectNowError,
                    asyncpg.CrashShutdownError, asyncpg.InternalClientError, ConnectionError, FileNotFoundError)  # fmt: skip

REUSED = Refusal(
    "command_id_reused",
    "This command id (Idempotency-Key) was used before with another payload; a new command needs a new key.",
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Executor:
    """Runs batches of any verb against one database; a simulation brings a clock of its own."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _utc_now, ask_taxes: Ask = nobody) -> None:
        self._database = database
        self._clock = clock
        self._ask_taxes = ask_taxes
        self._numbers = journal.OrderNumbers()

    async def run(self, merchant_id: int, verb: Verb, batch: Sequence[Envelope[Any]]) -> list[Answer]:
        """One answer per command, in the order given; all of it durable.

        Raises Overloaded where others were quicker at every attempt: nothing was done, the same ids may be sent again.
        """
        try:
            return await self._attempt_until_settled(merchant_id, verb, batch)
        except Exception as error:
            if isinstance(error, (Overloaded, *_LOST_CONNECTION)) or not _is_poison(error):
                raise
            if len(batch) == 1:
                log.error(
                    "command_failed",
                    verb=verb.name,
                    command_id=str(batch[0].command_id),
                    error=repr(error),
                    exc_info=error,
                )
                return [Answer(False, b"", failed=True)]
            middle = len(batch) // 2
            return await self.run_parts(merchant_id, verb, [batch[:middle], batch[middle:]])

    async def run_parts(self, merchant_id: int, verb: Verb, parts: Sequence[Sequence[Envelope[Any]]]) -> list[Answer]:
        """Batches one after the other. Whoever was answered keeps the answer where a later batch meets an outage; the rest failed."""
        answers: list[Answer] = []
        for part in parts:
            try:
                answers += await self.run(merchant_id, verb, part)
            except (Overloaded, *_LOST_CONNECTION) as error:
                if not answers:
                    raise
                log.warning("part_failed", verb=verb.name, commands=len(part), error=repr(error))
                answers += [Answer(False, b"", failed=True)] * len(part)
        return answers

    async def preview(self, merchant_id: int, verb: Verb, batch: Sequence[Envelope[Any]]) -> list[Decision]:
        """What write would be given: the same prefetch without locks in one snapshot, and the same decide."""
        asked = Asked()
        while True:
            async with self._database.read(merchant_id) as tx:
                numbers = await self._numbers.foreseen(tx, len(batch)) if verb.draws_numbers else []
                inside = Batch(batch, False, 1, numbers, self._clock(), asked)
                decisions = verb.decide(await verb.prefetch(tx, inside), inside)
            if not asked.open:
                return decisions
            await asked.settle(merchant_id, self._ask_taxes)

    async def _attempt_until_settled(
        self, merchant_id: int, verb: Verb, batch: Sequence[Envelope[Any]]
    ) -> list[Answer]:
        loop = asyncio.get_running_loop()
        attempt, give_up_at = 0, loop.time() + CONNECTION_PATIENCE_SECONDS
        heard = [envelope for envelope in batch if envelope.named]
        asked = Asked()
        while True:
            try:
                return await self._attempt(merchant_id, verb, batch, heard, attempt, asked)
            except Unanswered:
                await asked.settle(merchant_id, self._ask_taxes)
            except _LOST_CONNECTION:
                # The next attempt reads the command table first, so it learns what became of this one.
                if loop.time() > give_up_at:
                    raise
                heard = list(batch)
                await asyncio.sleep(0.1)
            except (*_RACES, asyncpg.UniqueViolationError) as error:
                if isinstance(error, asyncpg.UniqueViolationError) and error.constraint_name not in _RACED_CONSTRAINTS:
                    raise
                attempt += 1
                if attempt >= ATTEMPTS_MAX:
                    if isinstance(error, asyncpg.UniqueViolationError):
                        raise
                    raise Overloaded("others changed the same rows again and again; try again in a moment") from error
                await asyncio.sleep(random.uniform(0.001, 0.005 * 2**attempt))

    async def _attempt(
        self, merchant_id: int, verb: Verb, batch: Sequence[Envelope[Any]], heard: Sequence[Envelope[Any]], attempt: int,
        asked: Asked,
    ) -> list[Answer]:  # fmt: skip
        """Run it once; some of the commands may have been `heard` before."""
        numbers = asked.numbers or (await self._draw(merchant_id, len(batch)) if verb.draws_numbers else [])
        asked.numbers = ()
        async with self._database.write(merchant_id) as tx:
            answers = await _answered(tx, heard)
            fresh = _first_of_each(batch, answers)
            if fresh:
                inside = Batch(fresh, True, attempt, numbers[: len(fresh)], self._clock(), asked)
                world = await verb.prefetch(tx, inside)
                await failpoints.reach("after_prefetch")
                decided = list(zip(fresh, verb.decide(world, inside), strict=True))
                asked.check(numbers)
                papers = await _write(tx, decided)
                await journal.record(tx, verb.name, papers, inside.now)
                await failpoints.reach("before_commit")
                for (envelope, decision), body in zip(decided, papers.bodies, strict=True):
                    answers[envelope.command_id] = (envelope.payload_hash, Answer(decision.accepted, body))
            answered = _in_order(batch, answers, {envelope.event_id for envelope in fresh})
        await failpoints.reach("after_commit")
        return answered

    async def _draw(self, merchant_id: int, count: int) -> Sequence[int]:
        while not self._numbers.enough(merchant_id, count):
            async with self._database.write(merchant_id) as tx:
                drawn = await self._numbers.draw(tx, count)
            self._numbers.keep(merchant_id, drawn)
        return self._numbers.take(merchant_id, count)


Answers = dict[UUID, tuple[bytes, Answer]]


async def _write(tx: Transaction, decided: Decided) -> Papers:
    """Documents, units and money; while the server is at the first of them, the journal's papers are made out."""
    writing = asyncio.create_task(write(tx, spread(decided)))
    try:
        await asyncio.sleep(0)
        return journal.papers_of(decided)
    finally:
        await writing


async def _answered(tx: Transaction, heard: Sequence[Envelope[Any]]) -> Answers:
    """Same id, same answer: what was recorded before."""
    rows = await journal.read_commands(tx, [envelope.command_id for envelope in heard]) if heard else {}
    return {
        id_: (row["payload_hash"], Answer(not is_refusal(row["outcome"]), row["outcome"].encode(), replayed=True))
        for id_, row in rows.items()
    }


def is_refusal(outcome: str) -> bool:
    """Whether a stored outcome is a refusal (its tag comes first)."""
    return outcome.startswith('{"refused":')


def _first_of_each(batch: Sequence[Envelope[Any]], answers: Answers) -> list[Envelope[Any]]:
    """Duplicates inside the batch are folded: the first one counts."""
    fresh: dict[UUID, Envelope[Any]] = {}
    for envelope in batch:
        if envelope.command_id not in answers:
            fresh.setdefault(envelope.command_id, envelope)
    return list(fresh.values())


def _in_order(batch: Sequence[Envelope[Any]], answers: Answers, fresh: set[UUID]) -> list[Answer]:
    rendered = []
    for envelope in batch:
        payload_hash, answer = answers[envelope.command_id]
        if payload_hash != envelope.payload_hash:
            rendered.append(Answer(False, _encode(REUSED)))
        elif answer.replayed or envelope.event_id in fresh:
            rendered.append(answer)
        else:
            rendered.append(Answer(answer.accepted, answer.body, replayed=True))
    return rendered


def _is_poison(error: Exception) -> bool:
    """Data errors (SQLSTATE 22, 23) and exceptions of rules; an outage is no command's fault."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "")[:2] in {"22", "23"}
    return not isinstance(error, OSError)
