"""What the verbs of a wave have in common: finding it, and telling where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations.registry import Batch
from lading.terms.ledger import Event
from lading.waves import store
from lading.waves.types import Wave, Waves

UNKNOWN_WAVE = ("unknown_wave", "There is no wave {wave}.")
UNKNOWN_LIST = ("unknown_list", "{wave} has no list {list}.")
VERSION_CONFLICT = ("version_conflict", "{wave} has version {version} by now, not {expected}: look at it again.")
WRONG_STATUS = ("wrong_status", "{wave} is {status}; this can be done while it is {fitting}.")


class WaveState(Struct, frozen=True):
    """Where a wave stands, in fulfillment orders and in units over all its lists."""

    wave: str
    id: UUID
    status: str
    version: int
    orders: int
    lists: int
    units: int
    picked: int
    short: int
    given_up: int
    """Units that nobody picked before it ended."""


@dataclass(slots=True)
class World:
    """The waves of a batch."""

    waves: Waves


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The waves, locked alone, with lists and tasks."""
    waves = await store.read_waves(
        tx, await store.find_ids(tx, (each.wave for each in batch.commands)), lock="alone" if batch.lock else None
    )
    await store.read_lists(tx, waves)
    await store.read_tasks(tx, waves)
    return World(waves)


def find(waves: Waves, ref: str, fitting: Sequence[str], expected_version: int | None = None) -> Wave | Decision:
    """The wave, or why nothing can be done with it."""
    wave = waves.find(ref)
    if wave is None:
        return refused(UNKNOWN_WAVE, "/wave", wave=ref)
    if expected_version is not None and expected_version != wave.version:
        return refused(
            VERSION_CONFLICT, "/expected_version", wave=wave.name, version=wave.version, expected=expected_version
        )
    if wave.status not in fitting:
        return refused(WRONG_STATUS, "/wave", wave=wave.name, status=wave.status, fitting=" or ".join(fitting))
    return wave


def state(wave: Wave) -> WaveState:
    """As outcomes tell it."""
    return WaveState(
        wave.name, wave.id, wave.status, wave.version, wave.orders, len(wave.lists), wave.units,
        sum(task.picked for task in wave.tasks), sum(task.short for task in wave.tasks),
        sum(task.given_up for task in wave.tasks),
    )  # fmt: skip


def changed(wave: Wave, kind: str, batch: Batch, data: dict[str, Any]) -> Event:
    """One more version of the wave, and the event that says why."""
    wave.version += 1
    return Event(kind, "wave", wave.id, batch.now, {"wave": wave.name, **data})
