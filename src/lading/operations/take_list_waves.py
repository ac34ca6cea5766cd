"""Take pick lists: say who walks them."""

from uuid import UUID

from msgspec import Struct

from lading.journal.types import Decision, Envelope, refused
from lading.operations import waving
from lading.operations.registry import Batch, Verb
from lading.operations.waving import World
from lading.waves.commands import TakeList
from lading.waves.types import PickList, Wave

TAKEN = ("taken", "Somebody else walks list {list} of {wave}.")
NONE_LEFT = ("none_left", "Every list of {wave} is walked or done.")


class ListTaken(Struct, frozen=True):
    """The list that is to be walked."""

    list: str
    wave: str
    id: UUID
    """Of the wave."""
    version: int
    units: int
    left: int
    """Units that are to be picked yet."""


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival: of two who want the same list the first one has it."""
    return [_take(envelope, world, batch) for envelope in batch.envelopes]


def _take(envelope: Envelope[TakeList], world: World, batch: Batch) -> Decision:
    command = envelope.command
    wave = waving.find(world.waves, command.wave, ("released",))
    if isinstance(wave, Decision):
        return wave
    left = dict.fromkeys(wave.lists, 0)
    for task in wave.tasks:
        left[task.list] += task.left
    found = wave.lists.get(command.list) if command.list else _next(wave, envelope.actor, left)
    if found is None:
        if command.list:
            return refused(waving.UNKNOWN_LIST, "/list", wave=wave.name, list=command.list)
        return refused(NONE_LEFT, "/wave", wave=wave.name)
    if found.picker not in (None, envelope.actor):
        return refused(TAKEN, "/list", wave=wave.name, list=found.number)
    found.picker = envelope.actor
    event = waving.changed(wave, "pick_list_taken", batch, {"list": found.number, "picker": found.picker})
    outcome = ListTaken(
        f"{wave.name}-L{found.number}", wave.name, wave.id, wave.version, found.units, left[found.number]
    )
    return Decision(outcome, event, rows=[wave, found])


def _next(wave: Wave, actor: str, left: dict[int, int]) -> PickList | None:
    """The one that the picker has already, or the first that nobody has."""
    open_ = [each for each in wave.lists.values() if left[each.number]]
    mine = [each for each in open_ if each.picker == actor]
    return next(iter([*mine, *(each for each in open_ if each.picker is None)]), None)


VERB = Verb(
    noun="waves",
    verb="take-list",
    summary="Walk a pick list: a certain one, or the next of the wave that nobody has.",
    command=TakeList,
    outcome=ListTaken,
    refusals=(waving.UNKNOWN_WAVE, waving.WRONG_STATUS, waving.UNKNOWN_LIST, NONE_LEFT, TAKEN),
    scope="fulfillment:write",
    event="pick_list_taken",
    example={"wave": "WV1044"},
    prefetch=waving.prefetch,
    decide=decide,
    inverse="waves.leave-list",
)
