"""What every door does with a command: make an envelope of it, send it through its lane or as a batch of its own, or preview it."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, get_args, get_type_hints
from uuid import UUID

import msgspec
from msgspec import Struct

from lading.access.store import Caller
from lading.database.lanes import LINES_MAX, Lanes
from lading.database.pool import Database
from lading.journal.types import Answer, Decision, Envelope
from lading.kernel.ids import named_id, new_id
from lading.operations.execute import Executor
from lading.operations.registry import Verb, lines_of, verbs
from lading.terms.fields import EARLIEST, LATEST

PATIENCE_SECONDS = 25.0

_encode_sorted = msgspec.json.Encoder(order="sorted").encode


def payload_hash(raw: Any) -> bytes:
    """SHA-256 of the parsed JSON with sorted keys, before defaults."""
    return hashlib.sha256(_encode_sorted(raw)).digest()


def command_id(caller: Caller, verb: Verb, key: str, index: int | None = None) -> UUID:
    """The id that a caller's Idempotency-Key names; in a batch body the position belongs to it."""
    return named_id(caller.merchant_id, caller.id, verb.name, key, "" if index is None else index)


def envelope(caller: Caller, verb: Verb, raw: Any, id_: UUID | None = None) -> Envelope[Any]:
    """A command ready to run. Raises msgspec.ValidationError where the payload is malformed."""
    command = msgspec.convert(raw, verb.command)
    for name in _moments(verb.command):
        _check_moment(name, getattr(command, name))
    return Envelope(id_ or new_id(), payload_hash(raw), caller.actor, command, new_id(), new_id())


_AHEAD = frozenset({"ship_by", "due_at"})
"""Times that are meant to lie ahead; all others tell of what happened, and clocks differ by less than a day."""


def _check_moment(name: str, moment: datetime | None) -> None:
    if moment is None:
        return
    if not EARLIEST <= moment < LATEST:
        raise msgspec.ValidationError(f"{name} lies outside the years 1900 to 2999 - at `$.{name}`")
    if name not in _AHEAD and moment > datetime.now(UTC) + timedelta(days=1):
        raise msgspec.ValidationError(f"{name} is more than a day ahead, and tells of what happened - at `$.{name}`")


@cache
def _moments(kind: type[Struct]) -> tuple[str, ...]:
    """The fields of a command that are times."""
    return tuple(name for name, told in get_type_hints(kind).items() if datetime in (told, *get_args(told)))


class Service:
    """The commands of one process."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.executor = Executor(database)
        self._lanes: Lanes[Envelope[Any], Answer] = Lanes(self._run_lane, lambda work: lines_of(work.command))

    async def submit(self, caller: Caller, verb: Verb, work: Envelope[Any]) -> Answer:
        """One command, through its lane; the answer is durable. Raises Overloaded."""
        return await self._lanes.submit((caller.merchant_id, verb.name), work, PATIENCE_SECONDS)

    async def run(self, caller: Caller, verb: Verb, batch: Sequence[Envelope[Any]]) -> list[Answer]:
        """Many commands, as transactions of their own beside the lane."""
        return await self.executor.run_parts(caller.merchant_id, verb, _parts(batch))

    async def preview(self, caller: Caller, verb: Verb, batch: Sequence[Envelope[Any]]) -> list[Decision]:
        """What the commands would come to now, one after the other; nothing is written."""
        return await self.executor.preview(caller.merchant_id, verb, batch)

    async def _run_lane(self, key: Any, batch: Sequence[Envelope[Any]]) -> Sequence[Answer]:
        merchant_id, name = key
        return await self.executor.run(merchant_id, verbs()[name], batch)


EXPLICIT_COMMANDS_MAX = 1_000


def _parts(batch: Sequence[Envelope[Any]]) -> list[Sequence[Envelope[Any]]]:
    """Transactions of bounded size: at most 1,000 commands and 3,000 lines each (a single larger command stands alone)."""
    parts: list[Sequence[Envelope[Any]]] = []
    start, lines = 0, 0
    for index, work in enumerate(batch):
        weight = lines_of(work.command)
        if index > start and (lines + weight > LINES_MAX or index - start >= EXPLICIT_COMMANDS_MAX):
            parts.append(batch[start:index])
            start, lines = index, 0
        lines += weight
    if start < len(batch):
        parts.append(batch[start:])
    return parts
