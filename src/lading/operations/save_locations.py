"""Save locations: new by their code, otherwise changed."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Struct

from lading.catalog import schedule as schedules
from lading.catalog import store as catalog
from lading.catalog.commands import SaveLocation
from lading.catalog.types import GroupRow, LocationRow
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations.registry import Batch, Verb
from lading.operations.save_location_groups import UNKNOWN_GROUP
from lading.terms.ledger import Event

FIELDS = ("code", "name", "kind", "time_zone", "country", "priority", "active")


UNKNOWN_TIME_ZONE = ("unknown_time_zone", "{time_zone} is no IANA time zone; give one such as Europe/Berlin.")


class LocationSaved(Struct, frozen=True):
    """The location as it is now."""

    location_id: UUID
    code: str
    version: int


@dataclass(slots=True)
class World:
    """The locations of all codes that the batch names, and the groups."""

    known: dict[str, LocationRow]
    groups: dict[str, GroupRow]


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Groups are never deleted, so they need no lock; they are read only where one is named."""
    commands: list[SaveLocation] = batch.commands
    known = await catalog.read_locations(tx, [command.code for command in commands], lock=batch.lock)
    named = any(command.group for command in commands)
    return World(known, await catalog.read_groups(tx, lock=False) if named else {})


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; saved twice in a batch, it gets two versions."""
    return [_save(envelope, world, batch) for envelope in batch.envelopes]


def _save(envelope: Envelope[SaveLocation], world: World, batch: Batch) -> Decision:
    command = envelope.command
    if refusal := _refuse(command, world):
        return refusal
    row = world.known.setdefault(command.code, LocationRow(envelope.fresh_id, command.code, "", "", "", "", 0, True, 0))
    for name in FIELDS:
        setattr(row, name, getattr(command, name))
    if command.group is not UNSET:
        row.group_id = world.groups[command.group].id if command.group else None
    if command.address is not UNSET:
        row.address = _as_json(command.address)
    if command.capabilities is not UNSET:
        row.capabilities = list(dict.fromkeys(command.capabilities))
    if command.schedule is not UNSET:
        row.schedule = _as_json(command.schedule)
    row.version += 1
    return Decision(
        LocationSaved(row.id, row.code, row.version),
        Event("location_saved", "location", row.id, batch.now, _told(row)),
        rows=[row],
    )


def _refuse(command: SaveLocation, world: World) -> Decision | None:
    if not schedules.is_zone(command.time_zone):
        return refused(UNKNOWN_TIME_ZONE, "/time_zone", time_zone=command.time_zone)
    if command.group and command.group not in world.groups:
        return refused(UNKNOWN_GROUP, "/group", group=command.group)
    if isinstance(command.schedule, schedules.Schedule) and (refusal := schedules.refuse(command.schedule)):
        return Decision(refusal)
    return None


def _as_json(value: Struct | None) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _told(row: LocationRow) -> dict[str, Any]:
    """The whole location: what a command left out as well."""
    data = {name: getattr(row, name) for name in (*FIELDS, "version", "group_id", "capabilities")}
    for name in ("address", "schedule"):
        text: str | None = getattr(row, name)
        data[name] = None if text is None else msgspec.json.decode(text)
    return data


VERB = Verb(
    noun="locations",
    verb="save",
    summary="Create a location by its code, or change it.",
    command=SaveLocation,
    outcome=LocationSaved,
    refusals=(
        UNKNOWN_TIME_ZONE, UNKNOWN_GROUP, schedules.UNKNOWN_HOLIDAYS, schedules.DAY_TWICE,
        schedules.CLOSES_BEFORE_IT_OPENS,
    ),
    scope="catalog:write",
    event="location_saved",
    example={
        "code": "HAM", "name": "Hamburg", "kind": "warehouse", "time_zone": "Europe/Berlin", "country": "DE",
        "schedule": {
            "week": [{"weekday": "monday", "cut_off": "14:00"}, {"weekday": "tuesday", "cut_off": "14:00"}],
            "holidays": "DE-HH", "capacity": {"per_day": 500},
        },
    },
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
