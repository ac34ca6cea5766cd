"""Save location groups: new by their code, otherwise changed. They stay a tree."""

from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.commands import SaveLocationGroup
from lading.catalog.types import GroupRow
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event

UNKNOWN_GROUP = ("unknown_group", "There is no location group {group}.")
GROUP_CYCLE = ("group_cycle", "{group} cannot stand in {parent}, which stands in {group} itself.")


class LocationGroupSaved(Struct, frozen=True):
    """The group as it is now."""

    group_id: UUID
    code: str
    version: int


async def prefetch(tx: Transaction, batch: Batch) -> dict[str, GroupRow]:
    """All groups, locked: two that move under each other at once must see each other."""
    return await catalog.read_groups(tx, lock=batch.lock)


def decide(known: dict[str, GroupRow], batch: Batch) -> list[Decision]:
    """In order of arrival; a group may stand in one that an earlier command of the batch made."""
    return [_save(envelope, known, batch) for envelope in batch.envelopes]


def _save(envelope: Envelope[SaveLocationGroup], known: dict[str, GroupRow], batch: Batch) -> Decision:
    command = envelope.command
    parent = known.get(command.parent) if command.parent else None
    if command.parent and parent is None and command.parent != command.code:
        return refused(UNKNOWN_GROUP, "/parent", group=command.parent)
    row = known.get(command.code)
    if command.parent == command.code or (row and parent and row.id in _above(parent, known)):
        return refused(GROUP_CYCLE, "/parent", group=command.code, parent=command.parent)
    if row is None:
        row = known[command.code] = GroupRow(envelope.fresh_id, command.code, "", None, 0)
    row.name, row.parent_id = command.name, parent.id if parent else None
    row.version += 1
    data = {"code": row.code, "name": row.name, "parent_id": row.parent_id, "version": row.version}
    event = Event("location_group_saved", "location_group", row.id, batch.now, data)
    return Decision(LocationGroupSaved(row.id, row.code, row.version), event, rows=[row])


def _above(group: GroupRow, known: dict[str, GroupRow]) -> set[UUID]:
    """The group and all that it stands in."""
    by_id = {each.id: each for each in known.values()}
    found: set[UUID] = set()
    here: GroupRow | None = group
    while here and here.id not in found:
        found.add(here.id)
        here = by_id.get(here.parent_id) if here.parent_id else None
    return found


VERB = Verb(
    noun="location-groups",
    verb="save",
    summary="Create a group of locations (a region) by its code, or change it; groups form a tree.",
    command=SaveLocationGroup,
    outcome=LocationGroupSaved,
    refusals=(UNKNOWN_GROUP, GROUP_CYCLE),
    scope="catalog:write",
    event="location_group_saved",
    example={"code": "NORTH", "name": "North of Germany", "parent": "DE"},
    prefetch=prefetch,
    decide=decide,
)
