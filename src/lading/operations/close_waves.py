"""Close waves: they are over, however much was picked, and hold on to nothing."""

from lading.journal.types import Decision
from lading.operations import waving
from lading.operations.registry import Batch, Verb
from lading.operations.waving import WaveState, World
from lading.waves import rules
from lading.waves.commands import CloseWave


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_close(command, world, batch) for command in batch.commands]


def _close(command: CloseWave, world: World, batch: Batch) -> Decision:
    wave = waving.find(world.waves, command.wave, ("released",), command.expected_version)
    if isinstance(wave, Decision):
        return wave
    changed = rules.give_up(wave.tasks)
    wave.closed_at = batch.now
    given_up = sum(task.given_up for task in changed)
    event = waving.changed(wave, "wave_closed", batch, {"given_up": given_up})
    return Decision(waving.state(wave), event, rows=[wave, *changed])


VERB = Verb(
    noun="waves",
    verb="close",
    summary="End a wave, however much was picked: what was not waits for another wave, or can be cancelled.",
    command=CloseWave,
    outcome=WaveState,
    refusals=(waving.UNKNOWN_WAVE, waving.VERSION_CONFLICT, waving.WRONG_STATUS),
    scope="fulfillment:write",
    event="wave_closed",
    example={"wave": "WV1044"},
    prefetch=waving.prefetch,
    decide=decide,
)
