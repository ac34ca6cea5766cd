"""Leave pick lists: whoever walked them does so no more, and another one may."""

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations import waving
from lading.operations.registry import Batch, Verb
from lading.operations.waving import World
from lading.waves import store
from lading.waves.commands import LeaveList
from lading.waves.types import part_number

NOT_TAKEN = ("not_taken", "Nobody walks {list}.")


class ListLeft(Struct, frozen=True):
    """The list that another one may walk."""

    list: str
    wave: str
    version: int


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The waves of the lists, locked alone."""
    ids = await store.find_ids(tx, (each.list for each in batch.commands))
    waves = await store.read_waves(tx, ids, lock="alone" if batch.lock else None)
    await store.read_lists(tx, waves)
    return World(waves)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_leave(command, world, batch) for command in batch.commands]


def _leave(command: LeaveList, world: World, batch: Batch) -> Decision:
    wave = waving.find(world.waves, command.list, ("released",))
    if isinstance(wave, Decision):
        return wave
    found = wave.lists.get(part_number(command.list))
    if found is None:
        return refused(waving.UNKNOWN_LIST, "/list", wave=wave.name, list=command.list)
    if found.picker is None:
        return refused(NOT_TAKEN, "/list", list=command.list)
    found.picker = None
    event = waving.changed(wave, "pick_list_left", batch, {"list": found.number})
    return Decision(ListLeft(command.list, wave.name, wave.version), event, rows=[wave, found])


VERB = Verb(
    noun="waves",
    verb="leave-list",
    summary="Give a pick list back: another one may walk it. What was picked stays picked.",
    command=LeaveList,
    outcome=ListLeft,
    refusals=(waving.UNKNOWN_WAVE, waving.WRONG_STATUS, waving.UNKNOWN_LIST, NOT_TAKEN),
    scope="fulfillment:write",
    event="pick_list_left",
    example={"list": "WV1044-L1"},
    prefetch=prefetch,
    decide=decide,
    inverse="waves.take-list",
)
