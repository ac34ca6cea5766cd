"""Cancel waves: nothing comes of them."""

from lading.journal.types import Decision, refused
from lading.operations import waving
from lading.operations.registry import Batch, Verb
from lading.operations.waving import WaveState, World
from lading.waves import rules
from lading.waves.commands import CancelWave

PICKED_ALREADY = ("picked_already", "{wave} has {units} picked or short: close it.")


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_cancel(command, world, batch) for command in batch.commands]


def _cancel(command: CancelWave, world: World, batch: Batch) -> Decision:
    wave = waving.find(world.waves, command.wave, ("planned", "released"), command.expected_version)
    if isinstance(wave, Decision):
        return wave
    if done := sum(task.picked + task.short for task in wave.tasks):
        return refused(PICKED_ALREADY, "/wave", wave=wave.name, units=done)
    changed = rules.give_up(wave.tasks)
    wave.cancelled_at = batch.now
    event = waving.changed(wave, "wave_cancelled", batch, {"reason": command.reason})
    return Decision(waving.state(wave), event, rows=[wave, *changed])


VERB = Verb(
    noun="waves",
    verb="cancel",
    summary="Cancel a wave for which nobody has picked: its fulfillment orders wait for another one.",
    command=CancelWave,
    outcome=WaveState,
    refusals=(waving.UNKNOWN_WAVE, waving.VERSION_CONFLICT, waving.WRONG_STATUS, PICKED_ALREADY),
    scope="fulfillment:write",
    event="wave_cancelled",
    example={"wave": "WV1044", "reason": "replanned"},
    prefetch=waving.prefetch,
    decide=decide,
)
