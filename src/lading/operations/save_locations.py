"""Save locations: new by their code, otherwise changed."""

from uuid import UUID
from zoneinfo import available_timezones

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.commands import SaveLocation
from lading.catalog.types import LocationRow
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event

FIELDS = ("code", "name", "kind", "time_zone", "country", "priority", "active")


UNKNOWN_TIME_ZONE = ("unknown_time_zone", "{time_zone} is no IANA time zone; give one such as Europe/Berlin.")


class LocationSaved(Struct, frozen=True):
    """The location as it is now."""

    location_id: UUID
    code: str
    version: int


async def prefetch(tx: Transaction, batch: Batch) -> dict[str, LocationRow]:
    """The locations of all codes that the batch names."""
    return await catalog.read_locations(tx, [command.code for command in batch.commands], lock=batch.lock)


def decide(known: dict[str, LocationRow], batch: Batch) -> list[Decision]:
    """In order of arrival; saved twice in a batch, it gets two versions."""
    return [_save(envelope, known, batch) for envelope in batch.envelopes]


def _save(envelope: Envelope[SaveLocation], known: dict[str, LocationRow], batch: Batch) -> Decision:
    command = envelope.command
    if command.time_zone not in available_timezones():
        return refused(UNKNOWN_TIME_ZONE, "/time_zone", time_zone=command.time_zone)
    row = known.setdefault(command.code, LocationRow(envelope.fresh_id, command.code, "", "", "", "", 0, True, 0))
    for name in FIELDS:
        setattr(row, name, getattr(command, name))
    row.version += 1
    data = {name: getattr(row, name) for name in (*FIELDS, "version")}
    return Decision(
        LocationSaved(row.id, row.code, row.version),
        Event("location_saved", "location", row.id, batch.now, data),
        rows=[row],
    )


VERB = Verb(
    noun="locations",
    verb="save",
    summary="Create a location by its code, or change it.",
    command=SaveLocation,
    outcome=LocationSaved,
    refusals=(UNKNOWN_TIME_ZONE,),
    scope="catalog:write",
    event="location_saved",
    example={"code": "HAM", "name": "Hamburg", "kind": "warehouse", "time_zone": "Europe/Berlin", "country": "DE"},
    prefetch=prefetch,
    decide=decide,
)
