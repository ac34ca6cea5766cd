"""What every door does with a command: make an envelope of it, send it through its lane or as a batch of its own, or preview it."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from msgspec import Struct

from lading.access.store import Caller
from lading.database.lanes import LINES_MAX, Lanes
from lading.database.pool import Database
from lading.journal.types import Answer, Decision, Envelope
from lading.kernel.ids import named_id, new_id
from lading.operations.asking_taxes import Ask, nobody
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
    _check_moments(command, "$")
    own = id_ or new_id()
    return Envelope(own, payload_hash(raw), caller.actor, command, new_id(), new_id(), named=id_ is not None)


_AHEAD = frozenset(
    {
        "ship_by",
        "due_at",
        "expires_at",
        "answer_by",
        "first_at",
        "next_at",
        "valid_from",
        "valid_until",
        "at",
        "collect_by",
    }
)
"""Times that are meant to lie ahead; all others tell of what happened, and clocks differ by less than a day."""


def _check_moments(told: Struct, path: str) -> None:
    """Raises msgspec.ValidationError for a time in a command, or in one of its lines, that cannot be meant."""
    own, lists = _moments(type(told))
    for name in own:
        _check_moment(name, getattr(told, name), f"{path}.{name}")
    for name in lists:
        for index, each in enumerate(getattr(told, name)):
            _check_moments(each, f"{path}.{name}[{index}]")


def _check_moment(name: str, moment: datetime | None, path: str) -> None:
    if moment is None:
        return
    if not EARLIEST <= moment < LATEST:
        raise msgspec.ValidationError(f"{name} lies outside the years 1900 to 2999 - at `{path}`")
    if name not in _AHEAD and moment > datetime.now(UTC) + timedelta(days=1):
        raise msgspec.ValidationError(f"{name} is more than a day ahead, and tells of what happened - at `{path}`")


@cache
def _moments(kind: type[Struct]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields of a command that are times, and its lists of structs that have such."""
    hints = get_type_hints(kind)
    lists = (name for name, told in hints.items() if any(_moments(each) != ((), ()) for each in _listed(told)))
    return tuple(name for name, told in hints.items() if datetime in (told, *get_args(told))), tuple(lists)


def _listed(told: Any) -> list[type[Struct]]:
    """The struct that a list is of, where it is one."""
    inner = get_args(told) if get_origin(told) is list else ()
    return [each for each in inner if isinstance(each, type) and issubclass(each, Struct)]


class Service:
    """The commands of one process."""

    def __init__(self, database: Database, ask_taxes: Ask = nobody) -> None:
        self.database = database
        self.executor = Executor(database, ask_taxes=ask_taxes)
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
